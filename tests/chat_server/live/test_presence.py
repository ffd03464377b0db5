"""Presence: one frame a second for a watched room, never longer than a frame may be."""

from typing import cast

from chat_protocol.limits import FRAME_MAX_BYTES
from chat_protocol.room_events import MemberEvent
from chat_server.live.presence import CHANGES_MAX, DIGEST_EVERY_S, Presence
from chat_server.live.registry import ConnectionRegistry
from chat_server.live.remote_users import RemoteUser
from chat_server.live.session import Account, Session
from chat_server.storage import Storage
from chat_server.storage.core.errors import StorageUnavailable
from tests.chat_server.fakes import ConnectionFake, FakeSession, frames_of, make_room, make_session


class _Counting:
    """A storage that knows one number."""

    class members:
        @staticmethod
        def count(room_id: int) -> int:
            return 2000


def office(people: int, name: str = "user{}") -> tuple[Presence, FakeSession, list[FakeSession]]:
    """Return the presence, one who watches the room, and people who belong to it."""
    registry = ConnectionRegistry()
    presence = Presence(cast(Storage, _Counting()), registry)
    room = make_room(1)
    sessions = [make_session(number, name.format(number)) for number in range(1, people + 2)]
    for session in sessions:
        registry.add(session)
        assert registry.enter(session, [room], registry.changes)
    watcher, *others = sessions
    presence.watch(watcher, [room])
    return presence, watcher, others


def writes_of(session: Session) -> list[bytes]:
    return cast(ConnectionFake, session.connection).writes


def told(session: Session) -> dict[str, str]:
    """Return all changes that were told so far."""
    return {name: status for frame in frames_of(session) for name, status in frame["changes"].items()}


def test_digest_is_one_frame_for_all_that_has_changed() -> None:
    """What changes within a second comes together, each person once with the present status."""
    presence, watcher, (bob, carol) = office(2)
    presence.set_status(bob, "away", "")
    presence.set_status(carol, "busy", "in a meeting")
    presence.set_status(bob, "busy", "")
    presence.digest()
    (frame,) = frames_of(watcher)
    assert frame["changes"] == {bob.username: "busy", carol.username: "busy"}
    assert frame["texts"] == {carol.username: "in a meeting"}
    assert (frame["online"], frame["total"]) == (3, 2000)


def test_digest_without_changes_sends_nothing() -> None:
    """A silent second costs no frame."""
    presence, watcher, (bob,) = office(1)
    presence.set_status(bob, "away", "")
    presence.digest()
    presence.digest()
    assert len(frames_of(watcher)) == 1


def test_digest_of_a_crowd_is_spread_over_seconds() -> None:
    """More changes than a frame may hold come over several seconds, and none is lost."""
    presence, watcher, others = office(CHANGES_MAX + 200)
    for session in others:
        presence.changed(session)
    for count in (CHANGES_MAX, CHANGES_MAX + 200):
        presence.digest()
        assert len(told(watcher)) == count


def test_digest_is_never_longer_than_a_frame() -> None:
    """Long names and texts of four bytes a character are spread over more frames, and none is lost."""
    presence, watcher, others = office(CHANGES_MAX, "𝓍" * 28 + "{}")
    for session in others:
        presence.set_status(session, "busy", "🎈" * 80)
    seconds = 0
    while len(told(watcher)) < len(others):
        presence.digest()
        seconds += 1
        assert seconds < 10
    assert seconds > 1
    assert all(len(data) <= FRAME_MAX_BYTES for data in writes_of(watcher))


def test_change_in_an_unwatched_room_is_forgotten() -> None:
    """Nobody is told, now or later, of what changed while nobody watched."""
    presence, watcher, (bob,) = office(1)
    presence.watch(watcher, ())
    presence.set_status(bob, "away", "")
    presence.watch(watcher, [make_room(1)])
    presence.digest()
    assert frames_of(watcher) == []


def test_watcher_that_left_is_told_nothing_more() -> None:
    """Presence, typing and comings of a room end for a session with the session itself."""
    presence, watcher, (bob, carol) = office(2)
    presence.left(watcher)
    presence.changed(bob)
    presence.digest()
    presence.typing(bob, make_room(1))
    presence.tell_watchers(1, MemberEvent("Général", carol.username, "joined", "Carol"))
    assert frames_of(watcher) == []
    assert watcher.watching == ()


def test_watcher_of_another_room_is_told_nothing_of_the_first() -> None:
    """Who looks at another room leaves the first one, and who still watches it is told as before."""
    presence, watcher, (bob, carol) = office(2)
    presence.watch(bob, [make_room(1)])
    presence.watch(watcher, [make_room(2, "Two")])
    presence.typing(carol, make_room(1))
    assert frames_of(watcher) == []
    assert [frame["type"] for frame in frames_of(bob)] == ["typing"]


def test_stop_watching_ends_that_room_alone() -> None:
    """A user who is taken out of a room no longer hears of it; of another room the user hears on."""
    presence, watcher, (bob,) = office(1)
    presence.stop_watching(watcher.user_id, 2)
    presence.typing(bob, make_room(1))
    assert len(frames_of(watcher)) == 1
    presence.stop_watching(watcher.user_id, 1)
    presence.typing(bob, make_room(1))
    assert len(frames_of(watcher)) == 1


