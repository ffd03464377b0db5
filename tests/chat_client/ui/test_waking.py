"""The window sleeps until something happens: the receiving thread and the user's own acts wake it."""

import threading
import time
import tkinter as tk

import pytest

from chat_client.model import changes as ch
from chat_client.model.state import Phase
from chat_client.ui import app as app_module
from chat_client.ui.app import App
from chat_client.ui.waking import Waker
from tests.chat_client.live import clients
from tests.chat_client.ui.people import Person

PATIENCE_S = 20.0


@pytest.fixture
def drowsy(monkeypatch):
    """A window that never looks by itself once it is connected."""
    monkeypatch.setattr(app_module, "POLL_MS", 3_600_000)
    monkeypatch.setattr(app_module, "IDLE_POLL_MS", 3_600_000)


def let_run(root: tk.Tk, happened) -> None:
    """Let Tk alone run until something is seen; nobody else looks for it."""
    deadline = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < deadline, "nothing woke the window"
        root.update()


def test_arrivals_and_the_users_acts_wake_the_window(xvfb, tmp_path, server_process, drowsy):
    """Signing in, others' messages and one's own are shown though the window never looks by itself."""
    server = server_process("--no-limits")
    zoe = Person(tmp_path / "zoe", "zoe")
    try:
        with clients(tmp_path, "jules") as [jules]:
            jules.sign_up(server)
            jules.open("general")
            zoe.sign_up(server)
            let_run(zoe.app.root, lambda: zoe.app.client.state.connection.phase == Phase.FINGERPRINT)
            let_run(zoe.app.root, lambda: zoe.app._fingerprint is not None)
            zoe.app._fingerprint.trust.invoke()
            let_run(zoe.app.root, lambda: zoe.main is not None and zoe.main.room is not None)
            zoe.main.open_room("general")
            jules.client.outbox.send("general", "knock, knock")
            jules.until(lambda: not jules.room("general").pending)
            let_run(zoe.app.root, lambda: "knock, knock" in zoe.timeline())
            zoe.say("who is there?")
            let_run(zoe.app.root, lambda: zoe.main.room.messages[-1].body == "who is there?")
    finally:
        zoe.close()


def test_idle_window_hardly_looks(hand, monkeypatch):
    """A window in which nothing happens looks for what is due three times in a second at most."""
    looks = []
    tick = App.tick
    monkeypatch.setattr(hand.app, "tick", lambda: (looks.append(1), tick(hand.app)))
    hand.app.tick()
    looks.clear()
    end = time.monotonic() + 1.0
    while time.monotonic() < end:
        hand.app.root.update()
    assert 1 <= len(looks) <= 3


def test_without_file_handlers_the_window_polls(hand, monkeypatch):
    """Where Tk watches no files the window looks as often as it always did."""
    assert hand.app._patience_ms() == app_module.IDLE_POLL_MS
    monkeypatch.setattr(hand.app._waker, "works", False)
    assert hand.app._patience_ms() == app_module.POLL_MS
    hand.app._waker.wake()  # nobody is there to hear it, and nothing fails


def test_many_asks_are_one_call(bare_root):
    """A thousand asks of several threads before Tk runs are one call, and an ask during it is another."""
    calls = []

    def called() -> None:
        calls.append(threading.get_ident())
        if len(calls) == 1:
            waker.wake()

    waker = Waker(bare_root, called)
    threads = [threading.Thread(target=lambda: [waker.wake() for _ in range(250)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    let_run(bare_root, lambda: len(calls) == 2)
    bare_root.update()
    assert calls == [threading.get_ident()] * 2
    waker.close()
    waker.wake()


def test_burst_is_drawn_together(hand, client, at, monkeypatch):
    """What arrives while a look is drawn waits for the next one, and is taken in one go."""
    taken = []
    poll = client.poll

    def counted(most: int = 200):
        changes = poll(most)
        taken.append(sum(isinstance(change, ch.MessagesAppended) for change in changes))
        return changes

    monkeypatch.setattr(client, "poll", counted)
    room = client.state.rooms["general"]
    hand.settle()
    hand.app.tick()
    taken.clear()
    for number in range(30):
        client.arrive(room, "jules", f"burst {number}", at(number / 100))
        hand.app._woken()
    let_run(hand.app.root, lambda: "burst 29" in hand.timeline())
    assert [count for count in taken if count] == [30]
