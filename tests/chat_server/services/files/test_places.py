"""How many transfers there may be at a time, and that nothing is left of those that have ended."""

from contextlib import ExitStack

import pytest

from chat_protocol.errors import ChatError
from chat_server.limits import Limits
from chat_server.services.files.places import Places


def is_free(places: Places, user_id: int) -> bool:
    try:
        with places.place(user_id):
            return True
    except ChatError as refused:
        return (refused.code, refused.extra["retry_after"]) != ("unavailable", 1.0)


def test_user_has_a_number_of_places() -> None:
    """One more is refused, and free again as soon as one has ended."""
    places = Places(Limits(transfers=40, transfers_per_user=2))
    with ExitStack() as held:
        held.enter_context(places.place(1))
        with places.place(1):
            assert (places.taken, is_free(places, 1), is_free(places, 2)) == (2, False, True)
        assert is_free(places, 1)
    assert places.taken == 0


@pytest.mark.parametrize(
    ("taken", "free_for_another", "free_for_one_more"),
    [(5, True, True), (6, True, False), (8, False, False)],
)
def test_last_quarter_is_for_those_who_have_none(
    taken: int, free_for_another: bool, free_for_one_more: bool
) -> None:
    """Of eight places the last two."""
    places = Places(Limits(transfers=8, transfers_per_user=8))
    with ExitStack() as held:
        for user_id in range(taken):
            held.enter_context(places.place(user_id))
        assert (is_free(places, 99), is_free(places, 0)) == (free_for_another, free_for_one_more)


def test_nothing_is_kept_of_those_who_have_no_place() -> None:
    """Users come and go for years: neither a transfer that ended nor one that was refused leaves a trace."""
    places = Places(Limits(transfers=1, transfers_per_user=1))
    with places.place(1):
        assert not is_free(places, 2)
        assert list(places._users) == [1]
    with pytest.raises(ZeroDivisionError), places.place(3):
        raise ZeroDivisionError
    assert list(places._users) == []
