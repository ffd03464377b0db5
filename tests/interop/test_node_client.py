"""Clients of three kinds talk through kills and cuts, and each shows what the database holds."""

import json
import os
import queue
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from chat_client.model.state import Phase
from chat_protocol.invitations import Invitation
from tests.chat_client.live import PASSWORD, LiveClient, clients
from tests.conftest import need_program
from tests.support.cutting_proxy import CuttingProxy
from tests.support.server import ROOT, ServerProcess
from tests.support.wire import Frame, WireClient, connected

CLIENT: Final = Path(__file__).with_name("client.mjs")
ROUNDS: Final = 2
LINES: Final = 12  # of each client in each round
WAIT_S: Final = 20.0
POLL_S: Final = 0.01
HURRY_EVERY_S: Final = 0.1
_SHOWN: Final = re.compile(r"\[[\d:]+\] #(\d+) <(\S+)> (.*?)(?: \(edited\))?(?: \[\S+\])?")
Start = Callable[..., ServerProcess]


class Program:
    """A client that is a process: takes lines, and keeps those that it writes."""

    def __init__(self, command: list[str], **environ: str) -> None:
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            env={**os.environ, **environ},
            encoding="utf-8",
        )
        self._queue: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._lines: list[str] = []
        self._reader = threading.Thread(target=self._read, name="client-output")
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._queue.put(line.rstrip("\n"))

    def type(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def lines(self) -> list[str]:
        """Return all that was written so far."""
        while not self._queue.empty():
            self._lines.append(self._queue.get())
        return self._lines

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(WAIT_S)
        self._reader.join(WAIT_S)
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()


class Talk:
    """The three clients at one cutting proxy, and the server behind it."""

    def __init__(self, server: ServerProcess, folder: Path, engine: LiveClient) -> None:
        self.server, self.engine = server, engine
        self.proxy = CuttingProxy(server.port, seed=11)
        self.proxy.gentle = True
        fingerprint = server.fingerprint or ""
        where = ["127.0.0.1", str(self.proxy.port)]
        self.node = Program(
            ["node", str(CLIENT), *where, fingerprint, "nora", PASSWORD, str(folder / "outbox.json")],
            RETRY_FIRST_MS="50",
            RETRY_MAX_MS="200",
        )
        link = Invitation("127.0.0.1", self.proxy.port, fingerprint).link()
        home = ["--home", str(folder / "terminal"), "--user", "theo", "--register", "--room", "general"]
        self.terminal = Program(
            [sys.executable, "-m", "chat_client.terminal", link, *home],
            CHAT_PASSWORD=PASSWORD,
            LC_ALL="C.UTF-8",
        )
        self._hurry_at = 0.0

    def until(self, happened: Callable[[], object]) -> None:
        """Let the engine work until something has happened; nobody waits for a back-off."""
        deadline = time.monotonic() + WAIT_S
        while not happened():
            assert time.monotonic() < deadline, self.visible()
            now = time.monotonic()
            if now >= self._hurry_at:
                self._hurry_at = now + HURRY_EVERY_S
                self.terminal.type("/reconnect")
                if self.engine.state.connection.phase == Phase.WAITING:
                    self.engine.client.session.reconnect_now()
            self.engine.poll()
            time.sleep(POLL_S)

    def visible(self) -> str:
        shown = [self.engine.visible(), *self.node.lines()[-10:], *self.terminal.lines()[-30:]]
        return "\n".join([*shown, self.server.output[-500:]])

    def shown_by_terminal(self) -> dict[int, tuple[str, str]]:
        """Return what the terminal client showed last of each message."""
        found = [_SHOWN.fullmatch(line) for line in self.terminal.lines()]
        return {int(match[1]): (match[2], match[3]) for match in found if match}

    def close(self) -> None:
        self.node.close()
        self.terminal.close()
        self.proxy.close()


@pytest.fixture
def talk(server_process: Start, tmp_path: Path) -> Iterator[Talk]:
    need_program("node", "sudo apt-get install nodejs")
    server = server_process("--no-limits")
    with clients(tmp_path, "elsa") as (engine,):
        talk = Talk(server, tmp_path, engine)
        try:
            engine.sign_up(server, talk.proxy.port)
            engine.open("general")
            talk.until(lambda: any(line.startswith("* Général") for line in talk.terminal.lines()))
            talk.node.type("join general")
            yield talk
        finally:
            talk.close()


def _stored(server: ServerProcess) -> list[Frame]:
    """Return the whole history of the room, read past the proxy."""
    with connected(server.port) as reader:
        reader.register("reader")
        return _history(reader)


def _history(reader: WireClient) -> list[Frame]:
    found: list[Frame] = []
    while True:
        page = reader.ok("history", room="general", after=found[-1]["seq"] if found else 0, limit=200)
        found += page["messages"]
        if not page["more"]:
            return found


def _present(history: list[Frame]) -> dict[int, dict[str, Any]]:
    """Return the messages (not the changes of them) as the database has them."""
    return {
        message["seq"]: {
            "from": message["from"],
            "body": message["body"],
            "deleted": message.get("deleted", False),
            "reactions": {emoji: sorted(names) for emoji, names in message.get("reactions", {}).items()},
        }
        for message in history
        if "kind" not in message
    }


def _say(talk: Talk, number: int) -> list[str]:
    """Let each client write, and the engine and Node change what they wrote; return what was said."""
    said = []
    for line in range(LINES):
        for name in ("elsa", "nora", "theo"):
            body = f"{name} {number}.{line} é😀 {'x' * 60}"
            said.append(body)
            if name == "elsa":
                talk.engine.say(body)
            elif name == "nora":
                talk.node.type(f"say {body}")
            else:
                talk.terminal.type(body)
        talk.engine.poll()
    return said


def _round(talk: Talk, number: int, said: list[str], start: Callable[[], ServerProcess]) -> None:
    """Talk while connections are cut, kill the server, go on until all is shown, then change some."""
    talk.proxy.gentle = False
    said += _say(talk, number)
    talk.until(lambda: talk.engine.here.last_seq > len(said) - 2 * LINES)
    talk.server.kill()
    talk.node.type("cut")
    talk.server = start()
    talk.proxy.gentle = True
    talk.until(lambda: len(talk.engine.heard) == len(said))
    talk.until(lambda: set(said) <= {body for _, body in talk.shown_by_terminal().values()})
    talk.node.type("react 🎉")
    talk.node.type(f"edit nora {number} edited")
    talk.until(lambda: talk.engine.here.last_seq == len(said) + 2 * (number + 1))
    said[said.index(next(body for body in reversed(said) if body.startswith("nora")))] = (
        f"nora {number} edited"
    )


@pytest.mark.long
def test_clients_of_three_kinds_show_what_the_database_holds(talk: Talk, server_process: Start) -> None:
    """Cuts and kill -9 lose, double and change nothing in anybody's view, edits and reactions included."""
    said: list[str] = []
    for number in range(ROUNDS):
        _round(talk, number, said, lambda: server_process("--no-limits", port=talk.server.port))
    history = _stored(talk.server)
    present = _present(history)
    assert sorted(m["body"] for m in present.values()) == sorted(said)
    assert talk.proxy.cuts

    talk.node.type(f"end {history[-1]['seq']}")
    talk.until(lambda: talk.node.process.poll() is not None)
    talk.node.close()
    view = json.loads(talk.node.lines()[-1])
    assert {message.pop("seq"): message for message in view} == present

    talk.until(lambda: talk.engine.here.last_seq == history[-1]["seq"])
    engine = {m.seq: (m.author, m.body, m.deleted) for m in talk.engine.here.messages}
    assert engine == {seq: (m["from"], m["body"], m["deleted"]) for seq, m in present.items()}

    def shown() -> bool:
        return talk.shown_by_terminal() == {seq: (m["from"], m["body"]) for seq, m in present.items()}

    talk.until(shown)


@pytest.mark.long
def test_node_client_refuses_another_certificate(server_process: Start, tmp_path: Path) -> None:
    """A server with another fingerprint gets no password: the client ends with status 3."""
    need_program("node", "sudo apt-get install nodejs")
    where = ["127.0.0.1", str(server_process().port), ":".join(["00"] * 32)]
    other = Program(["node", str(CLIENT), *where, "nobody", PASSWORD, str(tmp_path / "other.json")])
    assert other.process.wait(WAIT_S) == 3
    other.close()
    assert "another certificate" in other.lines()[-1]
