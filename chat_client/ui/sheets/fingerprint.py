"""The questions about a server's fingerprint: at first contact, and when another is named. Tk thread only."""

from collections.abc import Callable
from tkinter import ttk

from chat_client.i18n import _
from chat_client.model.state import ConnectionState
from chat_client.ui.look.look import Look
from chat_client.ui.sheets.sheet import Sheet
from chat_client.ui.widgets.widgets import button


def grouped(fingerprint: str) -> str:
    """Set a fingerprint in four lines, each as the server writes it, to be compared by eye."""
    pairs = fingerprint.split(":")
    return "\n".join(":".join(pairs[at : at + 8]) for at in range(0, len(pairs), 8))


class FingerprintSheet(Sheet):
    """The sheet. ``answer`` gets True where the user trusts the server; closing it is a no."""

    def __init__(self, look: Look, connection: ConnectionState, answer: Callable[[bool], object]) -> None:
        super().__init__(look.root, look, _("fingerprint.title", host=connection.host), width=460)
        self._accepted = False
        _words(self, look, _("fingerprint.words"))
        _code(self, look, connection.fingerprint)
        row = ttk.Frame(self.inside, style="Raised.TFrame")
        row.pack(fill="x", pady=(look.px(8), 0))
        self.trust = button(row, _("fingerprint.trust"), self._accept, kind="Accent", surface="raised")
        self.trust.pack(side="right")
        self.refuse = button(row, _("action.cancel"), self.close, surface="raised")
        self.refuse.pack(side="right", padx=look.px(8))
        self.on_close = lambda: answer(self._accepted)

    def _accept(self) -> None:
        self._accepted = True
        self.close()


class ChangedFingerprintSheet(Sheet):
    """Asks whether an invitation may replace what is known of a server; ``replace`` does it."""

    def __init__(
        self, look: Look, host: str, known: str, invited: str, replace: Callable[[], object]
    ) -> None:
        super().__init__(look.root, look, _("fingerprint.other_title"), width=460)
        self._replace = replace
        _words(self, look, _("fingerprint.other_words", host=look.line(host)))
        for heading, fingerprint in (("fingerprint.known", known), ("fingerprint.invited", invited)):
            title = ttk.Label(self.inside, text=_(heading), style="Raised.SmallBold.TLabel")
            title.pack(anchor="w", pady=(look.px(12), 0))
            _code(self, look, fingerprint)
        row = ttk.Frame(self.inside, style="Raised.TFrame")
        row.pack(fill="x", pady=(look.px(8), 0))
        self.keep = button(row, _("fingerprint.keep"), self.close, kind="Accent", surface="raised")
        self.keep.pack(side="right")
        self.replace = button(row, _("fingerprint.replace"), self._accept, kind="Danger", surface="raised")
        self.replace.pack(side="right", padx=look.px(8))

    def _accept(self) -> None:
        self.close()
        self._replace()


def _words(sheet: Sheet, look: Look, text: str) -> None:
    words = ttk.Label(sheet.inside, text=text, style="Raised.TLabel", wraplength=look.px(410), justify="left")
    words.pack(anchor="w")


def _code(sheet: Sheet, look: Look, fingerprint: str) -> None:
    code = ttk.Label(
        sheet.inside,
        text=grouped(fingerprint),
        style="Raised.Bold.TLabel",
        font=look.font("code"),
        padding=(0, look.px(8)),
        justify="left",
    )
    code.pack()
