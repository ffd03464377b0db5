"""One theme in use in one window: its fonts, pictures, styles and menus, and the safe form of any text.

Widgets ask it for colours, fonts, lengths and pictures; it knows no room and no message. Tk thread only.
"""

import tkinter as tk
from tkinter import font as tkfont

from chat_client.ui.look.bidi import arranged, in_reading_order, is_right_to_left
from chat_client.ui.look.display import emoji_are_safe, emoji_are_there
from chat_client.ui.look.mixed import MixedFont
from chat_client.ui.look.pictures import Pictures
from chat_client.ui.look.sanitise import safe_text
from chat_client.ui.look.styles import Styles
from chat_client.ui.look.theme import PALETTES, Palette, Theme


class Look:
    """One theme, in use in one window.

    :param root: the window.
    :param palette_name: ``light`` or ``dark``.
    :param text_percent: the user's text size, 100 for the ordinary one.
    """

    def __init__(self, root: tk.Misc, palette_name: str = "light", text_percent: int = 100) -> None:
        self.root = root
        self.theme = Theme(root, PALETTES[palette_name], text_percent)
        self.pictures = Pictures(root, self.theme)
        system, families = str(root.tk.call("tk", "windowingsystem")), tkfont.families(root)
        self.emoji = emoji_are_safe(
            system, families, str(root.tk.call("info", "patchlevel"))
        ) and emoji_are_there(system, families)
        #: Whether text from right to left has to be put into reading order: elsewhere the system does it.
        self.reorders = str(root.tk.call("tk", "windowingsystem")) == "x11"
        self._styles = Styles(self.theme, self.pictures, root)
        root["background"] = self.palette.paper

    @property
    def palette(self) -> Palette:
        """The colours in use."""
        return self.theme.palette

    def px(self, units: float) -> int:
        """Return design units as pixels of this screen."""
        return self.theme.px(units)

    def font(self, name: str) -> tkfont.Font:
        """Return a font by the name of its use."""
        return self.theme.fonts[name]

    def mixed(self, name: str) -> MixedFont:
        """Give a font together with that of the emoji in its text."""
        emoji = f"emoji_{name.removesuffix('_bold')}"
        return MixedFont(self.font(name), self.theme.fonts.get(emoji) or self.font("emoji"))

    def text(self, text: str) -> str:
        """Make a text of several lines safe to show."""
        return safe_text(text, emoji=self.emoji)

    def line(self, text: str) -> str:
        """Make a text ready to be drawn on one line: safe, and in reading order. Do it once, at the end."""
        line = self.plain_line(text)
        return in_reading_order(line) if self.reorders else line

    def plain_line(self, text: str) -> str:
        """Make a text safe on one line, in the order in which it is stored, to become part of another."""
        return safe_text(text, single_line=True, emoji=self.emoji)

    def paragraph(self, text: str, font: str, width: int) -> str:
        """Make a text of several lines ready to be drawn in a font, ``width`` pixels wide."""
        safe = self.text(text)
        if not (self.reorders and is_right_to_left(safe)):
            return safe
        measure = self.font(font).measure
        return "\n".join(
            "".join(glyph.text for glyph in line)
            for paragraph in safe.split("\n")
            for line in arranged(paragraph, lambda piece: measure(piece) <= width)
        )

    def menu(self, parent: tk.Misc) -> tk.Menu:
        """Make a menu in this theme's colours."""
        palette = self.palette
        return tk.Menu(
            parent,
            tearoff=False,
            font=self.font("label"),
            background=palette.raised,
            foreground=palette.text,
            activebackground=palette.accent_soft,
            activeforeground=palette.text,
            disabledforeground=palette.faint,
            selectcolor=palette.accent,
            borderwidth=1,
            activeborderwidth=self.px(4),
            relief="raised",
        )
