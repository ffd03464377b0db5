"""A few choices side by side, of which one holds; knows nothing of what they mean. Tk thread only."""

import tkinter as tk
from collections.abc import Callable, Mapping
from tkinter import ttk

from chat_client.ui.look.look import Look
from chat_client.ui.widgets.widgets import on_event


class Choices(ttk.Frame):
    """The widget: Left and Right go from one choice to the next, the space bar takes it.

    :param labels: the words of each choice, by its value.
    :param on_choose: called when the user has chosen.
    """

    def __init__(
        self,
        parent: tk.Misc,
        look: Look,
        labels: Mapping[str, str],
        chosen: str,
        on_choose: Callable[[], object] = lambda: None,
    ) -> None:
        super().__init__(parent, style="Raised.TFrame")
        self.value = tk.StringVar(self, chosen)
        self.buttons: list[ttk.Radiobutton] = []
        for number, (value, label) in enumerate(labels.items()):
            made = ttk.Radiobutton(
                self,
                text=label,
                value=value,
                variable=self.value,
                style="Raised.Choice.TRadiobutton",
                command=on_choose,
            )
            made.pack(side="left", padx=(0, look.px(8)))
            for key, step in (("Left", -1), ("Right", 1)):
                made.bind(f"<{key}>", on_event(self._focus, number + step))
            self.buttons.append(made)

    def get(self) -> str:
        """Return the value that is chosen."""
        return self.value.get()

    def _focus(self, number: int) -> str:
        self.buttons[number % len(self.buttons)].focus_set()
        return "break"
