"""The moderators' window: sanctions, requests, people, invitations and the audit, each on a tab of a sheet.

Tk thread only. What a tab lists the client asks the server for; who may do what the server decides.
"""

from collections.abc import Callable
from tkinter import ttk
from typing import Final

from chat_client.engine.client import Client
from chat_client.i18n import _, error_text
from chat_client.model import changes as ch
from chat_client.ui.look.look import Look
from chat_client.ui.sheets.audit_tab import AuditTab
from chat_client.ui.sheets.invitations_tab import InvitationsTab
from chat_client.ui.sheets.keeping_sheet import KeepingSheet
from chat_client.ui.sheets.people_tab import PeopleTab
from chat_client.ui.sheets.requests_tab import RequestsTab
from chat_client.ui.sheets.sanctions_tab import SanctionsTab
from chat_client.ui.widgets.choices import Choices

WIDTH: Final = 640
OF_MODERATORS: Final = ("sanctions", "requests", "people")
OF_ADMINISTRATORS: Final = (*OF_MODERATORS, "invitations", "audit")
#: What a tab is to the sheet: a frame that asks, draws and takes the keyboard.
Tab = SanctionsTab | RequestsTab | PeopleTab | InvitationsTab | AuditTab


class ModerationSheet(KeepingSheet):
    """The sheet.

    :param tabs: those that are offered; a single one has no row to choose it from.
    :param show_person: shows a person, by the username, in the place of this sheet.
    """

    def __init__(
        self,
        look: Look,
        client: Client,
        title: str,
        tabs: tuple[str, ...],
        show_person: Callable[[str], object],
    ) -> None:
        super().__init__(look.root, look, title, width=WIDTH)
        self._client, self._show_person = client, show_person
        self._inner = look.px(WIDTH - 48) - 2  # the card's border
        self.choices: Choices | None = None
        if len(tabs) > 1:
            labels = {name: _(f"moderation.{name}") for name in tabs}
            self.choices = Choices(self.inside, look, labels, tabs[0], self._choose)
            self.choices.pack(anchor="w", pady=(0, look.px(12)))
        self._body = ttk.Frame(self.inside, style="Raised.TFrame")
        self._body.pack(fill="x")
        self.told = ttk.Label(
            self.inside, style="Raised.Danger.TLabel", wraplength=self._inner, justify="left"
        )
        self.told.pack(anchor="w", pady=(look.px(8), 0))
        self.end_with_close()
        self.tab = self._open(tabs[0])
        self.show(self.choices.buttons[0] if self.choices is not None else self.tab.first() or self.done)
        self.tab.start()

    def _open(self, name: str) -> Tab:
        look, client, inner = self.look, self._client, self._inner
        tab: Tab
        if name == "people":
            tab = PeopleTab(self._body, look, client, self._person)
        elif name == "requests":
            tab = RequestsTab(self._body, look, client, inner)
        elif name == "invitations":
            tab = InvitationsTab(self._body, look, client, inner)
        elif name == "audit":
            tab = AuditTab(self._body, look, client, inner)
        else:
            tab = SanctionsTab(self._body, look, client, inner)
        tab.pack(fill="x")
        return tab

    def _choose(self) -> None:
        """Show the tab that was chosen."""
        if self.choices is None:
            return
        self.tab.destroy()
        self.told.configure(text="")
        self.tab = self._open(self.choices.get())
        self.grown()
        self.tab.start()

    def _person(self, username: str) -> None:
        self.close()
        self._show_person(username)

    def apply(self, change: ch.Change) -> None:
        """Draw the tab again where what it shows has changed."""
        if not isinstance(change, ch.ListChanged | ch.RequestDone | ch.InvitationMade | ch.ModerationChanged):
            return  # a message that arrives costs nothing here
        if isinstance(change, ch.RequestDone):
            self.told.configure(text="")
        self.tab.apply(change)
        if self.closed:
            return
        self.grown()
        if self.focus_get() in (None, self.look.root):  # what had the keyboard is gone
            (self.choices.buttons[0] if self.choices is not None else self.done).focus_set()

    def refused(self, change: ch.RequestFailed) -> bool:
        """Say why a request was refused; False where it was none of this sheet's."""
        if change.request != "users" and not change.request.startswith("moderation."):
            return False
        self.told.configure(text=error_text(change.code))
        self.grown()
        return True
