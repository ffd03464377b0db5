"""How soon the window looks again."""

from chat_client.ui.pace import PAUSE_MAX_MS, Pace


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def wait_ms(self, ms: float) -> None:
        self.now += ms / 1000


def looked(ms: float) -> tuple[Pace, Clock]:
    """A window that has just drawn what a look of so many milliseconds found."""
    clock = Clock()
    pace = Pace(clock)
    pace.begin()
    clock.wait_ms(ms)
    assert pace.end() is False
    return pace, clock


def test_at_rest_at_once() -> None:
    """Before the first look, and long after one, nothing waits."""
    assert Pace(Clock()).ask() == 0
    pace, clock = looked(15)
    clock.wait_ms(15)
    assert pace.ask() == 0


def test_as_long_as_it_took() -> None:
    """A look leaves as much time as it took, and what has passed of it counts."""
    pace, clock = looked(12)
    assert pace.ask() == 12
    clock.wait_ms(9)
    assert pace.ask() == 3


def test_never_long() -> None:
    """However long a look took, the next is not kept waiting for more than the bound."""
    assert looked(5_000)[0].ask() == PAUSE_MAX_MS


def test_while_it_draws() -> None:
    """Who asks while it draws is kept in mind to the end of that look, and not after the next has begun."""
    clock = Clock()
    pace = Pace(clock)
    pace.begin()
    assert pace.ask() is None
    assert pace.end() is True
    pace.begin()
    assert pace.end() is False
