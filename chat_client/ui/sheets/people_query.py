"""A field above a list: looks what is typed up among all people, and walks the list by keys; Tk thread only.

What the list shows its owner decides, who is asked to fill it at each change.
"""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk
from typing import Final

from chat_client.engine.client import Client
from chat_client.ui.look.look import Look
from chat_client.ui.widgets.row_list import RowList
from chat_client.ui.widgets.widgets import on_event

_LOOK_UP_DELAY_MS: Final = 150


class PeopleQuery(ttk.Entry):
    """The field.

    :param fill: shows in the list what fits `query`.
    """

    def __init__(self, parent: tk.Misc, look: Look, client: Client, fill: Callable[[], object]) -> None:
        self.query = tk.StringVar(parent)
        super().__init__(parent, textvariable=self.query, style="Raised.TEntry", font=look.font("body"))
        self._client, self._fill = client, fill
        self._timer = ""
        self.query.trace_add("write", lambda *_args: self._changed())

    def walk(self, rows: RowList, steps: dict[str, int]) -> None:
        """Let keys move the cursor of the list by so many rows, and Return choose what it is at."""

        def step(rows_on: int) -> str:
            rows.mark = True
            rows.move_cursor(rows_on)
            return "break"

        for key, rows_on in steps.items():
            self.bind(f"<{key}>", on_event(step, rows_on))
        self.bind("<Return>", lambda _event: rows.choose_cursor())

    def _changed(self) -> None:
        self._fill()
        if self._timer:
            self.after_cancel(self._timer)
        self._timer = self.after(_LOOK_UP_DELAY_MS, self._look_up)

    def _look_up(self) -> None:
        self._timer = ""
        prefix = self.query.get().strip().lstrip("@")
        if prefix:
            self._client.people.find(prefix)
