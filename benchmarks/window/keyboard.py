"""Presses a key in another process's window through the X server, and knows when it did; it draws nothing."""

import ctypes
import ctypes.util
import time

_KEY_PRESS, _KEY_RELEASE = 2, 3
_KEY_PRESS_MASK, _KEY_RELEASE_MASK = 1, 2
#: Keysyms, see X11/keysymdef.h.
LETTER, RETURN = ord("a"), 0xFF0D


class _KeyEvent(ctypes.Structure):
    """XKeyEvent, padded to the size of XEvent."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("serial", ctypes.c_ulong),
        ("send_event", ctypes.c_int),
        ("display", ctypes.c_void_p),
        ("window", ctypes.c_ulong),
        ("root", ctypes.c_ulong),
        ("subwindow", ctypes.c_ulong),
        ("time", ctypes.c_ulong),
        ("x", ctypes.c_int),
        ("y", ctypes.c_int),
        ("x_root", ctypes.c_int),
        ("y_root", ctypes.c_int),
        ("state", ctypes.c_uint),
        ("keycode", ctypes.c_uint),
        ("same_screen", ctypes.c_int),
        ("padding", ctypes.c_long * 12),
    )


class Keyboard:
    """Sends keys to one window; the X server hands them over whether the window listens or not.

    :param display: such as ``:7``.
    :param window: the id of the widget that is to get the keys.
    :raises RuntimeError: where there is no such display.
    """

    def __init__(self, display: str, window: int) -> None:
        path = ctypes.util.find_library("X11")
        if path is None:
            raise RuntimeError("libX11 is missing")
        self._x11 = ctypes.CDLL(path)
        self._x11.XOpenDisplay.restype = ctypes.c_void_p
        self._x11.XDefaultRootWindow.restype = ctypes.c_ulong
        opened = self._x11.XOpenDisplay(display.encode())
        if not opened:
            raise RuntimeError(f"there is no display {display}")
        self._display = ctypes.c_void_p(opened)
        self._window = window
        self._root = self._x11.XDefaultRootWindow(self._display)
        #: When each key was pressed, by ``time.perf_counter``, which is one clock for all processes.
        self.pressed: list[float] = []

    def press(self, keysym: int = LETTER) -> None:
        """Press and release a key."""
        keycode = self._x11.XKeysymToKeycode(self._display, ctypes.c_ulong(keysym))
        self.pressed.append(time.perf_counter())
        self._send(_KEY_PRESS, _KEY_PRESS_MASK, keycode)
        self._send(_KEY_RELEASE, _KEY_RELEASE_MASK, keycode)
        self._x11.XFlush(self._display)

    def let_go(self) -> None:
        """Take the keyboard away from all windows, as when another program comes to the front."""
        self._x11.XSetInputFocus(self._display, ctypes.c_ulong(0), 0, ctypes.c_ulong(0))
        self._x11.XFlush(self._display)

    def close(self) -> None:
        self._x11.XCloseDisplay(self._display)

    def _send(self, kind: int, mask: int, keycode: int) -> None:
        event = _KeyEvent(type=kind, window=self._window, root=self._root, keycode=keycode, same_screen=1)
        self._x11.XSendEvent(
            self._display, ctypes.c_ulong(self._window), 0, ctypes.c_long(mask), ctypes.byref(event)
        )
