"""Where the window appears: on a screen that is there, and maximised where it was."""

import tkinter as tk
from typing import cast

import pytest

from chat_client.engine.client import Client
from chat_client.ui.app import App
from chat_client.ui.look import placement
from chat_client.ui.look.placement import fitted
from chat_client.ui.notify import Notifier
from tests.chat_client.ui.fake import FakeClient

SCREEN = (0, 0, 1920, 1080)


@pytest.mark.parametrize(
    ("remembered", "screen", "shown"),
    [
        ("1000x600+200+100", SCREEN, "1000x600+200+100"),
        ("1000x600+2500+100", SCREEN, "1000x600+920+100"),
        ("1000x600+-900+100", SCREEN, "1000x600+0+100"),
        ("1000x600+-900+100", (-1920, 0, 3840, 1080), "1000x600+-900+100"),
        ("1000x600+200+1075", SCREEN, "1000x600+200+440"),
        ("3000x2000+0+0", SCREEN, "1920x1040+0+0"),
        ("1000x600", SCREEN, "1000x600"),
        ("nonsense", SCREEN, ""),
        ("", SCREEN, ""),
    ],
)
def test_fitted(remembered, screen, shown):
    """What lies beside all screens is moved in, and what is larger than them is made smaller."""
    assert fitted(remembered, screen) == shown


@pytest.fixture
def opened(xvfb, tmp_path):
    """A function that starts the program with what it remembers of its window."""
    apps = []

    def open_app(**remembered) -> App:
        client = FakeClient(tmp_path)
        for name, value in remembered.items():
            client.settings.set(name, value)
        app = App(cast(Client, client), Notifier(lambda _command: None), lambda: False)
        apps.append(app)
        app.root.update()
        return app

    yield open_app
    for app in apps:
        if app.poll_timer:
            app.close()


def test_window_of_a_screen_that_is_gone_is_whole(opened):
    """The whole window is to be seen, also where it was on another screen when it was closed."""
    app = opened(geometry="900x600+5000+4000")
    root = app.root
    assert root.winfo_rootx() + root.winfo_width() <= root.winfo_screenwidth()
    assert root.winfo_rooty() + root.winfo_height() <= root.winfo_screenheight()
    assert (root.winfo_width(), root.winfo_height()) == (900, 600)


def test_maximised_is_remembered_with_the_place_before(opened, monkeypatch):
    """A maximised window comes back maximised, and back from that it has the size that it had."""
    app = opened(geometry="900x600+20+30")
    # No window manager runs here: what it would do to the window is done by hand.
    monkeypatch.setattr(placement, "is_maximised", lambda _root: True)
    monkeypatch.setattr("chat_client.ui.app.is_maximised", lambda _root: True)
    app.root.geometry("1200x900+0+0")
    app.root.update()
    app.close()
    monkeypatch.undo()
    asked: list[tk.Tk] = []
    monkeypatch.setattr(placement, "maximise", asked.append)
    again = opened()
    assert asked == [again.root]
    assert again.root.geometry() == "900x600+20+30"
