"""What a sanction is before it is imposed: on whom, for how long, why, and who would be hit; it imposes
nothing.
"""

import unicodedata
from dataclasses import dataclass

from chat_protocol.errors import bad_request
from chat_protocol.limits import REASON_MAX_CHARS
from chat_server.services.vocabulary.addresses import Network, show_network
from chat_server.services.vocabulary.durations import format_duration
from chat_server.storage.core.records import RoomRecord, UserRecord

Target = UserRecord | Network


@dataclass(frozen=True, slots=True)
class SanctionOrder:
    """Describe a sanction to impose.

    :param kind: `kick`, `ban` or `mute`.
    :param duration_ms: None for good.
    :param room: where a mute holds; None for everywhere.
    """

    kind: str
    target: Target
    duration_ms: int | None = None
    reason: str = ""
    room: RoomRecord | None = None


@dataclass(frozen=True, slots=True)
class AffectedUsers:
    """Tell whom a sanction would hit among those who are connected.

    :param usernames: the users whose sessions it would end or silence.
    :param own: whether the one who acts is among them, by account or by address.
    """

    usernames: tuple[str, ...]
    own: bool

    @property
    def needs_confirmation(self) -> bool:
        """Return whether it reaches further than the one user that was meant."""
        return self.own or len(self.usernames) > 1


def target_name(target: Target) -> str:
    """Return the target as people and the audit name it."""
    return target.username if isinstance(target, UserRecord) else show_network(target)


def clean_reason(text: str) -> str:
    """Return the reason on one line, without control characters.

    :raises ChatError: `bad_request` when it is too long.
    """
    shown = "".join(" " if unicodedata.category(char) in ("Cc", "Zl", "Zp") else char for char in text)
    reason = " ".join(shown.split())
    if len(reason) > REASON_MAX_CHARS:
        raise bad_request(
            "reason", f"A reason has at most {REASON_MAX_CHARS} characters; this one has {len(reason)}."
        )
    return reason


def order_detail(order: SanctionOrder) -> str:
    """Return what the audit says of an order: how long, where, why."""
    where = f" in {order.room.name}" if order.room else ""
    why = f": {order.reason}" if order.reason else ""
    return f"{format_duration(order.duration_ms)}{where}{why}"
