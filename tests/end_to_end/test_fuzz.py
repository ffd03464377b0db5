"""Requests made at random, of right and wrong values, from three people: each is answered, and by no bug.

`CHAT_TESTS_FUZZ_S` says for how many seconds on each database, `CHAT_TESTS_FUZZ_SEED` from which seed; what
fails names the seed and the frame.
"""

import json
import os
import random
import shlex
from collections.abc import Callable, Iterator
from dataclasses import fields
from time import monotonic
from typing import Any, Final

import pytest

from chat_protocol.request_reading import REQUESTS
from tests.chat_client.live import run_command
from tests.chat_protocol.bad_values import BAD_VALUES
from tests.support.server import LOGGED_ERROR, ServerProcess
from tests.support.wire import Frame, WireClient, connect

Start = Callable[..., ServerProcess]
People = tuple[ServerProcess, list[WireClient]]

SECONDS: Final = float(os.environ.get("CHAT_TESTS_FUZZ_S", "3"))
SEED: Final = int(os.environ.get("CHAT_TESTS_FUZZ_SEED", "1"))
ROOMS: Final = ("Général", "Blabla", "Marketing", "@ann", "@bob", "@victim", "@nobody", "no room")
#: Behind an upload or a download come bytes that are no frames; the others end the sign-in.
LEFT_OUT: Final = ("upload", "download", "logout", "register", "login", "resume", "password", "end_device")
PEOPLE: Final = (("ann", "member"), ("bob", "moderator"), ("cleo", "admin"))
VICTIM: Final = "victim"


class Choice:
    """Makes requests; the same ones for the same seed and answers."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._kinds = sorted(kind for kind in REQUESTS if kind not in LEFT_OUT)
        self.rooms = list(ROOMS)
        self._number = 0

    def frame(self) -> Frame:
        """Return a request with most of its fields, most of them right."""
        self._number += 1
        kind = self._random.choice(self._kinds)
        frame: Frame = {"type": kind, "ref": self._number}
        for item in fields(REQUESTS[kind]):
            if self._random.random() < 0.75:
                wrong = self._random.random() < 0.1
                frame[item.name] = self._junk(item.name) if wrong else self._value(item.name)
        if "address" in frame:
            frame.pop("username", None)
        return frame

    def _junk(self, name: str) -> Any:
        return self._random.choice([*BAD_VALUES[name], {"a": [1]}, [[]], "\x00\x1b[2J\u202e", 2**53])

    def _value(self, name: str) -> Any:
        pick, number = self._random.choice, self._random.randrange
        values: dict[str, Callable[[], Any]] = {
            "room": lambda: pick(self.rooms),
            "rooms": lambda: pick([{pick(self.rooms): number(9)}, [pick(self.rooms)], {}]),
            "seq": lambda: number(1, 60),
            "reply_to": lambda: number(1, 60),
            "before": lambda: pick([number(1, 90), "2026-11-22T10:31:02.123Z"]),
            "after": lambda: number(60),
            "limit": lambda: number(1, 50),
            "body": lambda: pick(["hello", "é" * 900, "@ann **now**", "x" * 4000, "👍"]),
            "nonce": lambda: f"n{number(200)}",
            "emoji": lambda: pick(["👍", "🎉", "no"]),
            "files": lambda: pick([[], ["f0"]]),
            "username": lambda: pick([VICTIM, "nobody"]),
            "address": lambda: pick(["192.0.2.7", "198.51.100.0/24", "2001:db8::/64", "no address"]),
            "kind": lambda: pick(["kick", "ban", "mute"]),
            "duration": lambda: number(1, 3600),
            "status": lambda: pick(["online", "busy", "away"]),
            "on": lambda: pick([True, False]),
            "accept": lambda: pick([True, False]),
            "confirm": lambda: pick([True, False]),
            "counts": lambda: pick([True, False]),
        }
        return values.get(name, lambda: pick(["ann", "b", "Général", ""]))()


def _sign_up(server: ServerProcess, name: str, role: str) -> WireClient:
    client = connect(server.port, tls=False)
    client.register(name)
    if role != "member":
        run_command(server, shlex.split(f"role {name} {role}"))
    return client


@pytest.fixture(params=["sqlite", pytest.param("mariadb", marks=pytest.mark.long)])
def people(request: pytest.FixtureRequest, server_process: Start) -> Iterator[People]:
    """A member, a moderator and an administrator, and somebody to act on who is not connected."""
    database = None if request.param == "sqlite" else str(request.getfixturevalue("mariadb_url"))
    server = server_process("--no-limits", tls=False, database=database)
    _sign_up(server, VICTIM, "member").close()
    clients = [_sign_up(server, name, role) for name, role in PEOPLE]
    yield server, clients
    for client in clients:
        client.close()


@pytest.mark.timeout(SECONDS + 60)
def test_every_request_is_answered(people: People) -> None:
    """With its ref, by `ok` or an error that is not `internal`; the connection stays, no error is logged."""
    server, clients = people
    choice = Choice(SEED)
    choice.rooms.append(clients[0].ok("history", room=ROOMS[0])["room_id"])
    until, answered = monotonic() + SECONDS, {"ok": 0, "error": 0}
    turn = 0
    while monotonic() < until:
        client = clients[turn % len(clients)]
        turn += 1
        frame = choice.frame()
        text = json.dumps(frame).replace("Infinity", "1e999")
        client.send_bytes(text.encode() + b"\n")
        reply = client.reply(frame["ref"])
        client.events.clear()
        answered[reply["type"]] += 1
        assert reply.get("code") not in ("internal", "unavailable", "unknown_type"), (SEED, text, reply)
    assert min(answered.values()) > turn // 10, answered
    assert not LOGGED_ERROR.search(server.output), server.output
