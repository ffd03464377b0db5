"""One-time invitations: one is made, its link is shown once, those in force are ended; Tk thread only."""

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
from chat_client.ui.sheets.secret_line import SecretLine
from chat_client.ui.widgets.choices import Choices
from chat_client.ui.widgets.widgets import Field, button

ROLES = ("member", "moderator", "admin")
_HEIGHT = 150


class InvitationsTab(ttk.Frame):
    """The tab."""

    def __init__(self, parent: tk.Misc, look: Look, client: Client, width: int) -> None:
        super().__init__(parent, style="Raised.TFrame")
        self._look, self._client = look, client
        self.name = Field(self, look, _("invitations.for"), surface="raised")
        self.name.pack(fill="x")
        row = ttk.Frame(self, style="Raised.TFrame")
        row.pack(fill="x")
        self.role = Choices(row, look, {role: _(f"person.role_{role}") for role in ROLES}, "member")
        self.role.pack(side="left")
        self.button = button(row, _("invitations.make"), self.submit, kind="Accent", surface="raised")
        self.button.pack(side="right")
        self.name.entry.bind("<Return>", lambda _event: self.submit())
        self.secret = SecretLine(self, look, width)
        self.list = ListedRows(self, look, width, _HEIGHT, lambda: None)
        self.list.pack(side="bottom", fill="x", pady=(look.px(12), 0))

    def start(self) -> None:
        """Ask for those in force."""
        self._draw()
        self._client.administration.invitations()

    def first(self) -> tk.Misc | None:
        """Return the field for whom it is."""
        return self.name.entry

    def submit(self) -> None:
        """Ask for an invitation."""
        self._client.administration.invite(self.name.get().strip().removeprefix("@"), self.role.get())

    def apply(self, change: ch.Change) -> None:
        """Show the link that was made, and the list as it is now."""
        if isinstance(change, ch.InvitationMade):
            whom = self._look.plain_line(change.username) or _("invitations.whoever")
            role = _(f"person.role_{change.role}")
            self.secret.tell(_("invitations.made", name=whom, role=role), change.link)
            self.name.set("")
            self._client.administration.invitations()
        elif isinstance(change, ch.ListChanged) and change.name == "invitations":
            self._draw()

    def _draw(self) -> None:
        known = self._client.state.lists.invitations
        rows = []
        for one in known or ():
            head = f"{one.username or _('invitations.whoever')} · {_(f'person.role_{one.role}')}"
            until = _("sanctions.until", when=dates.precise(one.expires_at, dates.today()))
            by = _("invitations.by", name=name_of(self._client.state, one.by))
            revoke = partial(self._client.administration.revoke, one.number)
            rows.append(ListedRow(head, f"{until} · {by}", _("invitations.revoke"), revoke))
        self.list.fill(rows, _("invitations.none") if known is not None else "")
