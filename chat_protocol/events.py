"""From a frame to an event, by the table of all events; it must not know to whom they go."""

from typing import Any, Final

from chat_protocol import own_events, room_events, server_events
from chat_protocol.event import Event

_KINDS: Final[tuple[type[Event], ...]] = (
    server_events.Hello,
    server_events.NoticeEvent,
    server_events.CertificateEvent,
    server_events.ServersEvent,
    server_events.ShutdownScheduledEvent,
    room_events.MessageEvent,
    room_events.MembershipEvent,
    room_events.MemberEvent,
    room_events.AvatarEvent,
    room_events.RoomEvent,
    room_events.SyncEvent,
    room_events.PresenceEvent,
    room_events.TypingEvent,
    room_events.ModerationEvent,
    room_events.PinEvent,
    own_events.ReadEvent,
    own_events.SettingsEvent,
    own_events.SavedEvent,
    own_events.ReceiptEvent,
    own_events.DeviceEvent,
    own_events.ProfileEvent,
    own_events.MuteEvent,
)
EVENTS: Final[dict[str, type[Event]]] = {kind.TYPE: kind for kind in _KINDS} | dict.fromkeys(
    server_events.END_KINDS, server_events.EndEvent
)


def parse_event(frame: dict[str, Any]) -> Event | None:
    """Read an event; None for a type that this version does not know, which a client ignores.

    :raises ValueError: when a field is missing or of the wrong form.
    """
    kind = EVENTS.get(str(frame.get("type")))
    if kind is None:
        return None
    try:
        return kind.from_frame(frame)
    except (KeyError, TypeError, AttributeError, OverflowError) as error:
        raise ValueError(f"unreadable event {frame.get('type')!r}: {error!r}") from error
