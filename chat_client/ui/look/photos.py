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
    """Return in which size a picture is shown where there is so much room: never larger than it is.

    Tk divides by whole numbers only.
    """
    width, height = max(1, width), max(1, height)
    if size.width <= width and size.height <= height:
        return size
    if pillow():
        scale = min(width / size.width, height / size.height)
        return Size(max(1, round(size.width * scale)), max(1, round(size.height * scale)))
    by = divisor(size, width, height)
    return Size(-(-size.width // by), -(-size.height // by))


def divisor(size: Size, width: int, height: int) -> int:
    """Return by which whole number a picture is divided to have room."""
    return max(1, -(-size.width // width), -(-size.height // height))


def decode(root: tk.Misc, path: Path, kind: str, shown: Size | None = None) -> tk.PhotoImage:
    """Decode a picture; of a moving one the first frame.

    :param shown: its size on the screen, from `shrunk`; None for its own.
    :raises PictureRefused: it is damaged after all.
    """
    if pillow():
        return _by_pillow(root, path, kind, shown)
    try:
        whole = tk.PhotoImage(master=root, file=str(path), format=_TK_FORMATS[kind])
        if shown is None:
            return whole
        by = divisor(Size(whole.width(), whole.height()), shown.width, shown.height)
        return whole.subsample(by) if by > 1 else whole
    except tk.TclError as error:
        raise PictureRefused(Fault.DAMAGED) from error


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
