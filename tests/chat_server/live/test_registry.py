"""Tests of who is connected and in which room."""

from chat_server.live.registry import ConnectionRegistry
from tests.chat_server.fakes import make_room, make_session


def test_room_tuple_changes_with_its_members() -> None:
    """A snapshot that was taken stays as it was; the next one has the change."""
    registry, room = ConnectionRegistry(), make_room(1)
    alice, bob = make_session(1, "Alice"), make_session(2, "Bob")
    for session in (alice, bob):
        registry.add(session)
        registry.enter(session, [room], registry.changes)
    before = registry.in_room(1)
    registry.leave(1, 1)
    assert before == (alice, bob)
    assert registry.in_room(1) == (bob,)
    assert alice.rooms == {}


def test_enter_with_an_outdated_list_is_refused() -> None:
    """Somebody let the user into a room after the list was read: it has to be read again."""
    registry, known, new = ConnectionRegistry(), make_room(1), make_room(2)
    alice = make_session(1, "Alice")
    registry.add(alice)
    as_of = registry.changes
    registry.join(1, new)
    assert not registry.enter(alice, [known], as_of)
    assert registry.enter(alice, [known, new], registry.changes)
    assert set(alice.rooms) == {1, 2}


def test_closed_tells_the_last_session_of_a_user() -> None:
    """A user is gone with the last session."""
    registry = ConnectionRegistry()
    desk, laptop = make_session(1, "Alice"), make_session(1, "Alice")
    for session in (desk, laptop):
        registry.opened(session)
        registry.add(session)
    assert not registry.closed(desk)
    assert registry.is_online(1)
    assert registry.closed(laptop)
    assert (registry.is_online(1), registry.sessions(), registry.open_count()) == (False, (), 0)


def test_closed_guest_leaves_nothing() -> None:
    """A connection on which nobody signed in is forgotten."""
    registry = ConnectionRegistry()
    guest = make_session(1, "Alice")
    registry.opened(guest)
    assert not registry.closed(guest)
    assert registry.open_count() == 0


def test_removed_room_has_nobody() -> None:
    """Everyone is out of a room that was removed."""
    registry, room = ConnectionRegistry(), make_room(1)
    alice = make_session(1, "Alice")
    registry.add(alice)
    registry.enter(alice, [room], registry.changes)
    registry.close_room(1)
    assert registry.in_room(1) == ()
    assert alice.rooms == {}
