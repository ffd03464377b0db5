"""The two frames that are made for every message, written without building a dict.

`tests/server/test_wire.py` holds them equal to what `chat_protocol` writes.
"""

from json.encoder import encode_basestring as quote

from chat_protocol.requests import Ref
from chat_protocol.times import to_rfc3339
from chat_server.storage.records import NewMessage


def message_frame(room: str, seq: int, sender: str, message: NewMessage, sent_at: int) -> bytes:
    """Return the `message` event.

    :param room: the room's name as a JSON string.
    :param sender: the username as a JSON string.
    :param sent_at: milliseconds since 1970 UTC.
    """
    extra = ""
    if message.kind != "text":
        extra = f',"kind":"{message.kind}","target":{message.target}'
        if message.kind == "react":
            extra += ',"on":true' if message.on else ',"on":false'
    if message.reply_to is not None:
        extra += f',"reply_to":{message.reply_to}'
    return (
        f'{{"type":"message","room":{room},"seq":{seq},"from":{sender},"body":{quote(message.body)}'
        f',"sent_at":"{to_rfc3339(sent_at)}"{extra}}}\n'
    ).encode()


def stored_frame(room: str, seq: int, ref: Ref, target: int | None, sent_at: int) -> bytes:
    """Return the `ok` that tells the sender where a message stands."""
    head = "" if ref is None else f',"ref":{ref if type(ref) is int else quote(str(ref))}'
    extra = "" if target is None else f',"target":{target}'
    return (
        f'{{"type":"ok"{head},"room":{room},"seq":{seq},"sent_at":"{to_rfc3339(sent_at)}"{extra}}}\n'
    ).encode()
