"""What a crowded machine adds to a time is what the kernel says, of the threads that waited longest."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.chaos.load import Load

Waits = Callable[[int, str, float], None]


@pytest.fixture
def waits(tmp_path: Path) -> Waits:
    """A function that writes how many seconds a thread has waited."""

    def write(pid: int, thread: str, seconds: float) -> None:
        folder = tmp_path / str(pid) / "task" / thread
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "schedstat").write_text(f"5 {round(seconds * 1e9)} 7\n")

    return write


def test_longest_of_each_process_together(tmp_path: Path, waits: Waits) -> None:
    """Since the beginning; a thread that came later counts from its own."""
    waits(1, "10", 100.0)
    waits(1, "11", 50.0)
    waits(2, "20", 7.0)
    load = Load(lambda: (1, 2), tmp_path)
    load.begin()
    assert load.waited_s() == 0.0
    waits(1, "10", 101.0)
    waits(1, "11", 52.0)
    waits(2, "21", 0.5)
    assert load.waited_s() == pytest.approx(2.5)
    load.begin()
    assert load.waited_s() == 0.0


def test_time_that_has_passed(tmp_path: Path, waits: Waits) -> None:
    """What was waited after it, or before, does not count."""
    waits(1, "10", 1.0)
    load = Load(lambda: (1,), tmp_path)
    load.begin()
    waits(1, "10", 3.0)
    load._look()
    began, _ = load._looks[-1]
    waits(1, "10", 7.0)
    load._look()
    ended, _ = load._looks[-1]
    waits(1, "10", 12.0)
    assert load.waited(began, ended) == {1: pytest.approx(4.0)}
    assert load.waited(ended, ended + 60) == {1: pytest.approx(5.0)}


def test_process_that_has_ended_counts_as_far_as_it_came(tmp_path: Path, waits: Waits) -> None:
    """Its last figures are known; one that was never seen has waited for nothing."""
    waits(1, "10", 1.0)
    load = Load(lambda: (1, 3), tmp_path)
    load.begin()
    waits(1, "10", 4.0)
    assert load.waited_s() == pytest.approx(3.0)
    shutil.rmtree(tmp_path / "1")
    assert load.waited_s() == pytest.approx(3.0)


def test_this_kernel_says_it() -> None:
    """The threads of this process are found, and none has waited less than nothing."""
    load = Load(lambda: (os.getpid(),))
    load.start()
    load.begin()
    assert load._began
    assert load.waited_s() >= 0.0
    load.close()
