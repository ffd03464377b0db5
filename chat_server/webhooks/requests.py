"""One HTTP request of a webhook: its path and headers checked, its text posted; it must not know sockets.

A secret is in no log line.
"""

import json
import logging
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any, Final

from chat_protocol.errors import ChatError, ErrorCode
from chat_server.limits import RETRY_AFTER_S
from chat_server.live.strangers import Strangers
from chat_server.live.timer import Timer
from chat_server.measurements import Measurements
from chat_server.net.http_port import HttpServer
from chat_server.services.moderation.sanctions import SanctionBook
from chat_server.services.webhooks.incoming import IncomingWebhooks
from chat_server.storage.core.errors import StorageError
from chat_server.storage.core.records import IncomingHookRecord
from chat_server.webhooks.payloads import PayloadError, text_of
from chat_server.webhooks.posting import Posting

_log = logging.getLogger("chat.webhooks")

PATH: Final = "/hook/"
READ_TIMEOUT_S: Final = 10.0
BODY_MAX_BYTES: Final = 256 * 1024  # a hundred alerts with all their labels
DRAINED_MAX_BYTES: Final = 1024 * 1024  # of a body that is too long: closing with bytes unread is a reset
KEY_MAX_CHARS: Final = 255

_STATUSES: Final = {
    ErrorCode.BAD_REQUEST: HTTPStatus.UNPROCESSABLE_ENTITY,  # the commit's: the key was another message's
    ErrorCode.RATE_LIMITED: HTTPStatus.TOO_MANY_REQUESTS,
    ErrorCode.NO_SUCH_ROOM: HTTPStatus.GONE,
    ErrorCode.FORBIDDEN: HTTPStatus.FORBIDDEN,  # the room is archived
    ErrorCode.MUTED: HTTPStatus.FORBIDDEN,
    ErrorCode.KICKED: HTTPStatus.FORBIDDEN,
    ErrorCode.BANNED: HTTPStatus.FORBIDDEN,
    ErrorCode.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
}


@dataclass(frozen=True, slots=True)
class Reception:
    """What webhooks need of the server.

    :param context: returns what connections are encrypted with, or None for plain HTTP.
    """

    incoming: IncomingWebhooks
    posting: Posting
    strangers: Strangers
    sanctions: SanctionBook
    measurements: Measurements
    timer: Timer
    context: Callable[[], ssl.SSLContext | None]


class WebhookServer(HttpServer):
    """A server whose requests are webhooks'."""

    reception: Reception


class _Refused(Exception):
    """Say with which status, and in which words, a request is refused before it is posted."""

    def __init__(self, status: HTTPStatus, words: str) -> None:
        super().__init__(words)
        self.status = status


class Handler(BaseHTTPRequestHandler):
    """Reads one request and answers it; then the connection ends."""

    server: WebhookServer
    timeout = READ_TIMEOUT_S
    protocol_version = "HTTP/1.1"  # without it, nobody is told to go on with a long body
    server_version = "chat"
    sys_version = ""
    error_content_type = "text/plain; charset=utf-8"
    error_message_format = "%(message)s\n"
    knew = False  # whether the one who asks knows a secret

    def handle(self) -> None:
        """Take one request, and no second one on the same connection."""
        self.close_connection = True
        self.handle_one_request()

    def do_POST(self) -> None:
        """Post what came."""
        hook = self._hook()
        if hook is None:
            return
        counts = self.server.reception.measurements.webhooks
        try:
            text = text_of(self.headers.get("Content-Type", ""), self._body())
            key = self.headers.get("Idempotency-Key", "").strip()
            if len(key) > KEY_MAX_CHARS:
                raise PayloadError(f"An Idempotency-Key has at most {KEY_MAX_CHARS} characters.")
            room, seq = self.server.reception.posting.post(hook, self.client_address[0], text, key)
        except _Refused as refusal:
            counts.add(ErrorCode.BAD_REQUEST)
            self._refuse(refusal.status, str(refusal))
        except PayloadError as error:
            counts.add(ErrorCode.BAD_REQUEST)
            self._refuse(HTTPStatus.BAD_REQUEST, str(error))
        except ChatError as error:
            counts.add(error.code)
            _log.info("a message of %s was refused: %s", hook.user.username, error.code)
            status = _STATUSES.get(error.code, HTTPStatus.INTERNAL_SERVER_ERROR)
            self._refuse(status, error.message, error.extra.get("retry_after"))
        except StorageError:
            counts.add(ErrorCode.UNAVAILABLE)
            self._unavailable()
        else:
            counts.add("ok")
            self._answer(HTTPStatus.OK, {"ok": True, "room": room, "seq": seq})

    def do_GET(self) -> None:
        """Say that a webhook is posted to."""
        if self._hook() is not None:
            self._refuse(HTTPStatus.METHOD_NOT_ALLOWED, "A webhook takes POST alone.")

    do_HEAD = do_GET
    do_PUT = do_GET

    def _hook(self) -> IncomingHookRecord | None:
        """Return whose secret is in the path; without one, answer that there is nothing."""
        path = self.path.partition("?")[0]
        try:
            secret = path.removeprefix(PATH)
            hook = self.server.reception.incoming.of_secret(secret) if path.startswith(PATH) else None
        except StorageError:
            self._unavailable()
            return None
        if hook is None:
            self._refuse(HTTPStatus.NOT_FOUND, "There is nothing here.")
        else:
            self.knew = True
        return hook

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit() and len(length) < 20):
            raise _Refused(HTTPStatus.LENGTH_REQUIRED, "The length of the body is missing (Content-Length).")
        if int(length) > BODY_MAX_BYTES:
            self._drain(min(int(length), DRAINED_MAX_BYTES))
            words = f"The body is too long: it has at most {BODY_MAX_BYTES // 1024} KiB."
            raise _Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, words)
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            raise _Refused(HTTPStatus.BAD_REQUEST, "The body ended early.")
        return body

    def _drain(self, length: int) -> None:
        while length > 0 and (piece := self.rfile.read(min(length, BODY_MAX_BYTES))):
            length -= len(piece)

    def _unavailable(self) -> None:
        self._refuse(
            HTTPStatus.SERVICE_UNAVAILABLE, "The database does not answer; post it again.", RETRY_AFTER_S
        )

    def _refuse(self, status: HTTPStatus, words: str, retry_after_s: float | None = None) -> None:
        self._answer(status, {"ok": False, "error": words}, retry_after_s)

    def _answer(self, status: HTTPStatus, said: dict[str, Any], retry_after_s: float | None = None) -> None:
        body = json.dumps(said, ensure_ascii=False).encode() + b"\n"
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        if retry_after_s is not None:
            self.send_header("Retry-After", str(max(1, round(retry_after_s + 0.5))))
        if status == HTTPStatus.METHOD_NOT_ALLOWED:
            self.send_header("Allow", "POST")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_request(self, code: Any = "-", size: Any = "-") -> None:
        """Log that a request was answered, without its path."""
        del size
        _log.debug("a request of %s was answered: %s", self.client_address[0], code)

    def log_message(self, format: str, *args: Any) -> None:
        """Log that a request was not understood; its words may hold a secret."""
        del format, args
        _log.debug("a request of %s was not understood", self.client_address[0])
