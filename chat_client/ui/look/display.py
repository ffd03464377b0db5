"""Finds out what the screen can do: its real density, light or dark, whether colour emoji are safe.

No widget is made here. Every question has an answer also where nothing can be found out, and none waits
longer than half a second.
"""

import ctypes
import os
import shutil
import subprocess
import sys
import tkinter as tk
from collections.abc import Iterable

from chat_client.ui.look import x11

_PATIENCE_S = 0.5

#: The first libXft that draws colour glyphs; older ones end the program with BadLength (X_RenderAddGlyphs).
XFT_COLOUR_VERSION = 2 * 10000 + 3 * 100 + 5
COLOUR_EMOJI_FAMILIES = ("emoji", "emojione", "twemoji", "joypixels")


def prepare_process() -> None:
    """Ask Windows for real pixels, before the first window: otherwise it stretches a blurred picture."""
    if sys.platform == "win32":
        try:
            ctypes.windll.shcore.SetProcessDpiAwareness(1)
        except (AttributeError, OSError):
            return


def flash_window(window: int) -> None:
    """Let the taskbar of Windows flash for a window, by the id that ``winfo_id`` gives."""
    if sys.platform == "win32":
        user32 = ctypes.windll.user32
        user32.FlashWindow(user32.GetParent(window), True)


def apply_density(root: tk.Tk) -> None:
    """Correct Tk's measure of the screen where the desktop says otherwise.

    X servers mostly claim 96 dpi whatever the screen; desktops tell the truth in ``Xft.dpi`` or GDK_SCALE.
    """
    if root.tk.call("tk", "windowingsystem") != "x11":
        return
    factor = _number(os.environ.get("CHAT_SCALE", "")) or _number(os.environ.get("GDK_SCALE", ""))
    dots_per_inch = 96 * factor if factor else x11.dots_per_inch()
    if 48 <= dots_per_inch <= 960:
        root.tk.call("tk", "scaling", dots_per_inch / 72)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def emoji_are_safe(windowing_system: str, families: Iterable[str], patch_level: str) -> bool:
    """Say whether text with emoji may reach Tk as it is.

    On X11 a colour font with a libXft before 2.3.5 ends the program; Tk before 8.6.10 knows no character
    past U+FFFF there, and on macOS hangs at some.
    """
    if _version(patch_level) < (8, 6, 10):
        return windowing_system == "win32"
    if windowing_system != "x11" or not _has_colour_font(families):
        return True
    return x11.xft_version() >= XFT_COLOUR_VERSION


def emoji_are_there(windowing_system: str, families: Iterable[str]) -> bool:
    """Say whether any font has emoji; without one some are boxes on X11, and names say more."""
    if windowing_system != "x11":
        return True
    names = [family.lower() for family in families]
    return _has_colour_font(names) or any(name in ("symbola", "unifont upper") for name in names)


def _version(patch_level: str) -> tuple[int, ...]:
    return tuple(
        int(part) for part in patch_level.replace("b", ".").replace("a", ".").split(".") if part.isdigit()
    )


def _has_colour_font(families: Iterable[str]) -> bool:
    return any(word in family.lower() for family in families for word in COLOUR_EMOJI_FAMILIES)


def system_is_dark() -> bool:
    """Say whether the desktop is set to dark; False where that cannot be known."""
    if sys.platform == "win32":
        return _windows_is_dark()
    if sys.platform == "darwin":
        return _answer("defaults", "read", "-g", "AppleInterfaceStyle").strip() == "Dark"
    if "dark" in os.environ.get("GTK_THEME", "").lower():
        return True
    scheme = _answer("gsettings", "get", "org.gnome.desktop.interface", "color-scheme")
    return (
        "dark" in scheme
        or "dark" in _answer("gsettings", "get", "org.gnome.desktop.interface", "gtk-theme").lower()
    )


def _windows_is_dark() -> bool:
    key = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Themes\Personalize"
    return _answer("reg", "query", key, "/v", "AppsUseLightTheme").strip().endswith("0x0")


def _answer(program: str, *arguments: str) -> str:
    """Run a program and give what it says; nothing where it is missing, fails or takes too long."""
    path = shutil.which(program)
    if path is None:
        return ""
    try:
        done = subprocess.run(
            [path, *arguments], capture_output=True, text=True, timeout=_PATIENCE_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout
