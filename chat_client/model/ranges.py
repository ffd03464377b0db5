"""A set of seqs kept as few disjoint ranges: which parts of a room's history are known; pure arithmetic."""

from bisect import bisect_left, bisect_right


class SeqRanges:
    """A set of positive integers that grows mostly at one end.

    Adding next to a range makes it longer, so a room that was read without interruption is one range,
    whatever its length.
    """

    __slots__ = ("_ends", "_starts")

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []

    def add(self, low: int, high: int) -> None:
        """Add all of `low` to `high`, both included; nothing when `high` is below `low`."""
        if high < low:
            return
        first = bisect_left(self._ends, low - 1)
        last = bisect_right(self._starts, high + 1)
        if first < last:
            low = min(low, self._starts[first])
            high = max(high, self._ends[last - 1])
        self._starts[first:last] = [low]
        self._ends[first:last] = [high]

    def holds(self, seq: int) -> bool:
        """Say whether `seq` is in the set."""
        return self.spans(seq, seq)

    def spans(self, low: int, high: int) -> bool:
        """Say whether all of `low` to `high` is in the set."""
        index = bisect_left(self._ends, high)
        return index < len(self._ends) and self._starts[index] <= low

    def gaps(self, low: int, high: int) -> list[tuple[int, int]]:
        """Return the ranges between `low` and `high` (both included) that are not in the set, ascending."""
        found = []
        index = bisect_left(self._ends, low)
        while low <= high:
            start = self._starts[index] if index < len(self._starts) else high + 1
            if low < start:
                found.append((low, min(high, start - 1)))
            if index >= len(self._ends):
                break
            low = max(low, self._ends[index] + 1)
            index += 1
        return found

    def missing(self, low: int, high: int) -> int:
        """Return how many of `low` to `high` (both included) are not in the set."""
        return sum(b - a + 1 for a, b in self.gaps(low, high))

    def start_of(self, seq: int) -> int:
        """Return the first member of the range that holds `seq`, or `seq + 1` when it is not in the set."""
        index = bisect_left(self._ends, seq)
        if index < len(self._ends) and self._starts[index] <= seq:
            return self._starts[index]
        return seq + 1

    def highest(self) -> int | None:
        """Return the greatest member, or None when the set is empty."""
        return self._ends[-1] if self._ends else None

    def ranges(self) -> list[tuple[int, int]]:
        """Return the disjoint ranges, ascending."""
        return list(zip(self._starts, self._ends, strict=True))

    def __bool__(self) -> bool:
        return bool(self._starts)

    def __repr__(self) -> str:
        return f"SeqRanges({self.ranges()})"
