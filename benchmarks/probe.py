"""A client that asks one question after another and times the answers, beside whatever else goes on."""

import json
import time
from collections.abc import Iterator
from typing import Any

from benchmarks.clients import ERROR, OK, Client
from benchmarks.connection import Connection


class Probe(Client):
    """Asks the next question as soon as the last one is answered."""

    def __init__(self, connection: Connection, questions: Iterator[dict[str, Any]]) -> None:
        super().__init__(connection)
        self.seconds: list[float] = []
        self.first_error = ""
        self.last_answer: dict[str, Any] = {}
        self.stopped = False
        self._questions = questions
        self._asked_at = 0.0
        self._received = bytearray()

    def ask(self) -> None:
        """Ask the next question; the answers keep it going."""
        question = next(self._questions, None)
        if question is None:
            self.stopped = True
            return
        self._asked_at = time.perf_counter()
        self.connection.write(json.dumps(question, ensure_ascii=False).encode() + b"\n")

    def received(self, chunk: memoryview) -> None:
        self._received += chunk
        *lines, rest = self._received.split(b"\n")
        self._received = rest
        for line in lines:
            if OK in line or ERROR in line:
                self._answered(bytes(line))

    def _answered(self, line: bytes) -> None:
        self.seconds.append(time.perf_counter() - self._asked_at)
        self.last_answer = json.loads(line)
        if self.last_answer["type"] == "error" and not self.first_error:
            self.first_error = line.decode()
        if not self.stopped:
            self.ask()
