"""The requests to join, by room: one is accepted or refused, or all of a room accepted; Tk thread only."""

import tkinter as tk
from functools import partial
from tkinter import ttk

from chat_client.engine.client import Client
from chat_client.i18n import _
from chat_client.model import changes as ch
from chat_client.model.join_requests import by_room
from chat_client.ui.look import dates
from chat_client.ui.look.look import Look
from chat_client.ui.sheets.listed_rows import ListedRow, ListedRows
from chat_client.ui.widgets.widgets import Field
from chat_protocol.objects import JoinRequest

_HEIGHT = 270


class RequestsTab(ttk.Frame):
    """The tab. What it asks for is what the pane of requests asks for."""

    def __init__(self, parent: tk.Misc, look: Look, client: Client, width: int) -> None:
        super().__init__(parent, style="Raised.TFrame")
        self._look, self._client = look, client
        self.list = ListedRows(self, look, width, _HEIGHT, lambda: None)
        self.list.pack(fill="x")
        self.reason = Field(self, look, _("requests.reason"), surface="raised")
        self.reason.pack(fill="x", pady=(look.px(12), 0))

    def start(self) -> None:
        """Ask who waits, and draw what is known of it."""
        self._draw()
        self._client.moderation.pending()

    def first(self) -> tk.Misc | None:
        """Return no place for the keyboard: there is none before the list is there."""
        return None

    def apply(self, change: ch.Change) -> None:
        """Draw the list again when it has changed; the client asks for it after each decision."""
        if isinstance(change, ch.ModerationChanged):
            self._draw()

    def _draw(self) -> None:
        rows: list[ListedRow] = []
        for room, waiting in by_room(self._client.state.join_requests):
            rows.append(self._heading(room, [request.username for request in waiting]))
            rows += map(self._row, waiting)
        self.list.fill(rows, _("requests.nobody"))

    def _heading(self, room: str, usernames: list[str]) -> ListedRow:
        """Name the room, with a button that accepts all who are shown below."""
        if len(usernames) < 2:
            return ListedRow(f"# {room}", "")
        accept = partial(self._client.moderation.accept, usernames, room)
        return ListedRow(f"# {room}", "", _("requests.accept_all", count=len(usernames)), accept)

    def _row(self, request: JoinRequest) -> ListedRow:
        asked = dates.moment(request.requested_at, dates.today())
        return ListedRow(
            request.display_name,
            " · ".join(filter(None, (f"@{request.username}", asked, request.reason))),
            _("requests.accept"),
            partial(self._client.moderation.decide, request.username, request.room, True),
            other=_("requests.refuse"),
            on_other=partial(self._refuse, request),
        )

    def _refuse(self, request: JoinRequest) -> None:
        reason = self.reason.get().strip()
        self.reason.set("")
        self._client.moderation.decide(request.username, request.room, False, reason)
