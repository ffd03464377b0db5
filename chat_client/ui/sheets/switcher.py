"""The quick way to any room, person or command (Ctrl+K): type a part of the name; Tk thread only."""

from tkinter import ttk

from chat_client.engine.client import Client
from chat_client.i18n import _
from chat_client.model.changes import Change, FoundPeopleChanged
from chat_client.model.keys import user_key
from chat_client.model.state import ClientState, PersonState, RoomState
from chat_client.ui.actions import Actions
from chat_client.ui.look.look import Look
from chat_client.ui.panes.people import known_people, person_row, room_row, title_of
from chat_client.ui.sheets.people_query import PeopleQuery
from chat_client.ui.sheets.sheet import Sheet
from chat_client.ui.widgets.row_list import Row, RowList
from chat_protocol.names import fold_text

ROWS_MAX = 30


def rank(query: str, name: str) -> int | None:
    """Say how well a name fits: 0 it begins so, 1 a word of it does, 2 it is inside; None not at all."""
    query, name = fold_text(query.strip().lstrip("#@")), fold_text(name)
    if name.startswith(query):
        return 0
    if any(word.startswith(query) for word in name.split()):
        return 1
    return 2 if query in name else None


def matching_rooms(state: ClientState, query: str) -> list[RoomState]:
    """Give the rooms that fit, the best first; without a query those with something unread first."""
    rooms = [*state.joined_rooms(), *state.conversations(), *state.other_rooms()]
    if not query.strip():
        return sorted(rooms, key=lambda room: (not room.joined, not room.mentions, not room.unread))
    ranked = [
        (found, number, room)
        for number, room in enumerate(rooms)
        if (found := rank(query, title_of(state, room))) is not None
    ]
    return [room for _rank, _number, room in sorted(ranked, key=lambda item: item[:2])]


class Switcher(Sheet):
    """The sheet."""

    def __init__(self, look: Look, client: Client, actions: Actions) -> None:
        super().__init__(look.root, look, width=480, rely=0.12)
        self._client = client
        self._actions = actions
        self.inside.configure(padding=look.px(12))
        self.entry = PeopleQuery(self.inside, look, client, self.fill)
        self.query = self.entry.query
        self.entry.pack(fill="x")
        hint = ttk.Label(self.inside, text=_("switcher.hint"), style="Raised.Tiny.TLabel")
        hint.pack(side="bottom", anchor="w", padx=look.px(6), pady=(look.px(6), 0))
        self.list = RowList(self.inside, look, surface="raised", empty=_("switcher.nothing"))
        self.list.canvas.configure(height=look.px(320), takefocus=False)
        self.list.pack(fill="both", expand=True, pady=(look.px(8), 0))
        self.list.on_choose = self._choose
        self.list.follow_keys(self.entry)
        self.fill()

    def apply(self, change: Change) -> None:
        """Draw the people that the server has found."""
        if isinstance(change, FoundPeopleChanged):
            self.fill()

    def fill(self) -> None:
        """Show what fits."""
        state, query = self._client.state, self.query.get()
        rooms = matching_rooms(state, query)[:ROWS_MAX]
        rows = [room_row(self.look, state, room, active=False) for room in rooms]
        people = self._people(state, query, {user_key(room.partner) for room in rooms if room.is_direct})
        if people:
            rows.append(Row("", _("switcher.people").upper()))
            rows += [self._person(person) for person in people[:ROWS_MAX]]
        commands = self._commands(query)
        if commands:
            rows.append(Row("", _("switcher.commands").upper()))
            rows += commands
        self.list.set_rows(rows)
        self.list.cursor = next((index for index, row in enumerate(rows) if row.key), -1)
        self.list.mark = True
        self.list.redraw()

    def _commands(self, query: str) -> list[Row]:
        """Give the actions that fit, all of them without a query, but for the switcher itself."""
        return [
            Row(
                key=f"action {action.id}",
                title=action.words,
                trailing=action.accelerator,
                icon=action.icon or "chevron_right",
            )
            for action in self._actions.commands()
            if action.id != "switch" and rank(query, action.words) is not None
        ]

    def _people(self, state: ClientState, query: str, shown: set[str]) -> list[PersonState]:
        if not query.strip():
            return []
        shown.add(user_key(state.username))
        return [
            person
            for key, person in sorted(known_people(state).items())
            if key not in shown
            and (rank(query, person.username) is not None or rank(query, person.display_name) is not None)
        ]

    def _person(self, person: PersonState) -> Row:
        row = person_row(self.look, person)
        return Row(
            key=f"person {person.username}",
            title=row.title,
            detail=self.look.line(f"@{person.username}"),
            avatar=row.avatar,
            status=row.status,
        )

    def _choose(self, key: str) -> None:
        self.close()
        if key.startswith("person "):
            self._actions.window.open_direct(key.removeprefix("person "))
        elif key.startswith("action "):
            self._actions.do(key.removeprefix("action "))
        else:
            self._actions.window.open_room(key)
