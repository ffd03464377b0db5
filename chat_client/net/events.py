"""What a connection tells the other threads, as typed values that carry the connection's number."""

import queue
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Connected:
    """TCP (and TLS, when `encrypted`) are up, and the server's certificate is one to be trusted.

    `fingerprint` is that certificate's; empty without TLS.
    """

    number: int
    encrypted: bool
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class FingerprintUnknown:
    """First contact: nothing was sent, the connection has ended. Pin the fingerprint and connect again."""

    number: int
    fingerprint: str


@dataclass(frozen=True, slots=True)
class FrameReceived:
    """A frame came."""

    number: int
    frame: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Disconnected:
    """The connection has ended, or never was; the last event of each connection.

    `code` is one of `unreachable`, `dropped`, `silent`, `not_tls`, `not_chat`, `fingerprint_changed`,
    `fingerprint_unknown`, `insecure_refused`, `closed`. `fingerprint` is the one that was shown instead of
    the pinned one.
    """

    number: int
    code: str
    detail: str = ""
    fingerprint: str = ""


NetworkEvent = Connected | FingerprintUnknown | FrameReceived | Disconnected


class EventQueue(queue.Queue[NetworkEvent]):
    """The way from the receiving thread to the one that polls, which can be told that something has come.

    :param maxsize: how many events may wait.
    """

    def __init__(self, maxsize: int) -> None:
        super().__init__(maxsize)
        #: Called on the receiving thread, after each event was put in.
        self.on_put: Callable[[], object] = lambda: None

    def put(self, item: NetworkEvent, block: bool = True, timeout: float | None = None) -> None:
        """Put an event in, and tell that it is there.

        :raises queue.Full: when there was no room for it in time.
        """
        super().put(item, block, timeout)
        self.on_put()
