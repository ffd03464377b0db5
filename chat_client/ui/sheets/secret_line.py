"""A secret that is shown once, to be copied: a one-time password, an invitation's link; Tk thread only."""

import tkinter as tk
from tkinter import ttk

from chat_client.i18n import _
from chat_client.ui.look.look import Look
from chat_client.ui.widgets.widgets import button


class SecretLine(ttk.Frame):
    """The widget: what it is, the secret in a field that is only read, and a button that copies it."""

    def __init__(self, parent: tk.Misc, look: Look, width: int) -> None:
        super().__init__(parent, style="Raised.TFrame")
        self._look = look
        self.label = ttk.Label(self, style="Raised.SmallBold.TLabel", wraplength=width, justify="left")
        self.label.pack(anchor="w", pady=(look.px(8), look.px(3)))
        row = ttk.Frame(self, style="Raised.TFrame")
        row.pack(fill="x")
        self.copy = button(row, _("secret.copy"), self._copy, kind="Accent", surface="raised")
        self.copy.pack(side="right", padx=(look.px(8), 0))
        self.value = tk.StringVar(self)
        self.entry = ttk.Entry(
            row, textvariable=self.value, state="readonly", style="Raised.TEntry", font=look.font("body")
        )
        self.entry.pack(side="left", fill="x", expand=True)

    def tell(self, words: str, secret: str) -> None:
        """Show a secret, and give the keyboard to the button that copies it."""
        self.label.configure(text=words)
        self.value.set(secret)
        self.copy.configure(text=_("secret.copy"))
        self.pack(fill="x")
        self.copy.focus_set()

    def _copy(self) -> None:
        self._look.root.clipboard_clear()
        self._look.root.clipboard_append(self.value.get())
        self.copy.configure(text=_("secret.copied"))
