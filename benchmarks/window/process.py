"""Starts the window's process and talks to it line by line; it must not know what is measured."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from chat_client.store.files import HOME_VARIABLE
from tests.support.display import private_display
from tests.support.server import ROOT

END_TIMEOUT_S = 30.0


class WindowProcess:
    """The program with its window.

    :param order: what it does first, see ``benchmarks/window/__main__.py``.
    """

    def __init__(self, display: str, order: dict[str, Any]) -> None:
        environ = os.environ | {"DISPLAY": display, HOME_VARIABLE: str(order["home"])}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.window"],
            cwd=ROOT,
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.began = self.ask(order)

    def ask(self, order: dict[str, Any]) -> dict[str, Any]:
        """Give an order and wait for the answer.

        :raises RuntimeError: when the window ends instead.
        """
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("the window has ended; what it said stands above")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        """Close the window."""
        self.process.communicate(timeout=END_TIMEOUT_S)

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@contextmanager
def some_display() -> Iterator[str]:
    """The display that there is, or one for the length of a ``with`` block.

    :raises RuntimeError: where there is none and Xvfb is missing.
    """
    if present := os.environ.get("DISPLAY"):
        yield present
        return
    with ExitStack() as stack:
        try:
            name = stack.enter_context(private_display())
        except FileNotFoundError as error:
            raise RuntimeError("there is no display, and Xvfb is not installed") from error
        yield name
