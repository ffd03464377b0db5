"""A server whose users are silent: presence, receipts and the inbox cost it neither queries nor bytes."""

import select
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from chat_server.live.timer import Timer
from chat_server.server import EXPIRE_EVERY_S, ChatServer
from tests.chat_server.console.conftest import make_server
from tests.support.waiting import until
from tests.support.wire import WireClient, connect

SILENCE_S: Final = 6.0  # every job of a busy server has had its turn by then
TURNS: Final = 20
VERBS: Final = ("rows", "row", "run", "read", "write")
NAMES: Final = ("ann", "bob", "cleo", "dan")

Job = Callable[[], object]


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> list[tuple[float, Job]]:
    """What the timer of the server is given to do again and again, with the seconds between."""
    given: list[tuple[float, Job]] = []
    every = Timer.every

    def noted(timer: Timer, seconds: float, job: Job) -> object:
        given.append((seconds, job))
        return every(timer, seconds, job)

    monkeypatch.setattr(Timer, "every", noted)
    return given


@pytest.fixture
def server(jobs: list[tuple[float, Job]], tmp_path: Path) -> Iterator[ChatServer]:
    """A server that runs in this process."""
    made = make_server(tmp_path)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def people(server: ChatServer) -> Iterator[list[WireClient]]:
    """Users who see each other, have talked, read, saved and chosen, and then say nothing more."""
    clients = [connect(server.port, tls=False) for _name in NAMES]
    for name, client in zip(NAMES, clients, strict=True):
        room = client.register(name)["rooms"][0]["room"]
        client.ok("set", setting="notify", room=room, value="all")
        client.ok("set", setting="pause_until", value="2030-01-01T00:00:00.000Z")
        client.ok("watch", room=room)
        seq = client.ok("send", room=room, body=f"hello @ann from {name}")["seq"]
        client.ok("save", room=room, seq=seq)
        client.ok("send", room="@ann", body="a word alone")
        client.ok("read", room="@ann", seq=1)
        client.ok("typing", room=room)
        client.ok("status", status="busy", text="thinking")
    yield clients
    for client in clients:
        client.close()


def come_to_rest(server: ChatServer, people: list[WireClient], jobs: list[tuple[float, Job]]) -> None:
    """Let all be told and written down that has happened."""
    indexer, index = server.parts.pipeline.indexer, server.parts.storage.search.index
    until(lambda: not index.behind() and not indexer.rooms_waiting)
    for _turn in range(2):
        for _seconds, job in jobs:
            job()
    for client in people:
        client.ok("ping")
        client.events.clear()


@pytest.fixture
def queries(server: ChatServer, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the database is asked, on any thread."""
    database: Any = server.parts.storage.members._database
    asked: list[str] = []
    for verb in VERBS:
        original = getattr(database, verb)

        def noted(*given: Any, original: Callable[..., Any] = original, **named: Any) -> Any:
            asked.append(str(given))
            return original(*given, **named)

        monkeypatch.setattr(database, verb, noted)
    return asked


def test_jobs_ask_and_send_nothing(
    server: ChatServer, people: list[WireClient], jobs: list[tuple[float, Job]], queries: list[str]
) -> None:
    """Whatever the server does every few seconds, it does without the database and tells nobody anything."""
    come_to_rest(server, people, jobs)
    queries.clear()
    often = [job for seconds, job in jobs if seconds <= EXPIRE_EVERY_S]
    assert len(often) >= 5
    for _turn in range(TURNS):
        for job in often:
            job()
    assert queries == []
    assert [client.silent() for client in people] == [True] * len(people)


@pytest.mark.long
def test_silence_is_silent(
    server: ChatServer, people: list[WireClient], jobs: list[tuple[float, Job]], queries: list[str]
) -> None:
    """For some seconds no thread of the server asks the database, and no byte comes to any client."""
    come_to_rest(server, people, jobs)
    queries.clear()
    came, _writable, _failed = select.select([client.raw for client in people], [], [], SILENCE_S)
    assert (queries, came) == ([], [])
