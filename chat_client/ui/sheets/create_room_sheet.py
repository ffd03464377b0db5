"""What a new room is to be: its name, kind, topic and people, on a sheet; Tk thread only."""

from collections.abc import Callable, Sequence
from tkinter import ttk
from typing import Final

from chat_client.engine.client import Client
from chat_client.i18n import _
from chat_client.model import changes as ch
from chat_client.ui.look.look import Look
from chat_client.ui.sheets.keeping_sheet import (
    KeepingSheet,
    KindChoice,
    submit_with_return,
    wrong_with_name,
)
from chat_client.ui.sheets.people_picker import PeoplePicker
from chat_client.ui.widgets.widgets import Field, button
from chat_protocol.errors import ErrorCode
from chat_protocol.limits import TOPIC_MAX_CHARS
from chat_protocol.room_requests import RoomCreate

WIDTH: Final = 672
COLUMN: Final = 280
KINDS: Final = ("private", "public", "moderated")


class CreateRoomSheet(KeepingSheet):
    """The sheet.

    :param people: usernames that are chosen in the beginning.
    :param opened: is given the key of the room once it is made.
    """

    request = RoomCreate.TYPE

    def __init__(
        self, look: Look, client: Client, people: Sequence[str], opened: Callable[[str], object]
    ) -> None:
        super().__init__(look.root, look, _("keeping.new_room"), width=WIDTH)
        self._client, self._opened = client, opened
        columns = ttk.Frame(self.inside, style="Raised.TFrame")
        columns.pack(fill="both", expand=True)
        columns.columnconfigure((0, 1), weight=1, uniform="column")
        left = ttk.Frame(columns, style="Raised.TFrame")
        left.grid(row=0, column=0, sticky="nsew", padx=(0, look.px(24)))
        self.name = Field(left, look, _("keeping.name"), surface="raised")
        self.name.pack(fill="x")
        kinds = tuple(kind for kind in KINDS if kind in client.state.may_create)
        self.kind = KindChoice(left, look, kinds, kinds[0], look.px(COLUMN))
        self.kind.pack(fill="x", pady=(0, look.px(10)))
        self.topic = Field(left, look, _("keeping.topic_label"), surface="raised")
        self.topic.pack(fill="x")
        self.people = PeoplePicker(columns, look, client, chosen=people)
        self.people.grid(row=0, column=1, sticky="nsew")
        self.told = ttk.Label(
            self.inside, style="Raised.Danger.TLabel", wraplength=look.px(WIDTH - 48), justify="left"
        )
        row = ttk.Frame(self.inside, style="Raised.TFrame")
        row.pack(side="bottom", fill="x", pady=(look.px(16), 0))
        self.button = button(row, _("keeping.make"), self.submit, kind="Accent", surface="raised")
        self.button.pack(side="right")
        button(row, _("action.cancel"), self.close, surface="raised").pack(side="right", padx=look.px(8))
        self.name.recheck = lambda: wrong_with_name(self.name.get().strip(), self.kind.get())
        submit_with_return(self.submit, self.name, self.topic)
        self.show(self.name.entry)

    def submit(self) -> None:
        """Check what was typed, then ask the server."""
        self.name.complain(self.name.recheck())
        if self.name.complaint or self.button.instate(["disabled"]):
            self.name.entry.focus_set()
            return
        self.told.pack_forget()
        self.button.state(["disabled"])
        self._client.own_rooms.create(
            self.name.get().strip(),
            self.kind.get(),
            self.people.chosen,
            self.topic.get().strip()[:TOPIC_MAX_CHARS],
            self._made,
        )

    def _made(self, key: str) -> None:
        self.close()
        self._opened(key)

    def refused(self, change: ch.RequestFailed) -> bool:
        """Say why the room was not made; who may make which kind the administrator decides."""
        if change.request == self.request and change.code == ErrorCode.FORBIDDEN:
            self.complain(_("keeping.kind_refused"))
            return True
        return super().refused(change)

    def complain(self, words: str, field: str = "") -> None:
        """Show why the room was not made, at the name where that is it."""
        self.button.state(["!disabled"])
        if field == "name":
            self.name.complain(words)
            self.name.entry.focus_set()
            return
        self.told.configure(text=words)
        self.told.pack(side="bottom", anchor="w", pady=(self.look.px(8), 0))
        self.grown()

    def apply(self, change: ch.Change) -> None:
        """Offer those who were found."""
        if isinstance(change, ch.FoundPeopleChanged | ch.PeopleChanged):
            self.people.fill()
