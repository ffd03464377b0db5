"""The head of a pane that was asked for at the right: its title, and what closes it; Tk thread only."""

import tkinter as tk
from tkinter import ttk

from chat_client.i18n import _
from chat_client.ui.actions import Actions
from chat_client.ui.look.look import Look
from chat_client.ui.widgets.widgets import icon_button

#: Of such a pane, in the design's units.
WIDTH = 340


def pane_head(parent: tk.Misc, look: Look, actions: Actions, title: str) -> ttk.Frame:
    """Make the head; closing shows the members again."""
    head = ttk.Frame(parent, style="Side.TFrame")
    ttk.Label(head, text=title, style="Side.Title.TLabel").pack(side="left")
    icon_button(
        head, look, "close", _("action.close"), actions.window.show_members_again, surface="side", size=16
    ).pack(side="right")
    return head
