"""The timer thread: runs short jobs at their times; it does not know what they are for.

A job that raises is logged and, when it repeats, comes again: one bad job stops no other.
"""

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable

_log = logging.getLogger("chat.timer")
Job = Callable[[], object]


class ScheduledJob:
    """A job that is to run once, or again and again every `period` seconds."""

    __slots__ = ("job", "period")

    def __init__(self, job: Job, period: float | None) -> None:
        self.job: Job | None = job
        self.period = period

    def cancel(self) -> None:
        """Drop the job; if it is running, or has run, nothing happens."""
        self.job = None


class Timer:
    """Run jobs on one thread.

    :param clock: seconds that never go back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._due: list[tuple[float, int, ScheduledJob]] = []
        self._order = itertools.count()
        self._stopping = False
        self._changed = (
            threading.Condition()
        )  # guards all above; signalled when something is due earlier, and at the end
        self._thread = threading.Thread(target=self._run, name="timer", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self, timeout: float | None = None) -> None:
        """Stop the thread and wait, some seconds, for the job that is running; later ones are dropped."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def after(self, seconds: float, job: Job) -> ScheduledJob:
        """Run `job` once."""
        return self._add(seconds, ScheduledJob(job, None))

    def every(self, seconds: float, job: Job) -> ScheduledJob:
        """Run `job` again and again, first after one period."""
        return self._add(seconds, ScheduledJob(job, seconds))

    def _add(self, seconds: float, appointment: ScheduledJob) -> ScheduledJob:
        with self._changed:
            entry = (self._clock() + seconds, next(self._order), appointment)
            heapq.heappush(self._due, entry)
            if self._due[0] is entry:
                self._changed.notify()
        return appointment

    def _run(self) -> None:
        while (job := self._next()) is not None:
            try:
                job()
            except Exception:
                _log.exception("a timed job failed")

    def _next(self) -> Job | None:
        """Wait for the next job that is due; None at the end."""
        with self._changed:
            while not self._stopping:
                self._drop_cancelled_locked()
                wait = self._due[0][0] - self._clock() if self._due else None
                if wait is None or wait > 0:
                    self._changed.wait(wait)
                    continue
                due, _, appointment = heapq.heappop(self._due)
                if job := appointment.job:  # else cancelled just now
                    self._repeat_locked(due, appointment)
                    return job
            return None

    def _drop_cancelled_locked(self) -> None:
        """Forget the next jobs that nobody wants any more: each sign-in leaves two deadlines behind."""
        while self._due and self._due[0][2].job is None:
            heapq.heappop(self._due)

    def _repeat_locked(self, due: float, appointment: ScheduledJob) -> None:
        if appointment.period is not None:
            # Missed turns are not made up for: after a suspended machine wakes, once is enough.
            next_time = max(due + appointment.period, self._clock())
            heapq.heappush(self._due, (next_time, next(self._order), appointment))
