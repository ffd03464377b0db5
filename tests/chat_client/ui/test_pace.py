"""How soon the window looks again."""

from chat_client.ui.pace import STRETCH_MS, Pace


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def wait_ms(self, ms: float) -> None:
        self.now += ms / 1000


def look(pace: Pace, clock: Clock, ms: float) -> None:
    """Draw for so many milliseconds what was found."""
    pace.begin()
    clock.wait_ms(ms)
    assert pace.end() is False


def test_at_rest_at_once() -> None:
    """A line and its tick are drawn one after the other: at rest, two looks need no pause."""
    clock = Clock()
    pace = Pace(clock)
    assert pace.ask() == 0
    look(pace, clock, 9)
    assert pace.ask() == 0
    look(pace, clock, 9)
    clock.wait_ms(18)
    look(pace, clock, 9)
    assert pace.ask() == 0


def test_half_of_the_time_in_a_flood() -> None:
    """Where more arrives with every look, each leaves as much time as it took, and what has passed counts."""
    clock = Clock()
    pace = Pace(clock)
    look(pace, clock, STRETCH_MS)
    for took_ms in (12, 7, 12):
        look(pace, clock, took_ms)
        assert pace.ask() == took_ms
        clock.wait_ms(3)
        assert pace.ask() == took_ms - 3
        clock.wait_ms(took_ms - 3)
        assert pace.ask() == 0


def test_rest_is_saved_up_to_a_stretch() -> None:
    """However long nothing arrived, looks take no more than a stretch before they leave time."""
    clock = Clock()
    pace = Pace(clock)
    clock.wait_ms(60_000)
    look(pace, clock, STRETCH_MS)
    look(pace, clock, 5)
    assert pace.ask() == 5


def test_never_long() -> None:
    """However long a look took, the next is not kept waiting for more than the bound."""
    clock = Clock()
    pace = Pace(clock)
    look(pace, clock, 5_000)
    assert pace.ask() == STRETCH_MS


def test_while_it_draws() -> None:
    """Who asks while it draws is kept in mind to the end of that look, and not after the next has begun."""
    clock = Clock()
    pace = Pace(clock)
    pace.begin()
    assert pace.ask() is None
    assert pace.end() is True
    pace.begin()
    assert pace.end() is False
