"""A field in which people are looked up, among all that the server knows; Tk thread only.

It shows nobody: its owner has the list, and is asked to fill it at each change.
"""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk
from typing import Final

from chat_client.engine.client import Client
from chat_client.ui.look.look import Look
from chat_client.ui.timer import Timer

_LOOK_UP_DELAY_MS: Final = 150


class PeopleQuery(ttk.Entry):
    """The field.

    :param fill: shows what fits `query`.
    :param ask: asks for those whose name begins so, also for all; None looks people up by a beginning.
    """

    def __init__(
        self,
        parent: tk.Misc,
        look: Look,
        client: Client,
        fill: Callable[[], object],
        ask: Callable[[str], object] | None = None,
    ) -> None:
        self.query = tk.StringVar(parent)
        super().__init__(parent, textvariable=self.query, style="Raised.TEntry", font=look.font("body"))
        self._client, self._fill, self._ask = client, fill, ask
        self._rest = Timer(self, self._look_up)
        self.query.trace_add("write", lambda *_args: self._changed())

    @property
    def prefix(self) -> str:
        """The beginning of a name that was typed."""
        return self.query.get().strip().lstrip("@")

    def _changed(self) -> None:
        self._fill()
        self._rest.again(_LOOK_UP_DELAY_MS)

    def _look_up(self) -> None:
        if self._ask is not None:
            self._ask(self.prefix)
        elif self.prefix:
            self._client.people.find(self.prefix)
