"""The start at login: its switch in the settings, and a window that is minimised at first."""

import pytest

from chat_client.model.state import Phase
from chat_client.options import parse_window_options


@pytest.fixture
def settings(hand, monkeypatch, tmp_path):
    """The settings, in a home of the test."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr("sys.platform", "linux")
    hand.app.show_settings()
    hand.settle()
    return hand.app.settings_sheet


def test_switched_on_and_off_by_keyboard(hand, settings, tmp_path):
    """The space bar makes the file that the desktop looks for, and removes it; the switch says how it is."""
    path = tmp_path / "config" / "autostart" / "chat-client.desktop"
    hand.press("<space>", settings.start_switch)
    assert "--hidden" in path.read_text()
    settings.close()
    hand.app.show_settings()
    assert hand.app.settings_sheet.at_login.get()
    hand.press("<space>", hand.app.settings_sheet.start_switch)
    assert not path.exists()


def test_what_cannot_be_kept_is_told(hand, settings, tmp_path):
    """Where the folder cannot be made the switch goes back, and says why."""
    (tmp_path / "config").write_text("no folder")
    hand.press("<space>", settings.start_switch)
    assert not settings.at_login.get()
    assert "does not keep" in settings.start_switch.cget("text")


@pytest.mark.parametrize(("phase", "minimised"), [(Phase.CONNECTING, 1), (Phase.SIGNED_OUT, 0)])
def test_hidden_unless_somebody_has_to_sign_in(hand, client, monkeypatch, phase, minimised):
    """With an account to go on with the window is minimised; a sign-in is shown."""
    done: list[str] = []
    monkeypatch.setattr(hand.app.root, "mainloop", lambda: None)
    monkeypatch.setattr(hand.app.root, "iconify", lambda: done.append("iconify"))
    client.state.connection.phase = phase
    hand.app.run(hidden=True)
    assert len(done) == minimised
    hand.app.run()
    assert len(done) == minimised


def test_option(tmp_path):
    """It is an option of the window's command line."""
    assert parse_window_options(["--hidden", "--home", str(tmp_path)]).hidden
    assert not parse_window_options(["--home", str(tmp_path)]).hidden
