"""Ranges of seqs, compared with a plain set of numbers."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from chat_client.model.ranges import SeqRanges

spans = st.lists(st.tuples(st.integers(1, 40), st.integers(0, 10)), max_size=8)


def _both(added: list[tuple[int, int]]) -> tuple[SeqRanges, set[int]]:
    ranges, numbers = SeqRanges(), set[int]()
    for low, more in added:
        ranges.add(low, low + more)
        numbers |= set(range(low, low + more + 1))
    return ranges, numbers


@given(added=spans, low=st.integers(1, 55), more=st.integers(0, 20))
def test_gaps_are_the_numbers_that_are_not_in_the_set(
    added: list[tuple[int, int]], low: int, more: int
) -> None:
    """Gaps are ascending, do not touch each other, and hold exactly what is missing."""
    ranges, numbers = _both(added)
    missing = [seq for seq in range(low, low + more + 1) if seq not in numbers]
    gaps = ranges.gaps(low, low + more)
    assert [seq for first, last in gaps for seq in range(first, last + 1)] == missing
    assert all(later[0] > earlier[1] + 1 for earlier, later in itertools.pairwise(gaps))
    assert ranges.missing(low, low + more) == len(missing)


@given(added=spans, low=st.integers(1, 55), more=st.integers(0, 5))
def test_set_covers_what_was_added(added: list[tuple[int, int]], low: int, more: int) -> None:
    """A range is covered when each of its numbers was added."""
    ranges, numbers = _both(added)
    assert ranges.spans(low, low + more) is (set(range(low, low + more + 1)) <= numbers)
