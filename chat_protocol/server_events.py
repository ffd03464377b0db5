"""The events by which the server speaks of itself and of the connection; it must not know to whom they go."""

from dataclasses import dataclass, field
from typing import Any, Final

from chat_protocol.event import Event, FlatEvent
from chat_protocol.limits import BODY_MAX_CHARS, FRAME_MAX_BYTES, PROTOCOL_VERSION
from chat_protocol.times import from_rfc3339, to_rfc3339

# What a server knows beyond the first release, for clients that would ask in vain elsewhere.
CAPABILITIES: Final = (
    "room_ids",
    "members_after_username",
    "watch_rooms",
    "quiet",
    "mute_events",
    "sync",
    "unread_counts",
    *("files", "devices", "invitations", "rooms"),
    *("settings", "saved", "receipts", "pins", "moderation", "mention_all", "person", "avatars"),
)
END_KINDS: Final = frozenset({"kicked", "banned", "killed", "shutdown", "slow_consumer"})


@dataclass(frozen=True)
class Hello(FlatEvent):
    """The server's first frame.

    :param capabilities: what the server knows beyond the first release; None from that.
    :param now: the server's clock, in milliseconds since 1970 UTC; None from the first release.
    :param next_fingerprint: of the certificate that the server will show next; None where none is announced.
    :param servers: where this chat's servers are, `host:port` each; None where this one is alone.
    """

    TYPE = "hello"
    server: str
    version: str
    registration: str = "open"
    protocol: int = PROTOCOL_VERSION
    limits: dict[str, int] = field(default_factory=lambda: {"frame": FRAME_MAX_BYTES, "body": BODY_MAX_CHARS})
    capabilities: list[str] | None = None
    now: int | None = None
    next_fingerprint: str | None = None
    servers: list[str] | None = None

    def to_frame(self) -> dict[str, Any]:
        """Return the frame, with the time as text."""
        frame = super().to_frame()
        return frame if self.now is None else frame | {"now": to_rfc3339(self.now)}

    @classmethod
    def from_frame(cls, frame: dict[str, Any]) -> Event:
        """Read the frame.

        :raises ValueError: `now` is no time.
        """
        now = frame.get("now")
        return super().from_frame(frame | {"now": from_rfc3339(now)} if isinstance(now, str) else frame)


@dataclass(frozen=True)
class NoticeEvent(FlatEvent):
    """The administrator says something to everyone."""

    TYPE = "notice"
    text: str


@dataclass(frozen=True)
class CertificateEvent(FlatEvent):
    """The server will show a certificate of this fingerprint; with an empty one, after all no other."""

    TYPE = "certificate"
    next_fingerprint: str


@dataclass(frozen=True)
class ServersEvent(FlatEvent):
    """The servers of this chat are others now; `host:port` each, as `hello` tells them."""

    TYPE = "servers"
    servers: list[str]


@dataclass(frozen=True)
class ShutdownScheduledEvent(Event):
    """The server will stop at a time (ms since 1970), or, with None, will not after all."""

    TYPE = "shutdown_scheduled"
    at: int | None
    reason: str = ""

    def to_frame(self) -> dict[str, Any]:
        """Return the frame; `at` is null after a cancellation."""
        at = None if self.at is None else to_rfc3339(self.at)
        return {"type": self.TYPE, "at": at, "reason": self.reason}

    @classmethod
    def from_frame(cls, frame: dict[str, Any]) -> "ShutdownScheduledEvent":
        """Read the frame."""
        at = frame.get("at")
        return cls(from_rfc3339(at) if at else None, str(frame.get("reason", "")))


@dataclass(frozen=True)
class EndEvent(Event):
    """The server closes the connection after this.

    :param kind: one of :data:`END_KINDS`; it is the frame's type.
    :param until: the end of a kick in milliseconds since 1970, where there is one.
    """

    kind: str
    reason: str = ""
    until: int | None = None

    def to_frame(self) -> dict[str, Any]:
        """Return the frame."""
        frame: dict[str, Any] = {"type": self.kind, "reason": self.reason}
        return frame if self.until is None else frame | {"until": to_rfc3339(self.until)}

    @classmethod
    def from_frame(cls, frame: dict[str, Any]) -> "EndEvent":
        """Read the frame."""
        until = frame.get("until")
        return cls(str(frame["type"]), str(frame.get("reason", "")), from_rfc3339(until) if until else None)
