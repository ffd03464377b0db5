"""Asks to which day of a room to go: typed, or by a button for a usual one; Tk thread only."""

from collections.abc import Callable
from datetime import date, timedelta
from tkinter import ttk

from chat_client.i18n import _
from chat_client.model.days import parse_day, start_ms
from chat_client.ui.look import dates
from chat_client.ui.look.look import Look
from chat_client.ui.sheets.sheet import Sheet
from chat_client.ui.widgets.widgets import Field, button

#: Days back from today, by the name of the button.
USUAL = {"today": 0, "yesterday": 1, "week": 7, "month": 30, "year": 365}


class DateSheet(Sheet):
    """The sheet. ``go`` is given when the chosen day begins, in milliseconds since 1970 UTC."""

    def __init__(self, look: Look, go: Callable[[int], object]) -> None:
        super().__init__(look.root, look, _("date_jump.title"), width=580)
        self._go = go
        self.field = Field(self.inside, look, _("date_jump.day"), surface="raised")
        self.field.set(f"{dates.today():%Y-%m-%d}")
        self.field.entry.select_range(0, "end")
        self.field.pack(fill="x")
        self.field.entry.bind("<Return>", lambda _event: self.submit())
        self.field.recheck = lambda: "" if parse_day(self.field.get()) else _("date_jump.unclear")
        usual = ttk.Frame(self.inside, style="Raised.TFrame")
        usual.pack(fill="x")
        self.usual: dict[str, ttk.Button] = {}
        for name, back in USUAL.items():
            made = button(usual, _(f"date_jump.{name}"), self._chooser(back), surface="raised")
            made.pack(side="left", padx=(0, look.px(6)))
            self.usual[name] = made
        row = ttk.Frame(self.inside, style="Raised.TFrame")
        row.pack(fill="x", pady=(look.px(16), 0))
        button(row, _("date_jump.go"), self.submit, kind="Accent", surface="raised").pack(side="right")
        button(row, _("action.cancel"), self.close, surface="raised").pack(side="right", padx=look.px(8))
        self.show(self.field.entry)

    def _chooser(self, back: int) -> Callable[[], None]:
        return lambda: self._leave(dates.today() - timedelta(days=back))

    def submit(self) -> None:
        """Go to the day that was typed."""
        self.field.complain(self.field.recheck())
        day = parse_day(self.field.get())
        if day is not None:
            self._leave(day)

    def _leave(self, day: date) -> None:
        self.close()
        self._go(start_ms(day))
