"""The frames between the admin program and the server, one JSON object a line; it must not know what they
mean.
"""

import contextlib
import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

SOCKET_FILE: Final = "admin.sock"
FRAME_MAX_BYTES: Final = 1024 * 1024  # a typed line is far shorter; an answer is sent in parts
PART_CHARS: Final = 64 * 1024
PATH_MAX_BYTES: Final = 100  # sun_path holds 108 bytes on Linux and 104 on macOS, the final zero included


class Channel:
    """Send and receive frames over a connected socket. One thread receives; one at a time sends."""

    def __init__(self, sock: socket.socket) -> None:
        self.socket = sock
        self._reader = sock.makefile("rb")

    def send(self, **frame: Any) -> None:
        """Send one frame.

        :raises OSError: when the other side is gone.
        """
        self.socket.sendall(json.dumps(frame, ensure_ascii=True).encode("ascii") + b"\n")

    def send_text(self, name: str, text: str) -> None:
        """Send a text in as many frames as it takes."""
        for start in range(0, len(text), PART_CHARS):
            self.send(**{name: text[start : start + PART_CHARS]})

    def receive(self) -> dict[str, Any] | None:
        """Return the next frame, None at the end.

        :raises ValueError: for what is no frame.
        :raises OSError: when the connection breaks.
        """
        line = self._reader.readline(FRAME_MAX_BYTES)
        if not line:
            return None
        frame = json.loads(line)
        if not isinstance(frame, dict):
            raise ValueError("a frame is a JSON object")
        return frame

    def close(self) -> None:
        """Close the socket."""
        with contextlib.suppress(OSError):
            self._reader.close()
        self.socket.close()


@contextlib.contextmanager
def reachable(path: Path) -> Iterator[str]:
    """Give the path in a form that fits into a socket's address, however deep the folder lies."""
    if len(os.fsencode(path)) <= PATH_MAX_BYTES:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def connect(path: Path) -> Channel:
    """Connect to the server that listens on a path.

    :raises OSError: when none does.
    """
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with reachable(path) as address:
            sock.connect(address)
    except OSError:
        sock.close()
        raise
    return Channel(sock)
