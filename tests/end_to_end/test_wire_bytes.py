"""Replies to every type of request, byte by byte; `wire_transcript.txt` has those of the first release."""

import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chat_protocol.request_reading import REQUESTS
from chat_protocol.times import now_ms
from tests.support.admin import command
from tests.support.server import ServerProcess
from tests.support.wire import PASSWORD, TIMEOUT_S, WireClient

TRANSCRIPT = Path(__file__).with_name("wire_transcript.txt")
CHANGING = (  # what differs from run to run, and what stands for it
    (re.compile(rb'"token":"[^"]+"'), b'"token":"TOKEN"'),
    (re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"), b"TIME"),
)
SINCE = re.compile(  # fields that later releases have added
    rb',"(former":true|(room_)?id":"[^"]+"|last_at":"[^"]+"|(unread|mentions)":\d+|may_create":\[[^]]*\])'
)
# Requests that the first release does not know.
LATER = {"quiet", "sync", "upload", "download", "devices", "end_device"}
LATER |= {"room.create", "room.edit", "room.add", "room.remove", "room.archive"}
LATER |= {"settings", "set", "save", "saved", "receipt", "pin", "pins", "person", "avatar", "set_avatar"}
LATER |= {f"moderation.{each}" for each in ("avatar", "sanctions", "accept", "role", "password", "devices")}
LATER |= {f"moderation.{each}" for each in ("end_device", "invite", "invitations", "revoke", "audit")}
Step = tuple[str, str, dict[str, Any]]

G = "Général"
TALK: tuple[Step, ...] = (
    ("boss", "ping", {}),
    ("boss", "send", {"room": "general", "body": "bonjour\n“👋” \\ \u2028"}),
    ("boss", "send", {"room": G, "body": "two", "reply_to": 1}),
    ("boss", "edit", {"room": G, "seq": 1, "body": "bonsoir"}),
    ("boss", "react", {"room": G, "seq": 1, "emoji": "👍"}),
    ("paul", "react", {"room": G, "seq": 1, "emoji": "👍"}),
    ("boss", "react", {"room": G, "seq": 1, "emoji": "👍", "on": False}),
    ("boss", "send", {"room": G, "body": "three"}),
    ("boss", "delete", {"room": G, "seq": 2}),
    ("paul", "send", {"room": G, "body": "of paul"}),
    ("paul", "send", {"room": "@boss", "body": "privately"}),
    ("boss", "history", {"room": G}),
    ("boss", "history", {"room": G, "limit": 2}),
    ("boss", "history", {"room": G, "after": 7, "limit": 1}),
    ("boss", "history", {"room": "@paul"}),
    ("boss", "read", {"room": G, "seq": 3}),
    ("boss", "watch", {"room": G}),
    ("boss", "watch", {"room": None}),
    ("boss", "typing", {"room": "@paul"}),
    ("boss", "status", {"status": "busy", "text": "in a meeting"}),
    ("boss", "members", {"room": G}),
    ("boss", "search", {"query": "bonsoir three", "limit": 1}),
    ("boss", "search", {"query": "from:paul"}),
    ("boss", "search", {"query": ""}),
    ("boss", "users", {"prefix": "pa"}),
    ("paul", "profile", {"display_name": "Paul É."}),
    ("boss", "leave", {"room": G}),
    ("boss", "join", {"room": G}),
    ("paul", "join", {"room": "Secret", "reason": "I work there."}),
    ("boss", "moderation.pending", {}),
    ("boss", "moderation.decide", {"username": "paul", "room": "Secret", "accept": False, "reason": "no"}),
    ("boss", "moderation.pending", {}),
    ("boss", "moderation.sanction", {"kind": "mute", "username": "paul", "duration": 60}),
    ("boss", "moderation.lift", {"kind": "mute", "username": "paul"}),
    ("paul", "password", {"old": PASSWORD, "new": "battery staple"}),
    ("boss", "members", {"room": "Nowhere"}),
    ("boss", "confetti", {}),
)


class Recorder:
    """Clients that keep each reply as it came."""

    def __init__(self, open_connection: Callable[..., WireClient], port: int) -> None:
        self.lines: list[bytes] = []
        self.types: set[str] = set()
        self._open: Callable[[], WireClient] = lambda: open_connection(port, hello=False)
        self._clients: dict[str, WireClient] = {}

    def connect(self, name: str) -> None:
        """Open a connection under a name of the test's own."""
        self._clients[name] = self._open()

    def ask(self, name: str, type: str, **fields: Any) -> dict[str, Any]:
        """Send a request, keep its reply, and return that."""
        line = self._line(name, type, fields)
        self.types.add(type)
        self.lines.append(line)
        return dict(json.loads(line))

    def wait_for_the_index(self, name: str, word: str) -> None:
        """Ask, without keeping the replies, until the newest message is found."""
        deadline = time.monotonic() + TIMEOUT_S
        while not json.loads(self._line(name, "search", {"query": word}))["messages"]:
            assert time.monotonic() < deadline, "the newest message is not found"

    def _line(self, name: str, type: str, fields: dict[str, Any]) -> bytes:
        client = self._clients[name]
        client.send_bytes(json.dumps({"type": type, "ref": type, **fields}).encode() + b"\n")
        while json.loads(line := client.line()).get("ref") != type:
            pass
        return line + b"\n"


def wait_for_the_next_millisecond() -> None:
    """Return when what is stored from now on is newer than what was stored before."""
    before = now_ms()
    while now_ms() == before:
        pass


def talk(recorder: Recorder, server: ServerProcess) -> None:
    """Hold the conversation that the transcript has."""
    recorder.connect("boss")
    recorder.ask("boss", "register", username="boss", password=PASSWORD, display_name="The Boss")
    assert command(server, "role boss admin") == 0
    assert command(server, "add room Secret --moderated") == 0
    recorder.connect("paul")
    token = recorder.ask("paul", "register", username="paul", password=PASSWORD)["token"]
    for name, type, fields in TALK:
        if type == "search":
            recorder.wait_for_the_index("boss", "privately")
        if type == "send":
            wait_for_the_next_millisecond()  # a search gives the newest first, by the time
        recorder.ask(name, type, **fields)
    recorder.connect("resumed")
    recorder.ask("resumed", "resume", token=token)
    recorder.ask("resumed", "login", username="paul", password="battery staple")
    recorder.ask("resumed", "logout")
    assert command(server, "erase user paul") == 0
    recorder.ask("boss", "history", room=G, limit=1)


def test_replies_are_those_of_the_first_release(
    server: ServerProcess, open_connection: Callable[..., WireClient]
) -> None:
    """Each reply has the bytes that it always had, tokens, times and later fields apart."""
    recorder = Recorder(open_connection, server.port)
    talk(recorder, server)
    assert recorder.types >= set(REQUESTS) - LATER
    text = SINCE.sub(b"", b"".join(recorder.lines))
    for pattern, placeholder in CHANGING:
        text = pattern.sub(placeholder, text)
    assert text.decode().splitlines() == TRANSCRIPT.read_text(encoding="utf-8").splitlines()
