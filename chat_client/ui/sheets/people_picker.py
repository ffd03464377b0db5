"""A field and a list from which people are chosen, by the beginning of a name or by a click; Tk thread only.

It asks the client who there is; what is done with those who were chosen its sheet decides.
"""

import tkinter as tk
from collections.abc import Collection, Sequence
from dataclasses import replace
from tkinter import ttk
from typing import Final

from chat_client.engine.client import Client
from chat_client.i18n import _, ngettext
from chat_client.model.keys import user_key
from chat_client.model.state import PersonState
from chat_client.ui.look.look import Look
from chat_client.ui.panes.people import known_people, person_of, person_row
from chat_client.ui.sheets.people_query import PeopleQuery
from chat_client.ui.widgets.row_list import Row, RowList
from chat_protocol.limits import PEOPLE_ADDED_MAX
from chat_protocol.names import fold_text

OFFERED_MAX: Final = 30
_ORDER: Final = {"online": 0, "busy": 1, "away": 2}


class PeoplePicker(ttk.Frame):
    """The widget.

    :param left_out: usernames that are not offered: who is there already.
    :param chosen: usernames that are chosen in the beginning.
    :param height: of the list, in design units.
    """

    def __init__(
        self,
        parent: tk.Misc,
        look: Look,
        client: Client,
        *,
        left_out: Collection[str] = (),
        chosen: Sequence[str] = (),
        height: int = 188,
    ) -> None:
        super().__init__(parent, style="Raised.TFrame")
        self._look, self._client = look, client
        self._left_out = {user_key(name) for name in (*left_out, client.state.username)}
        self.chosen: list[str] = list(chosen)
        self.label = ttk.Label(self, style="Raised.SmallBold.TLabel")
        self.label.pack(anchor="w", pady=(0, look.px(3)))
        self.entry = PeopleQuery(self, look, client, self.fill)
        self.query = self.entry.query
        self.entry.pack(fill="x")
        self.list = RowList(self, look, surface="raised", empty=_("keeping.nobody"))
        self.list.canvas.configure(height=look.px(height))
        self.list.pack(fill="both", expand=True, pady=(look.px(6), 0))
        self.list.on_choose = self.toggle
        self.list.follow_keys(self.entry)
        self.fill()

    def fill(self) -> None:
        """Show who is chosen, and who fits what was typed."""
        count = len(self.chosen)
        self.label.configure(text=ngettext("keeping.chosen", count) if count else _("keeping.people"))
        chosen = [person_of(self._client.state, name) for name in self.chosen]
        self.list.set_rows(
            [self._row(person, chosen=True) for person in chosen if self._fits(person)]
            + [self._row(person, chosen=False) for person in self._others()]
        )
        rows, typed = self.list.rows, bool(self.query.get().strip())
        if self.list.cursor < 0 or typed:
            fresh = (place for place, row in enumerate(rows) if row.key not in self.chosen)
            self.list.cursor = next(fresh, 0 if rows else -1) if typed else -1
        self.list.mark = typed
        self.list.redraw()

    def _fits(self, person: PersonState) -> bool:
        query = fold_text(self.query.get().strip().lstrip("@"))
        names = [person.username, person.display_name, *person.display_name.split()]
        return any(fold_text(name).startswith(query) for name in names)

    def _others(self) -> list[PersonState]:
        taken = self._left_out | {user_key(name) for name in self.chosen}
        known = known_people(self._client.state)
        fitting = [person for key, person in known.items() if key not in taken and self._fits(person)]
        fitting.sort(key=lambda person: (_ORDER.get(person.status, 3), person.display_name.casefold()))
        return fitting[:OFFERED_MAX]

    def _row(self, person: PersonState, *, chosen: bool) -> Row:
        row = person_row(self._look, person)
        icon = "check" if chosen else "plus"
        name = self._look.line(f"@{person.username}")
        return replace(row, detail=name, trailing_icon=icon, dim=False, bold=chosen)

    def toggle(self, username: str) -> None:
        """Choose somebody, or take the choice back; the field is empty again for the next name."""
        if username in self.chosen:
            self.chosen.remove(username)
        elif len(self.chosen) < PEOPLE_ADDED_MAX:
            self.chosen.append(username)
        if self.query.get():
            self.query.set("")
        else:
            self.fill()
