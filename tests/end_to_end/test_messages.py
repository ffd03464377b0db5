"""Messages between people: each arrives once, in order, as it was written, at everybody it is for."""

import contextlib
import json
import socket
import ssl
from collections.abc import Callable

import pytest

from tests.support.server import ServerProcess
from tests.support.wire import Frame, WireClient, own_name, unverified_tls

ROOM = "Général"
Person = Callable[..., WireClient]


def messages(client: WireClient, count: int, room: str = ROOM) -> list[Frame]:
    """Return the next `count` message events of a room."""
    return [client.event("message", room=room) for _ in range(count)]


def test_message_reaches_every_other_session(
    person: Person, open_connection: Callable[..., WireClient]
) -> None:
    """A message comes to every session but the one that sent it, with the `ok`'s seq and time."""
    alice, bob = person("alice"), person("bob")
    second = open_connection(bob.raw.getpeername()[1])
    user = second.resume(alice.token)["user"]
    ok = alice.ok("send", room=ROOM, body="bonjour")
    expected = {
        "type": "message",
        "room": ROOM,
        "seq": ok["seq"],
        "from": user["username"],
        "body": "bonjour",
    }
    for client in (bob, second):
        event = client.event("message")
        assert event.pop("room_id")
        assert event == expected | {"sent_at": ok["sent_at"]}
    assert alice.silent()


def test_room_is_answered_in_its_own_spelling(person: Person) -> None:
    """A room may be named in any of its spellings."""
    alice = person()
    for spelling in ("general", "GÉNÉRAL", "Ge\u0301ne\u0301ral", "Ｇénéral"):
        assert alice.ok("send", room=spelling, body="x")["room"] == ROOM


def test_200_messages_pasted_at_once(person: Person) -> None:
    """200 requests in one write are 200 messages, in order, each once, and so are their replies."""
    alice, bob = person("alice"), person("bob")
    bodies = [f"line {number}" for number in range(200)]
    frames = [{"type": "send", "ref": body, "room": ROOM, "body": body} for body in bodies]
    alice.send_bytes(b"".join(json.dumps(frame).encode() + b"\n" for frame in frames))
    replies = [alice.reply(body) for body in bodies]
    seqs = [reply["seq"] for reply in replies]
    assert seqs == list(range(seqs[0], seqs[0] + 200))
    received = messages(bob, 200)
    assert [(event["seq"], event["body"]) for event in received] == list(zip(seqs, bodies, strict=True))


def test_frame_sent_byte_by_byte(person: Person) -> None:
    """A frame in single-byte writes, each its own TLS record, is one message."""
    alice, bob = person("alice"), person("bob")
    frame = (
        json.dumps({"type": "send", "ref": 1, "room": ROOM, "body": "é👋"}, ensure_ascii=False).encode()
        + b"\n"
    )
    for byte in frame:
        alice.send_bytes(bytes([byte]))
    assert alice.reply(1)["type"] == "ok"
    assert bob.event("message")["body"] == "é👋"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_request_in_one_piece_with_the_end_of_the_handshake(
    server: ServerProcess, version: ssl.TLSVersion
) -> None:
    """A client need not wait for `hello`: what it sends behind its last handshake message is answered."""
    context = unverified_tls()
    context.maximum_version = version
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(incoming, outgoing)
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        shaken = False
        while not shaken:
            try:
                tls.do_handshake()
                shaken = True
            except ssl.SSLWantReadError:
                connection.sendall(outgoing.read())
                incoming.write(connection.recv(65_536))
        tls.write(b'{"type":"ping","ref":1}\n')
        connection.sendall(outgoing.read())
        received = b""
        while b'"ref":1' not in received:
            incoming.write(connection.recv(65_536))
            with contextlib.suppress(ssl.SSLWantReadError):
                while record := tls.read(65_536):
                    received += record


def test_two_frames_in_one_write(person: Person) -> None:
    """Two frames in one write are two requests."""
    alice = person()
    alice.send_bytes(b'{"type":"ping","ref":1}\r\n\n{"type":"ping","ref":2}\n')
    assert [alice.reply(1), alice.reply(2)] == [{"type": "ok", "ref": 1}, {"type": "ok", "ref": 2}]


BODIES = {
    "4,000 characters": "é" * 4000,
    "4,000 astral characters": "👋" * 4000,
    "4,000 control characters": "\x01" * 4000,
    "emoji sequences": "👩🏽‍🚀 👨‍👩‍👧‍👦 🏴󠁧󠁢󠁳󠁣󠁴󠁿 🇫🇷",
    "a NUL": "a\0b",
    "a newline": "a\nb\r\nc",
    "line separators": "a\u2028b\u2029c\x85d",
    "right to left": "שלום \u202e abc",
    "decomposed": "e\u0301 é",
    "spaces only": "   ",
    "quotes": "'\"`\\%s%d{}; DROP TABLE messages; --",
    "zero width": "\u200b\u200d\ufeff",
    "a noncharacter": "\uffff\U0010ffff",
}


