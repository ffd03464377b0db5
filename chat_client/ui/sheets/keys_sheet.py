"""The keys of the window, told on a sheet (F1) from the table of actions; Tk thread only."""

from itertools import groupby
from tkinter import ttk

from chat_client.i18n import _
from chat_client.ui.key_table import told_keys
from chat_client.ui.look.look import Look
from chat_client.ui.sheets.sheet import Sheet
from chat_client.ui.widgets.widgets import button

WIDTH = 760
#: The words beside a key wrap here, in the design's units.
WORDS_WIDE = 210
#: A window of this height has room for some space between the lines.
AIRY_FROM = 640


Told = list[tuple[list[str], str]]


def _joined(keys: Told) -> Told:
    """Put what one key does on one line."""
    return [
        (list(names), " / ".join(does for _names, does in same))
        for names, same in groupby(keys, key=lambda each: tuple(each[0]))
    ]


class KeysSheet(Sheet):
    """The sheet, in two columns, with the first key of each action; it shows itself.

    In a low window the keys of writing stand below the columns.
    """

    def __init__(self, look: Look) -> None:
        super().__init__(look.root, look, _("keys.title"), width=WIDTH)
        self._gap = look.px(2) if look.root.winfo_height() >= look.px(AIRY_FROM) else 0
        columns = ttk.Frame(self.inside, style="Raised.TFrame")
        columns.pack(fill="x")
        everywhere, writing, timeline, *others = told_keys()
        if not self._gap:  # what others tell, menu and tooltips do, too
            others, timeline = [writing], (timeline[0], _joined(timeline[1]))
        for number, places in enumerate(((everywhere, writing) if self._gap else (everywhere,), (timeline,))):
            column = ttk.Frame(columns, style="Raised.TFrame")
            column.grid(row=0, column=number, sticky="nw", padx=(look.px(24 * number), 0))
            for heading, keys in places:
                self._add(column, heading, keys)
        wide = min(look.px(WIDTH), look.root.winfo_width() - look.px(32)) - look.px(60)
        for heading, keys in others:
            told = "  ·  ".join(f"{names[0]} {does}" for names, does in keys)
            words = ttk.Label(
                self.inside, text=f"{heading}:  {told}", style="Raised.Small.TLabel", wraplength=wide
            )
            words.pack(anchor="w", pady=(look.px(4), 0))
        done = button(self.inside, _("action.close"), self.close, kind="Accent", surface="raised")
        if self._gap:
            done.pack(anchor="e", pady=(look.px(12), 0))
        else:
            done.place(relx=1, y=0, anchor="ne")  # beside the title, where it takes no line
        self.show(done)

    def _add(self, column: ttk.Frame, heading: str, keys: Told) -> None:
        look = self.look
        row = column.grid_size()[1]
        title = ttk.Label(column, text=heading.upper(), style="Raised.Tiny.TLabel")
        title.grid(
            row=row,
            column=0,
            columnspan=2,
            sticky="w",
            pady=(look.px(6) if row and self._gap else 0, self._gap),
        )
        for at, (names, does) in enumerate(keys, row + 1):
            name = ttk.Label(column, text=names[0], style="Raised.SmallBold.TLabel")
            name.grid(row=at, column=0, sticky="nw", pady=self._gap)
            words = ttk.Label(column, text=does, style="Raised.Small.TLabel", wraplength=look.px(WORDS_WIDE))
            words.grid(row=at, column=1, sticky="w", padx=(look.px(14), 0), pady=self._gap)
