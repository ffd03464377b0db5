"""Notifications of the desktop."""

import threading

import pytest

from chat_client.ui.interpreter import make_root
from chat_client.ui.look import x11
from chat_client.ui.notify import WAITING_MAX, Notifier, command, draw_attention


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_texts_are_arguments(platform):
    """What people write is handed over as it is, and never read by a shell."""
    made = command("-Zoé\n", '"; rm -rf ~ $(x)', platform)
    assert made is not None
    assert any('"; rm -rf ~ $(x)' in part for part in made[-1:])
    assert "-Zoé" in made
    assert all("\n" not in part for part in made[-2:])


def test_markup_is_text_on_linux():
    """Notification servers read markup in the body: a message cannot use it."""
    words = command("a", "<b>&", "linux")
    assert words is not None
    assert words[-1] == "&lt;b&gt;&amp;"


def test_notifier_never_waits():
    """A program that hangs keeps nobody waiting, and what is too much is left out."""
    hang, begun, seen = threading.Event(), threading.Event(), []

    def run(made):
        seen.append(made)
        begun.set()
        hang.wait(5)

    notifier = Notifier(run)
    notifier.show("first", "x")
    assert begun.wait(5)
    for number in range(WAITING_MAX * 3):
        notifier.show(str(number), "x")
    hang.set()
    notifier.close()
    assert 1 <= len(seen) <= WAITING_MAX + 1


def test_missing_program_is_no_error():
    """Where the program is missing, nothing is shown and nothing fails."""

    def missing(made):
        raise FileNotFoundError(made[0])

    notifier = Notifier(missing)
    notifier.show("a", "b")
    notifier.close()


def test_urgency_is_set_and_taken_back(xvfb):
    """The window carries the mark of the window manager, until it is looked at."""
    root = make_root()
    try:
        root.update()
        draw_attention(root)
        assert x11.is_urgent(root.winfo_id())
        draw_attention(root, False)
        assert not x11.is_urgent(root.winfo_id())
    finally:
        root.destroy()


def test_click_on_a_notification_opens_its_conversation(hand, client, monkeypatch, at):
    """The thread that waits for the click hands it to the window, which opens the room."""
    monkeypatch.setattr("chat_client.ui.notify.sys.platform", "linux")
    clicked, seen = threading.Event(), []

    def run(made):
        seen.append(made)
        clicked.wait(5)
        return "default\n"

    notifier = hand.app._notifier
    monkeypatch.setattr(notifier, "_run", run)
    client.settings.set("desktop_notifications", True)
    hand.open("general")
    hand.app.attention.in_front = False
    client.arrive(client.state.rooms["blabla"], "jules", "come here", at())
    hand.until(lambda: seen)
    assert client.state.open_room == "general"
    clicked.set()
    hand.until(lambda: client.state.open_room == "blabla")
    assert "--action=default=Chat" in seen[0]


def test_program_without_actions_shows_the_notification_all_the_same(monkeypatch):
    """An older notify-send refuses the option; the notification is then shown without it."""
    monkeypatch.setattr("chat_client.ui.notify.sys.platform", "linux")
    shown, seen = threading.Event(), []

    def run(made):
        seen.append(made)
        if "--wait" in made:
            return None
        shown.set()
        return ""

    notifier = Notifier(run)
    notifier.show("a", "b", "lobby")
    assert shown.wait(5)
    assert len(seen) == 2
    assert notifier.take_clicked() == []