def test_typing_is_not_told_to_the_one_who_types() -> None:
    """A user's own sessions are not told that the user is writing."""
    presence, watcher, (bob,) = office(1)
    presence.typing(watcher, make_room(1))
    presence.typing(bob, make_room(1))
    assert [(frame["type"], frame["username"]) for frame in frames_of(watcher)] == [("typing", bob.username)]


def test_partner_of_a_private_conversation_is_told_of_a_sign_out() -> None:
    """The other side of a private conversation learns that the user is gone, under the user's name."""
    presence, watcher, (bob,) = office(1)
    bob.partners = {watcher.user_id: watcher.username}
    presence._registry.closed(bob)
    presence.left(bob)
    presence.digest()
    by_room = {frame["room"]: frame for frame in frames_of(watcher)}
    assert by_room[f"@{bob.username}"]["changes"] == {bob.username: "offline"}
    assert (by_room[f"@{bob.username}"]["online"], by_room[f"@{bob.username}"]["total"]) == (1, 2)


def test_change_before_the_watching_is_not_told() -> None:
    """What changed for an earlier look at the room is not told again: the list of members has it already."""
    presence, watcher, (bob,) = office(1)
    presence.set_status(bob, "away", "")
    presence.watch(watcher, ())
    presence.watch(watcher, [make_room(1)])
    presence.digest()
    assert frames_of(watcher) == []


def test_new_display_name_is_told_with_each_change() -> None:
    """From the renaming to the end of the user's last session, to those who watch and to partners alike."""
    presence, watcher, (bob, carol) = office(2)
    watcher.partners[bob.user_id] = bob.username
    bob.partners[watcher.user_id] = watcher.username
    presence.set_status(carol, "away", "")
    presence.digest()
    (plain,) = frames_of(watcher)
    assert "names" not in plain
    assert "texts" not in plain
    bob.account.display_name = "Robert"
    presence.renamed(bob)
    presence.changed(carol)
    presence.digest()
    room, partner = frames_of(watcher)[1:]
    assert (room["names"], partner["names"]) == ({bob.username: "Robert"},) * 2
    assert room["changes"] == {bob.username: "online", carol.username: "away"}


def test_text_that_was_taken_back_is_told_as_empty() -> None:
    """To those who watch the room, to partners, and to who begins to watch."""
    presence, watcher, (bob, carol) = office(2)
    bob.partners[watcher.user_id] = watcher.username
    presence.set_status(bob, "busy", "a call")
    presence.digest()
    assert [frame["texts"] for frame in frames_of(watcher)] == [{bob.username: "a call"}] * 2
    presence.set_status(bob, "busy", "")
    presence.set_status(carol, "away", "")
    presence.digest()
    room, partner = frames_of(watcher)[2:]
    assert (room["texts"], partner["texts"]) == ({bob.username: ""},) * 2
    assert presence.first(watcher, make_room(1)).texts == {bob.username: ""}


def test_same_status_again_is_no_change() -> None:
    """A client that repeats itself costs no frame."""
    presence, watcher, (bob,) = office(1)
    presence.set_status(bob, "online", "")
    presence.digest()
    assert frames_of(watcher) == []
    presence.set_status(bob, "online", "here")
    presence.digest()
    assert len(frames_of(watcher)) == 1


def test_partner_is_told_how_many_of_the_two_are_there() -> None:
    """Two while both are connected, one after the other has left; only those who watch something are told."""
    presence, watcher, (bob, carol) = office(2)
    for session in (watcher, carol):
        bob.partners[session.user_id] = session.username
    presence.changed(bob)
    presence.digest()
    assert frames_of(carol) == []
    partner = frames_of(watcher)[-1]
    assert (partner["room"], partner["online"], partner["total"]) == (f"@{bob.username}", 2, 2)
    presence._registry.closed(bob)
    presence.left(bob)
    presence.digest()
    partner = frames_of(watcher)[-1]
    assert (partner["changes"], partner["online"], partner["total"]) == ({bob.username: "offline"}, 1, 2)


def test_first_sight_of_a_room_has_everybody_who_is_there() -> None:
    """Ordered by name, with the counts; it keeps nothing back for later."""
    presence, watcher, _ = office(CHANGES_MAX + 5)
    first = presence.first(watcher, make_room(1))
    assert len(first.changes) == CHANGES_MAX
    assert list(first.changes) == sorted(first.changes)
    assert (first.online, first.total, first.texts) == (CHANGES_MAX + 6, 2000, None)
    presence.digest()
    assert frames_of(watcher) == []


def test_private_conversation_counts_its_two() -> None:
    """Nothing is read from the database for it, and each knows it by the other's name."""
    presence, watcher, (bob, _) = office(2)
    names = {watcher.user_id: watcher.username, bob.user_id: bob.username}
    direct = make_room(9, "", names)
    first = presence.first(watcher, direct)
    assert (first.room, first.online, first.total) == (f"@{bob.username}", 2, 2)
    assert sorted(first.changes) == sorted(names.values())
    presence.watch(watcher, [direct])
    presence.tell_watchers(9, MemberEvent("x", bob.username, "joined", "Bob"))
    assert len(frames_of(watcher)) == 1


