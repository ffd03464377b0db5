"""Owns every colour, font and size of the window; knows no widget, no room and no message."""

import hashlib
import tkinter as tk
from dataclasses import dataclass
from tkinter import font as tkfont
from typing import Literal

from chat_client.ui.look.raster import rgb

Weight = Literal["normal", "bold"]
Slant = Literal["roman", "italic"]


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one theme. ``side`` is the panes, ``paper`` the timeline, ``raised`` what lies above."""

    name: str
    side: str
    side_hover: str
    side_active: str
    paper: str
    paper_hover: str
    raised: str
    line: str
    field_line: str
    shade: str
    text: str
    muted: str
    faint: str
    accent: str
    accent_hover: str
    accent_pressed: str
    on_accent: str
    accent_soft: str
    accent_text: str
    mention: str
    mention_text: str
    danger: str
    danger_text: str
    danger_soft: str
    warning_soft: str
    warning_text: str
    code: str
    code_text: str
    selection: str
    badge: str
    on_badge: str
    online: str
    away: str
    busy: str
    offline: str


LIGHT = Palette(
    name="light",
    side="#f3f1ec",
    side_hover="#e9e6df",
    side_active="#dfe9e4",
    paper="#fffefc",
    paper_hover="#f8f6f2",
    raised="#ffffff",
    line="#e6e2d9",
    field_line="#87847c",
    shade="#dcd9d2",
    text="#22262a",
    muted="#5c625f",
    faint="#666a66",
    accent="#14695a",
    accent_hover="#0f5b4e",
    accent_pressed="#0b4b40",
    on_accent="#ffffff",
    accent_soft="#e0efea",
    accent_text="#0f6152",
    mention="#fdf1d3",
    mention_text="#5b3f00",
    danger="#b3362b",
    danger_text="#a52a20",
    danger_soft="#fbe9e6",
    warning_soft="#fbf0d6",
    warning_text="#6b4a00",
    code="#f1eee8",
    code_text="#6a2f4b",
    selection="#c4e2d9",
    badge="#14695a",
    on_badge="#ffffff",
    online="#26884f",
    away="#a6780c",
    busy="#c8483c",
    offline="#85827b",
)

DARK = Palette(
    name="dark",
    side="#17191b",
    side_hover="#202326",
    side_active="#20332f",
    paper="#1d2022",
    paper_hover="#23272a",
    raised="#272b2e",
    line="#2e3336",
    field_line="#7a8287",
    shade="#101213",
    text="#e9e7e2",
    muted="#a7abab",
    faint="#9ba09f",
    accent="#5cc2aa",
    accent_hover="#74d0ba",
    accent_pressed="#49ad96",
    on_accent="#08231d",
    accent_soft="#21403a",
    accent_text="#7fd6c1",
    mention="#413516",
    mention_text="#f6e3b0",
    danger="#f0867a",
    danger_text="#f59a8f",
    danger_soft="#43262a",
    warning_soft="#3f3417",
    warning_text="#f0d48a",
    code="#2a2e31",
    code_text="#f0b6d0",
    selection="#2f5a50",
    badge="#5cc2aa",
    on_badge="#08231d",
    online="#4dc584",
    away="#e0b04a",
    busy="#ea7267",
    offline="#848b8f",
)

PALETTES = {palette.name: palette for palette in (LIGHT, DARK)}

#: Text on a ground, by field names: each pair keeps a contrast of 4.5:1 or more in every palette.
TEXT_PAIRS = (
    ("text", "paper"), ("text", "paper_hover"), ("text", "side"), ("text", "side_hover"),
    ("text", "side_active"),
    ("text", "raised"), ("text", "selection"), ("text", "accent_soft"), ("text", "mention"), ("text", "code"),
    ("muted", "paper"), ("muted", "paper_hover"), ("muted", "side"), ("muted", "side_hover"),
    ("muted", "side_active"), ("muted", "raised"), ("muted", "accent_soft"), ("muted", "mention"),
    ("faint", "paper"), ("faint", "paper_hover"), ("faint", "side"), ("faint", "raised"),
    ("on_accent", "accent"), ("on_accent", "accent_hover"), ("on_accent", "accent_pressed"),
    ("accent_text", "paper"), ("accent_text", "paper_hover"), ("accent_text", "side"),
    ("accent_text", "raised"),
    ("accent_text", "accent_soft"), ("accent_text", "mention"), ("accent_text", "side_active"),
    ("mention_text", "mention"), ("danger_text", "paper"), ("danger_text", "paper_hover"),
    ("danger_text", "raised"), ("danger_text", "danger_soft"), ("danger_text", "side"),
    ("warning_text", "warning_soft"), ("code_text", "code"), ("on_badge", "badge"),
)  # fmt: skip

#: The grounds of avatars; the initials on them are white, at 4.5:1 or more.
AVATAR_GROUNDS = (
    "#a83f4d", "#a34d1f", "#8a5a0c", "#66691a", "#3f7434", "#1f7560",
    "#1b727f", "#2a6a9e", "#4f60b3", "#7453ad", "#93459a", "#a23d77",
)  # fmt: skip
AVATAR_INK = "#ffffff"

SANS_FAMILIES = (
    "Segoe UI Variable Text", "Segoe UI", "SF Pro Text", ".AppleSystemUIFont", "Helvetica Neue", "Inter",
    "Cantarell", "Ubuntu", "Noto Sans", "Open Sans", "Roboto", "Source Sans 3", "Liberation Sans",
    "DejaVu Sans",
)  # fmt: skip
MONO_FAMILIES = (
    "Cascadia Mono", "Consolas", "SF Mono", "Menlo", "JetBrains Mono", "Ubuntu Mono", "Noto Sans Mono",
    "Liberation Mono", "DejaVu Sans Mono",
)  # fmt: skip

EMOJI_FAMILIES = ("Segoe UI Emoji", "Apple Color Emoji", "Noto Color Emoji", "Twemoji", "JoyPixels")

#: The type scale, in points at a text size of 100 %: name -> (size, weight, slant, kind of family).
TYPE_SCALE: dict[str, tuple[float, Weight, Slant, str]] = {
    "display": (20, "bold", "roman", "sans"),
    "title": (13, "bold", "roman", "sans"),
    "body": (10.5, "normal", "roman", "sans"),
    "bold": (10.5, "bold", "roman", "sans"),
    "italic": (10.5, "normal", "italic", "sans"),
    "bold_italic": (10.5, "bold", "italic", "sans"),
    "code": (9.75, "normal", "roman", "mono"),
    "label": (10, "normal", "roman", "sans"),
    "label_bold": (10, "bold", "roman", "sans"),
    "small": (9, "normal", "roman", "sans"),
    "small_bold": (9, "bold", "roman", "sans"),
    "tiny": (8.25, "normal", "roman", "sans"),
    "tiny_bold": (8.25, "bold", "roman", "sans"),
    "emoji": (10.5, "normal", "roman", "emoji"),
    "emoji_display": (20, "normal", "roman", "emoji"),
    "emoji_title": (13, "normal", "roman", "emoji"),
    "emoji_label": (10, "normal", "roman", "emoji"),
    "emoji_small": (9, "normal", "roman", "emoji"),
    "emoji_tiny": (8.25, "normal", "roman", "emoji"),
    "emoji_large": (15, "normal", "roman", "emoji"),
}

#: DejaVu is a third wider and taller than the families above it: the same size in points would shout.
_WIDE_FAMILIES = {"DejaVu Sans": 0.92, "DejaVu Sans Mono": 0.92}


#: Families of one hand: a line with both is no taller than one of either.
_MONO_OF = {"DejaVu Sans": "DejaVu Sans Mono", "Noto Sans": "Noto Sans Mono", "Ubuntu": "Ubuntu Mono"}


def luminance(colour: str) -> float:
    """Compute the relative luminance of ``#rrggbb`` (WCAG 2.1, "relative luminance")."""
    channels = [value / 255 for value in rgb(colour)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    """Compute the contrast ratio of two colours, 1 to 21 (WCAG 2.1, "contrast ratio")."""
    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def mix(first: str, second: str, share: float) -> str:
    """Blend two colours; ``share`` is how much of the second there is, 0 to 1."""
    return "#" + "".join(
        f"{round(a + (b - a) * share):02x}" for a, b in zip(rgb(first), rgb(second), strict=True)
    )


def avatar_ground(name: str) -> str:
    """Choose the colour of a name: the same on every machine and in every session."""
    digest = hashlib.blake2b(name.casefold().encode("utf-8", "replace"), digest_size=2).digest()
    return AVATAR_GROUNDS[int.from_bytes(digest, "big") % len(AVATAR_GROUNDS)]


class Theme:
    """A palette with fonts and sizes for one screen.

    :param root: the window whose screen is measured and whose fonts are made.
    :param palette: the colours.
    :param text_percent: the user's own text size, 100 for the ordinary one.
    """

    def __init__(self, root: tk.Misc, palette: Palette = LIGHT, text_percent: int = 100) -> None:
        self.palette = palette
        self.scale = _pixel_scale(root) * max(1.0, text_percent / 100)
        self.text_percent = text_percent
        self.fonts = _make_fonts(root, text_percent)

    def px(self, units: float) -> int:
        """Turn a length of the design (1/96 inch) into pixels of this screen, at least one."""
        return max(1, round(units * self.scale)) if units > 0 else 0

    def font(self, name: str) -> tkfont.Font:
        """Return a font by the name of its use."""
        return self.fonts[name]

    def colour(self, name: str) -> str:
        """Return a colour of the palette by its name."""
        return str(getattr(self.palette, name))


def _pixel_scale(root: tk.Misc) -> float:
    """Measure the screen in whole dots per inch (X computes them from whole millimetres).

    What stands around words grows as they do, which follow the screen exactly.
    """
    return max(1.0, round(root.winfo_fpixels("1i")) / 96)


def _make_fonts(root: tk.Misc, text_percent: int) -> dict[str, tkfont.Font]:
    present = set(tkfont.families(root))
    sans = _first_of(SANS_FAMILIES, present, str(tkfont.nametofont("TkDefaultFont", root).actual("family")))
    paired = [_MONO_OF[sans]] if sans in _MONO_OF else []
    fixed = str(tkfont.nametofont("TkFixedFont", root).actual("family"))
    families = {
        "sans": sans,
        "mono": _first_of((*paired, *MONO_FAMILIES), present, fixed),
        "emoji": _first_of(EMOJI_FAMILIES, present, sans),
    }
    pixels_per_point = root.winfo_fpixels("1i") / 72
    fonts = {}
    for name, (size, weight, slant, kind) in TYPE_SCALE.items():
        family = families[kind]
        points = size * text_percent / 100 * _WIDE_FAMILIES.get(family, 1.0)
        # A negative size is in pixels: fractions of a point survive, which Tk would otherwise cut off.
        pixels = -max(7, round(points * pixels_per_point))
        fonts[name] = tkfont.Font(root, family=family, size=pixels, weight=weight, slant=slant)
    return fonts


def _first_of(wanted: tuple[str, ...], present: set[str], otherwise: str) -> str:
    return next((family for family in wanted if family in present), otherwise)
