"""Who did what, for administrators: the newest first, by whom and on whom where asked; Tk thread only."""

import tkinter as tk
from tkinter import ttk

from chat_client.engine.client import Client
from chat_client.i18n import _
from chat_client.model import changes as ch
from chat_client.ui.look import dates
from chat_client.ui.look.look import Look
from chat_client.ui.sheets.listed_rows import ListedRow, ListedRows
from chat_client.ui.widgets.widgets import Field, button
from chat_protocol.moderation_replies import AuditEntry

_HEIGHT = 260


class AuditTab(ttk.Frame):
    """The tab."""

    def __init__(self, parent: tk.Misc, look: Look, client: Client, width: int) -> None:
        super().__init__(parent, style="Raised.TFrame")
        self._client = client
        row = ttk.Frame(self, style="Raised.TFrame")
        row.pack(fill="x")
        self.button = button(row, _("audit.show"), self._ask, surface="raised")
        self.button.pack(side="right", anchor="s", pady=(0, look.px(20)))
        self.actor = Field(row, look, _("audit.by"), surface="raised", width=12)
        self.target = Field(row, look, _("audit.on"), surface="raised", width=12)
        for field in (self.actor, self.target):
            field.pack(side="left", fill="x", expand=True, padx=(0, look.px(8)))
            field.entry.bind("<Return>", lambda _event: self._ask())
        self.list = ListedRows(self, look, width, _HEIGHT, self._ask_more)
        self.list.pack(fill="x")
        self._wanted = ("", "")

    def start(self) -> None:
        """Ask for the newest entries."""
        self._ask()

    def first(self) -> tk.Misc | None:
        """Return the field for who it was."""
        return self.actor.entry

    def apply(self, change: ch.Change) -> None:
        """Draw the list when the server has answered."""
        if isinstance(change, ch.ListChanged) and change.name == "audit":
            known = self._client.state.lists.audit
            rows = [_row(entry) for entry in known.items or ()]
            self.list.fill(rows, _("audit.none"), more=known.next is not None)

    def _ask(self) -> None:
        self._wanted = (_bare(self.actor), _bare(self.target))
        self._client.administration.audit(*self._wanted)

    def _ask_more(self) -> None:
        self._client.administration.audit(*self._wanted, more=True)


def _row(entry: AuditEntry) -> ListedRow:
    head = " · ".join(filter(None, (entry.actor, entry.action, entry.target)))
    when = dates.precise(entry.at, dates.today())
    refused = "" if entry.allowed else _("audit.refused")
    detail = " · ".join(filter(None, (when, refused, entry.detail, entry.origin)))
    return ListedRow(head, detail, danger=not entry.allowed)


def _bare(field: Field) -> str:
    return field.get().strip().removeprefix("@")
