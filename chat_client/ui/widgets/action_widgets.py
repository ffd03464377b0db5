"""Buttons and entries of menus that do an action, with its words and its key. Tk thread only."""

import tkinter as tk
from collections.abc import Iterable
from functools import partial
from tkinter import ttk

from chat_client.ui.actions import Action, Actions, On
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


def add_actions(menu: tk.Menu, look: Look, actions: Iterable[Action[On]], on: On) -> None:
    """Add to a menu what can be done now with what was chosen, with a line between two groups."""
    group = ""
    for action in actions:
        if not action.enabled(on):
            continue
        if action.group != group:
            group = action.group
            menu.add_separator()
        menu.add_command(
            label=action.words,
            accelerator=action.accelerator,
            command=partial(action.perform, on),
            foreground=look.palette.danger_text if action.danger else look.palette.text,
        )
