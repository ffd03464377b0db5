"""What the process is set to: threads that move files run behind those that talk."""

import os
import threading

from chat_server.process import NICE_OF_TRANSFERS, give_way


def test_transfers_give_way() -> None:
    """A thread that moves files runs behind the others; they stay as they are."""
    found: list[int] = []

    def look() -> None:
        give_way()
        found.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))

    before = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert found == [max(before, NICE_OF_TRANSFERS)]
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == before
