"""The pictures of people, as round photographs in any size; it knows no room. Tk thread only.

They are decoded one at a time, after what the user does; until then, initials stand in their place.
"""

import base64
import tkinter as tk
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

from chat_client.model.pictures import PictureRefused, check_avatar
from chat_client.ui.look.photos import decode, decoded_kinds
from chat_client.ui.look.raster import disc_mask, encode_png
from chat_client.ui.look.squares import square_of
from chat_client.ui.timer import Timer

#: Kept decoded: more than any window shows at once.
KEPT_MAX: Final = 600
#: What comes within this time is drawn together.
DRAWN_MS: Final = 30


class AvatarSource(Protocol):
    """Where the pictures come from."""

    def named(self, username: str) -> str:
        """Return what names somebody's picture; empty where there is none."""

    def find(self, username: str) -> Path | None:
        """Return its file; where it has not come, it is asked for."""

    def refuse(self, username: str) -> None:
        """Note that it cannot be decoded."""


class AvatarPhotos:
    """Give the pictures of people as they are wanted, and have them drawn when they have come.

    :param source: has the files.
    """

    def __init__(self, root: tk.Misc, source: AvatarSource) -> None:
        self._root, self._source = root, source
        self._images: OrderedDict[tuple[str, int], tk.PhotoImage] = OrderedDict()
        self._due: dict[tuple[str, int], str] = {}  # -> whose it is
        self._drawn_by: dict[tk.Misc, Callable[[], object]] = {}
        self._making = Timer(root, self._make_next)
        self._drawing = Timer(root, self._draw)

    def follow(self, widget: tk.Misc, draw: Callable[[], object]) -> None:
        """Draw a widget again whenever pictures have come or changed, as long as it lives."""
        self._drawn_by[widget] = draw
        widget.bind("<Destroy>", lambda _event: self._drawn_by.pop(widget, None), add="+")

    def photo(self, username: str, size: int) -> tk.PhotoImage | None:
        """Give somebody's picture, so many pixels wide; None before it has come, and where there is none."""
        name = self._source.named(username)
        if not name:
            return None
        image = self._images.get((name, size))
        if image is not None:
            self._images.move_to_end((name, size))
        elif self._source.find(username) is not None:
            self._due[name, size] = username
            self._making.later(1)
        return image

    def changed(self) -> None:
        """Draw all that shows people, once what is due now has been handled."""
        self._drawing.later(DRAWN_MS)

    def _draw(self) -> None:
        for draw in list(self._drawn_by.values()):
            draw()

    def _make_next(self) -> None:
        (name, size), username = self._due.popitem()
        path = self._source.find(username) if self._source.named(username) == name else None
        if path is not None:
            self._make(name, size, username, path)
        if self._due:
            self._making.later(1)
        else:
            self.changed()

    def _make(self, name: str, size: int, username: str, path: Path) -> None:
        try:
            kind = check_avatar(path.read_bytes())
            if kind in decoded_kinds():
                picture = decode(self._root, path, kind)
                self._images[name, size] = _disc(self._root, square_of(picture, size), size)
            else:
                self._source.refuse(username)
        except (PictureRefused, OSError):
            self._source.refuse(username)
        while len(self._images) > KEPT_MAX:
            self._images.popitem(last=False)


def _disc(root: tk.Misc, pixels: bytes, size: int) -> tk.PhotoImage:
    """Cut a round picture out of a square one."""
    cut = bytearray(size * size * 4)
    for channel in range(3):
        cut[channel::4] = pixels[channel::3]
    cut[3::4] = disc_mask(size).alpha
    return tk.PhotoImage(master=root, data=base64.b64encode(encode_png(size, size, bytes(cut))))
