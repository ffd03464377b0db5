"""Dims the window behind a card: a darker picture of itself lies over it; knows no card. Tk thread only.

Tk's widgets cannot be seen through. On X11 the picture comes from the X server; elsewhere, and where it does
not give one, nothing is dimmed.
"""

import tkinter as tk

from chat_client.ui.look import x11
from chat_client.ui.look.look import Look
from chat_client.ui.timer import Timer

#: How much of the light is left.
LIGHT = {"light": 0.62, "dark": 0.5}
#: Larger windows would take longer to dim than a card may take to appear.
PIXELS_MAX = 6_000_000
#: A window that has just been made, or that another card has covered, is drawn by then: earlier it is empty.
DRAWN_AFTER_MS = 120


class Veil(tk.Label):
    """The picture; it goes when the window changes its size, since it would not fit any more.

    :param shadow: lies over it, under the card. Both appear at once, the veil when its picture is ready.
    """

    def __init__(self, root: tk.Misc, look: Look, shadow: tk.Frame) -> None:
        super().__init__(root, borderwidth=0, highlightthickness=0)
        self._shadow = shadow
        self._size = (root.winfo_width(), root.winfo_height())
        self._light = LIGHT[look.palette.name]
        # A tag of its own on the window: the binding goes with the veil.
        self._tag = f"veil{id(self)}"
        root.bindtags((self._tag, *root.bindtags()))
        root.bind_class(self._tag, "<Configure>", self._follow)
        self.bind("<Destroy>", lambda _event: self._let_go())
        self.drawing = Timer(self, self._draw)
        self.drawing.later(DRAWN_AFTER_MS)

    @property
    def shown(self) -> bool:
        """Whether the window is dimmed."""
        return bool(self.winfo_manager())

    def _draw(self) -> None:
        pixels = _picture(self.master, *self._size)
        if not pixels:
            return
        data = _darkened(pixels, *self._size, self._light)
        self.image = tk.PhotoImage(master=self, data=data, format="ppm")
        self.configure(image=self.image)
        self.place(x=0, y=0)
        self.lower(self._shadow)
        self._shadow.place_forget()  # on the darker picture it would be a light rim

    def _follow(self, event: "tk.Event[tk.Misc]") -> None:
        if self._size != (event.width, event.height):
            self.drawing.cancel()
            self.place_forget()

    def _let_go(self) -> None:
        self.drawing.cancel()
        root = self.master
        root.bindtags(tuple(tag for tag in root.bindtags() if tag != self._tag))
        root.unbind_class(self._tag, "<Configure>")


def _picture(root: tk.Misc, width: int, height: int) -> bytes:
    """Give what the window shows; nothing where it cannot be had."""
    if str(root.tk.call("tk", "windowingsystem")) != "x11" or not 0 < width * height <= PIXELS_MAX:
        return b""
    root.update_idletasks()
    return x11.picture(root.winfo_id(), width, height)


def _darkened(pixels: bytes, width: int, height: int, light: float) -> bytes:
    """Give a darker picture as PPM."""
    darker = pixels.translate(bytes(round(value * light) for value in range(256)))
    picture = bytearray(width * height * 3)
    picture[0::3], picture[1::3], picture[2::3] = darker[2::4], darker[1::4], darker[0::4]
    return b"P6 %d %d 255\n" % (width, height) + bytes(picture)
