"""Clients of version 1.0.0 go on working: what they sent in a full session is answered as it was then."""

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from tests.chat_client.live import run_command
from tests.conversations.player import Place, Player
from tests.conversations.script import Conversation, Step, difference, read
from tests.support.server import ServerProcess
from tests.support.wire import Frame

RECORDED: Final = read(Path(__file__).with_name("client_1_0_0.txt"))
#: What that client can send; a `login` is answered as a `register` is.
SENT_BY_1_0_0: Final = frozenset(
    (
        "register",
        "resume",
        "send",
        "edit",
        "delete",
        "react",
        "history",
        "read",
        "join",
        "leave",
        "members",
        "watch",
        "typing",
        "status",
        "search",
        "users",
        "profile",
        "password",
        "logout",
        "moderation.pending",
        "moderation.decide",
        "moderation.sanction",
        "moderation.lift",
    )
)
Start = Callable[..., ServerProcess]


class OldClients(Player):
    """Plays what was recorded.

    A client takes replies in order, and events as they come, before or after them; it ignores events that it
    does not expect.
    """

    def __init__(self, place: Place, conversation: Conversation) -> None:
        super().__init__(place, conversation, "whole")
        self._events: dict[str, list[Frame]] = {}

    def _expect(self, step: Step) -> None:
        expected, events = json.loads(step.text), self._events.setdefault(step.who, [])
        for event in events:
            values = dict(self._values)
            if not difference(expected, event, values):
                events.remove(event)
                self._values = values
                return
        while True:
            try:
                found = self._clients[step.who].frame()
            except TimeoutError:
                raise AssertionError(f"{step}\nnot among the events\n{events}") from None
            values = dict(self._values)
            wrong = difference(expected, found, values)
            if not wrong:
                self._values = values
                return
            assert found["type"] not in ("ok", "error"), f"{step}\n{wrong}\ngot {found}"
            events.append(found)


@pytest.fixture(params=["sqlite", pytest.param("mariadb", marks=pytest.mark.long)])
def database(request: pytest.FixtureRequest) -> str | None:
    return None if request.param == "sqlite" else str(request.getfixturevalue("mariadb_url"))


def test_session_of_clients_of_the_first_release(server_process: Start, database: str | None) -> None:
    """Everything that two clients of 1.0.0 ask for is answered with the fields that they read."""
    server = server_process("--no-limits", tls=False, database=database)

    def command(line: str) -> str:
        run_command(server, shlex.split(line))
        return ""

    place = Place("fresh", server.port, command, [])
    OldClients(place, RECORDED).play()


def test_recorded_session_is_a_full_one() -> None:
    """The session has every type of request that a client of 1.0.0 sends by itself or for its user."""
    sent = {json.loads(step.text)["type"] for step in RECORDED.steps if step.arrow in ("->", "?>")}
    assert sent == SENT_BY_1_0_0
