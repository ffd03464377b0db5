"""Tells which keys do what, from the tables of actions, for the sheet of keys and the page; no widget."""

from collections.abc import Iterable
from typing import Any

from chat_client.i18n import _
from chat_client.ui.actions import PROGRAM, TIMELINE, WINDOW, WRITING, Action
from chat_client.ui.file_actions import FILE
from chat_client.ui.message_actions import MESSAGE
from chat_client.ui.sheets.picture_sheet import VIEWER


def told_keys() -> list[tuple[str, list[tuple[list[str], str]]]]:
    """Give what the sheet of keys tells: for each place its heading, then keys and what they do.

    Two actions of one key and one place stand on two lines: which of them it does depends on the message.
    """
    places: tuple[tuple[str, Iterable[Action[Any]]], ...] = (
        ("keys.everywhere", (*WINDOW, *PROGRAM)),
        ("keys.writing", WRITING),
        ("keys.timeline", (*TIMELINE, *MESSAGE)),
        ("keys.in_files", FILE),
        ("keys.in_viewer", VIEWER),
    )
    return [
        (
            _(heading),
            [(action.key_names, action.words) for action in actions if action.keys],
        )
        for heading, actions in places
    ]
