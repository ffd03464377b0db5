"""Who is to be let into a room, on a sheet; Tk thread only."""

from tkinter import ttk

from chat_client.engine.client import Client
from chat_client.i18n import _
from chat_client.model import changes as ch
from chat_client.model.state import RoomState
from chat_client.ui.look.look import Look
from chat_client.ui.panes.people import title_of
from chat_client.ui.sheets.keeping_sheet import KeepingSheet
from chat_client.ui.sheets.people_picker import PeoplePicker
from chat_client.ui.widgets.widgets import button
from chat_protocol.room_requests import RoomAdd


class AddPeopleSheet(KeepingSheet):
    """The sheet."""

    request = RoomAdd.TYPE

    def __init__(self, look: Look, client: Client, room: RoomState) -> None:
        title = look.plain_line(title_of(client.state, room))
        super().__init__(look.root, look, _("keeping.add_to", room=title))
        self._client, self._key = client, room.key
        wrap = look.px(420 - 48)
        self.words = ttk.Label(
            self.inside,
            text=_("keeping.add_words"),
            style="Raised.Muted.TLabel",
            wraplength=wrap,
            justify="left",
        )
        self.words.pack(anchor="w", pady=(0, look.px(12)))
        self.people = PeoplePicker(self.inside, look, client, left_out=room.members)
        self.people.pack(fill="x")
        self.told = ttk.Label(self.inside, style="Raised.Danger.TLabel", wraplength=wrap, justify="left")
        self.told.pack(anchor="w", pady=(look.px(6), 0))
        row = ttk.Frame(self.inside, style="Raised.TFrame")
        row.pack(fill="x", pady=(look.px(10), 0))
        self.button = button(row, _("keeping.add_yes"), self.submit, kind="Accent", surface="raised")
        self.button.pack(side="right")
        button(row, _("action.cancel"), self.close, surface="raised").pack(side="right", padx=look.px(8))
        self.show(self.people.entry)

    def submit(self) -> None:
        """Ask the server to let them in."""
        if not self.people.chosen:
            self.complain(_("keeping.choose_people"))
        else:
            self.button.state(["disabled"])
            self._client.own_rooms.add(self._key, self.people.chosen)

    def complain(self, words: str, field: str = "") -> None:  # noqa: ARG002 - there is one field here
        """Show why they were not let in."""
        self.button.state(["!disabled"])
        self.told.configure(text=words)
        self.grown()

    def apply(self, change: ch.Change) -> None:
        """Offer those who were found; close when it is done."""
        if isinstance(change, ch.FoundPeopleChanged | ch.PeopleChanged):
            self.people.fill()
        elif change == ch.RequestDone(self.request, self._key):
            self.close()
