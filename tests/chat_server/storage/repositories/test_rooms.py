"""Rooms, private conversations, memberships and requests."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from chat_server.storage import DuplicateKey, Storage, StorageError
from chat_server.storage.core.records import NewMessage, RoomRecord, UserRecord
from tests.chat_server.storage.conftest import START_MS, OpenDatabase


def test_seed_rooms(storage: Storage) -> None:
    """A first start has the rooms of the seed: one to arrive in, one open, three with approval."""
    rooms = {room.name: (room.name_key, room.kind, room.arrival) for room in storage.rooms.all()}
    assert rooms == {
        "Blabla": ("blabla", "public", False),
        "Comptabilité": ("comptabilite", "moderated", False),
        "Général": ("general", "public", True),
        "Informatique": ("informatique", "moderated", False),
        "Marketing": ("marketing", "moderated", False),
    }


def test_room_created_and_changed(storage: Storage) -> None:
    """A room is made, renamed and given a topic; each answer is the room as it is then."""
    made = storage.rooms.create("日本語", "日本語", "moderated", "", START_MS)
    assert storage.rooms.by_key("日本語") == made
    assert (made.last_seq, made.first_seq, made.kind) == (0, 1, "moderated")
    renamed = storage.rooms.rename(made.id, "Deux mots", "deux mots")
    assert storage.rooms.by_key("日本語") is None
    assert storage.rooms.by_key("deux mots") == renamed
    assert storage.rooms.set_topic(made.id, "À propos 😀").topic == "À propos 😀"


def test_room_with_a_taken_key(storage: Storage) -> None:
    """A look-alike of a room's name is refused, in making and in renaming."""
    with pytest.raises(DuplicateKey):
        storage.rooms.create("GENERAL", "general", "public", "", START_MS)
    made = storage.rooms.create("Other", "other", "public", "", START_MS)
    with pytest.raises(DuplicateKey):
        storage.rooms.rename(made.id, "Général", "general")
    assert storage.rooms.by_id(made.id) == made


def test_room_archived(storage: Storage, alice: UserRecord) -> None:
    """An archived room is gone from every list, keeps its messages, and its name is free."""
    made = storage.rooms.create("Old", "old", "public", "", START_MS)
    storage.members.join(made.id, alice.id)
    storage.messages.append([NewMessage(made.id, alice.id, "kept", "n1")], START_MS)
    archived = storage.rooms.archive(made.id, START_MS + 1)
    assert archived.archived_at == START_MS + 1
    assert storage.rooms.by_key("old") is None
    assert made.id not in {room.id for room in storage.rooms.all()}
    assert made.id not in {membership.room_id for membership in storage.members.of_user(alice.id)}
    assert [message.body for message in storage.messages.after(made.id, 0, 10)] == ["kept"]
    assert storage.rooms.create("Old", "old", "public", "", START_MS).id != made.id


def test_direct_found_from_either_side(storage: Storage, alice: UserRecord, bob: UserRecord) -> None:
    """Two users have one conversation, whoever begins; each sees it once something was said."""
    assert storage.rooms.find_direct(alice.id, bob.id) is None
    made = storage.rooms.direct(bob.id, alice.id, START_MS)
    assert storage.rooms.direct(alice.id, bob.id, START_MS) == made
    assert storage.rooms.find_direct(bob.id, alice.id) == made
    assert (made.kind, made.user_a, made.user_b) == ("direct", alice.id, bob.id)
    assert storage.members.user_ids(made.id) == [alice.id, bob.id]
    assert storage.rooms.directs_of(alice.id) == storage.rooms.directs_of(bob.id) == []
    storage.messages.append([NewMessage(made.id, alice.id, "hello", "n1")], START_MS)
    made = replace(made, last_seq=1)
    assert storage.rooms.directs_of(alice.id) == [(made, bob)]
    assert storage.rooms.directs_of(bob.id) == [(made, alice)]
    assert made.id not in {room.id for room in storage.rooms.all()}


def test_direct_with_oneself(storage: Storage, alice: UserRecord) -> None:
    """A user's conversation with the same user is one of notes, with one member."""
    made = storage.rooms.direct(alice.id, alice.id, START_MS)
    assert storage.members.user_ids(made.id) == [alice.id]
    storage.messages.append([NewMessage(made.id, alice.id, "a note", "n1")], START_MS)
    assert storage.rooms.directs_of(alice.id) == [(replace(made, last_seq=1), alice)]


def test_direct_made_by_both_at_once(storage: Storage, alice: UserRecord, bob: UserRecord) -> None:
    """Both sides beginning at the same time get the same conversation."""
    pairs = [(alice.id, bob.id), (bob.id, alice.id)] * 4
    with ThreadPoolExecutor(len(pairs)) as executor:
        made = list(executor.map(lambda pair: storage.rooms.direct(pair[0], pair[1], START_MS), pairs))
    assert len({room.id for room in made}) == 1


def test_member_joins_and_leaves(storage: Storage, alice: UserRecord) -> None:
    """Joining again changes nothing; leaving tells whether there was anything to leave."""
    blabla = storage.rooms.by_key("blabla")
    assert blabla is not None
    joined = storage.members.join(blabla.id, alice.id)
    assert (joined.state, joined.read_seq) == ("joined", 0)
    storage.messages.append([NewMessage(blabla.id, alice.id, "hello", "n1")], START_MS)
    assert storage.members.join(blabla.id, alice.id) == joined
    assert storage.members.get(blabla.id, alice.id) == joined
    assert storage.members.of_room(blabla.id, 10) == [alice]
    assert storage.members.count(blabla.id) == 1
    assert storage.members.remove(blabla.id, alice.id)
    assert not storage.members.remove(blabla.id, alice.id)
    assert storage.members.get(blabla.id, alice.id) is None
    assert storage.members.join(blabla.id, alice.id).read_seq == 1


