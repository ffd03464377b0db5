"""Asks and tells the X server what Tk 8.6 has no words for: density, the version of libXft, urgency.

Each call opens a connection of its own and closes it; where a library or a display is missing, nothing
happens.
"""

import ctypes
import ctypes.util
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

_URGENCY_HINT = 1 << 8  # XUrgencyHint; ICCCM 4.1.2.4


_ALL_PLANES = ctypes.c_ulong(-1)
_Z_PIXMAP = 2


class _Image(ctypes.Structure):
    """The beginning of an XImage."""

    _fields_ = (
        ("width", ctypes.c_int),
        ("height", ctypes.c_int),
        ("xoffset", ctypes.c_int),
        ("format", ctypes.c_int),
        ("data", ctypes.c_void_p),
        ("byte_order", ctypes.c_int),
        ("bitmap_unit", ctypes.c_int),
        ("bitmap_bit_order", ctypes.c_int),
        ("bitmap_pad", ctypes.c_int),
        ("depth", ctypes.c_int),
        ("bytes_per_line", ctypes.c_int),
        ("bits_per_pixel", ctypes.c_int),
        ("red_mask", ctypes.c_ulong),
        ("green_mask", ctypes.c_ulong),
        ("blue_mask", ctypes.c_ulong),
    )


_ErrorHandler = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
_ignore_errors = _ErrorHandler(lambda _display, _event: 0)


class _WMHints(ctypes.Structure):
    _fields_ = (
        ("flags", ctypes.c_long),
        ("input", ctypes.c_int),
        ("initial_state", ctypes.c_int),
        ("icon_pixmap", ctypes.c_ulong),
        ("icon_window", ctypes.c_ulong),
        ("icon_x", ctypes.c_int),
        ("icon_y", ctypes.c_int),
        ("icon_mask", ctypes.c_ulong),
        ("window_group", ctypes.c_ulong),
    )


@cache
def _library(name: str) -> ctypes.CDLL | None:
    try:
        path = ctypes.util.find_library(name)
        return ctypes.CDLL(path) if path else None
    except OSError:
        return None


@contextmanager
def _display() -> Iterator[tuple[ctypes.CDLL, ctypes.c_void_p] | None]:
    library = _library("X11")
    if library is None:
        yield None
        return
    library.XOpenDisplay.restype = ctypes.c_void_p
    library.XGetDefault.restype = ctypes.c_char_p
    library.XGetWMHints.restype = ctypes.POINTER(_WMHints)
    library.XAllocWMHints.restype = ctypes.POINTER(_WMHints)
    pointer = library.XOpenDisplay(None)
    if not pointer:
        yield None
        return
    display = ctypes.c_void_p(pointer)
    try:
        yield library, display
    finally:
        library.XCloseDisplay(display)


def dots_per_inch() -> float:
    """Give what the desktop says of the screen (the resource ``Xft.dpi``); 0 where it says nothing."""
    with _display() as opened:
        if opened is None:
            return 0.0
        library, display = opened
        value = library.XGetDefault(display, b"Xft", b"dpi")
        try:
            return float(value) if value else 0.0
        except ValueError:
            return 0.0


def xft_version() -> int:
    """Give the version of libXft as one number, 20306 for 2.3.6; 0 where it cannot be asked."""
    library = _library("Xft")
    try:
        return int(library.XftGetVersion()) if library is not None else 0
    except AttributeError:
        return 0


def set_urgent(window: int, urgent: bool) -> None:
    """Mark a top-level window as one that wants attention, or take the mark back.

    :param window: the id that ``winfo_id`` gives; the mark belongs on the wrapper that Tk puts around it.
    """
    with _display() as opened:
        if opened is None:
            return
        library, display = opened
        wrapper = _parent(library, display, window)
        found = library.XGetWMHints(display, ctypes.c_ulong(wrapper))
        hints = found if found else library.XAllocWMHints()
        flags = hints.contents.flags
        hints.contents.flags = flags | _URGENCY_HINT if urgent else flags & ~_URGENCY_HINT
        library.XSetWMHints(display, ctypes.c_ulong(wrapper), hints)
        library.XFree(hints)
        library.XFlush(display)


def is_urgent(window: int) -> bool:
    """Say whether a window carries the mark."""
    with _display() as opened:
        if opened is None:
            return False
        library, display = opened
        hints = library.XGetWMHints(display, ctypes.c_ulong(_parent(library, display, window)))
        if not hints:
            return False
        urgent = bool(hints.contents.flags & _URGENCY_HINT)
        library.XFree(hints)
        return urgent


def picture(window: int, width: int, height: int) -> bytes:
    """Give what a window shows, with all that is in it: four bytes a pixel, blue first. Nothing on an error.

    :param window: the id that ``winfo_id`` gives.
    """
    with _display() as opened:
        if opened is None:
            return b""
        library, display = opened
        library.XGetImage.restype = ctypes.POINTER(_Image)
        library.XSetErrorHandler.restype = ctypes.c_void_p
        # A window that lies partly outside the screen is an error, and Xlib's own handler ends the program.
        before = library.XSetErrorHandler(_ignore_errors)
        try:
            image = library.XGetImage(
                display, ctypes.c_ulong(window), 0, 0, width, height, _ALL_PLANES, _Z_PIXMAP
            )
            library.XSync(display, 0)
        finally:
            library.XSetErrorHandler(ctypes.c_void_p(before))
        if not image:
            return b""
        pixels = _pixels(image.contents)
        library.XDestroyImage(image)
        return pixels


def _pixels(image: _Image) -> bytes:
    """Copy the pixels out of an image, if they are four bytes each, blue first, as nearly everywhere."""
    usual = (image.bits_per_pixel, image.byte_order, image.red_mask) == (32, 0, 0xFF0000)
    if not usual or image.bytes_per_line != image.width * 4:
        return b""
    return ctypes.string_at(image.data, image.bytes_per_line * image.height)


def _parent(library: ctypes.CDLL, display: ctypes.c_void_p, window: int) -> int:
    root, parent = ctypes.c_ulong(), ctypes.c_ulong()
    children, count = ctypes.c_void_p(), ctypes.c_uint()
    references = (ctypes.byref(item) for item in (root, parent, children, count))
    if not library.XQueryTree(display, ctypes.c_ulong(window), *references):
        return window
    if children:
        library.XFree(children)
    return parent.value if parent.value and parent.value != root.value else window
