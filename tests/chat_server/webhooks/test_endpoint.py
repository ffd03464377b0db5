"""Programs post over HTTP, and what they say stands in the room before they are answered."""

import http.client
import json
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from chat_server.assembly import reception
from chat_server.live.strangers import CONNECTION_COST
from chat_server.options import Options
from chat_server.server import ChatServer
from chat_server.storage import open_storage
from chat_server.storage.core.errors import StorageUnavailable
from chat_server.storage.core.records import MessageRecord
from chat_server.webhooks import endpoint as endpoint_module
from chat_server.webhooks.endpoint import CONNECTIONS_MAX, Endpoint
from chat_server.webhooks.requests import BODY_MAX_BYTES
from tests.chat_server.building import ADMIN
from tests.chat_server.webhooks.samples import ALERTMANAGER
from tests.support.admin import new_webhook
from tests.support.server import ServerProcess
from tests.support.wire import connected

Answer = tuple[int, dict[str, Any], dict[str, str]]


class Office:
    """A running server with a port for webhooks, and a program that posts to it."""

    def __init__(self, server: ChatServer, endpoint: Endpoint) -> None:
        self.server = server
        self.parts = server.parts
        self.endpoint = endpoint
        self.port = endpoint.port
        self.room = self.parts.directory.find("Blabla")
        self.secret = self.parts.webhooks.add(ADMIN, self.room, "alerts").secret

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        """Send one request; return status, what the answer says, and its headers."""
        client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            client.request(method, path, body, headers or {})
            answer = client.getresponse()
            said = answer.read()
            return answer.status, json.loads(said) if said else {}, dict(answer.getheaders())
        finally:
            client.close()

    def post(self, posted: object, **headers: str) -> Answer:
        """Post JSON to the webhook."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.ask("POST", f"/hook/{self.secret}", json.dumps(posted).encode(), named)

    def said(self) -> list[MessageRecord]:
        """What stands in the room."""
        return self.parts.storage.messages.after(self.room.id, 0, 1_000)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    folder = tmp_path / "data"
    folder.mkdir()
    options = Options(port=0, data_dir=folder, insecure=True)
    server = ChatServer(options, open_storage(options.database_url), None)
    endpoint = Endpoint("127.0.0.1:0", reception(server.parts))
    server.start()
    endpoint.start()
    yield Office(server, endpoint)
    endpoint.stop()
    server.stop()


def test_message_posted(office: Office) -> None:
    """A text stands in the room, as the bot's, when the program is told so."""
    status, said, _ = office.post({"text": "deployed"})
    assert (status, said) == (200, {"ok": True, "room": "Blabla", "seq": 1})
    (message,) = office.said()
    assert (message.author, message.body, message.seq) == ("alerts", "deployed", 1)
    assert office.parts.measurements.webhooks.read() == {"ok": 1}


def test_alert_posted(office: Office) -> None:
    """An alert of Alertmanager becomes one message."""
    assert office.post(ALERTMANAGER)[0] == 200
    (message,) = office.said()
    assert message.body.startswith("🔥 firing: **HostOutOfDisk**")


def test_message_posted_again_with_its_key(office: Office) -> None:
    """A repeat with the same key is stored once, and answered as the first was."""
    first, again = (office.post({"text": "once"}, Idempotency_Key="run 7") for _ in range(2))
    assert first[:2] == again[:2] == (200, {"ok": True, "room": "Blabla", "seq": 1})
    assert office.post({"text": "another"}, Idempotency_Key="run 7")[0] == 200
    assert len(office.said()) == 1


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"hello", {}, 400),
        (b'{"text": "x"}', {"Idempotency-Key": "k" * 256}, 400),
        (b"x" * (BODY_MAX_BYTES + 1), {}, 413),
        (b'{"text": "x"}', {"Content-Length": "x"}, 411),
        (None, {"Transfer-Encoding": "chunked"}, 411),
    ],
)
def test_post_refused(office: Office, body: bytes | None, headers: dict[str, str], status: int) -> None:
    """What is no message is refused with a sentence that says why, and nothing is stored."""
    answered, said, _ = office.ask("POST", f"/hook/{office.secret}", body, headers)
    assert answered == status
    assert said["error"].endswith(".")
    assert office.said() == []
    assert office.parts.measurements.webhooks.read() == {"bad_request": 1}


