"""The menu of the field in which one writes: its actions, and what a selection allows; Tk thread only."""

import tkinter as tk
from functools import partial
from typing import Final

from chat_client.i18n import _
from chat_client.ui.action_targets import Writing
from chat_client.ui.actions import WRITING
from chat_client.ui.look.look import Look
from chat_client.ui.widgets.action_widgets import add_actions

#: What has its own place for the pointer: the rows of the list over the field, the cross beside a reply.
_ELSEWHERE: Final = ("complete", "cancel")
_EDITING: Final = (
    ("edit.cut", "<<Cut>>"),
    ("edit.copy", "<<Copy>>"),
    ("edit.paste", "<<Paste>>"),
    ("edit.all", "<<SelectAll>>"),
)


class ComposerMenu:
    """Opens at a press of the right button, and at the key for menus.

    :param writing: what the actions are done to.
    """

    def __init__(self, look: Look, text: tk.Text, writing: Writing) -> None:
        self._look, self._text, self._writing = look, text, writing
        self.menu = look.menu(text)
        is_mac = str(text.tk.call("tk", "windowingsystem")) == "aqua"
        for event in ("<Button-2>", "<Button-3>", "<Control-Button-1>") if is_mac else ("<Button-3>",):
            text.bind(event, lambda event: self._open(event.x_root, event.y_root))
        for key in ("<Menu>", "<Shift-F10>"):
            text.bind(key, lambda _event: self._open_at_cursor())

    def _open_at_cursor(self) -> str:
        text = self._text
        x, y, _width, height = text.bbox("insert") or (0, 0, 0, 0)
        return self._open(text.winfo_rootx() + x, text.winfo_rooty() + y + height)

    def _open(self, x: int, y: int) -> str:
        menu, text = self.menu, self._text
        text.focus_set()
        menu.delete(0, "end")
        add_actions(
            menu, self._look, (action for action in WRITING if action.id not in _ELSEWHERE), self._writing
        )
        menu.add_separator()
        selected = bool(text.tag_ranges("sel"))
        for words, event in _EDITING:
            needs_selection = event in ("<<Cut>>", "<<Copy>>")
            menu.add_command(
                label=_(words),
                command=partial(text.event_generate, event),
                state="normal" if selected or not needs_selection else "disabled",
            )
        menu.tk_popup(x, y)
        return "break"
