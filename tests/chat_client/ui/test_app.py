"""The program as a whole: settings, attention, the status line, the end."""

import importlib
import inspect
import re
import time
import tkinter as tk
from pathlib import Path
from tkinter import messagebox
from unittest.mock import Mock

import pytest

from chat_client import ui
from chat_client.model import changes as ch
from chat_client.model.state import Phase
from chat_client.options import Options
from chat_client.ui import start
from chat_client.ui.key_table import told_keys
from chat_client.ui.look import x11
from chat_client.ui.widgets.widgets import Tooltip

UI = Path(ui.__file__).parent


@pytest.fixture
def shown(hand, monkeypatch):
    """The notifications that were shown."""
    made = []
    monkeypatch.setattr(
        hand.app.attention._notifier, "show", lambda title, body, room="": made.append((title, body))
    )
    hand.client.settings.set("desktop_notifications", True)
    return made


def test_language_is_switched_at_once(hand, client):
    """Another language shows at once, and what was being written stays."""
    hand.write("brouillon")
    hand.app.show_settings()
    sheet = hand.app.settings_sheet
    sheet.language.set("fr")
    sheet._choose("language", "fr")
    hand.settle()
    assert hand.rooms()[0] == "SALONS"
    assert hand.view.composer.get() == "brouillon"
    assert hand.app.status.words == "Connecté à chat.example.org, liaison chiffrée"
    assert client.settings.get("language") == "fr"


def test_theme_is_switched_at_once(hand, client):
    """Dark turns every ground dark."""
    hand.app.show_settings()
    hand.app.settings_sheet._choose("theme", "dark")
    hand.settle()
    assert hand.app.look.palette.name == "dark"
    assert hand.paper.cget("background") == hand.app.look.palette.paper


def test_text_size_is_switched_at_once(hand, client):
    """A larger text makes the lines of the timeline higher."""
    before = hand.app.look.font("body").metrics("linespace")
    hand.app.show_settings()
    hand.app.settings_sheet._choose("text_percent", 150)
    hand.settle()
    assert hand.app.look.font("body").metrics("linespace") > before


def test_settings_by_keyboard(hand, client):
    """Ctrl+comma opens the settings, the space bar turns a switch, Escape closes."""
    hand.press("<Control-comma>", hand.view.composer.text)
    sheet = hand.app.settings_sheet
    switch = sheet.switches["sound"]
    hand.press("<space>", switch)
    assert client.settings.get("sound") is True
    hand.press("<Escape>")
    assert sheet.closed


def test_title_counts_what_is_unread(hand, client, at):
    """The title names the room and counts what was not read."""
    assert hand.app.root.title() == "Général — chat.example.org"
    client.arrive(client.state.rooms["blabla"], "jules", "psst", at())
    hand.settle()
    assert hand.app.root.title() == "(1) Général — chat.example.org"


def test_notification_when_the_window_is_not_in_front(hand, client, shown, at):
    """A message is told by the desktop while nobody looks at the window."""
    client.arrive(client.state.rooms["blabla"], "jules", "not now", at())
    hand.settle()
    assert shown == []
    hand.app.attention.in_front = False
    client.arrive(client.state.rooms["blabla"], "jules", "look **here**", at())
    hand.settle()
    assert shown == [("Jules — Blabla", "look here")]
    assert x11.is_urgent(hand.app.root.winfo_id())
    hand.app.attention.focus(True)
    assert not x11.is_urgent(hand.app.root.winfo_id())


def test_no_notification_where_they_are_off(hand, client, shown, at):
    """Who does not want notifications gets none."""
    client.settings.set("desktop_notifications", False)
    hand.app.attention.in_front = False
    client.arrive(client.state.rooms["blabla"], "jules", "x", at())
    hand.settle()
    assert shown == []


@pytest.mark.parametrize(
    ("phase", "values", "words"),
    [
        (
            Phase.WAITING,
            {"code": "dropped", "retry_in": 4},
            "The connection was lost. Trying again in 4 seconds.",
        ),
        (Phase.REFUSED, {"code": "kicked", "detail": "rude"}, "You have been kicked out. Reason: rude"),
    ],
)
def test_status_line_tells_the_truth(hand, client, phase, values, words):
    """The line at the bottom says how things stand, while rooms and texts stay."""
    client.state.connection.phase = phase
    for name, value in values.items():
        setattr(client.state.connection, name, value)
    client.tell(ch.ConnectionChanged())
    hand.settle()
    assert hand.app.status.words == words
    assert "Général" in hand.rooms()


def test_retry_now(hand, client):
    """While a connection is waited for one may try at once."""
    client.state.connection.phase = Phase.WAITING
    client.state.connection.retry_in = 30
    hand.settle()
    hand.app.status.retry.invoke()
    assert client.called("session.reconnect_now") == [()]


def test_shutdown_is_counted_down(hand, client):
    """A server that is about to stop says so."""
    client.state.connection.shutdown_at = round((time.time() + 30) * 1000)
    hand.settle()
    assert hand.app.status.words.startswith(
        ("The server stops in 30 seconds.", "The server stops in 29 seconds.")
    )


def test_panes_by_keyboard(hand):
    """F6 goes from pane to pane and back."""
    hand.press("<F6>", hand.view.composer.text)
    assert hand.app.root.focus_get() is hand.main.members.list.canvas
    hand.press("<F6>")
    assert hand.app.root.focus_get() is hand.main.rooms.list.canvas
    hand.press("<Shift-F6>")
    hand.press("<Shift-F6>")
    assert hand.app.root.focus_get() is hand.view.composer.text


