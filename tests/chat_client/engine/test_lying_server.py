"""A server that lies: frames made at random; the client survives each, and its state stays consistent."""

import os
import random
from typing import Any, Final

import pytest

from chat_client.model.state import Phase
from chat_protocol.limits import SEQ_MAX
from tests.chat_client.fakes import HELLO, Bench, Frame, a_message, a_room

SEED: Final = int(os.environ.get("CHAT_TESTS_LIES_SEED", "1"))
SEEDS: Final = 12
FRAMES: Final = 250
ROOMS: Final = ("Général", "Blabla", "@jules", "@zoe", "no room")
KINDS: Final = (
    "message", "member", "membership", "room", "profile", "presence", "typing", "read", "mute", "notice",
    "moderation", "end", "shutdown", "sync", "hello", "ok", "error", "watching", "no kind",
)  # fmt: skip
JUNK: Final[tuple[Any, ...]] = (
    None, True, -1, 0, 2**31, 2**63, 10**40, 1.5, float("inf"), "", "x" * 5000, "\x00\u202e", "1e999",
    [], [[]], [None, 1], {}, {"a": [1]}, {"room": None},
)  # fmt: skip


class Liar:
    """Makes frames; the same ones for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def frame(self, refs: list[int]) -> Frame:
        """Return a frame, mostly of a form that is nearly right."""
        pick = self._random.choice
        kind = pick(KINDS)
        frame = {**self._body(kind), "type": kind}
        if kind in ("ok", "error"):
            frame["ref"] = pick([*refs[-5:], 0, 10**9])
            frame["code"] = pick(["muted", "internal", "no_such_room", "no code"])
        for name in list(frame):
            if name not in ("type", "ref") and self._random.random() < 0.12:
                frame[name] = pick(JUNK)
            elif name != "type" and self._random.random() < 0.05:
                del frame[name]
        return frame

    def _body(self, kind: str) -> dict[str, Any]:
        if kind == "hello":
            return dict(HELLO)
        room = self._room()
        messages = [self._message(room["room"]) for _ in range(self._random.randrange(4))]
        if kind == "message":
            return self._message(room["room"])
        if kind in ("sync", "ok"):
            return {**room, "messages": messages, "more": self._random.random() < 0.3, "rooms": [room]}
        return {
            **room, "username": self._random.choice(["zoe", "jules", "nobody"]), "change": "joined",
            "display_name": "N", "status": "online", "text": "t", "active": True, "seq": self._seq(),
            "user": {"username": "zoe", "display_name": "Zoe", "role": "admin"}, "pending": 3,
            "reason": "r", "until": "2026-11-22T10:31:02.123Z", "removed": self._random.random() < 0.1,
        }  # fmt: skip

    def _room(self) -> Frame:
        name, state = self._random.choice(ROOMS), self._random.choice(["joined", "joined", "none", "pending"])
        counts = {"unread": self._seq(), "mentions": self._random.randrange(3)}
        return a_room(name, self._seq(), self._seq(), membership=state, **counts)

    def _message(self, room: str) -> Frame:
        kind = self._random.choice(["text", "text", "text", "edit", "delete", "react"])
        more = {} if kind == "text" else {"kind": kind, "target": self._seq(), "emoji": "👍", "on": True}
        return a_message(room, 1) | more | {"seq": self._seq()}

    def _seq(self) -> int:
        seq: int = self._random.choice((*range(40), SEQ_MAX))
        return seq


@pytest.mark.parametrize("seed", range(SEED, SEED + SEEDS))
def test_lies_do_no_harm(bench: Bench, caplog: pytest.LogCaptureFixture, seed: int) -> None:
    """No exception comes out of the client, no traceback is logged, rooms stay in order."""
    liar = Liar(seed)
    rooms = [a_room("Général", 5), a_room("Blabla"), a_room("@jules", 3)]
    bench.sign_in(*rooms)
    told: list[Frame] = []
    for _ in range(FRAMES):
        refs = [frame["ref"] for frame in bench.server.sent if "ref" in frame]
        told.append(liar.frame(refs))
        try:
            bench.server.say(told[-1])
            bench.pass_s(0.2)
            _look(bench)
            assert not any(record.exc_info for record in caplog.records)
        except Exception as error:
            error.add_note(f"seed {seed}: {told[-3:]}")
            raise
        if bench.state.connection.phase != Phase.ONLINE:
            bench.sign_in(*rooms)


def _look(bench: Bench) -> None:
    for room in bench.state.rooms.values():
        seqs = [message.seq for message in room.messages if message.seq is not None]
        assert seqs == sorted(set(seqs)), (room.name, seqs)
        assert room.unread >= 0, room.name
        assert room.mentions >= 0, room.name
