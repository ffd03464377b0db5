"""Signals for a thread that waits in the line editor, which notices one only while it sleeps; it knows no
terminal.

Python runs a signal's handler between two of its own instructions. A signal that comes after the last one
before the editor goes to sleep is handled when the next key is pressed, and a server that was told to stop
would not. So a thread hears of every signal by :func:`signal.set_wakeup_fd`, and wakes the waiting one until
it has moved.
"""

import contextlib
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Final

WAKE_SIGNAL: Final = signal.SIGUSR1
WAKE_EVERY_S: Final = 0.05
WAKES_MAX: Final = 40


def wake(thread_id: int, waits: Callable[[], bool]) -> None:
    """Interrupt the system call of a thread, again and again as long as it waits."""
    pause = threading.Event()  # never set: a sleep of this thread alone
    for _ in range(WAKES_MAX):
        if not waits():
            return
        with contextlib.suppress(ProcessLookupError):
            signal.pthread_kill(thread_id, WAKE_SIGNAL)
        pause.wait(WAKE_EVERY_S)


@contextlib.contextmanager
def signals_noticed(thread_id: int, waits: Callable[[], bool]) -> Iterator[None]:
    """Wake a thread after each signal to the process; entered and left on the main thread."""
    listening, speaking = socket.socketpair()
    speaking.setblocking(False)
    former = signal.set_wakeup_fd(speaking.fileno(), warn_on_full_buffer=False)
    thread = threading.Thread(
        target=_listen, args=(listening, thread_id, waits), name="console-signals", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(former)
        speaking.close()
        thread.join()
        listening.close()


def _listen(listening: socket.socket, thread_id: int, waits: Callable[[], bool]) -> None:
    while number := listening.recv(1):
        if number[0] in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            wake(thread_id, waits)
