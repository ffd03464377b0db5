"""Bytes that no client should send: a clear error or a clean close, and nobody else notices."""

import json
import random
import socket
from collections.abc import Callable, Iterator
from dataclasses import fields

import pytest

from chat_protocol.request_reading import REQUESTS
from tests.chat_protocol.bad_values import BAD_VALUES
from tests.support.server import ServerProcess
from tests.support.wire import ConnectionEnded, WireClient, connected

ROOM = "Général"
Open = Callable[..., WireClient]
Person = Callable[..., WireClient]


@pytest.fixture(scope="module")
def bystanders(server: ServerProcess) -> Iterator[tuple[WireClient, WireClient]]:
    """Two people who have nothing to do with it."""
    with connected(server.port) as speaker, connected(server.port) as listener:
        speaker.register("speaker")
        listener.register("listener")
        yield speaker, listener


@pytest.fixture(autouse=True)
def _nobody_else_notices(bystanders: tuple[WireClient, WireClient]) -> Iterator[None]:
    """The bystanders talk after each test; nothing but messages comes to them."""
    speaker, listener = bystanders
    yield
    sent = speaker.ok("send", room=ROOM, body="still here?")["seq"]
    assert listener.event("message", seq=sent)["body"] == "still here?"
    assert not [event for event in listener.events if event["type"] != "message"]


RUBBISH = {
    "words": b"hello",
    "an array": b"[1,2]",
    "null": b"null",
    "bad UTF-8": b'{"type":"ping\xff"}',
    "UTF-16": '{"type":"ping"}'.encode("utf-16"),
    "NaN": b'{"type":"ping","ref":NaN}',
    "a NUL": b"\0",
    "deep nesting": b"[" * 60_000,
    "deep objects": b'{"a":' * 12_000,
    "a huge integer": b'{"type":"ping","ref":' + b"9" * 60_000 + b"}",
    "HTTP": b"GET / HTTP/1.1",
    "half JSON": b'{"type":"send"',
    "a byte order mark": b'\xef\xbb\xbf{"type":"ping"}',
}


@pytest.mark.parametrize("signed_in", [False, True], ids=["before", "after"])
def test_line_that_is_no_frame(
    server: ServerProcess, open_connection: Open, person: Person, signed_in: bool
) -> None:
    """A line that is no JSON object is `bad_frame`, and the connection stays open."""
    client = person() if signed_in else open_connection(server.port)
    for name, line in RUBBISH.items():
        client.send_bytes(line + b"\n")
        reply = client.reply(None)
        assert (reply["type"], reply["code"]) == ("error", "bad_frame"), name
        assert client.ok("ping")["type"] == "ok"


WRONG: list[tuple[dict[str, object], str, str | None]] = [
    ({}, "bad_request", "type"),
    ({"type": None}, "bad_request", "type"),
    ({"type": 7}, "bad_request", "type"),
    ({"type": "nonsense"}, "unknown_type", None),
    ({"type": "__init__"}, "unknown_type", None),
    ({"type": "hello"}, "unknown_type", None),
    ({"type": "send"}, "bad_request", "room"),
    ({"type": "send", "room": ROOM}, "bad_request", "body"),
    ({"type": "send", "room": ROOM, "body": ""}, "bad_request", "body"),
    ({"type": "send", "room": ROOM, "body": "\ud800"}, "bad_request", "body"),
    ({"type": "send", "room": ROOM, "body": "x", "nonce": ""}, "bad_request", "nonce"),
    ({"type": "send", "room": ROOM, "body": "x", "nonce": "n" * 65}, "bad_request", "nonce"),
    ({"type": "send", "room": ROOM, "body": "x", "nonce": 7}, "bad_request", "nonce"),
    ({"type": "history", "room": ROOM, "limit": 201}, "bad_request", "limit"),
    ({"type": "history", "room": ROOM, "after": 2**63}, "bad_request", "after"),
    ({"type": "history", "room": ROOM, "after": 1, "before": 9}, "bad_request", "before"),
    ({"type": "status", "status": "dancing"}, "bad_request", "status"),
    ({"type": "search", "query": "x", "before": "yesterday"}, "bad_request", "before"),
    ({"type": "join", "room": "Blabla", "reason": "x" * 301}, "bad_request", "reason"),
]


def test_request_of_the_wrong_form(person: Person) -> None:
    """The error has the request's ref and names the field."""
    client = person()
    for frame, code, field in WRONG:
        client.send_bytes(json.dumps(frame | {"ref": "r"}).encode() + b"\n")
        reply = client.reply("r")
        assert (reply["code"], reply.get("field")) == (code, field), frame


