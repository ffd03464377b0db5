"""A signed-in client for the tests of files: what its transfers do is what the test says."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chat_client.model import changes as ch
from chat_client.net.transfer import Stopped
from chat_protocol.errors import ChatError
from chat_protocol.objects import File
from tests.chat_client.fakes import Bench, a_room

LIMITS = {"file": 1000, "files": 2, "preview": 5}
FILE = File("f1", "a.bin", 5)


class Line:
    """Stands for `TransferLine`: what is brought on it is what the test says."""

    def __init__(self, *access: Any) -> None:
        self.stop: threading.Event = access[-1]

    def close(self) -> None:
        """Nothing is open."""


class Desk:
    """A client that is signed in, and what its transfers do."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        bench.capabilities = ["files"]
        bench.sign_in(a_room("General"))
        bench.state.connection.limits = {**bench.state.connection.limits, **LIMITS}
        self.files = bench.client.files
        self.acts: dict[str, Callable[[Any], None]] = {}  # by the file's name or id
        self.begun: list[str] = []
        self.downs: list[ChatError | None] = []
        self._start = self.files._threads.start

    def start(self, key: str, *arguments: Any) -> None:
        """Note that a transfer begins, on the thread of the poll."""
        state = self.bench.state.transfers[key]
        self.begun.append(state.name if state.message else key)
        self._start(key, *arguments)

    def act(self, name: str, line: Line, told: Any) -> None:
        if name in self.acts:
            self.acts[name](told)
        else:
            line.stop.wait()
            raise Stopped

    def upload(self, line: Line, request: Any, path: Path, preview: bytes, told: Any) -> File:
        self.act(request.name, line, told)
        return File(f"id of {request.name}", request.name, request.size)

    def download(
        self, line: Line, file: str, part: Path, told: Any, *, size: int | None, preview: bool = False
    ) -> None:
        self.act(f"{file}/preview" if preview else file, line, told)
        part.write_bytes(b"12345")

    def settle(self) -> list[ch.Change]:
        """Poll, let what can end come to its end, and poll again."""
        changes = self.bench.poll()
        for thread in self.files._preparing:
            thread.join()
        changes += self.bench.poll()
        for key, running in list(self.files._threads._running.items()):
            ends = (
                running.stop.is_set() or any(name in key or key in name for name in self.acts) or self.all_act
            )
            if ends and running.thread is not None:
                running.thread.join()
        return changes + self.bench.poll()

    all_act = False

    @property
    def transfers(self) -> dict[str, Any]:
        return dict(self.bench.state.transfers)


def pass_by(told: Any) -> None:
    """Be done at once."""


def failing(error: Exception) -> Callable[[Any], None]:
    def fail(told: Any) -> None:
        raise error

    return fail


def written(path: Path, size: int = 5) -> Path:
    path.write_bytes(b"x" * size)
    return path


def refusals(changes: list[ch.Change]) -> list[str]:
    return [change.code for change in changes if isinstance(change, ch.RequestFailed)]
