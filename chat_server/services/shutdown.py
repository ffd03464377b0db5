"""The end of the server: announced to everybody, called off, begun; it must not know how the server stops.

Runs on any thread, and in signal handlers of the main one.
"""

import threading
from collections.abc import Callable

from chat_protocol.server_events import ShutdownScheduledEvent
from chat_server.live.timer import ScheduledJob, Timer
from chat_server.services.audience import Audience


class Shutdown:
    """Say when the server is to stop.

    :param clock: milliseconds since 1970 UTC.
    """

    def __init__(self, audience: Audience, timer: Timer, clock: Callable[[], int]) -> None:
        self._audience = audience
        self._timer = timer
        self._clock = clock
        self._begun = threading.Event()
        self.reason = ""
        # Guards those below. It may be taken again by its own thread: a signal comes at any moment.
        self._lock = threading.RLock()
        self._scheduled: ScheduledJob | None = None
        self._announced: ShutdownScheduledEvent | None = None
        self._callbacks: list[Callable[[], None]] = []

    @property
    def begun(self) -> bool:
        """Whether the server is stopping."""
        return self._begun.is_set()

    @property
    def announced(self) -> ShutdownScheduledEvent | None:
        """What users who sign in now have to know; None when no stop is planned."""
        return self._announced

    def request(self, delay_s: float = 0, reason: str = "") -> None:
        """Stop the server, after a delay of which all clients are told."""
        self.cancel()
        self.reason = reason
        if delay_s <= 0:
            self.begin()
            return
        with self._lock:
            self._scheduled = self._timer.after(delay_s, self.begin)
            event = self._announced = ShutdownScheduledEvent(self._clock() + int(delay_s * 1000), reason)
        self._audience.to_everyone(event, here=True)  # each server stops by itself

    def cancel(self) -> bool:
        """Call a shutdown off that has not begun; return whether there was one."""
        with self._lock:
            scheduled, self._scheduled, self._announced = self._scheduled, None, None
        if scheduled is None or self.begun:
            return False
        scheduled.cancel()
        self._audience.to_everyone(ShutdownScheduledEvent(None), here=True)
        return True

    def begin(self) -> None:
        """Have the main thread stop the server, and tell those who asked to be told."""
        self._begun.set()
        with self._lock:
            callbacks = list(self._callbacks)
        for callback in callbacks:
            callback()

    def on_begin(self, callback: Callable[[], None]) -> None:
        """Call back when a shutdown begins: at once, when it has."""
        with self._lock:
            self._callbacks.append(callback)
        if self.begun:
            callback()
