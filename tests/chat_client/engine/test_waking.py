"""What the user does is done soon: each act asks for a poll, and what a poll itself brings about does not."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from chat_client.engine.client import Client
from chat_protocol.objects import File
from tests.chat_client.fakes import Bench, a_room, live

FILE: Final = File("f1", "a.png", 5, "image/png", 4, 3)
ACTS: Final[dict[str, Callable[[Client, Path], object]]] = {
    "open": lambda client, _: client.rooms.open("board"),
    "close": lambda client, _: client.rooms.open(None),
    "older": lambda client, _: client.history.load_older("lobby"),
    "before": lambda client, _: client.history.load_before("lobby", 50),
    "jump": lambda client, _: client.history.jump_to("lobby", 50),
    "follow": lambda client, _: client.history.follow("lobby", 50),
    "send": lambda client, _: client.outbox.send("lobby", "hello"),
    "edit": lambda client, _: client.outbox.edit("lobby", 99, "hello"),
    "delete": lambda client, _: client.outbox.delete("lobby", 99),
    "react": lambda client, _: client.outbox.react("lobby", 99, "👍"),
    "fetch": lambda client, _: client.files.fetch(FILE),
    "bring": lambda client, _: client.files.bring(FILE, print),
    "save": lambda client, folder: client.files.save(FILE, folder / "a.png"),
    "picture": lambda client, _: client.pictures.want(FILE),
    "avatar": lambda client, _: client.avatars.find("jules"),
    "status": lambda client, _: client.status.set("busy"),
    "favourite": lambda client, _: client.rooms.set_favourite("lobby", True),
    "transcript": lambda client, folder: client.transcripts.save("lobby", folder / "t", "", lambda _: ""),
}


@pytest.fixture
def woken(bench: Bench) -> list[bool]:
    """How often a poll was asked for."""
    bench.capabilities = ["avatars", "files", "settings", "previews"]
    bench.sign_in(a_room("Lobby", last_seq=99, read_seq=99, id="db,1"), a_room("Board", id="db,2"))
    for _ in range(3):
        bench.poll()
    asked: list[bool] = []
    bench.client.wake_with(lambda: asked.append(True))
    return asked


@pytest.mark.parametrize("act", ACTS)
def test_act_of_the_user_asks_for_a_poll(bench: Bench, woken: list[bool], tmp_path: Path, act: str) -> None:
    """Once is enough; without it the next tick would be the first to see it."""
    ACTS[act](bench.client, tmp_path)
    assert woken


def test_retry_of_a_refused_message_asks_for_a_poll(bench: Bench, woken: list[bool]) -> None:
    """It is sent by the next one."""
    nonce = bench.client.outbox.send("lobby", "hello")
    bench.poll()
    bench.server.error(bench.server.take("send"), "muted")
    bench.poll()
    woken.clear()
    bench.client.outbox.retry(nonce)
    assert woken


def test_acts_on_what_is_not_there_ask_for_nothing(bench: Bench, woken: list[bool]) -> None:
    """A room that is gone, a message that waits no more."""
    bench.client.rooms.open("gone")
    bench.client.history.load_older("gone")
    bench.client.history.load_before("gone", 5)
    bench.client.history.jump_to("gone", 5)
    bench.client.history.follow("gone", 5)
    bench.client.outbox.retry("gone")
    assert woken == []


def test_poll_does_not_ask_for_itself(bench: Bench, woken: list[bool]) -> None:
    """What has arrived is told by its own result."""
    live(bench, "Lobby", 100)
    woken.clear()
    assert bench.client._polling is False
    assert bench.poll()
    assert woken == []
    assert bench.client._polling is False