def test_unknown_secret(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong path is answered alike whatever is wrong with it, and costs its address something."""
    charged: list[float] = []
    strangers = office.parts.services.strangers
    monkeypatch.setattr(strangers, "charge", lambda _address, cost=1.0: charged.append(cost))
    for path in ("/", "/hook/", f"/hook/{office.secret}x", f"/other/{office.secret}"):
        assert office.ask("POST", path, b'{"text": "x"}')[:2] == (
            404,
            {"ok": False, "error": "There is nothing here."},
        )
    assert office.ask("GET", f"/hook/{office.secret}")[0] == 405
    office.endpoint.stop()  # it waits for its threads, which charge after the answer
    assert charged == [CONNECTION_COST] * 4


def test_stranger_who_cost_too_much(office: Office) -> None:
    """An address that has tried too many paths is not let in for a while."""
    while not office.parts.services.strangers.wait_s("127.0.0.1"):
        office.parts.services.strangers.charge("127.0.0.1", 100)
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        office.post({"text": "x"})


def test_program_that_posts_too_fast(office: Office) -> None:
    """A webhook has the rate of a user: past it, it is told when to come back."""
    statuses = set()
    for number in range(400):
        status, _, headers = office.post({"text": str(number)})
        statuses.add(status)
        if status == 429:
            assert int(headers["Retry-After"]) >= 1
            break
    assert statuses == {200, 429}


def test_webhook_whose_room_is_gone(office: Office) -> None:
    """A webhook of a removed room says so, as does a bot that is banned."""
    office.parts.room_admin.archive(ADMIN, office.room)
    assert office.post({"text": "x"})[0] == 410


def test_database_away(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the database does not answer, a program is told to come back."""

    def away(_hash: str) -> None:
        raise StorageUnavailable("away")

    monkeypatch.setattr(office.parts.storage.webhooks, "incoming_by_secret", away)
    status, _, headers = office.post({"text": "x"})
    assert (status, headers["Retry-After"]) == (503, "6")


def test_no_secret_in_the_log(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """Neither a right nor a mistyped secret, nor a line that is no HTTP, stands in the log."""
    caplog.set_level("DEBUG")
    office.post({"text": "x"})
    office.ask("POST", f"/hook/{office.secret[:-1]}")
    with socket.create_connection(("127.0.0.1", office.port), timeout=10) as sock:
        sock.sendall(f"/hook/{office.secret} GET with many words\r\n\r\n".encode())
        while sock.recv(1_000):
            pass
    assert "of 127.0.0.1 was" in caplog.text
    assert office.secret[:20] not in caplog.text


def test_slow_program_is_ended(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who says a byte now and then is not waited for, however often something comes."""
    monkeypatch.setattr(endpoint_module, "REQUEST_MAX_S", 0.2)
    with socket.create_connection(("127.0.0.1", office.port), timeout=10) as sock:
        sock.sendall(b"POST /hook/x HT")
        assert sock.recv(100) == b""


def test_few_connections_at_a_time(office: Office) -> None:
    """Connections on which nothing is said keep others out up to a bound, and no longer than their time."""
    waiting = [
        socket.create_connection(("127.0.0.1", office.port), timeout=10) for _ in range(CONNECTIONS_MAX)
    ]
    try:
        with socket.create_connection(("127.0.0.1", office.port), timeout=10) as one_more:
            assert one_more.recv(100) == b""
    finally:
        for sock in waiting:
            sock.close()


def test_posted_over_tls_by_curl(server_process: Callable[..., ServerProcess]) -> None:
    """`curl` posts over TLS with the server's certificate, and a client in the room is sent the message."""
    server = server_process("--webhooks", "127.0.0.1:0")
    link = new_webhook(server)
    assert link.startswith("https://127.0.0.1:")
    with connected(server.port) as client:
        client.register("jules")
        curl = ["curl", "--silent", "--show-error", "--insecure", "--max-time", "20", "--json"]
        done = subprocess.run(
            [*curl, '{"text": "disk full"}', link], capture_output=True, text=True, check=True
        )
        assert json.loads(done.stdout) == {"ok": True, "room": "Général", "seq": 1}
        event = client.event("message")
    assert (event["from"], event["body"]) == ("alerts", "disk full")
