"""The request about one person, and its reply; it must not know how the reply comes about."""

from collections.abc import Sequence
from dataclasses import dataclass

from chat_protocol.reply import TEXT, TEXTS, YES_NO, Reply, wire
from chat_protocol.request import Request, required
from chat_protocol.requests import USERNAME


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
    """

    username: str = wire(TEXT)
    display_name: str = wire(TEXT)
    role: str = wire(TEXT)
    rooms: Sequence[str] = wire(TEXTS)
    bot: bool | None = wire(YES_NO, None)
    utc_offset: str | None = wire(TEXT, None)
