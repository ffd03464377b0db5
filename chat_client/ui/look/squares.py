"""Makes small squares of pictures, evenly scaled: for the pictures of people. Tk thread only."""

import itertools
import tkinter as tk
from pathlib import Path
from typing import Final

from chat_client.model.pictures import Fault, PictureRefused, check_picture, kind_of
from chat_client.ui.look.photos import decode, decoded_kinds, picture_size, shrunk
from chat_client.ui.look.raster import encode_png
from chat_client.ui.look.theme import AVATAR_INK
from chat_protocol.limits import AVATAR_MAX_BYTES

#: Pixels: what a window shows at most at twice the usual density; the second fits in any case.
SIDES: Final = (144, 120)
FILE_MAX_BYTES: Final = 16 * 1024 * 1024
#: So many rows of the picture are looked at for one of the square.
_ROWS_MAX: Final = 4


def avatar_of(root: tk.Misc, path: Path) -> bytes:
    """Return the middle of a picture as a small square PNG, to be shown as somebody's.

    :raises PictureRefused: it is no picture that can be decoded here, or too large.
    :raises OSError: it cannot be read.
    """
    if path.stat().st_size > FILE_MAX_BYTES:
        raise PictureRefused(Fault.TOO_LARGE)
    data = path.read_bytes()
    kind = kind_of(data)
    if kind is None or kind not in decoded_kinds():
        raise PictureRefused(Fault.WRONG_KIND if data else Fault.EMPTY)
    size = check_picture(data, kind) or picture_size(path, kind)
    side = min(size.width, size.height)
    near = 4 * SIDES[0] / side  # scaled evenly from there on
    width, height = (max(1, round(side * near)) for side in (size.width, size.height))
    picture = decode(root, path, kind, shrunk(size, width, height) if near < 1 else None)
    for side in SIDES:
        packed = encode_png(side, side, square_of(picture, side))
        if len(packed) <= AVATAR_MAX_BYTES:
            return packed
    raise PictureRefused(Fault.TOO_LARGE)


def square_of(picture: tk.PhotoImage, side: int) -> bytes:
    """Return the middle of a picture as RGB pixels, row by row, so many wide and high."""
    width, height, pixels = _pixels(picture)
    own = min(width, height)
    left, top = (width - own) // 2, (height - own) // 2
    edges = [place * own // side for place in range(side + 1)]
    spans = [(start, max(start + 1, end)) for start, end in itertools.pairwise(edges)]
    made = bytearray()
    for first, end in spans:
        step = -(-(end - first) // _ROWS_MAX)
        starts = [((top + y) * width + left) * 3 for y in range(first, end, step)]
        rows = [pixels[start : start + own * 3] for start in starts]
        sums = [sum(column) for column in zip(*rows, strict=True)] if len(rows) > 1 else rows[0]
        for start, stop in spans:
            count = (stop - start) * len(rows)
            for channel in range(3):
                made.append(sum(sums[start * 3 + channel : stop * 3 : 3]) // count)
    return bytes(made)


def _pixels(picture: tk.PhotoImage) -> tuple[int, int, bytes]:
    """Return the width, the height and the RGB pixels of a picture, on a white ground."""
    data = picture.tk.call(picture, "data", "-format", "ppm", "-background", AVATAR_INK)
    packed = data if isinstance(data, bytes) else str(data).encode("latin-1")
    width, height = picture.width(), picture.height()
    return width, height, packed[len(packed) - width * height * 3 :]
