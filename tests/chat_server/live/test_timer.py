"""Tests of the timer, with a clock that the test moves."""

import threading

import pytest

from chat_server.live.timer import Job, Timer
from tests.support.clock import Clock


def _due(timer: Timer) -> list[Job]:
    """Return the jobs that are due now, as the thread would take them."""
    jobs = []
    while timer._due and timer._due[0][0] <= timer._clock():
        job = timer._next()
        assert job is not None
        jobs.append(job)
        if len(jobs) > 10:
            break
    return jobs


def test_jobs_come_when_they_are_due() -> None:
    """Jobs come in the order of their times, and not before."""
    clock = Clock(100.0)
    timer = Timer(clock)
    first, second = (lambda: 1), (lambda: 2)
    timer.after(2, second)
    timer.after(1, first)
    assert _due(timer) == []
    clock.now += 2
    assert _due(timer) == [first, second]


def test_cancelled_job_does_not_come() -> None:
    """A job that was cancelled is passed over."""
    clock = Clock(100.0)
    timer = Timer(clock)

    def kept() -> int:
        return 2

    gone = timer.after(1, lambda: 1)
    timer.after(1, kept)
    gone.cancel()
    clock.now += 1
    assert timer._next() is kept


def test_cancelled_jobs_wake_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread sleeps until a job that somebody wants, whatever was cancelled before it."""
    clock = Clock(100.0)
    timer = Timer(clock)
    slept: list[float | None] = []

    def sleep(seconds: float | None) -> None:
        slept.append(seconds)
        clock.now += seconds or 0

    def kept() -> int:
        return 2

    monkeypatch.setattr(timer._changed, "wait", sleep)
    for seconds in range(1, 20):
        timer.after(seconds, lambda: 1).cancel()
    timer.after(30, kept)
    assert timer._next() is kept
    assert slept == [30]
    assert timer._due == []


def test_repeated_job_does_not_catch_up() -> None:
    """After an hour of sleep a job that runs each second comes once, not 3,600 times."""
    clock = Clock(100.0)
    timer = Timer(clock)

    def job() -> int:
        return 1

    timer.every(1, job)
    clock.now += 3600
    assert timer._next() is job
    assert timer._due[0][0] == clock.now


def test_cancelled_repetition_ends() -> None:
    """A repeated job that is cancelled does not come again."""
    clock = Clock(100.0)
    timer = Timer(clock)
    repeated = timer.every(1, lambda: 1)
    clock.now += 1
    timer._next()
    repeated.cancel()
    last = timer.after(5, lambda: 2)
    clock.now += 5
    assert timer._next() is last.job


@pytest.mark.logged_errors
def test_failing_job_stops_no_other() -> None:
    """The thread goes on after a job that raised."""
    timer = Timer()
    done = threading.Event()

    def fail() -> None:
        raise ZeroDivisionError

    timer.after(0, fail)
    timer.after(0.001, done.set)
    timer.start()
    assert done.wait(5)
    timer.stop()


def test_stop_drops_what_was_to_come() -> None:
    """Stopping does not wait for jobs of later."""
    timer = Timer()
    timer.after(3600, lambda: 1)
    timer.start()
    timer.stop()
    assert not timer._thread.is_alive()


def test_job_due_before_all_others_wakes_the_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread that sleeps until a later job is woken for one that comes earlier."""
    timer = Timer()
    sleeping, done = threading.Event(), threading.Event()
    wait = timer._changed.wait

    def notice(timeout: float | None = None) -> bool:
        sleeping.set()
        return wait(timeout)

    monkeypatch.setattr(timer._changed, "wait", notice)
    timer.after(3600, lambda: 1)
    timer.start()
    assert sleeping.wait(5)
    timer.after(0, done.set)
    assert done.wait(5)
    timer.stop()


def test_repeated_job_keeps_its_beat() -> None:
    """A job that ran a little late is next due one period after it was due, not after it ran."""
    clock = Clock(100.0)
    timer = Timer(clock)
    timer.every(10, lambda: 1)
    clock.now += 10.5
    timer._next()
    assert timer._due[0][0] == 120.0
