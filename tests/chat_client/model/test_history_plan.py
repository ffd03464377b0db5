"""Which part of a room's history is asked for next, without a client."""

import pytest

from chat_client.model.history import CATCH_UP_MAX, OLDER_MESSAGES, PAGE_MESSAGES, HistoryPlan
from chat_client.model.ranges import SeqRanges
from chat_client.model.state import RoomState, UnloadedCounts
from chat_protocol.limits import HISTORY_MAX
from chat_protocol.requests import History


def _plan(last_seq: int, *loaded: tuple[int, int], read_seq: int = 0, first_seq: int = 1) -> HistoryPlan:
    covered = SeqRanges()
    for low, high in loaded:
        covered.add(low, high)
    room = RoomState("r", "r", membership="joined", last_seq=last_seq, read_seq=read_seq, covered=covered)
    room.first_seq = first_seq
    return HistoryPlan(room)


def _newest(limit: int = PAGE_MESSAGES) -> History:
    return History("r", limit=limit)


def test_nothing_is_due_in_a_room_that_is_read() -> None:
    """What is older than the sign-in is loaded when somebody looks."""
    plan = _plan(9, read_seq=9)
    plan.signed_in()
    assert plan.next_request() is None
    assert not plan.room.loading


@pytest.mark.parametrize(
    ("unread", "limit"),
    [
        (1, PAGE_MESSAGES),
        (PAGE_MESSAGES, PAGE_MESSAGES),
        (PAGE_MESSAGES + 1, PAGE_MESSAGES + 1),
        (9_999, HISTORY_MAX),
    ],
)
def test_unread_messages_are_asked_for_where_the_server_has_not_counted_them(unread: int, limit: int) -> None:
    """As many as are unread, between a page and what the server gives at most."""
    plan = _plan(10_000, read_seq=10_000 - unread)
    plan.signed_in()
    assert plan.next_request() == _newest(limit)


def test_counted_messages_are_not_asked_for() -> None:
    """The number is enough until somebody looks."""
    plan = _plan(9, read_seq=1)
    plan.room.counts = UnloadedCounts(9, 3, 0)
    plan.signed_in()
    assert plan.next_request() is None


@pytest.mark.parametrize(("missed", "in_full"), [(CATCH_UP_MAX, True), (CATCH_UP_MAX + 1, False)])
def test_long_absence_is_not_read_in_full(missed: int, in_full: bool) -> None:
    """Past the limit the newest page comes, the rest on scrolling up."""
    plan = _plan(10 + missed, (1, 10), read_seq=10 + missed)
    plan.signed_in()
    expected = History("r", after=10, limit=HISTORY_MAX) if in_full else _newest()
    assert plan.next_request() == expected
    assert plan.live_from == (11 if in_full else 10 + missed + 1)


def test_one_request_is_under_way() -> None:
    """The next is due when the answer, or a failure, has come; the room says that it is loading."""
    plan = _plan(60, (41, 60))
    plan.want_older()
    asked = plan.next_request()
    assert asked == History("r", before=41, limit=OLDER_MESSAGES)
    assert plan.room.loading
    plan.want_older()
    assert plan.next_request() is None
    assert plan.answered(1, 40, False) == (1, 40)
    assert not plan.room.loading
    plan.room.covered.add(1, 40)
    assert plan.next_request() is None


def test_lost_connection_forgets_what_was_wanted() -> None:
    """The request under way, those that wait, and a jump."""
    plan = _plan(60, (41, 60))
    plan.want_around(5)
    plan.want_older()
    plan.next_request()
    plan.disconnected()
    assert (plan.asked, plan.jump_to, plan.next_request()) == (None, None, None)


def test_older_messages_end_at_the_first_one() -> None:
    """Before what retention has left there is nothing to ask for, nor what is loaded already."""
    for plan in (_plan(60, (5, 60), first_seq=5), _plan(60, (1, 60))):
        plan.want_older()
        assert plan.next_request() is None
    plan = _plan(60, (6, 60), first_seq=5)
    plan.want_older()
    assert plan.next_request() == History("r", before=6, limit=OLDER_MESSAGES)
    plan = _plan(60, (10, 20), (40, 60))
    plan.want_before(21)
    assert plan.next_request() is None
    plan.want_before(10)
    assert plan.next_request() == History("r", before=10, limit=OLDER_MESSAGES)


