"""Questions and notices on a sheet over the window: a sentence and one or two buttons; Tk thread only."""

from collections.abc import Callable
from tkinter import ttk

from chat_client.i18n import _
from chat_client.ui.look.look import Look
from chat_client.ui.sheets.sheet import Sheet
from chat_client.ui.widgets.widgets import Field, button
from chat_client.ui.widgets.words import Words


def ask(
    look: Look, title: str, words: str, yes: str, on_yes: Callable[[], object], *, danger: bool = False
) -> Sheet:
    """Ask whether to do something; Escape is a no, and so is Return where it cannot be taken back."""
    sheet = Sheet(look.root, look, title)
    _words(sheet, look, words)
    row = _row(sheet, look)

    def accept() -> None:
        sheet.close()
        on_yes()

    chosen = button(row, yes, accept, kind="Danger" if danger else "Accent", surface="raised")
    chosen.pack(side="right")
    cancel = button(row, _("action.cancel"), sheet.close, surface="raised")
    cancel.pack(side="right", padx=look.px(8))
    sheet.show(cancel if danger else chosen)
    return sheet


def tell(look: Look, title: str, words: str) -> Sheet:
    """Say something that has to be seen."""
    sheet = Sheet(look.root, look, title)
    _words(sheet, look, words)
    row = _row(sheet, look)
    close = button(row, _("action.ok"), sheet.close, kind="Accent", surface="raised")
    close.pack(side="right")
    sheet.show(close)
    return sheet


def ask_text(
    look: Look,
    title: str,
    label: str,
    yes: str,
    on_text: Callable[[str], object],
    *,
    value: str = "",
    words: str = "",
) -> Sheet:
    """Ask for one line of text."""
    sheet = Sheet(look.root, look, title)
    if words:
        _words(sheet, look, words)
    field = Field(sheet.inside, look, label, surface="raised")
    field.pack(fill="x")
    field.set(value)
    row = _row(sheet, look)

    def accept(_event: object = None) -> None:
        text = field.get().strip()
        sheet.close()
        on_text(text)

    field.entry.bind("<Return>", accept)
    button(row, yes, accept, kind="Accent", surface="raised").pack(side="right")
    button(row, _("action.cancel"), sheet.close, surface="raised").pack(side="right", padx=look.px(8))
    sheet.show(field.entry)
    return sheet


def _words(sheet: Sheet, look: Look, words: str) -> None:
    shown = look.paragraph(words, "label", look.px(372))
    label = Words(sheet.inside, look, "Raised", shown, wrap=look.px(372))
    label.pack(anchor="w", pady=(0, look.px(4)))


def _row(sheet: Sheet, look: Look) -> ttk.Frame:
    row = ttk.Frame(sheet.inside, style="Raised.TFrame")
    row.pack(fill="x", pady=(look.px(16), 0))
    return row
