"""Holds a conversation with a real server; how its frames are cut into writes is the caller's choice."""

import itertools
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.conversations.script import Conversation, Step, Values, difference, fill, glued
from tests.support.wire import PASSWORD, TIMEOUT_S, ConnectionEnded, WireClient, connect

_numbers = itertools.count(1)
AGAIN_S = 0.02
DAY_MS = 86_400_000
FLOOD_MESSAGES = 4_000


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may sign in."""

    username: str
    token: str


@dataclass(frozen=True, slots=True)
class Place:
    """A server to talk to.

    :param kind: `sqlite`, `mariadb`, or `tls` (with SQLite).
    :param command: runs a console command, and returns what it prints.
    :param unused: accounts that no conversation has used.
    :param sql: carries out an SQL statement in the server's database, past the server.
    """

    kind: str
    port: int
    command: Callable[[str], str]
    unused: list[Account]
    sql: Callable[[str], None] | None = None

    @property
    def tls(self) -> bool:
        return self.kind == "tls"


class Player:
    """One run of one conversation.

    :param cut: how frames are written: `whole`, `glued` (all that can be sent at once, in one write),
        `split` (each frame in two writes) or `bytes` (one byte at a time).
    """

    def __init__(self, place: Place, conversation: Conversation, cut: str) -> None:
        self._place, self._conversation, self._cut = place, conversation, cut
        self._clients: dict[str, WireClient] = {}
        self._sent: set[int] = set()
        self._values: Values = {"password": PASSWORD}

    def play(self) -> None:
        """Hold the conversation; raise AssertionError at the first line that the server does not keep to."""
        try:
            self._prepare()
            for number, step in enumerate(self._conversation.steps):
                try:
                    self._take(number, step)
                except (ConnectionEnded, TimeoutError) as error:
                    raise AssertionError(f"{step}: {type(error).__name__}") from error
        finally:
            for client in self._clients.values():
                client.close()

    def _prepare(self) -> None:
        conversation, number = self._conversation, next(_numbers)
        people, admins = conversation.words("people"), conversation.words("admins")
        for name in conversation.words("names"):
            self._values[name] = f"{name}.{number}"
        for kind in ("room", "moderated room"):
            for room in conversation.words(kind):
                self._values[room] = f"{room.capitalize()} {number}"
                options = " --moderated" if kind == "moderated room" else ""
                self._place.command(f'add room "{self._values[room]}"{options}')
        for name in people + admins:
            account = self._place.unused.pop()
            self._values |= {name: account.username, f"{name}.token": account.token}
        for name in admins:
            self._place.command(f"role {self._values[name]} admin")
        for name in people + admins:
            self._sign_in(name)
            for room in conversation.words("room"):
                self._clients[name].ok("join", room=self._values[room])
        for client in self._clients.values():
            client.ok("ping")  # what the preparation caused has come by then
            client.events.clear()

    def _sign_in(self, name: str) -> None:
        client = self._clients[name] = connect(self._place.port, tls=self._place.tls)
        client.resume(self._values[f"{name.partition('/')[0]}.token"])

    def _take(self, number: int, step: Step) -> None:
        if step.arrow == "*":
            self._act(step)
        elif step.arrow == "->":
            self._send(number)
        elif step.arrow == "~>":
            text = fill(step.text, self._values)
            self._write(step.who, [text.encode("ascii").decode("unicode_escape").encode("latin-1")])
        elif step.arrow == "?>":
            self._ask_until(number, step)
        elif step.arrow == "<<":
            self._read_up_to(step)
        elif number not in self._sent:
            self._expect(step)

    def _expect(self, step: Step) -> None:
        found = self._clients[step.who].frame()
        wrong = difference(json.loads(step.text), found, self._values)
        assert not wrong, f"{step}\n{wrong}\ngot {found}"

    def _read_up_to(self, step: Step) -> None:
        wanted, client = json.loads(step.text), self._clients[step.who]
        while (found := client.frame())["type"] != wanted["type"]:
            pass
        wrong = difference(wanted, found, self._values)
        assert not wrong, f"{step}\n{wrong}\ngot {found}"

    def _send(self, number: int) -> None:
        if number in self._sent:
            return
        steps = self._conversation.steps
        together = glued(steps, number, self._values) if self._cut == "glued" else [number]
        self._sent.update(together)
        frames = [fill(steps[place].text, self._values).encode() + b"\n" for place in together]
        self._write(steps[number].who, frames)

    def _write(self, who: str, frames: Sequence[bytes]) -> None:
        client, data = self._clients[who], b"".join(frames)
        if self._cut == "bytes":
            parts = [data[place : place + 1] for place in range(len(data))]
        elif self._cut == "split":
            parts = [data[: len(data) // 2], data[len(data) // 2 :]]
        else:
            parts = [data]
        for part in parts:
            client.send_bytes(part)

    def _ask_until(self, number: int, step: Step) -> None:
        """Ask until the reply is what the next line expects: for what the server does a little later."""
        expected = self._conversation.steps[number + 1]
        wanted = json.loads(expected.text)
        deadline = time.monotonic() + TIMEOUT_S
        while True:
            self._write(step.who, [fill(step.text, self._values).encode() + b"\n"])
            found = self._clients[step.who].frame()
            values = dict(self._values)
            wrong = difference(wanted, found, values)
            if not wrong:
                break
            assert time.monotonic() < deadline, f"{expected}\n{wrong}\ngot {found}"
            time.sleep(found.get("retry_after", AGAIN_S))  # who does not wait is refused for longer
        self._values = values
        self._sent.add(number + 1)

    def _act(self, step: Step) -> None:
        first, _, rest = step.text.partition(" ")
        actions: dict[str, Callable[[str], Any]] = {
            "connects": self._connect,
            "signs in": self._sign_in,
            "goes away": lambda name: self._clients.pop(name).close(),
            "gets nothing": self._expect_silence,
            "is closed by the server": self._expect_end,
        }
        if first == "console:":
            line, _, name = rest.partition(" => $")
            printed = self._place.command(fill(line, self._values))
            if name:
                self._values[name] = printed.splitlines()[0].split()[-1]
        elif rest.startswith("floods "):
            self._flood(first, fill(rest.removeprefix("floods "), self._values))
        elif first == "days":
            self._let_pass(int(rest))
        elif rest in actions:
            actions[rest](first)
        else:
            raise ValueError(f"{self._conversation.name}: {step}: there is no such action")

    def _connect(self, name: str) -> None:
        self._clients[name] = connect(self._place.port, tls=self._place.tls, hello=False)

    def _flood(self, name: str, room: str) -> None:
        """Send more than the kernel keeps for those who do not read."""
        client, body = self._clients[name], "x" * 4000
        for _ in range(FLOOD_MESSAGES):
            client.ok("send", room=room, body=body)

    def _let_pass(self, days: int) -> None:
        """Move all messages of the conversation's rooms into the past."""
        assert self._place.sql is not None
        for room in self._conversation.words("room"):
            self._place.sql(
                f"UPDATE messages SET sent_at = sent_at - {days * DAY_MS} WHERE room_id ="
                f" (SELECT id FROM rooms WHERE name = '{self._values[room]}')"
            )

    def _expect_silence(self, name: str) -> None:
        client = self._clients[name]
        client.send_bytes(b'{"type":"ping","ref":"silence"}\n')
        found = client.frame()
        assert found.get("ref") == "silence", f"{name} gets {found}"

    def _expect_end(self, name: str) -> None:
        left = self._clients[name].wait_closed()
        assert not left, f"before the end {name} gets {left}"
