"""The queue between the receiving thread and the one that polls."""

import queue

import pytest

from chat_client.net.events import Disconnected, EventQueue


def test_event_is_there_when_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that found no room is not told; without anybody to tell, nothing happens."""
    events = EventQueue(2)
    events.put(Disconnected(1, "dropped"))
    told: list[int] = []
    events.on_put = lambda: told.append(events.qsize())
    events.put(Disconnected(2, "dropped"))
    assert told == [2]
    with pytest.raises(queue.Full):
        events.put(Disconnected(3, "dropped"), timeout=0.01)
    assert told == [2]
