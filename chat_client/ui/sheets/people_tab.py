"""Everybody, with a field that filters: who is chosen is shown on a sheet of their own; Tk thread only."""

import tkinter as tk
from collections.abc import Callable
from dataclasses import replace
from tkinter import ttk

from chat_client.engine.client import Client
from chat_client.i18n import _
from chat_client.model import changes as ch
from chat_client.model.keys import user_key
from chat_client.model.state import PersonState
from chat_client.ui.look.look import Look
from chat_client.ui.panes.people import person_row
from chat_client.ui.sheets.listed_rows import list_height
from chat_client.ui.sheets.people_query import PeopleQuery
from chat_client.ui.widgets.row_list import Row, RowList
from chat_protocol.objects import Member

_HEIGHT = 300


class PeopleTab(ttk.Frame):
    """The tab. The list comes in pages; the next one is asked for when the end is near.

    :param choose: shows a person, by the username.
    """

    def __init__(self, parent: tk.Misc, look: Look, client: Client, choose: Callable[[str], object]) -> None:
        super().__init__(parent, style="Raised.TFrame")
        self._look, self._client = look, client
        self._asked_behind: int | str | None = None
        ttk.Label(self, text=_("directory.filter"), style="Raised.SmallBold.TLabel").pack(
            anchor="w", pady=(0, look.px(3))
        )
        self.entry = PeopleQuery(self, look, client, lambda: None, self._ask)
        self.entry.pack(fill="x")
        self.list = RowList(self, look, surface="raised", empty=_("keeping.nobody"))
        self.list.canvas.configure(height=list_height(look, _HEIGHT))
        self.list.pack(fill="both", expand=True, pady=(look.px(8), 0))
        self.list.on_choose = choose
        self.list.on_near_end = self._ask_more
        self.list.follow_keys(self.entry)

    def start(self) -> None:
        """Ask for everybody, and take the keyboard."""
        self._ask("")
        self.entry.focus_set()

    def first(self) -> tk.Misc | None:
        """Return the field: what is typed filters at once."""
        return self.entry

    def apply(self, change: ch.Change) -> None:
        """Draw the list when the server has answered."""
        if isinstance(change, ch.ListChanged) and change.name == "directory":
            people = self._client.state.lists.directory.items or ()
            self.list.set_rows([self._row(member) for member in people])
            self.list.mark = bool(self.entry.query.get().strip())
            if self.list.mark:
                self.list.cursor = 0 if people else -1
            self.list.redraw()

    def _ask(self, prefix: str) -> None:
        self._asked_behind = None
        self._client.people.directory(prefix)

    def _ask_more(self) -> None:
        behind = self._client.state.lists.directory.next
        if behind is not None and behind != self._asked_behind:
            self._asked_behind = behind
            self._client.people.directory(self.entry.prefix, more=True)

    def _row(self, member: Member) -> Row:
        person = PersonState(member.username, member.display_name, member.status, member.text, bot=member.bot)
        row = person_row(self._look, person, me=user_key(member.username) == self._me)
        role = _(f"person.role_{member.role}") if member.role in ("moderator", "admin") else ""
        kind = _("people.bot") if member.bot else ""
        return replace(row, detail=" · ".join(filter(None, (f"@{member.username}", role, kind))))

    @property
    def _me(self) -> str:
        return user_key(self._client.state.username)
