"""What a connection tells the other threads, as typed values that carry the connection's number."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Connected:
    """TCP (and TLS, when `encrypted`) are up, and the server's certificate is one to be trusted."""

    number: int
    encrypted: bool


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