def test_join_of_an_unknown_room(storage: Storage, alice: UserRecord) -> None:
    """Nobody joins what is not there."""
    with pytest.raises(StorageError):
        storage.members.join(99, alice.id)
    with pytest.raises(StorageError):
        storage.members.request(99, alice.id, "", START_MS)


def test_request_to_join(storage: Storage, alice: UserRecord, bob: UserRecord) -> None:
    """A request waits with its reason, is no membership, and becomes one when it is accepted."""
    marketing, informatics = storage.rooms.by_key("marketing"), storage.rooms.by_key("informatique")
    assert marketing is not None
    assert informatics is not None
    storage.members.request(informatics.id, bob.id, "", START_MS + 2)
    asked = storage.members.request(marketing.id, alice.id, "S'il vous plaît 🙏", START_MS + 1)
    assert (asked.state, asked.reason, asked.requested_at) == ("pending", "S'il vous plaît 🙏", START_MS + 1)
    assert storage.members.request(marketing.id, alice.id, "again", START_MS + 3) == asked
    assert storage.members.count(marketing.id) == 0
    waiting = storage.members.pending()
    assert [(pending.user, pending.room) for pending in waiting] == [(alice, marketing), (bob, informatics)]
    assert (waiting[0].reason, waiting[0].requested_at) == (asked.reason, START_MS + 1)
    assert [pending.user for pending in storage.members.pending(bob.id)] == [bob]
    joined = storage.members.join(marketing.id, alice.id)
    assert storage.members.get(marketing.id, alice.id) == joined
    assert (joined.state, joined.reason, joined.requested_at) == ("joined", "", None)
    assert storage.members.request(marketing.id, alice.id, "again", START_MS + 5) == joined


def test_read_mark(storage: Storage, room: RoomRecord, alice: UserRecord) -> None:
    """The read mark never goes back and never past the last message."""
    batch = [NewMessage(room.id, alice.id, "text", f"n{number}") for number in range(5)]
    storage.messages.append(batch, START_MS)
    assert storage.members.set_read(room.id, alice.id, 3) == (3, True)
    assert storage.members.set_read(room.id, alice.id, 2) == (3, False)
    assert storage.members.set_read(room.id, alice.id, 99) == (5, True)
    membership = storage.members.get(room.id, alice.id)
    assert membership is not None
    assert membership.read_seq == 5
    assert storage.members.set_read(room.id, 99, 1) == (0, False)


def test_room_ids_are_kept_and_lead_back(storage: Storage, open_database: OpenDatabase) -> None:
    """Each room has an id of its own, the same after a restart; what is no id of this database is none."""
    room, *others = storage.rooms.all()
    assert len({one.public_id for one in (room, *others)}) == 1 + len(others)
    assert storage.rooms.by_public_id(room.public_id) == room
    again = Storage(open_database())
    assert again.rooms.by_id(room.id) == room
    again.close()
    word, number = room.public_id.split(",")
    for other in (f"{word}x,{number}", f"{word},", f"{word},\u0661", f"{word},-1", number, room.name):
        assert storage.rooms.by_public_id(other) is None
    assert storage.rooms.by_public_id(f"{word},999999") is None


def test_memberships_of_a_room(storage: Storage, alice: UserRecord, bob: UserRecord) -> None:
    """Members and those who have asked are listed together; only members are counted."""
    room = storage.rooms.create("Plaza", "plaza", "moderated", "", START_MS)
    storage.members.join(room.id, alice.id)
    storage.members.request(room.id, bob.id, "please", START_MS)
    found = {one.user_id: (one.room_id, one.state) for one in storage.members.in_room(room.id)}
    assert found == {alice.id: (room.id, "joined"), bob.id: (room.id, "pending")}
    assert (storage.members.count(room.id), storage.members.user_ids(room.id)) == (1, [alice.id])


def test_request_of_a_member_changes_nothing(storage: Storage, room: RoomRecord, alice: UserRecord) -> None:
    """Who is in already stays in."""
    storage.members.join(room.id, alice.id)
    assert storage.members.request(room.id, alice.id, "please", START_MS).state == "joined"
    assert storage.members.pending() == []


def test_room_that_is_not_there_cannot_be_changed(storage: Storage) -> None:
    """Neither renamed nor described nor put away."""
    with pytest.raises(StorageError, match="999"):
        storage.rooms.rename(999, "x", "x")
    with pytest.raises(StorageError, match="999"):
        storage.rooms.set_topic(999, "x")
    with pytest.raises(StorageError, match="999"):
        storage.rooms.archive(999, START_MS)


def test_room_made_read_only_forgets_who_asks(storage: Storage, alice: UserRecord, bob: UserRecord) -> None:
    """Its members stay; those who ask elsewhere go on waiting, and taking it back forgets nobody."""
    marketing = storage.rooms.by_key("marketing")
    assert marketing is not None
    storage.members.request(marketing.id, bob.id, "", START_MS)
    made = storage.rooms.create("Board", "board", "moderated", "", START_MS)
    storage.members.join(made.id, alice.id)
    storage.members.request(made.id, bob.id, "", START_MS)
    assert storage.rooms.set_read_only(made.id, True).read_only
    assert storage.members.get(made.id, bob.id) is None
    assert storage.members.user_ids(made.id) == [alice.id]
    assert [pending.room.id for pending in storage.members.pending(bob.id)] == [marketing.id]
    storage.members.request(made.id, bob.id, "", START_MS)
    assert not storage.rooms.set_read_only(made.id, False).read_only
    assert storage.members.get(made.id, bob.id) is not None
