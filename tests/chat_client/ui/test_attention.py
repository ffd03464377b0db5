"""When the window calls for attention, and what it says."""

import tkinter as tk
from datetime import datetime, timedelta
from typing import Any, cast

import pytest

from chat_client.model.attention import AttentionSettings
from chat_client.model.changes import Attention
from chat_client.model.state import RoomState
from chat_client.ui import attention
from chat_client.ui.attention import AttentionKeeper
from chat_client.ui.notify import Notifier


class Shown:
    """Takes notifications."""

    def __init__(self) -> None:
        self.texts: list[tuple[str, ...]] = []

    def show(self, *texts: str) -> None:
        self.texts.append(texts)


class Root:
    """A window behind others, whose timers a test lets run out."""

    def __init__(self) -> None:
        self.timers: dict[str, tuple[int, Any]] = {}

    def bind(self, *_arguments: object, **_options: object) -> None: ...
    def bell(self) -> None: ...

    def nametowidget(self, _name: str) -> "Root":
        return self

    def winfo_exists(self) -> bool:
        return True

    def after(self, ms: int, call: Any) -> str:
        self.timers[name := str(len(self.timers))] = (ms, call)
        return name

    def after_cancel(self, name: str) -> None:
        self.timers.pop(name, None)

    def run_out(self) -> None:
        timers, self.timers = self.timers, {}
        for _ms, call in timers.values():
            call()


class Clock:
    """A clock that a test sets."""

    now = datetime(2026, 11, 22, 12, 0)

    def __call__(self) -> datetime:
        return self.now


class Desk:
    """A window behind others: its keeper, its timers, its notifications and its clock."""

    def __init__(self, client: Any, at: Any) -> None:
        self.client, self.at = client, at
        self.root, self.shown, self.clock = Root(), Shown(), Clock()
        self.keeper = AttentionKeeper(cast(tk.Tk, self.root), client, cast(Notifier, self.shown), self.clock)

    def say(self, *bodies: str) -> None:
        """Let messages arrive."""
        for body in bodies:
            known = self.client.state.rooms["general"]
            self.client.arrive(known, "jules", body, self.at(len(known.messages)))
            self.keeper.attend(Attention("general", known.messages[-1]))


@pytest.fixture
def desk(client, at, monkeypatch):
    monkeypatch.setattr(attention, "draw_attention", lambda *_arguments: None)
    client.settings.set("desktop_notifications", True)
    client.state.rooms["general"] = RoomState("general", "Général", membership="joined")
    return Desk(client, at)


def test_several_in_a_short_time_are_one(desk):
    """The first message is told at once, with its words; those that follow it closely as one."""
    desk.say("one", "two", "three")
    assert [texts[1] for texts in desk.shown.texts] == ["one"]
    desk.root.run_out()
    assert desk.shown.texts[1][0] == "2 new messages"
    desk.root.run_out()
    desk.say("four")
    assert desk.shown.texts[2][1] == "four"


@pytest.mark.parametrize("silence", ["busy", "pause", "quiet hours"])
def test_silence_loses_nothing(desk, client, silence):
    """While the user wants silence nothing is told; when it ends, all of it in one notification."""
    later = desk.clock.now + timedelta(minutes=30)
    if silence == "busy":
        client.state.status = "busy"
    elif silence == "pause":
        client.state.attention = AttentionSettings(int(later.timestamp() * 1000))
    else:
        client.state.attention = AttentionSettings(quiet_hours="11:00-12:30")
    desk.say("one", "two")
    desk.root.run_out()
    assert desk.shown.texts == []
    desk.clock.now, client.state.status = later, "online"
    desk.root.run_out()
    assert [texts[0] for texts in desk.shown.texts] == ["2 new messages"]


def test_what_was_looked_at_is_not_told(desk, client):
    """Who comes to the window has seen what is unread; the notification does not come after that."""
    desk.say("one", "two")
    desk.keeper.focus(True)
    desk.root.run_out()
    assert len(desk.shown.texts) == 1
