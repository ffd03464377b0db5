"""The frames that are made for every message, and pages of messages, written without building a dict.

`tests/chat_server/net/test_wire.py` holds them equal to what `chat_protocol` writes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from json.encoder import encode_basestring as quote
from typing import Any

from chat_protocol.frames import encode_frame
from chat_protocol.objects import Room
from chat_protocol.reply import Reply
from chat_protocol.request import Ref
from chat_protocol.times import to_rfc3339
from chat_server.storage.core.records import FileRecord, MessageRecord, NewMessage


@dataclass(frozen=True, slots=True)
class EncodedPage:
    """A :class:`~chat_protocol.message_replies.HistoryPage` whose messages have been written as JSON."""

    room: str
    messages: list[bytes]
    more: bool
    room_id: str


Answer = Reply | EncodedPage


def author_json(username: str, *, bot: bool) -> str:
    """Return who wrote a message, as it stands behind `from`, with what tells of a program."""
    return f'{quote(username)},"bot":true' if bot else quote(username)


def message_frame(room: str, seq: int, author: str, message: NewMessage, sent_at: int) -> bytes:
    """Return the `message` event.

    :param room: the room's name as a JSON string, and behind it `room_id`.
    :param author: what :func:`author_json` returns.
    :param sent_at: milliseconds since 1970 UTC.
    """
    extra = ""
    if message.kind != "text":
        extra = f',"kind":"{message.kind}","target":{message.target}'
        if message.kind == "react":
            extra += ',"on":true' if message.on else ',"on":false'
    if message.reply_to is not None:
        extra += f',"reply_to":{message.reply_to}'
    if message.files:
        extra += f',"files":{files_json(message.files)}'
    return (
        f'{{"type":"message","room":{room},"seq":{seq},"from":{author},"body":{quote(message.body)}'
        f',"sent_at":"{to_rfc3339(sent_at)}"{extra}}}\n'
    ).encode()


def files_json(files: Sequence[FileRecord]) -> str:
    """Return the `files` of a message."""
    parts = []
    for file in files:
        extra = f',"width":{file.width},"height":{file.height}' if file.width and file.height else ""
        extra += ',"preview":true' if file.preview_size else ""
        parts.append(
            f'{{"id":"{file.public_id}","name":{quote(file.name)},"size":{file.size},"type":"{file.type}"{extra}}}'
        )
    return f"[{','.join(parts)}]"


def stored_frame(room: str, seq: int, ref: Ref, target: int | None, sent_at: int) -> bytes:
    """Return the `ok` that tells the sender where a message stands."""
    head = "" if ref is None else f',"ref":{ref if type(ref) is int else quote(str(ref))}'
    extra = "" if target is None else f',"target":{target}'
    return (
        f'{{"type":"ok"{head},"room":{room},"seq":{seq},"sent_at":"{to_rfc3339(sent_at)}"{extra}}}\n'
    ).encode()


def usual_entry(room: str, record: MessageRecord) -> bytes | None:
    """Return a message of a history as a JSON object; None for one that is more than a text.

    :param room: the room's name as a JSON string.
    """
    if record.kind != "text" or record.deleted or record.reactions or record.author is None:
        return None
    if record.edited_at is not None or record.reply_to is not None or record.files:
        return None
    author = author_json(record.author, bot=record.bot)
    return (
        f'{{"room":{room},"seq":{record.seq},"from":{author},"body":{quote(record.body)}'
        f',"sent_at":"{to_rfc3339(record.sent_at)}"}}'
    ).encode()


def sync_frame(room: Room, entries: list[bytes], more: bool) -> bytes:
    """Return the `sync` event of a room.

    :param entries: its messages, written as JSON.
    """
    head = encode_frame({"type": "sync"} | room.to_frame() | {"more": more})
    return head[:-2] + b',"messages":[' + b",".join(entries) + b"]}\n"


def reply_frame(ref: Ref, reply: Answer) -> bytes:
    """Return the `ok` of a request."""
    if not isinstance(reply, EncodedPage):
        return encode_frame(reply.to_frame(ref))
    frame: dict[str, Any] = {"type": "ok"} if ref is None else {"type": "ok", "ref": ref}
    frame |= {"room": reply.room, "more": reply.more, "room_id": reply.room_id}
    return encode_frame(frame)[:-2] + b',"messages":[' + b",".join(reply.messages) + b"]}\n"
