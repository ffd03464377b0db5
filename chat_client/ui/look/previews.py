"""Makes the small picture that goes with one that is sent: a PNG of few bytes. Tk thread only."""

import io
import tkinter as tk
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from chat_client.model.pictures import GIF, PNG, PictureRefused, SentPicture, Size, check_picture, kind_of
from chat_client.ui.look.photos import decode, decoded_kinds, picture_size, pillow, shrunk
from chat_protocol.limits import PREVIEW_MAX_BYTES

#: Pixels: as large as a timeline shows pictures on a screen of usual density.
WIDTH: Final = 480
HEIGHT: Final = 360
#: A larger file would hold the window up for longer than its preview is worth.
FILE_MAX_BYTES: Final = 16 * 1024 * 1024
#: With so many colours less a picture takes fewer bytes (Pillow alone can choose them).
_COLOURS: Final = (256, 64, 24)
#: Of the picture's size, until it has few enough bytes.
_PARTS: Final = (1, 2, 3, 4, 6, 8)


def sent_picture(root: tk.Misc, path: Path) -> SentPicture | None:
    """Return what is known of a file as a picture; None where it is none that can be shown here."""
    try:
        with path.open("rb") as file:
            kind = kind_of(file.read(16))
        if kind is None or kind not in decoded_kinds() or path.stat().st_size > FILE_MAX_BYTES:
            return None
        size = check_picture(path.read_bytes(), kind) or picture_size(path, kind)
        # A small one that every client can decode is its own preview.
        small = kind in (PNG, GIF) and path.stat().st_size <= PREVIEW_MAX_BYTES
        return SentPicture(kind, size, b"" if small else _preview(root, path, kind, size))
    except (OSError, PictureRefused):
        return None


def _preview(root: tk.Misc, path: Path, kind: str, size: Size) -> bytes:
    """Return the best one that is small enough; nothing where none is."""
    picture = decode(root, path, kind, shrunk(size, WIDTH, HEIGHT))
    for packed in _by_pillow(picture) if pillow() else _by_tk(picture):
        if len(packed) <= PREVIEW_MAX_BYTES:
            return packed
    return b""


def _by_tk(picture: tk.PhotoImage) -> Iterator[bytes]:
    for part in _PARTS:
        if part <= min(picture.width(), picture.height()):
            yield _png(picture.subsample(part))


def _by_pillow(picture: tk.PhotoImage) -> Iterator[bytes]:
    with pillow().open(io.BytesIO(_png(picture))) as read:
        whole = read.convert("RGBA")
    for part in _PARTS:
        reduced = whole.reduce(part)
        for colours in (0, *_COLOURS):
            packed = io.BytesIO()
            (reduced.quantize(colours) if colours else reduced).save(packed, "PNG", optimize=True)
            yield packed.getvalue()


def _png(picture: tk.PhotoImage) -> bytes:
    data = picture.tk.call(picture, "data", "-format", "png")
    return data if isinstance(data, bytes) else str(data).encode("latin-1")