def test_every_button_is_reached_by_tab(hand):
    """Tab walks through the window and comes back to where it began."""
    start = hand.view.composer.text
    widget, seen = start, []
    for _ in range(60):
        widget = widget.tk_focusNext()
        if widget is start:
            break
        seen.append(str(widget))
    main, header = hand.main, hand.view.header
    wanted = [main.rooms.list.canvas, main.rooms.settings, main.rooms.account, main.members.list.canvas]
    wanted += [hand.paper, header.search_button, header.menu_button]
    assert {str(w) for w in wanted} <= set(seen)


def test_activity_is_told(hand, client):
    """Keys and pointer tell that somebody is there."""
    client.calls.clear()
    hand.press("<x>", hand.view.composer.text)
    assert client.called("status.user_active")


def test_failing_change_is_one_failure(hand, client, at, monkeypatch, caplog):
    """A change that cannot be shown is logged, and the next ones are shown."""
    monkeypatch.setattr(hand.main.toast, "say", lambda *_a, **_k: 1 / 0)
    client.tell(ch.RequestFailed("join", "forbidden"))
    client.arrive(client.state.rooms["general"], "jules", "still here", at())
    hand.settle()
    assert "still here" in hand.timeline()
    assert "could not be shown" in caplog.text


test_failing_change_is_one_failure = pytest.mark.logged_errors(test_failing_change_is_one_failure)


def test_tooltip_comes_and_goes(hand):
    """What an icon does is told while the pointer rests on it."""
    tip = hand.main.rooms.settings.tooltip
    assert isinstance(tip, Tooltip)
    tip._show()
    assert tip._window.winfo_exists()
    hand.main.rooms.settings.event_generate("<Leave>")
    assert tip._window is None


def test_errors_of_callbacks_are_logged(hand, caplog):
    """An error in a callback is logged with its place, and shows no dialog."""
    hand.app.root.after(0, lambda: 1 / 0)
    hand.until(lambda: "ZeroDivisionError" in caplog.text)


test_errors_of_callbacks_are_logged = pytest.mark.logged_errors(test_errors_of_callbacks_are_logged)


def test_window_keeps_its_place(start, client):
    """The window's size is remembered."""
    hand = start("900x600")
    hand.until(lambda: hand.app.root.winfo_width() == 900)
    hand.app.remember_geometry()
    assert str(client.settings.get("geometry")).startswith("900x600")


def test_no_widget_hides_a_name_of_tkinter():
    """A widget's own attributes and methods have no name that tkinter uses itself."""
    hidden = []
    for path in sorted(UI.rglob("*.py")):
        module = importlib.import_module(".".join(path.relative_to(UI.parents[1]).with_suffix("").parts))
        for kind in vars(module).values():
            if isinstance(kind, type) and issubclass(kind, tk.Misc) and kind.__module__ == module.__name__:
                base = next(b for b in kind.__mro__ if b.__module__.startswith("tkinter"))
                written = set(re.findall(r"self\.(\w+)(?:: [^=\n]+)? = ", inspect.getsource(kind)))
                own = {name for name in vars(kind) if not name.startswith("__")} | written
                hidden += [f"{kind.__name__}.{name}" for name in own if hasattr(base, name)]
    assert hidden == []


def test_keys_are_told(hand):
    """F1 tells the keys of the window."""
    hand.press("<F1>", hand.view.composer.text)
    _title, columns, *others = hand.main.sheet.inside.winfo_children()
    words = [label.cget("text") for column in columns.winfo_children() for label in column.winfo_children()]
    lines = " ".join(str(other.cget("text")) for other in others)
    told = [(names[0], does) for _heading, keys in told_keys() for names, does in keys]
    missing = [(name, does) for name, does in told if name not in words or does not in words]
    assert [key for key in missing if " ".join(key) not in lines] == []
    hand.press("<Escape>")
    assert hand.main.sheet.closed


@pytest.mark.parametrize("language", ["en", "fr"])
def test_keys_fit_into_the_smallest_window(start, client, language):
    """The sheet of keys is whole in the smallest window, in each language."""
    client.settings.set("language", language)
    client.sign()
    client.add_room("Général")
    made = start("720x480")
    made.press("<F1>", made.app.root)
    sheet = made.main.sheet
    columns = sheet.inside.winfo_children()[1].winfo_children()
    assert sum(column.winfo_reqwidth() for column in columns) <= sheet.inside.winfo_width()
    inside = sheet.inside.winfo_width() - 2 * made.app.look.px(24)
    assert all(part.winfo_reqwidth() <= inside for part in sheet.inside.winfo_children()[2:])
    assert sheet.winfo_y() >= 0
    assert sheet.winfo_y() + sheet.winfo_height() <= made.app.root.winfo_height()


def test_tab_into_the_timeline_shows_the_place(hand, client, at):
    """Who comes into the timeline by keyboard sees which message is chosen."""
    client.arrive(client.state.rooms["general"], "jules", "look", at())
    hand.settle()
    hand.paper.focus_force()
    hand.paper.event_generate("<<TraverseIn>>")
    hand.settle()
    assert "look" in "".join(hand.tagged("cursor"))


def test_window_of_an_earlier_version_refuses_files_of_a_later_one(tmp_path, monkeypatch, capsys):
    """The user reads which file it is, in a box too; the file stays as it is."""
    (tmp_path / "accounts.json").write_text('{"version": 99}')
    shown = []
    monkeypatch.setattr(messagebox, "showerror", lambda title, words, parent: shown.append(words))
    monkeypatch.setattr(tk, "Tk", Mock())
    assert start.run(Options(None, False, "fr", "", tmp_path)) == 1
    assert "accounts.json" in shown[0]
    assert "plus récente" in shown[0]
    assert "update this client" in capsys.readouterr().err
    assert (tmp_path / "accounts.json").read_text() == '{"version": 99}'
