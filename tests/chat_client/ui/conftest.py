"""Fixtures for the window: a display, a client without a network, a hand on keys and pointer, people."""

import time
import tkinter as tk
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from chat_client.engine.client import Client
from chat_client.ui.app import App
from chat_client.ui.garbage import collected_here
from chat_client.ui.interpreter import make_root
from chat_client.ui.look import photos, previews
from chat_client.ui.notify import Notifier
from chat_client.ui.sheets import settings_sheet
from chat_client.ui.widgets.row_list import RowList
from chat_protocol.invitations import Invitation
from tests.chat_client.ui.fake import FakeClient
from tests.chat_client.ui.people import Person

SETTLE_TIMEOUT_S = 5.0


class Hand:
    """Drives one window by events, and reads what it shows."""

    def __init__(self, client: FakeClient, app: App) -> None:
        self.client = client
        self.app = app

    @property
    def main(self):
        assert self.app.main is not None
        return self.app.main

    @property
    def view(self):
        return self.main.view

    @property
    def paper(self):
        return self.view.timeline.paper

    def settle(self) -> None:
        """Take all changes, and let Tk do all that is due."""
        self.app.tick()
        while self.client.more_waits:
            self.app.tick()
        self.app.root.update()
        self.app.tick()
        self.app.root.update()

    def until(self, condition: Callable[[], object]) -> None:
        """Let the window run until a condition holds."""
        deadline = time.monotonic() + SETTLE_TIMEOUT_S
        while not condition():
            assert time.monotonic() < deadline, (
                f"still not so; the timeline ends with:\n{self.timeline()[-600:]}"
            )
            self.app.root.update()
            self.app.tick()

    def press(self, sequence: str, widget: tk.Misc | None = None) -> None:
        """Press a key such as ``<Return>`` in a widget (that with the keyboard, when none is named)."""
        if widget is not None:
            widget.focus_force()
            self.app.root.update()
        target = widget or self.app.root.focus_get()
        assert target is not None
        target.event_generate(sequence)
        self.settle()

    def write(self, text: str) -> None:
        """Type a text into the composer."""
        field = self.view.composer.text
        field.focus_force()
        field.insert("insert", text)
        self.settle()

    def open(self, key: str) -> None:
        self.main.open_room(key)
        self.settle()

    def timeline(self) -> str:
        """Read the timeline's text."""
        return self.paper.get("1.0", "end") if self.app.main is not None else ""

    def tagged(self, tag: str) -> list[str]:
        """Read the runs of the timeline in a style."""
        ranges = [str(index) for index in self.paper.tag_ranges(tag)]
        return [self.paper.get(first, last) for first, last in zip(ranges[::2], ranges[1::2], strict=True)]

    def click(self, tag: str, number: int = 0) -> None:
        """Press the pointer's button on a run of the timeline in a style."""
        first = str(self.paper.tag_ranges(tag)[number * 2])
        self.paper.see(first)
        self.app.root.update()
        x, y, _width, height = self.paper.bbox(first)
        self.paper.event_generate("<Motion>", x=x + 1, y=y + height // 2)
        self.paper.event_generate("<ButtonPress-1>", x=x + 1, y=y + height // 2)
        self.paper.event_generate("<ButtonRelease-1>", x=x + 1, y=y + height // 2)
        self.settle()

    def click_row(self, widget: RowList, key: str) -> None:
        """Press the pointer's button on a row of a list."""
        index = next(index for index, row in enumerate(widget.rows) if row.key == key)
        y = (widget._tops[index] + widget._tops[index + 1]) // 2 - widget._offset
        widget.canvas.event_generate("<ButtonPress-1>", x=60, y=y)
        self.settle()

    def rooms(self) -> list[str]:
        return self.main.rooms.list.texts()

    def members(self) -> list[str]:
        return self.main.members.list.texts()


@pytest.fixture(scope="module", autouse=True)
def _garbage_collected_here() -> Iterator[None]:
    """What a module's tests leave of Tk ends on this thread, not on one that a later module starts."""
    with collected_here():
        yield


@pytest.fixture(autouse=True)
def _without_pillow(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests are of what Tk does by itself, also where somebody has installed Pillow."""
    for module in (photos, previews, settings_sheet):
        monkeypatch.setattr(module, "pillow", lambda: None)


@pytest.fixture
def client(tmp_path: Path) -> FakeClient:
    made = FakeClient(tmp_path)
    made.settings.set("language", "en")
    made.settings.set("theme", "light")
    return made


@pytest.fixture
def bare_root(xvfb: str) -> Iterator[tk.Tk]:
    """A root without anything in it; what it says of the screen's density is forgotten with it."""
    root = make_root()
    density = root.tk.call("tk", "scaling")
    yield root
    # All roots of a process share the screen, and with it its density.
    root.tk.call("tk", "scaling", density)
    root.destroy()


@pytest.fixture(scope="session")
def shared_app(xvfb: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """One window for all tests: opening Tk takes longer than most of them."""
    first = FakeClient(tmp_path_factory.mktemp("first"))
    app = App(cast(Client, first), Notifier(lambda _command: None), lambda: False)
    yield app
    app.close()


@pytest.fixture
def start(shared_app: App, client: FakeClient) -> Iterator[Callable[..., Hand]]:
    """A function that shows the window as it is when the program starts with the client."""

    def open_window(geometry: str = "1100x700", invitation: Invitation | None = None) -> Hand:
        app = shared_app
        app._invitation = invitation
        app.client = app.attention.client = cast(Client, client)
        client.wake_with(app._waker.wake)
        app.restart()
        hand = Hand(client, app)
        app.root.geometry(geometry)
        app.root.update()
        app.root.focus_force()
        hand.settle()
        return hand

    yield open_window
    shared_app._invitation = None
    shared_app.client = cast(Client, FakeClient(client.home / "after"))
    shared_app.restart()


@pytest.fixture
def hand(start: Callable[..., Hand], client: FakeClient) -> Hand:
    """The window of somebody who is signed in, with two rooms."""
    client.sign()
    client.add_person("jules", "Jules")
    client.add_room("Général", topic="Everything", members=["zoe", "jules"], online=2, total=2)
    client.add_room("Blabla")
    made = start()
    made.open("general")
    return made


@pytest.fixture
def at() -> Callable[..., int]:
    """A function that gives a time today at noon, plus minutes and seconds, in milliseconds."""
    noon = datetime.now().replace(hour=12, minute=0, second=0, microsecond=0)

    def moment(minutes: float = 0, *, days: int = 0) -> int:
        return round((noon + timedelta(days=days, minutes=minutes)).timestamp() * 1000)

    return moment


@pytest.fixture
def window(xvfb: str, tmp_path: Path) -> Iterator[Callable[[str], Person]]:
    """A function that opens somebody's window."""
    opened: list[Person] = []

    def open_window(name: str) -> Person:
        opened.append(Person(tmp_path / name, name))
        return opened[-1]

    yield open_window
    for person in opened:
        if person.app.poll_timer:
            person.close()


@pytest.fixture
def together(window: Callable[[str], Person]) -> Callable[..., list[Person]]:
    """A function that opens the windows of several people."""
    return lambda *names: [window(name) for name in names]


@pytest.fixture(params=["sqlite", pytest.param("mariadb", marks=pytest.mark.long)])
def database(request) -> str | None:
    """Each kind of database in turn; None is the server's own choice, SQLite."""
    return None if request.param == "sqlite" else request.getfixturevalue("mariadb_url")
