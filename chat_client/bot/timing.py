"""What is to be done again and again after some seconds; it has no thread, and no clock of its own."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

LOOK_EVERY_S: Final = 60.0


@dataclass(slots=True)
class _Job:
    seconds: float
    act: Callable[[], object]
    due_at: float = 0.0


class Timing:
    """Jobs for the thread that asks which are due.

    :param monotonic: seconds that never go back.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._jobs: list[_Job] = []
        self.started = False

    def add(self, seconds: float, act: Callable[[], object]) -> None:
        """Have something done at once after the start, and again after so many seconds."""
        self._jobs.append(_Job(seconds, act, self._monotonic()))

    def start(self) -> None:
        """Begin: until now nothing was due."""
        self.started = True
        now = self._monotonic()
        for job in self._jobs:
            job.due_at = now

    def wait_s(self) -> float:
        """Return for how long nothing is due, in seconds."""
        if not self.started or not self._jobs:
            return LOOK_EVERY_S
        return max(0.0, min(job.due_at for job in self._jobs) - self._monotonic())

    def run_due(self, run: Callable[[Callable[[], object]], object]) -> None:
        """Do what is due, each once however late it is."""
        if not self.started:
            return
        for job in list(self._jobs):
            if job.due_at <= self._monotonic():
                run(job.act)
                job.due_at = self._monotonic() + job.seconds
