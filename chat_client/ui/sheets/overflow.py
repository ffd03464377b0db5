"""Lets a card that is higher than the window scroll; it knows nothing of what is there. Tk thread only."""

import tkinter as tk
from tkinter import ttk

from chat_client.ui.look.look import Look


class Overflow:
    """The contents of one card. Until there is too little room they stand in the card as they are.

    :param inside: the contents, a child of the card.
    """

    def __init__(self, card: tk.Frame, inside: ttk.Frame, look: Look) -> None:
        self._card, self._inside, self._look = card, inside, look
        self._canvas: tk.Canvas | None = None
        self._window = 0

    @property
    def scrolls(self) -> bool:
        """Whether there is too little room."""
        return self._canvas is not None

    def fit(self, most: int) -> None:
        """Take at most so many pixels of height, and scroll where the contents need more."""
        needed = self._inside.winfo_reqheight()
        if self._canvas is None and needed > most:
            self._canvas = self._make()
        if self._canvas is not None:
            self._canvas.configure(
                height=min(needed, most), scrollregion=(0, 0, self._inside.winfo_reqwidth(), needed)
            )

    def _make(self) -> tk.Canvas:
        """Put the contents into a canvas beside them, which Tk allows, with a bar on their margin."""
        look, card = self._look, self._card
        canvas = tk.Canvas(
            card,
            width=self._inside.winfo_reqwidth(),
            background=look.palette.raised,
            highlightthickness=0,
            borderwidth=0,
            yscrollincrement=1,
        )
        bar = ttk.Scrollbar(card, command=canvas.yview, style="Raised.Vertical.TScrollbar")
        canvas.configure(yscrollcommand=bar.set)
        self._inside.pack_forget()
        canvas.pack(fill="both", expand=True)
        tk.Misc.lower(canvas)
        self._window = canvas.create_window(0, 0, window=self._inside, anchor="nw")
        canvas.bind("<Configure>", lambda event: canvas.itemconfigure(self._window, width=event.width))
        bar.place(relx=1, anchor="ne", relheight=1)
        return canvas

    def turn(self, event: "tk.Event[tk.Misc]", step: int) -> None:
        """Scroll by the wheel, unless what is under the pointer scrolls by itself."""
        if self._canvas is not None and not event.widget.bind("<MouseWheel>"):
            self._canvas.yview_scroll(step * self._look.px(48), "units")

    def see(self, widget: tk.Misc) -> None:
        """Bring what has the keyboard into view."""
        canvas = self._canvas
        if canvas is None or not str(widget).startswith(f"{self._inside}."):
            return
        margin = self._look.px(24)
        # Where it is on the card: on the screen it moves only once Tk has nothing else to do.
        top = round(widget.winfo_rooty() - self._inside.winfo_rooty() - canvas.canvasy(0))
        bottom = top + widget.winfo_height()
        if top < margin:
            canvas.yview_scroll(top - margin, "units")
        elif bottom > canvas.winfo_height() - margin:
            canvas.yview_scroll(bottom - canvas.winfo_height() + margin, "units")
