"""Decodes checked pictures in the size in which they are shown: by Pillow where it is there, else by Tk.

Tk thread only.
"""

import base64
import importlib
import io
import tkinter as tk
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from chat_client.model.pictures import GIF, JPEG, PNG, WEBP, Fault, PictureRefused, Size, check_size

_TK_FORMATS: Final = {PNG: "png", GIF: "gif -index 0"}
_PILLOW_FORMATS: Final = {PNG: "PNG", GIF: "GIF", JPEG: "JPEG", WEBP: "WEBP"}

#: Tk scales by one whole number over another; larger ones take longer and hardly come closer.
TIMES_MAX: Final = 4
#: So many rows of the smaller picture, for each time that it is multiplied, are made at once.
BAND_ROWS: Final = 16


@lru_cache(maxsize=1)
def pillow() -> Any:
    """Return Pillow's module of pictures, or None: it is used where it is there, and never needed."""
    try:
        return importlib.import_module("PIL.Image")
    except ImportError:
        return None


def decoded_kinds() -> frozenset[str]:
    """Return the media types that can be shown here."""
    return frozenset(_PILLOW_FORMATS if pillow() else _TK_FORMATS)


def shrunk(size: Size, width: int, height: int) -> Size:
    """Return in which size a picture is shown where there is so much room: never larger than it is."""
    width, height = max(1, width), max(1, height)
    if size.width <= width and size.height <= height:
        return size
    if pillow():
        scale = min(width / size.width, height / size.height)
        return Size(max(1, round(size.width * scale)), max(1, round(size.height * scale)))
    times, by = fraction(size, width, height)
    return Size(-(-size.width * times // by), -(-size.height * times // by))


def fraction(size: Size, width: int, height: int, *, grown: bool = False) -> tuple[int, int]:
    """Return by which numbers a picture is multiplied and divided to have room: Tk knows whole ones only.

    :param grown: a smaller one becomes larger.
    """
    found = (
        (
            times,
            max(1 if grown else times, -(-size.width * times // width), -(-size.height * times // height)),
        )
        for times in range(1, TIMES_MAX + 1)
    )
    return max(found, key=lambda pair: pair[0] / pair[1])


def decode(root: tk.Misc, path: Path, kind: str, shown: Size | None = None) -> tk.PhotoImage:
    """Decode a picture; of a moving one the first frame.

    :param shown: its size on the screen, from `shrunk`; None for its own. A smaller picture fills it.
    :raises PictureRefused: it is damaged after all.
    """
    if pillow():
        return _by_pillow(root, path, kind, shown)
    try:
        whole = tk.PhotoImage(master=root, file=str(path), format=_TK_FORMATS[kind])
        if shown is None:
            return whole
        own = Size(whole.width(), whole.height())
        return _scaled(root, whole, *fraction(own, shown.width, shown.height, grown=True))
    except tk.TclError as error:
        raise PictureRefused(Fault.DAMAGED) from error


def picture_size(path: Path, kind: str) -> Size:
    """Return how large a picture is of a kind that Pillow alone decodes.

    :raises PictureRefused: it is damaged, or too large.
    """
    try:
        with pillow().open(path, formats=[_PILLOW_FORMATS[kind]]) as picture:
            size = Size(*picture.size)
    except Exception as error:  # Pillow's decoders raise what they like
        raise PictureRefused(Fault.DAMAGED) from error
    check_size(size.width, size.height)
    return size


def _scaled(root: tk.Misc, whole: tk.PhotoImage, times: int, by: int) -> tk.PhotoImage:
    """Scale a picture band by band: multiplied as a whole it would take many times its memory."""
    if times == by:
        return whole
    if times == 1:
        return whole.subsample(by)
    if by == 1:
        return whole.zoom(times)
    call, width, height = whole.tk.call, whole.width(), whole.height()
    size = Size(-(-width * times // by), -(-height * times // by))
    made = tk.PhotoImage(master=root, width=size.width, height=size.height)
    for band in range(-(-height // (by * BAND_ROWS))):
        top = band * by * BAND_ROWS
        larger = tk.PhotoImage(master=root)
        end = min(height, top + by * BAND_ROWS)
        call(larger, "copy", whole, "-from", 0, top, width, end, "-zoom", times)
        call(made, "copy", larger, "-subsample", by, "-to", 0, band * BAND_ROWS * times)
    return made


def _by_pillow(root: tk.Misc, path: Path, kind: str, shown: Size | None) -> tk.PhotoImage:
    packed = io.BytesIO()
    try:
        with pillow().open(path, formats=[_PILLOW_FORMATS[kind]]) as picture:
            check_size(*picture.size)  # before its pixels are read
            if shown is not None:
                picture.draft("RGB", (shown.width, shown.height))
            pixels = picture.convert("RGBA")
            if shown is not None and pixels.size != (shown.width, shown.height):
                pixels = pixels.resize((shown.width, shown.height), resample=pillow().Resampling.LANCZOS)
            pixels.save(packed, "PNG", compress_level=1)
    except PictureRefused:
        raise
    except Exception as error:  # Pillow's decoders raise what they like
        raise PictureRefused(Fault.DAMAGED) from error
    return tk.PhotoImage(master=root, data=base64.b64encode(packed.getvalue()))
