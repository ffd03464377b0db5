"""How far a file has come, on a canvas between the lines, with what pauses or ends it; Tk thread only."""

import tkinter as tk
from collections.abc import Callable

from chat_client.file_words import transfer_words
from chat_client.i18n import _
from chat_client.model.transfer_state import TransferState
from chat_client.ui.look.look import Look
from chat_client.ui.widgets.widgets import Tooltip, on_event

BAR = 160  # units
ICON = 15


class TransferBar(tk.Canvas):
    """One file under way; it is drawn anew where it stands, so that no line moves.

    :param press: called with `pause`, `go_on` or `cancel`.
    """

    def __init__(
        self, parent: tk.Misc, look: Look, state: TransferState, press: Callable[[str], object]
    ) -> None:
        self._look, self._press = look, press
        self.key = state.key
        self._height = look.font("small").metrics("linespace") + look.px(8)
        super().__init__(
            parent,
            height=self._height,
            background=look.palette.paper,
            highlightthickness=0,
            borderwidth=0,
            cursor="arrow",
        )
        self.words = ""
        self.tip = Tooltip(look, self, "")
        self.show(state)

    def show(self, state: TransferState) -> None:
        """Draw how far it is."""
        look, palette, middle = self._look, self._look.palette, self._height // 2
        self.delete("all")
        width, thick = look.px(BAR), look.px(6)
        track = look.pictures.pill(width, thick, palette.line)
        self.create_image(0, middle, image=track, anchor="w")
        done = round(width * min(1.0, state.done / state.size)) if state.size else 0
        if done:
            ink = palette.faint if state.paused or state.code else palette.accent
            fill = look.pictures.pill(max(thick, done), thick, ink)
            self.create_image(0, middle, image=fill, anchor="w")
        left = width + look.px(8)
        if state.paused or state.code:
            left = self._button(left, "play", "go_on", _("file.go_on"))
        else:
            left = self._button(left, "pause", "pause", _("file.pause"))
        left = self._button(left, "close", "cancel", _("file.cancel")) + look.px(6)
        self.words = transfer_words(state)
        font = look.font("small")
        self.create_text(left, middle, text=self.words, font=font, fill=palette.muted, anchor="w")
        self.configure(width=left + font.measure(self.words))

    def _button(self, left: int, icon: str, what: str, tip: str) -> int:
        """Draw one at a place; return where the next one begins."""
        look, side = self._look, self._look.px(ICON + 8)
        self.create_rectangle(
            left, 0, left + side, self._height, fill=look.palette.paper, outline="", tags=what
        )
        image = look.pictures.icon(icon, "muted", ICON)
        self.create_image(left + side // 2, self._height // 2, image=image, tags=what)
        self.tag_bind(what, "<Button-1>", on_event(self._press, what))
        self.tag_bind(what, "<Enter>", lambda _event: self._point(tip, left))
        self.tag_bind(what, "<Leave>", lambda _event: self._point("", left))
        return left + side

    def _point(self, tip: str, left: int) -> None:
        self.configure(cursor="hand2" if tip else "arrow")
        self.tip.point(tip, left, self._height)
