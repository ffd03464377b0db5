"""The pane at the right: who is in the open room, online first; Tk thread only."""

import tkinter as tk
from dataclasses import replace
from functools import partial
from tkinter import ttk

from chat_client.i18n import _, ngettext
from chat_client.model.keys import key_of, user_key
from chat_client.model.room_rights import may_add, may_continue
from chat_client.model.state import ClientState, RoomState
from chat_client.ui.actions import Actions
from chat_client.ui.look.look import Look
from chat_client.ui.panes.people import person_of, person_row, room_row, status_words, title_of
from chat_client.ui.panes.person_facts import facts_of, rooms_in_common
from chat_client.ui.widgets.row_list import Row, RowList
from chat_client.ui.widgets.widgets import button
from chat_client.ui.widgets.words import Words

WIDTH = 224


class MembersPane(ttk.Frame):
    """The pane."""

    def __init__(self, parent: tk.Misc, look: Look, actions: Actions) -> None:
        super().__init__(parent, style="Side.TFrame", width=look.px(WIDTH))
        self.pack_propagate(False)
        self._look = look
        self._card = ttk.Frame(self, style="Side.TFrame", padding=(look.px(16), look.px(28), look.px(16), 0))
        self._picture = ttk.Label(self._card, style="Side.TLabel")
        self._picture.pack(pady=(0, look.px(10)))
        self._title = ""
        look.pictures.follow(self._picture, self._show_picture)
        inner = look.px(WIDTH - 32)
        self._name = Words(self._card, look, "Side.Title", justify="center", wrap=inner)
        self._name.pack()
        self._detail = Words(self._card, look, "Side.Small", justify="center", wrap=inner)
        self._detail.pack(pady=(look.px(4), 0))
        self.facts = Words(self._card, look, "Side.Small", justify="center", wrap=inner)
        self.facts.pack(pady=(look.px(2), look.px(16)))
        self._partner = ""
        self.find = button(self._card, _("members.find"), actions.window.find_here, surface="side")
        self.more = button(self._card, _("members.more_about"), self._menu, surface="side")
        for made in (self.find, self.more):
            made.pack(fill="x", pady=(0, look.px(8)))
        self._window = actions.window
        self._bottom = ttk.Frame(self, style="Side.TFrame", padding=look.px(8))
        self.add = button(self._bottom, _("keeping.add"), partial(actions.do, "add_people"), surface="side")
        self.add.pack(fill="x")
        self.go_on_with = button(
            self._card, _("keeping.continue_with"), partial(actions.do, "continue_with"), surface="side"
        )
        self._shared = ttk.Label(self._card, text=_("person.rooms"), style="Side.SmallBold.TLabel")
        #: The rooms that both belong to; a click opens one.
        self.common = RowList(self._card, look, surface="side")
        self.common.on_choose = actions.window.open_room
        self.list = RowList(self, look, surface="side")
        self.list.on_choose = lambda name: actions.window.show_person(name, *self.list.cursor_place())
        self.list.on_menu = actions.window.show_person
        self._bottom.lift()  # under the list for Tab, too

    def show(self, state: ClientState, room: RoomState | None) -> None:
        """Draw who is in a room; of a private conversation, the other."""
        self._bottom.pack_forget()
        if room is not None and room.is_direct:
            self.list.pack_forget()
            self._show_partner(state, room)
            self._show_going_on(state)
            self._show_rooms_in_common(state, room.partner)
            self._card.pack(fill="both", expand=True)
            return
        self._card.pack_forget()
        self.list.pack_forget()
        if room is not None and room.joined and may_add(state, room):
            self._bottom.pack(side="bottom", fill="x")
        self.list.pack(fill="both", expand=True)
        self.list.set_rows(self._rows(state, room) if room is not None and room.joined else [])

    def _show_going_on(self, state: ClientState) -> None:
        if may_continue(state):
            self.go_on_with.pack(fill="x", pady=(0, self._look.px(8)))
        else:
            self.go_on_with.pack_forget()

    def _menu(self) -> None:
        """Offer what can be done with the other of a private conversation."""
        x, y = self.more.winfo_rootx(), self.more.winfo_rooty() + self.more.winfo_height()
        self._window.show_person(self._partner, x, y)

    def _show_picture(self) -> None:
        if self._partner:
            picture = self._look.pictures.avatar(self._title, self._partner, 72)
            self._picture.configure(image=picture)

    def _show_partner(self, state: ClientState, room: RoomState) -> None:
        look, person = self._look, person_of(state, room.partner)
        self._partner, self._title = room.partner, title_of(state, room)
        self._show_picture()
        self._name.say(look.line(self._title))
        words = status_words(person.status, person.text)
        self._detail.say(look.line(f"@{room.partner}") + "\n" + look.line(words))

        self.facts.say(look.paragraph(facts_of(state, room.partner), "small", look.px(WIDTH - 32)))

    def follow_time(self, state: ClientState, room: RoomState | None) -> None:
        """Say again how late it is where the other of a private conversation is."""
        if room is not None and room.is_direct and room.partner == self._partner:
            self._show_partner(state, room)

    def _show_rooms_in_common(self, state: ClientState, username: str) -> None:
        rooms = [state.rooms.get(key_of(name)) for name in rooms_in_common(state, username)]
        rows = [room_row(self._look, state, room, active=False) for room in rooms if room is not None]
        shown = bool(rows) and user_key(username) != user_key(state.username)
        if shown and not self.common.winfo_manager():
            self._shared.pack(anchor="w", pady=(self._look.px(16), self._look.px(4)))
            self.common.pack(fill="both", expand=True)
        elif not shown:
            self._shared.pack_forget()
            self.common.pack_forget()
        self.common.set_rows([replace(row, badge=0, calls=0, bold=False) for row in rows])

    def _rows(self, state: ClientState, room: RoomState) -> list[Row]:
        people = [person_of(state, username) for username in room.members]
        me = user_key(state.username)
        online = [person for person in people if person.status in ("online", "away", "busy")]
        offline = [person for person in people if person.status not in ("online", "away", "busy")]
        rows: list[Row] = []
        for heading, group, count in (
            (_("members.online"), online, max(room.online, len(online))),
            (_("members.offline"), offline, max(room.total - room.online, len(offline))),
        ):
            if group:
                number = str(count)
                if count > len(group):  # the server names so many and no more
                    number = _("members.part", shown=len(group), n=count)
                rows.append(Row("", f"{heading.upper()} — {number}"))
                rows += [
                    replace(
                        person_row(self._look, person, me=user_key(person.username) == me),
                        trailing=_("members.owner") if person.username in room.owners else "",
                    )
                    for person in group
                ]
        hidden = room.total - len(people)
        if hidden > 0 and people:
            rows.append(Row("", ngettext("members.more", hidden)))
        return rows
