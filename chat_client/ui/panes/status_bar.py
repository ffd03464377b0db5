"""The line at the bottom that tells how things stand: connected, trying again, refused, about to stop.

The words are made by a pure function of the connection's state and the time; the widget only shows them.
"""

import tkinter as tk
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from tkinter import ttk

from chat_client.i18n import _, error_text, ngettext
from chat_client.model.state import ConnectionState, Phase
from chat_client.ui.look import dates
from chat_client.ui.look.look import Look
from chat_client.ui.widgets.widgets import Tooltip, button, fit
from chat_client.ui.widgets.words import Words


@dataclass(frozen=True, slots=True)
class Report:
    """What the line says. ``tone`` is ``calm``, ``warning`` or ``danger``; ``retry`` offers to try now."""

    words: str
    tone: str = "calm"
    retry: bool = False


def report(connection: ConnectionState, now_ms: int, waiting: int = 0) -> Report:
    """Say how a connection stands.

    :param now_ms: milliseconds since 1970 UTC, by the server's clock.
    :param waiting: how many of one's own messages are not stored yet.
    """
    place = connection.server or connection.host
    phase = connection.phase
    if not connection.keeping_ok and phase != Phase.SIGNED_OUT:
        retry = phase in (Phase.WAITING, Phase.REFUSED)
        return Report(_("connection.not_kept"), "danger", retry=retry)
    if phase == Phase.ONLINE:
        return _online(connection, place, now_ms, waiting)
    if phase in (Phase.CONNECTING, Phase.FINGERPRINT, Phase.SIGNING_IN):
        return Report(_(f"connection.{phase.value}", host=connection.host), "warning")
    if phase == Phase.WAITING:
        reason = _reason(connection)
        seconds = connection.retry_in or 0
        again = (
            _("connection.retry_in", when=dates.ahead(seconds)) if seconds > 0 else _("connection.retry_now")
        )
        return Report(f"{reason} {again}", "warning", retry=True)
    if phase == Phase.REFUSED:
        return Report(refusal(connection), "danger", retry=True)  # sanctions are lifted early, too
    return Report(_("connection.signed_out"))


def _online(connection: ConnectionState, place: str, now_ms: int, waiting: int) -> Report:
    if connection.shutdown_at is not None:
        seconds = max(0, round((connection.shutdown_at - now_ms) / 1000))
        words = _("connection.shutdown_in", when=dates.ahead(seconds))
        reason = f" {connection.shutdown_reason}" if connection.shutdown_reason else ""
        return Report(words + reason, "warning")
    if not connection.storing_ok:
        return Report(_("connection.not_storing"), "warning")
    kind = "connection.encrypted" if connection.encrypted else "connection.plain"
    words = _(kind, server=place)
    if waiting:
        words += "  ·  " + ngettext("connection.sending", waiting)
    return Report(words, "calm" if connection.encrypted else "warning")


def _reason(connection: ConnectionState) -> str:
    if connection.ended_by:
        return _(f"ended.{connection.ended_by}")
    return _words(connection) if connection.code else _("connection.lost")


def _words(connection: ConnectionState) -> str:
    """Say why there is no connection; of a server that cannot be reached, which address was tried."""
    if connection.code == "unreachable" and connection.host:
        return _("connection.unreachable", place=f"{connection.host}:{connection.port}")
    return error_text(connection.code or "internal")


def refusal(connection: ConnectionState) -> str:
    """Say why the server does not let the user in, with reason and end where there are any."""
    words = _words(connection)
    if connection.until is not None:
        words += " " + _("connection.until", time=dates.moment(connection.until, date.today()))
    if connection.detail and connection.code in ("kicked", "banned", "killed"):
        words += " " + _("connection.because", reason=connection.detail)
    return words


class StatusBar(ttk.Frame):
    """The widget."""

    def __init__(self, parent: tk.Misc, look: Look, on_retry: Callable[[], object]) -> None:
        super().__init__(parent, style="Side.TFrame", height=look.px(28))
        self.pack_propagate(False)
        self._look = look
        self._shown: Report | None = None
        self._line = tk.Frame(self, height=1, background=look.palette.line)
        self._line.pack(fill="x")
        self._inside = tk.Frame(self, background=look.palette.side, padx=look.px(12))
        self._inside.pack(fill="both", expand=True)
        self._dot = tk.Label(self._inside, background=look.palette.side, borderwidth=0)
        self._dot.pack(side="left", padx=(0, look.px(6)))
        self._words = Words(self._inside, look, "Side.Small")
        self._words.pack(side="left")
        self.retry = button(self._inside, _("connection.retry"), on_retry, kind="Link", surface="side")
        self._tip = Tooltip(look, self._words, "")
        #: What the bar says, also where it is not wide enough for all of it.
        self.words = ""
        self._detail = ""
        self.bind("<Configure>", lambda _event: self._fit())

    def show(self, shown: Report, tip: str = "") -> None:
        """Draw a report."""
        self._detail = tip
        if shown == self._shown:
            self._fit()
            return
        self._shown = shown
        look, palette = self._look, self._look.palette
        grounds = {"calm": palette.side, "warning": palette.warning_soft, "danger": palette.danger_soft}
        inks = {"calm": palette.muted, "warning": palette.warning_text, "danger": palette.danger_text}
        statuses = {"calm": "online", "warning": "away", "danger": "busy"}
        ground = grounds[shown.tone]
        self._inside.configure(background=ground)
        surface = {"calm": "side", "warning": "warning_soft", "danger": "danger_soft"}[shown.tone]
        self._dot.configure(background=ground, image=look.pictures.dot(statuses[shown.tone], surface, 12))
        self._words.paint(inks[shown.tone], ground)
        self.words = look.line(shown.words)
        self.retry.configure(style=f"{surface.capitalize()}.Link.TButton")
        if shown.retry:
            self.retry.pack(side="left", padx=(look.px(8), 0))
        else:
            self.retry.pack_forget()
        self._fit()

    def _fit(self) -> None:
        """Shorten what is said so that the button behind it stays in view; the tooltip has all of it."""
        look = self._look
        beside = self._dot.winfo_reqwidth() + look.px(32)
        if self.retry.winfo_manager():
            beside += self.retry.winfo_reqwidth() + look.px(8)
        width = max(look.px(200), self.winfo_width() - beside)
        line = fit(self.words, look.mixed("small"), width)
        if line != self._words.text:
            self._words.say(line)
        self._tip.text = self._detail if line == self.words else self.words
