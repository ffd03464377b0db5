"""What the server counts and times of itself while it works; it must not know who reads that."""

import bisect
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

# From a fraction of a commit on a quiet machine to the five seconds after which a call is given up.
SECONDS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
MESSAGES: Final = (1.0, 2.0, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1000.0)


@dataclass(frozen=True, slots=True)
class Distribution:
    """What a histogram has seen: how many values up to each bound, their number and their sum."""

    bounds: tuple[float, ...]
    cumulative: tuple[int, ...]
    count: int
    sum: float

    @property
    def mean(self) -> float:
        """The mean; 0 before the first value."""
        return self.sum / self.count if self.count else 0.0


class Histogram:
    """Values counted by size; one thread observes, any thread reads what may be a value behind."""

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = tuple(bounds)
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0

    def observe(self, value: float) -> None:
        """Count a value."""
        self._counts[bisect.bisect_left(self._bounds, value)] += 1
        self._sum += value

    def read(self) -> Distribution:
        """Return what was seen so far."""
        counts, total, cumulative = self._counts.copy(), 0, []
        for count in counts:
            total += count
            cumulative.append(total)
        return Distribution(self._bounds, tuple(cumulative[:-1]), total, self._sum)


class LabelledCounter:
    """A count for each label; any thread counts and reads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # guards the counts
        self._counts: Counter[str] = Counter()

    def add(self, label: str) -> None:
        """Count one more."""
        with self._lock:
            self._counts[label] += 1

    def read(self) -> dict[str, int]:
        """Return the counts by label."""
        with self._lock:
            return dict(self._counts)

    @property
    def total(self) -> int:
        """The sum over all labels."""
        return sum(self.read().values())


class Measurements:
    """Everything that is counted for the administrator and nothing else needs."""

    def __init__(self) -> None:
        self.commit_s = Histogram(SECONDS)  # the commit thread's, as the next one
        self.batch_messages = Histogram(MESSAGES)
        self.delivery_s = Histogram(SECONDS)  # the delivery thread's
        self.sign_ins = LabelledCounter()  # by what came of them: `ok`, or an error code
        self.refusals = LabelledCounter()  # by error code
        self.webhooks = LabelledCounter()  # what programs posted, by what came of it: `ok`, or an error code
        self.webhook_sends = LabelledCounter()  # messages sent on: `ok`, `failed` tries, `given_up`
        self.database_errors = LabelledCounter()  # by where they were noticed: `commit`, `request`