@pytest.mark.parametrize("kind", sorted(REQUESTS))
def test_request_with_wrong_values_everywhere(person: Person, kind: str) -> None:
    """Every field of every request with every wrong value has an error of its own, not `internal`."""
    client = person()
    for item in fields(REQUESTS[kind]):
        for value in BAD_VALUES[item.name]:
            frame = json.dumps({"type": kind, "ref": 1, item.name: value}).replace("Infinity", "1e999")
            client.send_bytes(frame.encode() + b"\n")
            reply = client.reply(1)
            assert reply["type"] == "error"
            assert reply["code"] not in {"internal", "unavailable", "unknown_type"}


def test_frame_of_70000_bytes(person: Person) -> None:
    """A line over the limit is `frame_too_large`; then the server closes, and what follows is not read."""
    client = person()
    client.send_bytes(b'{"type":"send","room":"general","body":"' + b"x" * 70_000 + b'"}\n')
    client.send_bytes(b'{"type":"ping","ref":1}\n')
    frames = client.wait_closed()
    assert [frame.get("code") for frame in frames] == ["frame_too_large"]


def test_line_that_never_ends(person: Person) -> None:
    """A line without an end is refused at the limit: nothing grows."""
    client = person()
    client.send_bytes(b"x" * 65_536)
    assert [frame.get("code") for frame in client.wait_closed()] == ["frame_too_large"]


def test_requests_before_a_line_over_the_limit_are_answered(person: Person) -> None:
    """What came before the line that is too long was valid, and its answers come first."""
    client = person()
    client.send_bytes(
        b'{"type":"ping","ref":1}\n{"type":"send","ref":2,"room":"general","body":"x"}\n' + b"x" * 70_000
    )
    frames = client.wait_closed()
    assert [frame.get("ref", frame.get("code")) for frame in frames] == [1, 2, "frame_too_large"]


def test_frame_of_exactly_65536_bytes(person: Person) -> None:
    """The longest allowed frame is read."""
    client = person()
    head, tail = b'{"type":"ping","ref":1,"pad":"', b'"}\n'
    client.send_bytes(head + b"x" * (65_536 - len(head) - len(tail)) + tail)
    assert client.reply(1) == {"type": "ok", "ref": 1}


def test_half_a_frame_and_a_hang_up(person: Person) -> None:
    """Half a request is no request."""
    client, other = person(), person()
    client.send_bytes(b'{"type":"send","room":"general","body":"half')
    client.close()
    assert other.silent()


def test_half_a_frame_and_a_closed_sending_side(person: Person) -> None:
    """A client that says it is done is closed."""
    client = person()
    client.send_bytes(b'{"type":"send"')
    client.raw.shutdown(socket.SHUT_WR)
    assert client.wait_closed() == []


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b'{"type":"ping"}\n',
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 600,
        random.Random(1).randbytes(5000),
    ],
    ids=["HTTP", "a plain frame", "SSH", "a broken client hello", "rubbish"],
)
def test_no_tls_at_the_tls_port(server: ServerProcess, data: bytes) -> None:
    """What is not TLS is closed at once, without a frame in plain text."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(data)
        assert b'"type"' not in _until_closed(connection)


def test_silence_or_a_hang_up_before_tls(server: ServerProcess) -> None:
    """Connections that say nothing hold nobody up."""
    connections = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(20)]
    for connection in connections[:10]:
        connection.close()
    # the other ten are still silent while the fixture's people talk
    for connection in connections[10:]:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        connection.close()


def _until_closed(connection: socket.socket) -> bytes:
    received = b""
    try:
        while data := connection.recv(65_536):
            received += data
    except ConnectionError:
        pass
    return received


def test_tls_broken_in_the_middle(person: Person) -> None:
    """A TLS stream that turns into rubbish is closed."""
    client = person()
    client.raw.sendall(b"\x17\x03\x03\x00\x20" + b"rubbish!" * 4)
    _until_closed(client.raw)


def test_connection_reset(person: Person) -> None:
    """A client that goes away with a reset, in the middle of its own flood, is forgotten."""
    client = person()
    client.send_bytes(b'{"type":"history","room":"general","limit":200}\n' * 200)
    client.raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    client.close()


def test_random_bytes(person: Person) -> None:
    """Binary rubbish with newlines in it gets `bad_frame` after `bad_frame`."""
    client = person()
    source = random.Random(2)
    for _ in range(20):
        client.send_bytes(source.randbytes(2000))
    client.send_bytes(b"\n")
    ref = client.send("ping")
    codes = set()
    try:
        while (frame := client.frame()).get("ref") != ref:
            codes.add(frame["code"])
    except ConnectionEnded:
        pytest.fail("the connection ended")
    assert codes == {"bad_frame"}