def test_body_comes_as_it_was_written(person: Person) -> None:
    """No character of a body is changed on the way to others, or in the history."""
    alice, bob = person("alice"), person("bob")
    for name, body in BODIES.items():
        seq = alice.ok("send", room=ROOM, body=body)["seq"]
        assert bob.event("message")["body"] == body, name
        (stored,) = bob.ok("history", room=ROOM, after=seq - 1)["messages"]
        assert stored["body"] == body, name


def test_body_of_4001_characters(person: Person) -> None:
    """One character more is refused, and nothing is stored."""
    alice, bob = person("alice"), person("bob")
    assert alice.error("send", room=ROOM, body="x" * 4001) == "body_too_long"
    assert bob.silent()


def test_private_conversation(newcomer: Person) -> None:
    """Each side of a private conversation sees it under the other's name, and nobody else sees it."""
    alice, bob, eve = newcomer("alice"), newcomer("bob"), newcomer("eve")
    alice_name, bob_name = own_name(alice), own_name(bob)
    ok = alice.ok("send", room=f"@{bob_name.upper()}", body="psst")
    assert (ok["room"], ok["seq"]) == (f"@{bob_name}", 1)
    event = bob.event("message")
    assert (event["room"], event["seq"], event["from"]) == (f"@{alice_name}", 1, alice_name)
    bob.ok("send", room=f"@{alice_name}", body="oui ?")
    assert alice.event("message")["room"] == f"@{bob_name}"
    history = alice.ok("history", room=f"@{bob_name}")["messages"]
    assert [message["body"] for message in history] == ["psst", "oui ?"]
    assert {message["room"] for message in history} == {f"@{bob_name}"}
    assert eve.silent()


def test_private_conversation_waits_for_its_reader(
    newcomer: Person, server: ServerProcess, open_connection: Callable[..., WireClient]
) -> None:
    """Who was away finds a private conversation among the rooms of the next sign-in, unread."""
    alice, bob = newcomer("alice"), newcomer("bob")
    alice_name, bob_name = own_name(alice), own_name(bob)
    bob.close()
    alice.ok("send", room=f"@{bob_name}", body="1")
    alice.ok("send", room=f"@{bob_name}", body="2")
    back = open_connection(server.port)
    rooms = {room["room"]: room for room in back.resume(bob.token)["rooms"]}
    room = rooms[f"@{alice_name}"]
    assert (room["kind"], room["membership"], room["last_seq"], room["read_seq"]) == (
        "direct",
        "joined",
        2,
        0,
    )
    assert [m["body"] for m in back.ok("history", room=f"@{alice_name}", after=0)["messages"]] == ["1", "2"]


def test_sender_is_the_servers_word(person: Person) -> None:
    """No field of a request changes who a message is from."""
    alice, bob = person("alice"), person("bob")
    name = own_name(alice)
    alice.ok(
        "send", room=ROOM, body="x", **{"from": "admin", "sender": "admin", "username": "admin", "user_id": 1}
    )
    assert bob.event("message")["from"] == name


def test_replies_come_in_the_order_of_requests(person: Person) -> None:
    """Requests of all kinds in one write are answered in their order."""
    alice = person()
    kinds: list[Frame] = [
        {"type": "send", "room": ROOM, "body": "x"},
        {"type": "history", "room": ROOM, "limit": 200},
        {"type": "ping"},
        {"type": "send", "room": "Nowhere", "body": "x"},
        {"type": "send", "room": ROOM, "body": "y"},
        {"type": "nonsense"},
        {"type": "members", "room": ROOM},
        {"type": "send", "room": ROOM, "body": ""},
    ]
    frames = [frame | {"ref": number} for number, frame in enumerate(kinds * 10)]
    alice.send_bytes(b"".join(json.dumps(frame).encode() + b"\n" for frame in frames))
    for number in range(len(frames)):
        alice.reply(number)


def test_events_of_a_room_come_in_ascending_order(person: Person) -> None:
    """With several senders at once, each sees every seq once, ascending, its own `ok`s among them."""
    people = [person() for _ in range(4)]
    first = people[0].ok("send", room=ROOM, body="start")["seq"]
    frame = json.dumps({"type": "send", "ref": 1, "room": ROOM, "body": "x"}).encode() + b"\n"
    for _ in range(10):
        for client in people:
            client.send_bytes(frame * 5)
    last = first + 4 * 50
    for client in people:
        seqs: list[int] = []
        while len(seqs) < 200:
            got = client.frame()
            if got["type"] in ("ok", "message") and got["seq"] > first:
                seqs.append(got["seq"])
        assert seqs == list(range(first + 1, last + 1))
