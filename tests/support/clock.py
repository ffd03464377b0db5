"""A clock for tests of what waits."""


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self, now: float = 5.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now