def test_older_messages_of_a_room_without_any_begin_with_the_newest() -> None:
    """Where the end is not loaded, that is what comes first."""
    plan = _plan(60, read_seq=60)
    plan.want_older()
    assert plan.next_request() == _newest()


def test_page_around_a_message_has_it_in_the_middle() -> None:
    """For a jump, and for the first unread message."""
    plan = _plan(500, (490, 500), read_seq=100)
    plan.want_around(200)
    assert plan.jump_to == 200
    assert plan.next_request() == History("r", before=200 + PAGE_MESSAGES // 2 + 1, limit=PAGE_MESSAGES)
    plan.answered(None, None, False)
    plan.want_line()
    assert plan.next_request() == History("r", before=101 + PAGE_MESSAGES // 2 + 1, limit=PAGE_MESSAGES)
    plan.answered(77, 126, True)
    plan.room.covered.add(77, 126)
    assert plan.next_request() is None


def test_who_has_just_joined_begins_with_the_newest_page() -> None:
    """Also after a lost connection; gaps count from that page on."""
    plan = _plan(60)
    plan.joined()
    plan.disconnected()
    assert plan.next_request() == _newest(60)
    assert plan.answered(11, 60, True) == (11, 60)
    assert plan.live_from == 11
    plan.room.covered.add(11, 60)
    assert plan.next_request() is None
    empty = _plan(0)
    empty.joined()
    empty.next_request()
    assert empty.answered(None, None, False) == (1, 0)
    assert empty.live_from == 1


def test_page_tells_about_everything_up_to_where_it_was_asked() -> None:
    """The newest page ends where the room ended then, or later; the first page begins at 1."""
    plan = _plan(60)
    plan.want_newest()
    plan.next_request()
    assert plan.answered(5, 50, False) == (1, 50)
    plan.want_newest()
    plan.next_request()
    assert plan.answered(5, 62, True) == (5, 62)
    plan.want_before(40)
    plan.next_request()
    assert plan.answered(20, 30, True) == (20, 39)
    assert plan.answered(3, 4, True) == (3, 4)  # nobody asked
    assert plan.answered(None, None, False) == (1, 0)


def test_gap_is_believed_to_be_empty_at_the_second_time() -> None:
    """An empty page in front of known messages may be one of a moment; twice, there is nothing."""
    plan = _plan(9, (1, 2), (6, 9))
    plan.live_from = 1
    asked = plan.next_request()
    assert asked == History("r", after=2, limit=HISTORY_MAX)
    assert plan.answered(None, None, False) == (3, 2)
    assert plan.next_request() == asked
    assert plan.answered(None, None, False) == (3, 5)
    plan.room.covered.add(3, 5)
    assert plan.next_request() is None


def test_gap_page_reaches_to_its_last_message() -> None:
    """What stands behind it is still to be asked for."""
    plan = _plan(9, (1, 2), (9, 9))
    plan.live_from = 1
    plan.next_request()
    assert plan.answered(3, 5, True) == (3, 5)
    plan.room.covered.add(3, 5)
    assert plan.next_request() == History("r", after=5, limit=HISTORY_MAX)


def test_gap_before_what_is_live_or_kept_is_left() -> None:
    """Older holes wait for somebody who looks; what retention has removed is none."""
    plan = _plan(9, (1, 2), (6, 9))
    assert plan.next_request() is None
    plan = _plan(9, (6, 9), first_seq=6)
    plan.live_from = 1
    assert plan.next_request() is None


def test_failure_for_good_gives_the_gap_up() -> None:
    """A passing one is tried again, and in both cases nobody jumps."""
    plan = _plan(9, (1, 2), (6, 9))
    plan.live_from = 1
    asked = plan.next_request()
    plan.jump_to = 4
    plan.failed(for_good=False)
    jump_to: int | None = plan.jump_to
    assert (jump_to, plan.room.loading) == (None, False)
    assert plan.next_request() == asked
    plan.failed(for_good=True)
    assert plan.next_request() is None
    plan = _plan(9)
    plan.joined()
    plan.next_request()
    plan.failed(for_good=False)
    assert plan.next_request() is not None
    plan.failed(for_good=True)
    assert plan.next_request() is None


def test_same_request_is_queued_once() -> None:
    """Scrolling asks again and again."""
    plan = _plan(60, (41, 60))
    for _ in range(3):
        plan.want_older()
    plan.next_request()
    plan.want_older()
    plan.answered(1, 40, False)
    plan.room.covered.add(1, 40)
    assert plan.next_request() is None
