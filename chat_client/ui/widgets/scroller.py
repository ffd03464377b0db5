"""Shows what may be higher than the window, and scrolls to what has the keyboard. Tk thread only."""

import tkinter as tk
from tkinter import ttk

from chat_client.ui.look.look import Look
from chat_client.ui.widgets.widgets import on_wheel


class Scroller(tk.Canvas):
    """Shows a frame of a fixed width in its middle; where the window is lower than the frame, it scrolls.

    What gets the keyboard is brought into view.

    :param at_top: the frame stands at the top and the left, as a list does, not in the middle.
    """

    def __init__(
        self,
        parent: tk.Misc,
        look: Look,
        width: int,
        *,
        margin: int = 24,
        surface: str = "paper",
        at_top: bool = False,
    ) -> None:
        ground = getattr(look.palette, surface)
        super().__init__(parent, background=ground, highlightthickness=0, borderwidth=0, height=10)
        self._margin = look.px(margin)
        self._wide, self._at_top = width, at_top
        self.inside = ttk.Frame(self, style=f"{surface.capitalize()}.TFrame")
        self._window = self.create_window(0, 0, window=self.inside, anchor="nw", width=width)
        self.configure(yscrollincrement=1)
        self._top: int | None = None
        self.bind("<Configure>", lambda _event: self.centre())
        self.inside.bind("<Configure>", lambda _event: self._arrange())
        on_wheel(self, lambda step: self.yview_scroll(step * look.px(48), "units"))

    def widen(self, width: int) -> None:
        """Give the frame another width."""
        self._wide = width
        self.itemconfigure(self._window, width=width)

    def centre(self) -> None:
        """Put the frame into the middle; after that only its end moves, not what the pointer is on."""
        self._top = None
        self._arrange()

    def _arrange(self) -> None:
        height, needed = self.winfo_height(), self.inside.winfo_reqheight()
        if self._top is None or self._top + needed > height:
            self._top = self._margin if self._at_top else max(self._margin, (height - needed) // 2)
        top = self._top
        left = 0 if self._at_top else max(0, (self.winfo_width() - self._wide) // 2)
        self.coords(self._window, left, top)
        bottom = max(height, needed + self._margin * 2)
        self.configure(scrollregion=(0, 0, self.winfo_width(), bottom))

    def watch(self, widget: tk.Misc | None = None) -> None:
        """Bring what is in the frame into view when it gets the keyboard; to be called once all is there."""
        for child in (widget or self.inside).winfo_children():
            # Tk's Tab key would stop at a label or a frame that has such a binding.
            if str(child.cget("takefocus")) not in ("", "0"):
                child.bind("<FocusIn>", self._see, add="+")
            self.watch(child)

    def reveal(self, widget: tk.Misc) -> None:
        """Bring what was just put into the frame into view."""
        self.update_idletasks()
        self._arrange()
        self._show(widget)

    def _see(self, event: "tk.Event[tk.Misc]") -> None:
        self._show(event.widget)

    def _show(self, widget: tk.Misc) -> None:
        top = widget.winfo_rooty() - self.winfo_rooty()
        bottom = top + widget.winfo_height()
        if top < 0:
            self.yview_scroll(top - self._margin, "units")
        elif bottom > self.winfo_height():
            self.yview_scroll(bottom - self.winfo_height() + self._margin, "units")
