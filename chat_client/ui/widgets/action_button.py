"""A button with an icon that does an action; its words and key stand in a tooltip. Tk thread only."""

import tkinter as tk
from functools import partial
from tkinter import ttk

from chat_client.ui.actions import Actions
from chat_client.ui.look.look import Look
from chat_client.ui.widgets.widgets import icon_button


def action_button(
    parent: tk.Misc, look: Look, actions: Actions, action_id: str, *, surface: str = "paper"
) -> ttk.Button:
    """Make a button for an action of the window.

    :raises KeyError: there is no action of that id.
    """
    action = actions.find(action_id)
    return icon_button(parent, look, action.icon, action.tip, partial(actions.do, action_id), surface=surface)
