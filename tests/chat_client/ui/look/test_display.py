"""What the screen can do."""

import pytest

from chat_client.ui.look import display, x11


@pytest.mark.parametrize(
    ("system", "families", "patch", "xft", "safe"),
    [
        ("x11", ["DejaVu Sans", "Noto Color Emoji"], "8.6.13", 20306, True),
        ("x11", ["DejaVu Sans", "Noto Color Emoji"], "8.6.13", 20304, False),
        ("x11", ["DejaVu Sans", "Noto Color Emoji"], "8.6.13", 0, False),
        ("x11", ["DejaVu Sans"], "8.6.13", 20304, True),
        ("x11", ["DejaVu Sans"], "8.6.8", 20306, False),
        ("win32", ["Segoe UI Emoji"], "8.6.9", 0, True),
        ("aqua", ["Apple Color Emoji"], "8.6.8", 0, False),
        ("aqua", ["Apple Color Emoji"], "8.6.13", 0, True),
        ("x11", [], "9.0b1", 20306, True),
    ],
)
def test_emoji_are_safe(monkeypatch, system, families, patch, xft, safe):
    """Emoji reach Tk only where they neither end the program nor vanish."""
    monkeypatch.setattr(x11, "xft_version", lambda: xft)
    assert display.emoji_are_safe(system, families, patch) is safe


@pytest.mark.parametrize(
    ("system", "families", "there"),
    [
        ("x11", ["DejaVu Sans", "Noto Color Emoji"], True),
        ("x11", ["Symbola"], True),
        ("x11", ["DejaVu Sans"], False),
        ("win32", [], True),
    ],
)
def test_emoji_are_there(system, families, there):
    """Where no font has emoji, names stand for them: some would be boxes."""
    assert display.emoji_are_there(system, families) is there


def test_dark_from_the_environment(monkeypatch):
    """A dark desktop is known from its theme."""
    monkeypatch.setenv("GTK_THEME", "Adwaita:dark")
    assert display.system_is_dark()


def test_nothing_known_is_light(monkeypatch):
    """Where no desktop answers, the window is light."""
    monkeypatch.delenv("GTK_THEME", raising=False)
    monkeypatch.setattr(display, "_answer", lambda *_command: "")
    assert not display.system_is_dark()


@pytest.mark.parametrize(("value", "dots"), [("2", 192), ("1.5", 144)])
def test_density_from_the_environment(bare_root, monkeypatch, value, dots):
    """GDK_SCALE corrects Tk's measure of the screen."""
    monkeypatch.setenv("GDK_SCALE", value)
    display.apply_density(bare_root)
    assert bare_root.winfo_fpixels("1i") == pytest.approx(dots, rel=0.01)


def test_x11_answers_without_a_display(monkeypatch):
    """Without a display each question has an answer."""
    monkeypatch.setenv("DISPLAY", ":nowhere")
    assert x11.dots_per_inch() == 0.0
    assert not x11.is_urgent(1)
    x11.set_urgent(1, True)
