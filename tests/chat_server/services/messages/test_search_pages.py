"""Where a page of a search ends: never between two messages of one time."""

from types import SimpleNamespace
from typing import cast

import pytest

from chat_server.services.messages.search import _page_end
from chat_server.storage.core.records import MessageRecord


@pytest.mark.parametrize(
    ("times", "most", "end"),
    [([5, 4, 3], 3, 3), ([5, 4, 3, 2], 3, 3), ([5, 4, 3, 3], 3, 2), ([5, 4, 4, 4], 3, 1), ([4, 4, 4], 2, 2)],
)
def test_page_ends_between_two_times(times: list[int], most: int, end: int) -> None:
    """Messages of one time stay on one page, unless it holds nothing else."""
    found = [cast(MessageRecord, SimpleNamespace(sent_at=time)) for time in times]
    assert _page_end(found, most) == end
