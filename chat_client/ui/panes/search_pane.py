"""The search at the right: a query, its results, and the jump into the history (Ctrl+F); Tk thread only."""

import re
import tkinter as tk
from tkinter import ttk

from chat_client.engine.client import Client
from chat_client.file_words import said_in
from chat_client.i18n import _, error_text
from chat_client.model.state import FoundMessage
from chat_client.ui.actions import Actions
from chat_client.ui.look import dates
from chat_client.ui.look.look import Look
from chat_client.ui.panes.pane_head import WIDTH, pane_head
from chat_client.ui.panes.people import author_of, title_of
from chat_client.ui.room.markup import plain
from chat_client.ui.widgets.row_list import Row, RowList
from chat_protocol.limits import QUERY_MAX_CHARS

#: The filters of a search in French; the server knows the English ones.
FILTERS = {"de": "from", "dans": "in", "avant": "before", "après": "after", "apres": "after"}
_FILTER = re.compile(r"(?<!\S)(" + "|".join(FILTERS) + r"):(?=\S)", re.IGNORECASE)
_ANY_FILTER = re.compile(r"(?<!\S)(?:from|in|before|after):\S+", re.IGNORECASE)


def server_query(query: str) -> str:
    """Write a query as the server understands it, whichever of the two languages its filters are in."""
    query = _FILTER.sub(lambda found: FILTERS[found[1].lower()] + ":", query.strip())
    return query[:QUERY_MAX_CHARS]


def searched_words(query: str) -> tuple[str, ...]:
    """Give the words that a query looks for, without its filters."""
    return tuple(word for word in re.findall(r"\w+", _ANY_FILTER.sub(" ", server_query(query))) if word)


class SearchPane(ttk.Frame):
    """The widget."""

    def __init__(self, parent: tk.Misc, look: Look, client: Client, actions: Actions) -> None:
        super().__init__(parent, style="Side.TFrame", width=look.px(WIDTH))
        self.pack_propagate(False)
        self._look = look
        self._client = client
        self._window = actions.window
        top = ttk.Frame(self, style="Side.TFrame", padding=(look.px(16), look.px(12), look.px(8), look.px(6)))
        top.pack(fill="x")
        pane_head(top, look, actions, _("search.title")).pack(fill="x")
        self.query = tk.StringVar(self)
        self.entry = ttk.Entry(top, textvariable=self.query, style="Side.TEntry", font=look.font("body"))
        self.entry.pack(fill="x", padx=(0, look.px(8)), pady=(look.px(8), look.px(6)))
        self.here = tk.BooleanVar(self, False)
        self.here_box = ttk.Checkbutton(
            top, text=_("search.here"), variable=self.here, style="Side.TCheckbutton", command=self.search
        )
        self.here_box.pack(anchor="w")
        self.words = ttk.Label(
            self, style="Side.Small.TLabel", wraplength=look.px(WIDTH - 32), padding=(look.px(16), look.px(4))
        )
        self.words.pack(fill="x")
        self.list = RowList(self, look, surface="side")
        self.list.pack(fill="both", expand=True)
        self.list.on_choose = self._choose
        self.list.on_near_end = self._more
        self.entry.bind("<Return>", lambda _event: self.search())
        self.entry.bind("<Down>", lambda _event: self.list.canvas.focus_set())
        for widget in (self.entry, self.list.canvas, self.here_box):
            widget.bind("<Escape>", lambda _event: actions.window.show_members_again())

    def start(self) -> None:
        """Take the keyboard."""
        self.entry.focus_set()
        self.entry.selection_range(0, "end")
        self.show()

    def search(self) -> None:
        """Ask the server."""
        query = server_query(self.query.get())
        if query:
            room = self._client.state.open_room if self.here.get() else None
            self._client.search.start(query, room)
        else:
            self._client.search.clear()
        self.show()

    def show(self) -> None:
        """Draw the state of the search."""
        search = self._client.state.search
        if search.code:
            words = error_text(search.code)
        elif search.busy:
            words = _("search.busy")
        elif not search.query:
            words = _("search.hint")
        else:
            words = _("search.incomplete") if search.incomplete else ""
            if not search.results:
                words = f"{_('search.nothing')} {words}".rstrip()
        self.words.configure(text=words)
        if words:
            self.words.pack(fill="x", before=self.list)
        else:
            self.words.pack_forget()
        self.list.set_rows([self._row(number, found) for number, found in enumerate(search.results)])

    def _row(self, number: int, found: FoundMessage) -> Row:
        state, look, message = self._client.state, self._look, found.message
        room = state.rooms.get(found.room)
        where = title_of(state, room) if room is not None else found.room
        author = author_of(state, message.author)
        return Row(
            key=str(number),
            title=look.line(f"{author}  ·  {where}"),
            detail=look.line(plain(said_in(message))[:300]),
            avatar=(author, message.author),
            trailing=dates.moment(message.sent_at, dates.today()),
            tall=True,
            marked=searched_words(self.query.get()),
        )

    def _more(self) -> None:
        search = self._client.state.search
        if search.more and not search.busy:
            self._client.search.more()

    def _choose(self, key: str) -> None:
        results = self._client.state.search.results
        if int(key) < len(results):
            found = results[int(key)]
            if found.message.seq is not None:
                self._window.jump(found.room, found.message.seq)
