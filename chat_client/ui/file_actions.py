"""Owns the table of what can be done with a file of a list, on which key; it makes no widget."""

from typing import Final

from chat_client.ui.action_targets import ChosenFile
from chat_client.ui.actions import Action

FILE: Final[tuple[Action[ChosenFile], ...]] = (
    Action(
        "open_file",
        "action.open_file",
        lambda c: c.commands.open(c.listed),
        ("o",),
        enabled=lambda c: c.commands.may_open(c.listed),
    ),
    Action("save_file", "action.save_files", lambda c: c.commands.save(c.listed), ("s",)),
    Action("show_message", "action.show_message", lambda c: c.commands.show_message(c.listed), ("g",)),
)
