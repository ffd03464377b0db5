"""Private conversations: under which name each side finds them, how they begin, and what an erasure does."""

import pytest

from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.room_events import RoomEvent
from chat_server.services.rooms.directs import Directs
from chat_server.storage.core.records import NewMessage, UserRecord
from tests.chat_server.fakes import START_MS
from tests.support.office import Office


@pytest.fixture
def directs(office: Office) -> Directs:
    presence = office.parts.services.presence
    return Directs(office.storage, office.registry, office.audience, office.directory, presence, office.clock)


@pytest.fixture
def alice(office: Office) -> UserRecord:
    return office.user("alice")


@pytest.fixture
def bob(office: Office) -> UserRecord:
    return office.user("bob")


def say(office: Office, author: UserRecord, other: UserRecord, count: int = 1) -> int:
    """Store something that one says to the other; return the conversation's number."""
    record = office.storage.rooms.direct(author.id, other.id, START_MS)
    for number in range(count):
        message = NewMessage(record.id, author.id, "psst", f"{author.id} {other.id} {number}")
        office.storage.messages.append([message], START_MS)
    return record.id


def test_conversation_is_found_once_something_was_said(
    office: Office, directs: Directs, alice: UserRecord, bob: UserRecord
) -> None:
    """By the name in any case and by its id, for both and for nobody else."""
    eve = office.user("eve")
    sessions = {user.username: office.connect(user) for user in (alice, bob, eve)}
    record = office.storage.rooms.direct(alice.id, bob.id, START_MS)
    assert directs.find(sessions["alice"], "@bob") is None
    assert directs.by_public_id(sessions["alice"], record.public_id) is None
    assert say(office, alice, bob) == record.id
    for name, other in (("alice", "@Bob"), ("bob", "@ALICE")):
        session = sessions[name]
        found = directs.find(session, other)
        assert found is not None
        assert (found.id, found.label(session.user_id)) == (record.id, other.lower())
        for _ in range(2):
            assert directs.find(session, other) is found
            assert directs.by_public_id(session, record.public_id) is found
    assert directs.find(sessions["eve"], "@bob") is None
    assert directs.by_public_id(sessions["eve"], record.public_id) is None
    plaza = office.directory.find("Général")
    assert directs.by_public_id(sessions["eve"], plaza.public_id) is None
    with pytest.raises(ChatError) as caught:
        directs.find(sessions["eve"], "@nobody")
    assert caught.value.code == ErrorCode.NO_SUCH_USER


@pytest.mark.parametrize("name", ["alice", "bob"])
def test_conversation_is_found_by_its_id_first(
    office: Office, directs: Directs, alice: UserRecord, bob: UserRecord, name: str
) -> None:
    """Whichever of the two asks, it has the other's name."""
    record = office.storage.rooms.by_id(say(office, alice, bob))
    assert record is not None
    me, other = (alice, bob) if name == "alice" else (bob, alice)
    found = directs.by_public_id(office.connect(me), record.public_id)
    assert found is not None
    assert found.names == {me.id: me.username, other.id: other.username}


def test_conversation_begins_with_its_first_message(
    office: Office, directs: Directs, alice: UserRecord, bob: UserRecord
) -> None:
    """Until then both have an introduction that waits; one that has begun has none."""
    session = office.connect(alice)
    made = directs.open(session, "@bob")
    assert directs.open(session, "@BOB") is made
    told = {reader: event.room for reader, event in made.introductions.items()}
    assert {reader: room and room.name for reader, room in told.items()} == {
        alice.id: "@bob",
        bob.id: "@alice",
    }
    assert {room and room.status for room in told.values()} == {"online", "offline"}
    eve = office.user("eve")
    say(office, alice, eve)
    assert directs.open(session, "@eve").introductions == {}


def test_conversation_of_another_server_is_announced_with_its_first_message(
    office: Office, directs: Directs, alice: UserRecord, bob: UserRecord
) -> None:
    """To both, where one of them is here; the second message announces nothing."""
    room_id = say(office, alice, bob)
    assert directs.incoming(room_id, 1) is None
    office.connect(alice)
    found = directs.incoming(room_id, 1)
    assert found is not None
    assert set(found.introductions) == {alice.id, bob.id}
    assert directs.incoming(room_id, 2) is found
    eve = office.user("eve")
    second = directs.incoming(say(office, eve, alice, 2), 2)
    assert second is not None
    assert second.introductions == {}
    assert directs.incoming(99_999, 1) is None


def test_overview_has_both_kinds_of_partner(
    office: Office, directs: Directs, alice: UserRecord, bob: UserRecord
) -> None:
    """Presence follows the others; notes to oneself are a conversation, too."""
    for other in (bob, alice):
        say(office, alice, other)
    session = office.connect(alice)
    rooms = directs.overview(session, {})
    assert sorted(room.name for room in rooms.values()) == ["@alice", "@bob"]
    assert session.partners == {bob.id: "bob"}
    assert session.direct_seqs is None


def test_places_in_conversations_are_noted_where_other_servers_write_too(
    office: Office, directs: Directs, alice: UserRecord, bob: UserRecord
) -> None:
    """At the sign-in, once: what is delivered later moves them on."""
    directs.share()
    room_id = say(office, alice, bob, 2)
    session = office.connect(alice)
    directs.overview(session, {})
    assert session.direct_seqs == {room_id: 2}
    session.direct_seqs[room_id] = 7
    directs.overview(session, {})
    assert session.direct_seqs == {room_id: 7}


def test_erased_partner_is_told_of_by_another_name(
    office: Office, directs: Directs, alice: UserRecord, bob: UserRecord
) -> None:
    """What was said can still be read, and nothing is said any more."""
    office.parts.services.presence.share()
    passed: list[tuple[object, ...]] = []
    say(office, bob, alice)
    session = office.connect(alice)
    former = directs.open(session, "@bob")
    office.registry.add_partner(alice.id, bob.id, "bob")
    office.audience.pass_on_to(lambda *given: passed.append(given), lambda _user_id: False)
    office.roles.erase(office.admin, bob)
    events = [event for event in session.sent if isinstance(event, RoomEvent)]
    assert {event.was for event in events} == {"@bob"}
    room = events[0].room
    assert room is not None
    assert (room.name, room.status) == (f"@~{bob.id}", "offline")
    assert not [given for given in passed if "to_user" in given]  # each server tells its own
    found = directs.find(session, f"@~{bob.id}")
    assert found is not None
    assert found.id == former.id
    for name in (f"@~{bob.id}", "@bob"):
        with pytest.raises(ChatError) as caught:
            directs.open(session, name)
        assert caught.value.code == ErrorCode.NO_SUCH_USER
    with pytest.raises(ChatError):
        directs.require_partner(session, found)
    directs.require_partner(session, office.directory.conversation("Général"))
