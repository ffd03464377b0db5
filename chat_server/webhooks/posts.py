"""One message on its way to a webhook: signed, posted, and what the answer means; it keeps nothing.

Only the address that an administrator named is spoken to: no redirect is followed, and no proxy is asked.
"""

import hashlib
import hmac
import http.client
import json
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from chat_protocol.printable import escape
from chat_protocol.times import to_rfc3339
from chat_server import __version__
from chat_server.storage.core.records import MessageRecord, OutgoingHookRecord

TIMEOUT_S: Final = 10.0
# The receiver has understood the request, and will never take this message.
FINAL: Final = (HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNPROCESSABLE_ENTITY)


class Undelivered(Exception):
    """Say why a message was not taken.

    :param is_final: it never will be.
    """

    def __init__(self, words: str, *, is_final: bool = False) -> None:
        super().__init__(words)
        self.is_final = is_final


def post_signed(hook: OutgoingHookRecord, message: MessageRecord, room: str, now_ms: int) -> None:
    """Post a message.

    :param room: the room's name.
    :param now_ms: milliseconds since 1970 UTC; the signature holds for this time.
    :raises Undelivered: when it was not taken.
    """
    body = _body(hook, message, room)
    timestamp = str(now_ms // 1000)
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": f"chat/{__version__}",
        "Idempotency-Key": f"{hook.id}-{message.room_id}-{message.seq}",
        "X-Chat-Timestamp": timestamp,
        "X-Chat-Signature": signature(hook.secret, timestamp, body),
        "Connection": "close",
    }
    try:
        status = _post(hook.url, body, headers)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Undelivered(escape(str(error) or type(error).__name__)) from None
    if not 200 <= status < 300:
        raise Undelivered(f"it answers {status}", is_final=status in FINAL)


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Return the proof that who knows the secret sent a body at a time: `v1=` and HMAC-SHA256 in hex."""
    return "v1=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _body(hook: OutgoingHookRecord, message: MessageRecord, room: str) -> bytes:
    said = {
        "event": "message",
        "webhook": hook.name,
        "room": room,
        "seq": message.seq,
        "from": message.author,
        "text": message.body,
        "sent_at": to_rfc3339(message.sent_at),
        "reply_to": message.reply_to,
        "files": [file.name for file in message.files],
    }
    return json.dumps(said, ensure_ascii=False).encode()


def _post(url: str, body: bytes, headers: dict[str, str]) -> int:
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    client = kind(parts.hostname or "", parts.port, timeout=TIMEOUT_S)
    try:
        client.request(
            "POST", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), body, headers
        )
        return client.getresponse().status  # what else it says is not read
    finally:
        client.close()
