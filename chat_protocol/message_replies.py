"""The replies about messages and files, as typed values; it must not know how they come about."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from chat_protocol.objects import File, Message
from chat_protocol.reply import MOMENT, NUMBER, TEXT, YES_NO, Reply, many, one, wire


@dataclass(frozen=True, slots=True)
class Stored(Reply):
    """A message was stored.

    :param sent_at: milliseconds since 1970 UTC.
    :param target: the seq that an edit, a deletion or a reaction is about.
    """

    room: str = wire(TEXT)
    seq: int = wire(NUMBER)
    sent_at: int = wire(MOMENT)
    target: int | None = wire(NUMBER, None)


@dataclass(frozen=True, slots=True)
class UploadReply(Reply):
    """An upload goes on (`offset`), or is finished (`file`): the second follows the first when all has come.

    :param offset: how many bytes, file and preview together, are there already; the others are to follow.
    """

    offset: int | None = wire(NUMBER, None)
    file: File | None = field(default=None, metadata={"form": one(File)})


@dataclass(frozen=True, slots=True)
class DownloadReply(Reply):
    """Bytes of a file follow.

    :param size: of the whole file, or of the whole preview.
    :param length: how many bytes follow.
    """

    size: int = wire(NUMBER)
    length: int = wire(NUMBER)


@dataclass(frozen=True, slots=True)
class HistoryPage(Reply):
    """Messages of a room by ascending seq; `more` when the direction asked for goes on."""

    room: str = wire(TEXT)
    messages: Sequence[Message] = wire(many(Message))
    more: bool = wire(YES_NO, False)
    room_id: str | None = wire(TEXT, None)


@dataclass(frozen=True, slots=True)
class Synced(Reply):
    """What was missed has been sent, as one `sync` event for each of so many rooms."""

    rooms: int = wire(NUMBER)


@dataclass(frozen=True, slots=True)
class SearchPage(Reply):
    """Messages that were found, the newest first; `more` when there are older ones.

    :param incomplete: true while the index is filled, so that older ones may be lacking; otherwise None.
    """

    messages: Sequence[Message] = wire(many(Message))
    more: bool = wire(YES_NO, False)
    incomplete: bool | None = wire(YES_NO, None)


@dataclass(frozen=True, slots=True)
class ReadMarked(Reply):
    """Up to where the user has read a room.

    :param unread: where it was asked for, others' messages after `read_seq`, up to `last_seq`.
    :param mentions: how many of these mention the user.
    """

    room: str = wire(TEXT)
    read_seq: int = wire(NUMBER)
    last_seq: int | None = wire(NUMBER, None)
    unread: int | None = wire(NUMBER, None)
    mentions: int | None = wire(NUMBER, None)


@dataclass(frozen=True, slots=True)
class PinnedPage(Reply):
    """Pinned messages of a room, the one pinned last first, without their reactions.

    :param next: `before` of the request for those behind; None where there are none.
    """

    messages: Sequence[Message] = wire(many(Message))
    next: int | None = wire(NUMBER, None)
