"""Owns the clipboard of a display and offers bytes of one type, as a program for screenshots does; a process.

    DISPLAY=:1 python -m tests.support.clipboard image/png < picture.png

It says `ready` once it owns the clipboard, and stays until it is killed.
"""

import ctypes
import ctypes.util
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from tests.support.server import ROOT

SELECTION_REQUEST: Final = 30
SELECTION_NOTIFY: Final = 31
XA_ATOM: Final = 4


@contextmanager
def offered(kind: str, data: bytes) -> Iterator[subprocess.Popen[bytes]]:
    """Have a process offer bytes on the clipboard of the display in DISPLAY, until the block is left.

    It hands them over in one piece, however many they are.
    """
    command = [sys.executable, "-m", "tests.support.clipboard", kind]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(data)
            process.stdin.close()
            assert process.stdout.readline() == b"ready\n"
            yield process
        finally:
            process.kill()


@contextmanager
def offered_by_xclip(kind: str, path: Path) -> Iterator[None]:
    """Have `xclip` offer a file, soon, until the block is left; past a megabyte it does so in pieces."""
    command = ["xclip", "-quiet", "-selection", "clipboard", "-target", kind, "-in", str(path)]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.kill()


class _Request(ctypes.Structure):
    _fields_ = (
        *(("type", ctypes.c_int), ("serial", ctypes.c_ulong), ("send_event", ctypes.c_int)),
        *(("display", ctypes.c_void_p), ("owner", ctypes.c_ulong), ("requestor", ctypes.c_ulong)),
        *(("selection", ctypes.c_ulong), ("target", ctypes.c_ulong), ("property", ctypes.c_ulong)),
        ("time", ctypes.c_ulong),
    )


class _Notify(ctypes.Structure):
    _fields_ = (
        *(("type", ctypes.c_int), ("serial", ctypes.c_ulong), ("send_event", ctypes.c_int)),
        *(("display", ctypes.c_void_p), ("requestor", ctypes.c_ulong), ("selection", ctypes.c_ulong)),
        *(("target", ctypes.c_ulong), ("property", ctypes.c_ulong), ("time", ctypes.c_ulong)),
    )


class _Event(ctypes.Union):
    _fields_ = (
        *(("type", ctypes.c_int), ("request", _Request), ("notify", _Notify)),
        ("pad", ctypes.c_long * 24),
    )


def main(kind: str, data: bytes) -> None:
    """Own the clipboard until the process is ended."""
    x: Any = ctypes.CDLL(ctypes.util.find_library("X11") or "libX11.so.6")
    x.XOpenDisplay.restype = ctypes.c_void_p
    display = ctypes.c_void_p(x.XOpenDisplay(None))
    for function in (x.XDefaultRootWindow, x.XCreateSimpleWindow, x.XInternAtom, x.XGetSelectionOwner):
        function.restype = ctypes.c_ulong
    root = ctypes.c_ulong(x.XDefaultRootWindow(display))
    window = ctypes.c_ulong(x.XCreateSimpleWindow(display, root, 0, 0, 1, 1, 0, 0, 0))

    def atom(name: str) -> int:
        return int(x.XInternAtom(display, name.encode(), 0))

    clipboard, targets, offered = atom("CLIPBOARD"), atom("TARGETS"), atom(kind)
    x.XSetSelectionOwner(display, ctypes.c_ulong(clipboard), window, ctypes.c_ulong(0))
    x.XSync(display, 0)
    print("ready", flush=True)
    event = _Event()
    while True:
        x.XNextEvent(display, ctypes.byref(event))
        if event.type != SELECTION_REQUEST:
            continue
        asked = event.request
        where = asked.property or asked.target
        change = (display, ctypes.c_ulong(asked.requestor), ctypes.c_ulong(where))
        if asked.target == targets:
            atoms = (ctypes.c_ulong * 2)(targets, offered)
            x.XChangeProperty(*change, ctypes.c_ulong(XA_ATOM), 32, 0, atoms, 2)
        elif asked.target == offered:
            x.XChangeProperty(*change, ctypes.c_ulong(offered), 8, 0, data, len(data))
        else:
            where = 0
        answer = _Event()
        answer.notify = _Notify(
            SELECTION_NOTIFY, 0, 1, None, asked.requestor, asked.selection, asked.target, where, asked.time
        )
        x.XSendEvent(display, ctypes.c_ulong(asked.requestor), 0, 0, ctypes.byref(answer))
        x.XFlush(display)


if __name__ == "__main__":
    main(sys.argv[1], sys.stdin.buffer.read())
