"""Where the user is signed in, on a sheet, with a button that ends each device; Tk thread only."""

from tkinter import ttk

from chat_client.engine.client import Client
from chat_client.i18n import _, ngettext
from chat_client.model.changes import DevicesChanged, DevicesEnded
from chat_client.ui.look import dates
from chat_client.ui.look.look import Look
from chat_client.ui.sheets.sheet import Sheet
from chat_client.ui.widgets.scroller import Scroller
from chat_client.ui.widgets.widgets import button
from chat_client.ui.widgets.words import Words
from chat_protocol.objects import Device

WIDTH = 520
LIST_MAX = 300  # what is more is scrolled to


class DevicesSheet(Sheet):
    """The sheet. It asks for the list when it opens, and draws it at each change."""

    def __init__(self, look: Look, client: Client) -> None:
        super().__init__(look.root, look, _("devices.title"), width=WIDTH)
        self._client = client
        inner = look.px(WIDTH - 48) - 2  # the card's border
        words = ttk.Label(
            self.inside,
            text=_("devices.words"),
            style="Raised.Muted.TLabel",
            wraplength=inner,
            justify="left",
        )
        words.pack(anchor="w")
        self._scroller = Scroller(self.inside, look, inner, margin=0, surface="raised")
        self._scroller.pack(fill="x", pady=look.px(12))
        self.told = ttk.Label(self.inside, style="Raised.Muted.TLabel", wraplength=inner, justify="left")
        self.told.pack(anchor="w")
        row = self.end_with_close()
        self.others = button(
            row, _("devices.end_others"), client.devices.end_others, kind="Danger", surface="raised"
        )
        self.others.pack(side="right", padx=look.px(8))
        self.rows: list[tuple[str, ttk.Button | None]] = []
        self.draw()
        self.show(self.done)
        client.devices.refresh()

    def changed(self, change: DevicesChanged | DevicesEnded) -> None:
        """Draw the list again, or say how many devices were signed out."""
        if self.closed:
            return
        if isinstance(change, DevicesChanged):
            self.draw()
        else:
            gone = change.device and not change.count
            words = _("devices.none") if gone else ngettext("devices.ended", change.count)
            self.told.configure(text=words)

    def draw(self) -> None:
        """Draw the list; a button that had the keyboard gives it to the one that closes."""
        for child in self._scroller.inside.winfo_children():
            child.destroy()
        devices = self._client.state.devices
        self.rows = [self._row(device) for device in devices]
        self.others.state(["!disabled" if any(not each.current for each in devices) else "disabled"])
        self._scroller.inside.update_idletasks()
        needed = self._scroller.inside.winfo_reqheight()
        self._scroller.configure(height=min(max(needed, 1), self.look.px(LIST_MAX)))
        self._scroller.watch()
        if not self.winfo_ismapped():
            return
        self.grown()
        if self.focus_get() in (None, self.look.root):
            self.done.focus_set()

    def _row(self, device: Device) -> tuple[str, ttk.Button | None]:
        look = self.look
        row = ttk.Frame(self._scroller.inside, style="Raised.TFrame")
        row.pack(fill="x", pady=look.px(4))
        end = None
        if not device.current:
            end = button(row, _("devices.end"), lambda: self._client.devices.end(device.id), surface="raised")
            end.pack(side="right", padx=(look.px(8), 0))
        name = look.line(device.name or _("devices.unnamed"))
        Words(row, look, "Raised.SmallBold", name).pack(anchor="w")
        used = _("devices.used", when=dates.moment(device.last_used_at, dates.today()))
        words = [_("devices.current") if device.current else "", look.plain_line(device.address), used]
        shown = " · ".join(filter(None, words))
        ttk.Label(row, text=shown, style="Raised.Muted.TLabel").pack(anchor="w")
        return f"{name}: {shown}", end
