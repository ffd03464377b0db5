"""The requests about one person, and their replies; it must not know how a reply comes about."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from chat_protocol import fields as check
from chat_protocol.limits import AVATAR_MAX_BYTES
from chat_protocol.reply import TEXT, TEXTS, YES_NO, Reply, wire
from chat_protocol.request import Request, optional, required
from chat_protocol.requests import USERNAME

AVATAR_MAX_CHARS: Final = 4 * AVATAR_MAX_BYTES // 3


@dataclass(frozen=True, slots=True)
class Person(Request):
    """Ask who somebody is."""

    TYPE = "person"
    username: str = required(USERNAME)


@dataclass(frozen=True, slots=True)
class PersonReply(Reply):
    """Who somebody is.

    :param role: `member`, `moderator` or `admin`.
    :param rooms: the names of the rooms that both belong to, as many as fit.
    :param bot: true for a program's account; otherwise None.
    :param utc_offset: how far the person's clock is ahead of UTC, such as `+01:00`; None: not told.
    :param avatar: names the person's picture, by its content; None where there is none.
    """

    username: str = wire(TEXT)
    display_name: str = wire(TEXT)
    role: str = wire(TEXT)
    rooms: Sequence[str] = wire(TEXTS)
    bot: bool | None = wire(YES_NO, None)
    utc_offset: str | None = wire(TEXT, None)
    avatar: str | None = wire(TEXT, None)


@dataclass(frozen=True, slots=True)
class Avatar(Request):
    """Ask for somebody's picture."""

    TYPE = "avatar"
    username: str = required(USERNAME)


@dataclass(frozen=True, slots=True)
class AvatarReply(Reply):
    """Somebody's picture.

    :param avatar: names it, by its content; None where there is none, as `data`.
    :param data: its bytes in base64.
    """

    username: str = wire(TEXT)
    avatar: str | None = wire(TEXT, None)
    data: str | None = wire(TEXT, None)


@dataclass(frozen=True, slots=True)
class SetAvatar(Request):
    """Show others this picture of oneself, or none.

    :param data: its bytes in base64; None takes it away.
    """

    TYPE = "set_avatar"
    data: str | None = optional(check.text(1, AVATAR_MAX_CHARS))


@dataclass(frozen=True, slots=True)
class AvatarSet(Reply):
    """One's own picture from now on.

    :param avatar: names it, by its content; None where there is none.
    """

    avatar: str | None = wire(TEXT, None)


def avatar_name(picture: bytes) -> str:
    """Return what names a picture of somebody: 128 bits of its SHA-256."""
    return hashlib.sha256(picture).hexdigest()[:32]
