"""Fixes the order in which several threads pass through numbered blocks; it knows nothing of what they do."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

WAIT_S: Final = 5.0


class Sequencer:
    """Make threads take turns: the block `with turn(1):` begins when the block `with turn(0):` has ended.

    The numbers begin with 0 and have no holes, so that the interleaving stands in the text of the test. A
    block that raises, and a turn that does not come in time, fail all the turns that wait.

    :param wait_s: how long a turn may wait for those before it, in seconds.
    """

    def __init__(self, wait_s: float = WAIT_S) -> None:
        self._wait_s = wait_s
        # Guards all below; signalled when a block has ended or failed.
        self._changed = threading.Condition()
        self._begun: set[int] = set()
        self._next = 0
        self._failure = ""

    @contextmanager
    def __call__(self, number: int) -> Iterator[None]:
        """Wait for the blocks of all smaller numbers, then run this one.

        :raises AssertionError: when the number was used before, or the turn does not come.
        """
        self._begin(number)
        try:
            yield
        except BaseException as error:
            self._fail(f"turn {number} raised {error!r}")
            raise
        with self._changed:
            self._next += 1
            self._changed.notify_all()

    def _begin(self, number: int) -> None:
        with self._changed:
            if number in self._begun:
                raise AssertionError(f"turn {number} was taken twice")
            self._begun.add(number)
            if not self._changed.wait_for(lambda: self._next >= number or self._failure, self._wait_s):
                state = "is still running" if self._next in self._begun else "never began"
                self._failure = f"turn {number} waited {self._wait_s:g} s in vain: turn {self._next} {state}"
                self._changed.notify_all()
            if self._failure:
                raise AssertionError(self._failure)

    def _fail(self, failure: str) -> None:
        with self._changed:
            self._failure = self._failure or failure
            self._changed.notify_all()


def run_together(*sides: Callable[[], object], wait_s: float = 2 * WAIT_S) -> None:
    """Run each function on a thread of its own until all have ended; raise the first error of any of them.

    :param wait_s: how long one may take, in seconds.
    :raises AssertionError: when one has not ended by then.
    """
    errors: list[BaseException] = []

    def run(side: Callable[[], object]) -> None:
        try:
            side()
        except BaseException as error:  # raised again on the test's own thread
            errors.append(error)

    threads = [threading.Thread(target=run, args=(side,), daemon=True) for side in sides]
    for thread in threads:
        thread.start()
    for number, thread in enumerate(threads):
        thread.join(wait_s)
        if thread.is_alive() and not errors:
            raise AssertionError(f"side {number} has not ended after {wait_s:g} s")
    if errors:
        raise errors[0]
