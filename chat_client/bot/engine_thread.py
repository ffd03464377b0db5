"""Polls a client on a thread of its own, and runs there what other threads ask for; it knows no bot."""

import logging
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any, Final, TypeVar

from chat_client.engine.client import Client
from chat_client.model.changes import Change

IDLE_S: Final = 0.2  # what is due at a time is late by this at most; what arrives wakes the thread

_log = logging.getLogger("chat.bot")
T = TypeVar("T")


class Stopped(Exception):
    """The bot is being stopped: nothing is sent any more."""


class EngineThread:
    """The only thread that touches a client, from `start` to `close`.

    :param polled: is given the changes of each poll; called on the thread.
    """

    def __init__(self, client: Client, polled: Callable[[list[Change]], object]) -> None:
        self._client = client
        self._polled = polled
        self._asked: queue.SimpleQueue[tuple[Future[Any], Callable[[], Any]]] = queue.SimpleQueue()
        self._woken = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="bot-engine", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._client.wake_with(self._woken.set)
        self._thread.start()

    def call(self, act: Callable[[], T]) -> T:
        """Run something on the thread and return its result.

        :raises Stopped: when the thread has ended, or ends before it came to it.
        """
        result: T = self._ask(act).result()
        return result

    def post(self, act: Callable[[], object]) -> None:
        """Run something on the thread, soon; what it raises is logged."""
        self._ask(lambda: _logged(act))

    def close(self) -> None:
        """End the thread and what it has not come to; the client is closed on it."""
        self._closing.set()
        self._woken.set()
        self._thread.join()
        self._give_up()

    def _ask(self, act: Callable[[], T]) -> Future[T]:
        future: Future[T] = Future()
        self._asked.put((future, act))
        self._woken.set()
        if not self._thread.is_alive():
            self._give_up()
        return future

    def _run(self) -> None:
        while not self._closing.is_set():
            self._woken.wait(0 if self._client.more_waits else IDLE_S)
            self._woken.clear()
            self._answer()
            _logged(partial(self._polled, self._client.poll()))
        self._answer()  # what was asked for before the end
        self._client.close()

    def _answer(self) -> None:
        while not self._asked.empty():
            future, act = self._asked.get()
            try:
                future.set_result(act())
            except Exception as error:
                future.set_exception(error)

    def _give_up(self) -> None:
        while not self._asked.empty():
            self._asked.get()[0].set_exception(Stopped("the bot is being stopped"))


def _logged(act: Callable[[], object]) -> None:
    try:
        act()
    except Exception:
        _log.exception("what was asked of the bot's engine has failed")
