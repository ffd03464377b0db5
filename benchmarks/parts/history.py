"""History under load: pages from the depths of a long room while another one is flooded."""

import random
from collections.abc import Iterator
from typing import Any

from benchmarks.conversations import SignIn
from benchmarks.crowd import flood, gather, loop_of
from benchmarks.loop import Loop
from benchmarks.parts.flood import note
from benchmarks.prefill import Account, add_account, add_library, add_room
from benchmarks.probe import Probe
from benchmarks.report import Figure, Result, per_send, percentile
from benchmarks.setting import Options, fresh_server
from chat_server.storage import Storage

MESSAGES = 1_000_000
CLIENTS = 200
PAGE = 200
SECONDS = 5.0
ROOM = "library"
P99_GOAL_MS = 50.0


class Library:
    """A long room and its reader."""

    def __init__(self, messages: int) -> None:
        self.messages = messages
        self.reader: Account | None = None

    def build(self, storage: Storage) -> None:
        self.reader = add_account(storage, "reader")
        add_library(storage, add_room(storage, ROOM, [self.reader]), self.reader, self.messages)

    @property
    def token(self) -> str:
        assert self.reader is not None
        return self.reader.token


def pages(messages: int, choice: random.Random) -> Iterator[dict[str, Any]]:
    """Requests for pages from anywhere in the room, without end."""
    while True:
        yield {"type": "history", "room": ROOM, "before": choice.randrange(PAGE + 1, messages), "limit": PAGE}


def part(options: Options) -> Result:
    """Page while the arrival room is flooded."""
    messages = options.messages or MESSAGES
    library = Library(messages)
    with fresh_server(options, library.build) as setting:
        crowd = gather(setting.target, options.n or CLIENTS)
        (talk,) = SignIn(setting.target).resume([library.token])
        probe = Probe(talk.release(), pages(messages, random.Random(2)))
        with loop_of([crowd], Loop()) as loop:
            loop.add([probe], prompt=True)
            probe.ask()
            found = flood(loop, [crowd], options.seconds_or(SECONDS), setting.target)
            probe.connection.close()
    result = setting.result("history", options.n or CLIENTS, messages=messages)
    result.problems = crowd.problems() + [text for text in (probe.first_error, probe.lost) if text]
    if len(probe.last_answer.get("messages", ())) != PAGE:
        result.problems.append(f"a page was not full: {str(probe.last_answer)[:200]}")
    result.figures = [
        Figure("page of 200 under flood, p50", percentile(probe.seconds, 50) * 1000, "ms"),
        Figure("page of 200 under flood, p99", percentile(probe.seconds, 99) * 1000, "ms", P99_GOAL_MS, True),
        Figure("pages", len(probe.seconds) / found.seconds, "/s"),
        per_send("deliveries meanwhile", found.deliveries_per_s, "/s", setting.reference),
    ]
    note(result, found)
    return result
