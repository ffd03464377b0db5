"""The keys of the window, told on a sheet (F1); Tk thread only."""

from __future__ import annotations

from tkinter import ttk

from chat_client.i18n import _
from chat_client.ui.look.look import Look
from chat_client.ui.sheets.sheet import Sheet
from chat_client.ui.widgets.widgets import button

#: What is told, in this order: the keys as they stand on the keyboard, and the id of what they do.
KEYS = (
    ("Ctrl+K", "keys.switch"),
    ("Alt+↑  Alt+↓", "keys.neighbour"),
    ("Ctrl+F", "keys.search"),
    ("Ctrl+M", "keys.members"),
    ("F6", "keys.panes"),
    ("Shift+{enter}", "keys.line"),
    ("↑", "keys.edit_last"),
    ("@ Tab", "keys.complete"),
    ("↑  ↓", "keys.messages"),
    ("R  E  +  C  P  {delete}", "keys.message"),
    ("Ctrl+End", "keys.newest"),
    ("Ctrl+,", "keys.settings"),
    ("Ctrl+Q", "keys.quit"),
)


class KeysSheet(Sheet):
    """The sheet; it shows itself."""

    def __init__(self, look: Look) -> None:
        super().__init__(look.root, look, _("keys.title"), width=560)
        table = ttk.Frame(self.inside, style="Raised.TFrame")
        table.pack(fill="x")
        for row, (keys, does) in enumerate(KEYS):
            shown = keys.format(enter=_("key.enter"), delete=_("key.delete"))
            name = ttk.Label(table, text=shown, style="Raised.SmallBold.TLabel")
            name.grid(row=row, column=0, sticky="w", pady=look.px(2))
            words = ttk.Label(table, text=_(does), style="Raised.TLabel", wraplength=look.px(340))
            words.grid(row=row, column=1, sticky="w", padx=(look.px(20), 0), pady=look.px(2))
        done = button(self.inside, look, _("action.close"), self.close, kind="Accent", surface="raised")
        done.pack(anchor="e", pady=(look.px(16), 0))
        self.show(done)
