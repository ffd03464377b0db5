"""The sanctions in force, with a button that lifts each; Tk thread only."""

import tkinter as tk
from functools import partial
from tkinter import ttk

from chat_client.engine.client import Client
from chat_client.i18n import _
from chat_client.model import changes as ch
from chat_client.ui.look import dates
from chat_client.ui.look.look import Look
from chat_client.ui.panes.people import name_of
from chat_client.ui.sheets.listed_rows import ListedRow, ListedRows
from chat_protocol.moderation_replies import Sanction
from chat_protocol.moderation_requests import ModerationLift
from chat_protocol.names import room_title

_HEIGHT = 330


class SanctionsTab(ttk.Frame):
    """The tab."""

    def __init__(self, parent: tk.Misc, look: Look, client: Client, width: int) -> None:
        super().__init__(parent, style="Raised.TFrame")
        self._look, self._client = look, client
        self.list = ListedRows(self, look, width, _HEIGHT, partial(client.moderation.sanctions, more=True))
        self.list.pack(fill="x")

    def start(self) -> None:
        """Ask for the list, and draw what is known of it."""
        self._draw()
        self._client.moderation.sanctions()

    def first(self) -> tk.Misc | None:
        """Return no place for the keyboard: there is none before the list is there."""
        return None

    def apply(self, change: ch.Change) -> None:
        """Draw the list again when it has changed, and ask for it when the user has changed it."""
        if isinstance(change, ch.ListChanged) and change.name == "sanctions":
            self._draw()
        elif isinstance(change, ch.RequestDone) and change.request == ModerationLift.TYPE:
            self._client.moderation.sanctions()

    def _draw(self) -> None:
        known = self._client.state.lists.sanctions
        rows = [self._row(one) for one in known.items or ()]
        empty = _("sanctions.none") if known.items is not None else ""
        self.list.fill(rows, empty, more=known.next is not None)

    def _row(self, one: Sanction) -> ListedRow:
        name = self._target(one)
        head = _(f"sanctions.{one.kind}", name=name)
        if one.room:
            head += f" — {room_title(one.room)}"
        today = dates.today()
        until = _("sanctions.until", when=dates.precise(one.until, today)) if one.until else ""
        by = _("sanctions.by", name=name_of(self._client.state, one.by), when=dates.moment(one.since, today))
        detail = " · ".join(filter(None, (until or _("sanctions.for_good"), by, one.reason)))
        return ListedRow(head, detail, _("sanctions.lift") if one.liftable else "", partial(self._lift, one))

    def _target(self, one: Sanction) -> str:
        if one.username:
            return name_of(self._client.state, one.username)
        return one.address or _("timeline.erased_author")

    def _lift(self, one: Sanction) -> None:
        self._client.moderation.lift(
            one.kind, username=one.username, address=one.address, room=one.room, number=one.number
        )
