"""What a connection and the flusher ask of each other; it knows neither."""

import socket
from typing import Protocol


class Flushable(Protocol):
    """What waits for its socket to take bytes again."""

    fd: int

    @property
    def waiting_bytes(self) -> int:
        """How much it still has to write."""

    def flush(self) -> None:
        """Write on."""

    def abandon(self, how: int = socket.SHUT_RDWR) -> None:
        """Shut the socket down."""


class Flushing(Protocol):
    """Who writes on when a socket takes bytes again. Called under the connection's lock: it takes none."""

    def watch(self, connection: Flushable) -> None:
        """Call `connection.flush()` once its socket is writable."""

    def linger(self, connection: Flushable, seconds: float) -> None:
        """Call `connection.abandon()` after a while: its client may not read its last frame."""

    def forget(self, connection: Flushable) -> None:
        """Drop a connection whose socket is about to be closed."""
