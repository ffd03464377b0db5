"""Measures how late a Tk window does what is due: timers, and keys until they are drawn; Tk thread only."""

import time
import tkinter as tk

BEAT_MS = 10


class Pulse:
    """Records from :meth:`start` to :meth:`stop`.

    :param field: the text widget that the keys are typed into.
    """

    def __init__(self, field: tk.Text) -> None:
        self._field = field
        #: By how many seconds each heartbeat came late.
        self.late_s: list[float] = []
        #: How much CPU time this thread used from one beat to the next: what its own work makes a key wait
        #: for, however many other processes want the CPU.
        self.work_s: list[float] = []
        #: When each key stood on the screen, by ``time.perf_counter``.
        self.shown: list[float] = []
        self._timer = ""
        self._due = 0.0
        self._worked = 0.0
        # Behind the widget's own class: when this runs, the character is in the text.
        field.bindtags((*field.bindtags(), "Pulse"))
        field.bind_class("Pulse", "<Key>", lambda _event: self._typed())

    def start(self) -> None:
        self.late_s.clear()
        self.shown.clear()
        self.work_s.clear()
        self._worked = time.thread_time()
        self._again()

    def stop(self) -> None:
        """Record no more; a beat that is due counts, also when it has not come yet."""
        self._field.after_cancel(self._timer)
        self.late_s.append(max(0.0, time.perf_counter() - self._due))

    def _again(self) -> None:
        self._due = time.perf_counter() + BEAT_MS / 1000
        self._timer = self._field.after(BEAT_MS, self._beat)

    def _beat(self) -> None:
        self.late_s.append(time.perf_counter() - self._due)
        worked = time.thread_time()
        self.work_s.append(worked - self._worked)
        self._worked = worked
        self._again()

    def _typed(self) -> None:
        # The text draws itself when Tk is idle, and asked for that before this does.
        self._field.after_idle(self._drawn)

    def _drawn(self) -> None:
        # The X server answers in order: with this answer it has drawn.
        self._field.winfo_pointerxy()
        self.shown.append(time.perf_counter())
