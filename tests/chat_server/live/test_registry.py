"""Tests of who is connected and in which room."""

from collections.abc import Callable

from chat_server.live.registry import ConnectionRegistry
from tests.chat_server.fakes import FakeSession, make_room, make_session
from tests.support.sequencer import Sequencer, run_together


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
    assert registry.guest_to_give_way() is None
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


def test_closed_session_is_in_no_room_any_more() -> None:
    """A room's messages no longer go to a session that has ended, and the others stay."""
    registry, room = ConnectionRegistry(), make_room(1)
    desk, laptop = make_session(1, "Alice"), make_session(1, "Alice")
    for session in (desk, laptop):
        registry.add(session)
        registry.enter(session, [room], registry.changes)
    registry.closed(desk)
    assert registry.in_room(1) == (laptop,)
    assert registry.sessions_of(1) == (laptop,)
    assert registry.sessions() == (laptop,)
    assert (registry.count(), registry.online_users()) == (1, [1])


def test_every_change_of_membership_outdates_a_list() -> None:
    """Joining, leaving and the removal of a room each make a list of rooms that was read before invalid."""
    registry, room = ConnectionRegistry(), make_room(1)
    alice = make_session(1, "Alice")
    registry.add(alice)
    changes: tuple[Callable[[], object], ...] = (
        lambda: registry.join(1, room),
        lambda: registry.leave(1, 1),
        lambda: registry.close_room(1),
    )
    for change in changes:
        as_of = registry.changes
        change()
        assert not registry.enter(alice, [room], as_of)
    as_of = registry.changes
    for change in changes:
        change()
        assert not registry.enter(alice, [room], as_of)
    assert alice.rooms == {}


def test_join_between_reading_and_entering_is_not_lost() -> None:
    """One thread reads a user's rooms, another lets the user into one more, the first enters with both."""
    registry, old, new = ConnectionRegistry(), make_room(1), make_room(2)
    stored, alice, turn = [old], make_session(1, "Alice"), Sequencer()

    def sign_in() -> None:
        registry.add(alice)
        with turn(0):
            as_of, rooms = registry.changes, list(stored)
        with turn(2):
            assert not registry.enter(alice, rooms, as_of)
            assert registry.enter(alice, list(stored), registry.changes)

    def let_in() -> None:
        with turn(1):
            stored.append(new)
            registry.join(1, new)

    run_together(sign_in, let_in)
    assert set(alice.rooms) == {1, 2}
    assert registry.in_room(2) == (alice,)


def test_guest_of_the_largest_group_gives_way() -> None:
    """When places run out, the address with most guests loses its oldest one, and no user loses anything."""
    registry = ConnectionRegistry()
    crowd = [FakeSession(address="192.0.2.1") for _ in range(3)]
    single, alice = FakeSession(address="192.0.2.2"), make_session(1, "Alice")
    for session in (single, *crowd, alice):
        registry.opened(session)
    registry.add(alice)
    gone = [registry.guest_to_give_way() for _ in range(4)]
    assert gone[:2] == crowd[:2]
    assert set(gone[2:]) == {single, crowd[2]}
    assert registry.guest_to_give_way() is None
    assert registry.open_sessions() == (alice,)


def test_user_has_a_bounded_number_of_sessions() -> None:
    """One more than the limit is not entered; after one has ended there is a place again."""
    registry = ConnectionRegistry()
    first, second, third = (make_session(1, "Alice") for _ in range(3))
    assert registry.add(first, 2)
    assert registry.add(second, 2)
    assert not registry.add(third, 2)
    registry.closed(first)
    assert registry.add(third, 2)


def test_simultaneous_sign_ins_of_a_user_share_an_account() -> None:
    """Two sessions made side by side, each with an account of its own: what one sets holds for both."""
    registry = ConnectionRegistry()
    first, second = (make_session(1, "Alice") for _ in range(2))
    assert first.account is not second.account
    assert registry.add(first)
    assert registry.add(second)
    second.account.status = "away"
    assert first.status == "away"


def test_user_who_is_gone_is_nobody_s_partner() -> None:
    """Private conversations with others stay, in all sessions."""
    registry = ConnectionRegistry()
    alice, bob = make_session(1, "Alice"), make_session(2, "Bob")
    for session in (alice, bob):
        registry.add(session)
        registry.add_partner(session.user_id, 7, "Gone")
        registry.add_partner(session.user_id, 8, "Zoe")
    registry.add_partner(1, 2, "Bob")
    registry.forget_partner(7)
    assert (alice.partners, bob.partners) == ({8: "Zoe", 2: "Bob"}, {8: "Zoe"})
    assert registry.partners_of(7) == {}
    assert registry.partners_of(2) == {1: "Bob"}


def test_rooms_of_a_user_are_those_of_all_sessions() -> None:
    """Private conversations are none; of a user who is not connected nothing is known."""
    registry = ConnectionRegistry()
    rooms = [make_room(1), make_room(2), make_room(3, names={1: "Alice", 2: "Bob"})]
    for _ in range(2):
        session = make_session(1, "Alice")
        registry.add(session)
        assert registry.enter(session, rooms, registry.changes)
    assert registry.rooms_of(1) == {1, 2}
    assert registry.rooms_of(2) == set()
