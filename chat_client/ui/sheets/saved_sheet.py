"""The saved messages on a sheet: each leads to its place, or is taken off; Tk thread only."""

from collections.abc import Callable
from functools import partial
from tkinter import ttk

from chat_client.engine.client import Client
from chat_client.i18n import _
from chat_client.model.changes import Change, SavedChanged
from chat_client.model.keys import key_of
from chat_client.ui.look import dates
from chat_client.ui.look.look import Look
from chat_client.ui.panes.people import author_of, title_of
from chat_client.ui.room.markup import plain
from chat_client.ui.sheets.sheet import Sheet
from chat_client.ui.widgets.scroller import Scroller
from chat_client.ui.widgets.widgets import button
from chat_client.ui.widgets.words import Words
from chat_protocol.objects import Message

WIDTH = 560
LIST_MAX = 360  # what is more is scrolled to
TEXT_SHOWN_CHARS = 200


class SavedSheet(Sheet):
    """The sheet. It asks for the list when it opens, and draws it at each change.

    :param jump: is given the key of a room and the seq of the message to show there.
    """

    def __init__(self, look: Look, client: Client, jump: Callable[[str, int], object]) -> None:
        super().__init__(look.root, look, _("saved.title"), width=WIDTH)
        self._client, self._jump = client, jump
        inner = look.px(WIDTH - 48) - 2  # the card's border
        self._scroller = Scroller(self.inside, look, inner, margin=0, surface="raised")
        self._scroller.pack(fill="x", pady=look.px(12))
        row = self.end_with_close()
        self.more = button(row, _("saved.more"), client.saved.load_more, surface="raised")
        self.rows: list[tuple[str, ttk.Button, ttk.Button]] = []
        self.draw()
        self.show(self.done)
        client.saved.refresh()

    def apply(self, change: Change) -> None:
        """Draw the list again where it has changed."""
        if isinstance(change, SavedChanged):
            self.draw()

    def draw(self) -> None:
        """Draw the list; a button that had the keyboard gives it to the one that closes."""
        for child in self._scroller.inside.winfo_children():
            child.destroy()
        saved = self._client.state.saved
        self.rows = [self._row(message) for message in saved or ()]
        if not saved:
            words = "" if saved is None else _("saved.none")
            ttk.Label(self._scroller.inside, text=words, style="Raised.Muted.TLabel").pack(anchor="w")
        if self._client.saved.more:
            self.more.pack(side="left")
        else:
            self.more.pack_forget()
        self._scroller.inside.update_idletasks()
        needed = self._scroller.inside.winfo_reqheight()
        self._scroller.configure(height=min(max(needed, 1), self.look.px(LIST_MAX)))
        self._scroller.watch()
        if self.winfo_ismapped():
            self.grown()
            if self.focus_get() in (None, self.look.root):
                self.done.focus_set()

    def _row(self, message: Message) -> tuple[str, ttk.Button, ttk.Button]:
        look, state = self.look, self._client.state
        row = ttk.Frame(self._scroller.inside, style="Raised.TFrame")
        row.pack(fill="x", pady=look.px(4))
        key = key_of(message.room)
        room = state.rooms.get(key)
        remove = partial(self._client.saved.save, key, message.seq, on=False)
        off = button(row, _("saved.remove"), remove, surface="raised")
        off.pack(side="right", padx=(look.px(8), 0))
        show = button(row, _("saved.show"), partial(self._go, key, message.seq), surface="raised")
        show.pack(side="right", padx=(look.px(8), 0))
        title = title_of(state, room) if room is not None else message.room
        when = dates.moment(message.sent_at, dates.today())
        author = author_of(state, "" if message.former else message.author)
        head = look.line(f"{author} — {title} · {when}")
        text = plain(message.body)[:TEXT_SHOWN_CHARS] or ", ".join(file.name for file in message.files)
        wrap = look.px(WIDTH - 260)
        Words(row, look, "Raised.SmallBold", head, wrap=wrap).pack(anchor="w")
        Words(row, look, "Raised", look.paragraph(text, "label", wrap), wrap=wrap).pack(anchor="w")
        return f"{head}: {text}", show, off

    def _go(self, key: str, seq: int) -> None:
        self.close()
        self._jump(key, seq)
