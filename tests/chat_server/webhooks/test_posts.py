"""One message is posted, signed, to the address that was named and to no other."""

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar

import pytest

from chat_server.storage.core.records import MessageRecord, OutgoingHookRecord
from chat_server.webhooks.posts import Undelivered, post_signed

NOW_MS = 1_790_000_000_500
MESSAGE = MessageRecord(3, 7, 1, "jules", "héllo", NOW_MS, "text", None, None, None, False, {})


class _Handler(BaseHTTPRequestHandler):
    status: ClassVar[int] = 200
    requests: ClassVar[list[tuple[str, dict[str, str], bytes]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        _Handler.requests.append((self.path, dict(self.headers.items()), body))
        self.send_response(_Handler.status)
        self.send_header("Location", f"http://127.0.0.1:{self.connection.getsockname()[1]}/elsewhere")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def receiver() -> Iterator[OutgoingHookRecord]:
    """A webhook to a server of this process."""
    _Handler.status, _Handler.requests = 200, []
    with HTTPServer(("127.0.0.1", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}/in?key=1"
        yield OutgoingHookRecord(1, 3, "archive", "archive", url, "s" * 64, 0, 6)
        server.shutdown()
        thread.join()


def test_message_signed(receiver: OutgoingHookRecord) -> None:
    """Who has the secret can tell that the body is ours and when it was sent; a repeat has the same key."""
    post_signed(receiver, MESSAGE, "Général", NOW_MS)
    ((path, headers, body),) = _Handler.requests
    assert path == "/in?key=1"
    signed = headers["X-Chat-Timestamp"].encode() + b"." + body
    expected = hmac.new(receiver.secret.encode(), signed, hashlib.sha256).hexdigest()
    assert headers["X-Chat-Signature"] == f"v1={expected}"
    assert headers["X-Chat-Timestamp"] == str(NOW_MS // 1000)
    assert headers["Idempotency-Key"] == "1-3-7"
    assert json.loads(body) == {
        "event": "message", "webhook": "archive", "room": "Général", "seq": 7, "from": "jules",
        "text": "héllo", "sent_at": "2026-09-21T14:13:20.500Z", "reply_to": None, "files": [],
    }  # fmt: skip


@pytest.mark.parametrize(("status", "is_final"), [(302, False), (404, False), (500, False), (422, True)])
def test_message_not_taken(receiver: OutgoingHookRecord, status: int, is_final: bool) -> None:
    """Only 2xx is yes; no redirect is followed, and what is wrong with the message itself is final."""
    _Handler.status = status
    with pytest.raises(Undelivered, match=str(status)) as failure:
        post_signed(receiver, MESSAGE, "Général", NOW_MS)
    assert failure.value.is_final == is_final
    assert len(_Handler.requests) == 1


def test_nobody_listens() -> None:
    """A receiver that is not there is a failure in a few words."""
    hook = OutgoingHookRecord(1, 3, "archive", "archive", "http://127.0.0.1:1/", "s", 0, 6)
    with pytest.raises(Undelivered, match="refused"):
        post_signed(hook, MESSAGE, "Général", NOW_MS)
