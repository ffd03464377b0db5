"""The place of one picture in the timeline: as large before it is there as afterwards. Tk thread only."""

import tkinter as tk
from collections.abc import Callable
from typing import Final

from chat_client.model.pictures import Size
from chat_client.ui.look.look import Look
from chat_protocol.objects import File

SMALLEST: Final = 40  # units: a smaller picture has room around it, and can be clicked


class PictureFrame(tk.Canvas):
    """The canvas. Tk maps it when it comes into view and unmaps it when it leaves.

    :param size: the picture's on the screen.
    :param in_view: called with the frame and whether it has come into view or left it.
    :param opened: called when it is clicked.
    """

    def __init__(
        self,
        parent: tk.Misc,
        look: Look,
        file: File,
        size: Size,
        in_view: Callable[["PictureFrame", bool], object],
        opened: Callable[[File], object],
    ) -> None:
        self.file, self.shown_size = file, size
        super().__init__(
            parent,
            width=max(look.px(SMALLEST), size.width),
            height=max(look.px(SMALLEST), size.height),
            background=look.palette.paper_hover,
            highlightthickness=1,
            highlightbackground=look.palette.line,
            borderwidth=0,
            cursor="hand2",
            takefocus=False,
        )
        self._middle = (int(self.cget("width")) // 2 + 1, int(self.cget("height")) // 2 + 1)
        self._icon = look.pictures.icon("picture", "faint", 22)
        self.image: tk.PhotoImage | None = None
        self.show(None)
        self.bind("<Map>", lambda _event: in_view(self, True))
        self.bind("<Unmap>", lambda _event: in_view(self, False))
        self.bind("<Destroy>", lambda _event: in_view(self, False))
        self.bind("<ButtonRelease-1>", lambda _event: opened(file))

    def show(self, image: tk.PhotoImage | None) -> None:
        """Show the picture; None for the sign that it is to come."""
        self.delete("all")
        self.image = image
        self.create_image(*self._middle, image=image or self._icon, anchor="center")
