"""What the process is set to: threads that move files, and guesses, run behind those that talk."""

import os
import threading

import pytest

from chat_server.process import NICE_BEHIND, give_way, run_behind


def test_transfers_give_way() -> None:
    """A thread that moves files runs behind the others; they stay as they are."""
    found: list[int] = []

    def look() -> None:
        give_way()
        found.append(_priority())

    before = _priority()
    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert found == [max(before, NICE_BEHIND)]
    assert _priority() == before


def test_work_is_done_behind_its_caller() -> None:
    """It runs on a thread that gives way, and its caller, who does not, gets what it makes or raises."""
    before = _priority()
    assert run_behind(_priority) == max(before, NICE_BEHIND)
    assert _priority() == before
    with pytest.raises(ZeroDivisionError):
        run_behind(lambda: 1 // 0)


def _priority() -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
