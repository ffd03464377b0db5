"""Asks for how long and why somebody is muted, kicked or banned; Tk thread only."""

from tkinter import ttk
from typing import Final

from chat_client.engine.client import Client
from chat_client.i18n import _, error_text
from chat_client.model import changes as ch
from chat_client.ui.look.look import Look
from chat_client.ui.panes.people import name_of
from chat_client.ui.sheets.keeping_sheet import KeepingSheet, submit_with_return
from chat_client.ui.widgets.choices import Choices
from chat_client.ui.widgets.widgets import Field, button
from chat_protocol.limits import REASON_MAX_CHARS
from chat_protocol.moderation_requests import ModerationSanction

WIDTH: Final = 560
#: The durations that are offered, in seconds; None for good.
DURATIONS: Final[dict[str, int | None]] = {
    "10m": 600,
    "1h": 3_600,
    "1d": 86_400,
    "1w": 604_800,
    "forever": None,
}
USUAL: Final = {"mute": "1h", "kick": "1h", "ban": "forever"}


class SanctionSheet(KeepingSheet):
    """The sheet.

    :param kind: `mute`, `kick` or `ban`.
    :param room: where alone a mute holds; None for everywhere.
    """

    request = ModerationSanction.TYPE

    def __init__(self, look: Look, client: Client, kind: str, username: str, room: str | None) -> None:
        title = _(f"person.{kind}_title", name=look.plain_line(name_of(client.state, username)))
        super().__init__(look.root, look, title, width=WIDTH)
        self._client, self._kind, self._username, self._room = client, kind, username, room
        inner = look.px(WIDTH - 48)
        words = _(f"sanctions.means_{kind}")
        if room is not None:
            words = _("sanctions.means_mute_room", room=look.plain_line(room))
        ttk.Label(
            self.inside, text=words, style="Raised.Muted.TLabel", wraplength=inner, justify="left"
        ).pack(anchor="w", pady=(0, look.px(12)))
        ttk.Label(self.inside, text=_("sanctions.duration"), style="Raised.SmallBold.TLabel").pack(
            anchor="w", pady=(0, look.px(3))
        )
        labels = {name: _(f"sanctions.{name}") for name in DURATIONS}
        self.duration = Choices(self.inside, look, labels, USUAL[kind])
        self.duration.pack(anchor="w", pady=(0, look.px(12)))
        self.reason = Field(self.inside, look, _("sanctions.reason"), surface="raised")
        self.reason.pack(fill="x")
        submit_with_return(self.submit, self.reason)
        self.told = ttk.Label(self.inside, style="Raised.Danger.TLabel", wraplength=inner, justify="left")
        row = ttk.Frame(self.inside, style="Raised.TFrame")
        row.pack(side="bottom", fill="x", pady=(look.px(14), 0))
        self.button = button(row, _(f"sanctions.do_{kind}"), self.submit, kind="Danger", surface="raised")
        self.button.pack(side="right")
        cancel = button(row, _("action.cancel"), self.close, surface="raised")
        cancel.pack(side="right", padx=look.px(8))
        self.show(self.reason.entry)

    def submit(self) -> None:
        """Ask the server for it; the sheet closes when it is done."""
        if self.button.instate(["disabled"]):
            return
        self.told.pack_forget()
        self.button.state(["disabled"])
        self._client.moderation.sanction(
            self._kind,
            username=self._username,
            duration_s=DURATIONS[self.duration.get()],
            room=self._room,
            reason=self.reason.get().strip()[:REASON_MAX_CHARS],
        )

    def refused(self, change: ch.RequestFailed) -> bool:
        """Say why it was refused; False where it was another request."""
        if change.request != self.request:
            return False
        self.button.state(["!disabled"])
        self.told.configure(text=error_text(change.code))
        self.told.pack(anchor="w", pady=(self.look.px(8), 0))
        self.grown()
        return True

    def apply(self, change: ch.Change) -> None:
        """Close when it is done."""
        if isinstance(change, ch.RequestDone) and change.request == self.request:
            self.close()