def test_total_is_at_least_who_is_there() -> None:
    """When the database is away the members cannot be counted; the frame is sent all the same."""
    presence, watcher, (bob,) = office(1)

    class Away:
        class members:
            @staticmethod
            def count(room_id: int) -> int:
                raise StorageUnavailable("gone")

    presence._storage = cast(Storage, Away())
    presence.set_status(bob, "away", "")
    presence.digest()
    (frame,) = frames_of(watcher)
    assert (frame["online"], frame["total"]) == (2, 2)


def test_user_who_joins_is_told_as_present() -> None:
    """Once, on however many devices; of a user who is not connected there is nothing to tell."""
    presence, watcher, (bob, carol) = office(2)
    presence.changed_user(bob.user_id)
    presence.changed_user(99)
    presence.digest()
    assert told(watcher) == {bob.username: "online"}
    second = make_session(carol.user_id, carol.username)
    presence._registry.add(second)
    presence.changed_user(carol.user_id)
    presence.digest()
    assert frames_of(watcher)[-1]["changes"] == {carol.username: "online"}


def test_text_and_name_of_a_visit_end_with_it() -> None:
    """With the last session; a user who comes back has said nothing, and no name is told as new."""
    presence, watcher, (bob,) = office(1)
    laptop = make_session(bob.user_id, bob.username)
    presence._registry.add(laptop)
    presence.set_status(bob, "busy", "a call")
    presence.set_status(bob, "busy", "")
    presence.renamed(bob)
    for session, expected in ((laptop, True), (bob, False)):
        presence._registry.closed(session)
        presence.left(session)
        back = make_session(bob.user_id, bob.username)
        presence._registry.add(back)
        presence._registry.enter(back, [make_room(1)], presence._registry.changes)
        presence.changed_user(bob.user_id)
        presence.digest()
        frame = frames_of(watcher)[-1]
        assert ("texts" in frame, "names" in frame) == (expected, expected)
        presence._registry.closed(back)


def test_presence_is_told_once_a_second() -> None:
    """As the protocol promises for a room that is watched."""
    assert DIGEST_EVERY_S == 1.0


def connected_elsewhere(presence: Presence, user_id: int, name: str, *rooms: int) -> RemoteUser:
    """Somebody who is connected to another server."""
    user = RemoteUser(Account(user_id, name, name.lower(), name, "member"), set(rooms))
    presence.remote.put([user], 0)
    return user


def test_display_name_that_was_changed_elsewhere_is_told_once() -> None:
    """To those who watch a room that the user is in; the same name again is no news."""
    presence, watcher, _ = office(1)
    connected_elsewhere(presence, 50, "Ada", 1)
    presence.renamed_elsewhere(50, "Ada L.")
    presence.renamed_elsewhere(51, "Nobody")
    presence.digest()
    (frame,) = frames_of(watcher)
    assert frame["names"] == {"Ada": "Ada L."}
    presence.renamed_elsewhere(50, "Ada L.")
    presence.digest()
    assert len(frames_of(watcher)) == 1


def test_typing_elsewhere_is_told_of_members_alone() -> None:
    """Who is not in the room, or is connected nowhere, is not writing there."""
    presence, watcher, _ = office(1)
    connected_elsewhere(presence, 50, "Ada", 1)
    connected_elsewhere(presence, 51, "Bob", 2)
    for room_id, user_id in ((1, 51), (1, 52), (2, 51), (1, 50)):
        presence.typing_elsewhere(room_id, user_id)
    assert [frame["username"] for frame in frames_of(watcher)] == ["Ada"]


def test_status_chosen_elsewhere_is_that_of_a_new_session_here() -> None:
    """A user has one status, whichever server a device is connected to."""
    presence, _, (bob,) = office(1)
    user = connected_elsewhere(presence, bob.user_id, bob.username, 1)
    user.account.status, user.account.status_text = "busy", "in a meeting"
    presence.signed_in(bob)
    assert (bob.account.status, bob.account.status_text) == ("busy", "in a meeting")
    presence.take_status(bob.user_id, "away", "")
    assert presence.state_here(bob.user_id) == ("away", "")
    assert presence.state_here(99) is None
    presence.take_status(99, "away", "")


def test_of_whom_other_servers_are_told_is_remembered_where_there_are_some() -> None:
    """Once each, and until it is taken; a server alone remembers nobody."""
    presence, _, (bob, carol) = office(2)
    told: list[bool] = []
    presence.on_moved = lambda: told.append(True)
    presence.changed(bob)
    assert (presence.take_moved(), told) == (set(), [])
    presence.share()
    presence.changed(bob)
    presence.moved([carol.user_id, bob.user_id])
    assert presence.take_moved() == {bob.user_id, carol.user_id}
    assert presence.take_moved() == set()
    assert told == [True, True]
