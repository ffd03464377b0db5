"""What the sheets about rooms have in common: fields, kinds, and the answers they await; Tk thread only."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from chat_client.i18n import _, error_text
from chat_client.model import changes as ch
from chat_client.ui.look.look import Look
from chat_client.ui.sheets.sheet import Sheet
from chat_client.ui.widgets.choices import Choices
from chat_client.ui.widgets.widgets import Field
from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.names import clean_private_title, clean_room_name


class KeepingSheet(Sheet):
    """A sheet that asks the server for something about rooms, and says why it was refused."""

    #: The request whose answer it waits for.
    request = ""

    def apply(self, change: ch.Change) -> None:
        """Draw what a change concerns."""

    def refused(self, change: ch.RequestFailed) -> bool:
        """Say why a request was refused; False where it was none of this sheet's."""
        if change.request != self.request:
            return False
        words = error_text(change.code)
        if change.code == ErrorCode.BAD_REQUEST and change.field == "name":
            words = _("keeping.name_refused")
        self.complain(words, change.field)
        return True

    def complain(self, words: str, field: str = "") -> None:
        """Show why it was refused; `field` names what was at fault, where the server says it."""


def wrong_with_name(name: str, kind: str) -> str:
    """Say what is wrong with the name of a room; empty where nothing is."""
    try:
        (clean_private_title if kind == "private" else clean_room_name)(name)
    except ChatError:
        return _("keeping.bad_name")
    return ""


class KindChoice(ttk.Frame):
    """The kinds of a room, side by side, and what the chosen one means."""

    def __init__(self, parent: tk.Misc, look: Look, kinds: tuple[str, ...], kind: str, width: int) -> None:
        super().__init__(parent, style="Raised.TFrame")
        ttk.Label(self, text=_("keeping.kind"), style="Raised.SmallBold.TLabel").pack(anchor="w")
        labels = {each: _(f"keeping.kind_{each}") for each in kinds}
        choices = Choices(self, look, labels, kind, self._explain)
        choices.pack(fill="x", pady=(look.px(3), look.px(4)))
        self.value, self.buttons = choices.value, choices.buttons
        self.words = ttk.Label(self, style="Raised.Muted.TLabel", wraplength=width, justify="left")
        self.words.pack(anchor="w")
        self._explain()

    def get(self) -> str:
        """Return the chosen kind."""
        return self.value.get()

    def _explain(self) -> None:
        self.words.configure(text=_(f"keeping.means_{self.get()}"))


def submit_with_return(act: Callable[[], object], *fields: Field) -> None:
    """Let Return in a field do what the button of its sheet does."""
    for field in fields:
        field.entry.bind("<Return>", lambda _event: act())
