"""The server killed and ended while people talk: what was acknowledged is there, once, without a hole."""

import json
import secrets
import signal
import threading
import time
from collections.abc import Callable

import pytest

from tests.support.server import ServerProcess
from tests.support.wire import ConnectionEnded, Frame, WireClient, connect, connected

ROOM = "Général"
SENDERS = 4
Start = Callable[..., ServerProcess]


class Sender(threading.Thread):
    """Sends with nonces, several at a time, and remembers the acknowledged, until the connection ends."""

    def __init__(self, port: int, name: str, *, tls: bool = True) -> None:
        super().__init__(name=name)
        self.client = connect(port, tls=tls)
        self.client.register(name)
        self.sent: dict[str, str] = {}
        self.acknowledged: dict[str, int] = {}
        self.enough = threading.Event()

    def run(self) -> None:
        try:
            while self._burst():
                pass
        except (ConnectionEnded, OSError):
            pass
        finally:
            self.client.close()

    def _burst(self) -> bool:
        nonces = [secrets.token_hex(16) for _ in range(8)]
        self.sent |= {nonce: f"{self.name} {nonce}" for nonce in nonces}
        frames = [
            {"type": "send", "ref": nonce, "room": ROOM, "body": self.sent[nonce], "nonce": nonce}
            for nonce in nonces
        ]
        self.client.send_bytes(b"".join(json.dumps(frame).encode() + b"\n" for frame in frames))
        for nonce in nonces:
            reply = self.client.reply(nonce)
            if reply.get("code") == "unavailable":  # the server is about to end
                return False
            assert reply["type"] == "ok", reply
            self.acknowledged[nonce] = reply["seq"]
        self.client.events.clear()
        if len(self.acknowledged) > 50:
            self.enough.set()
        return True


def whole_history(client: WireClient) -> list[Frame]:
    """Return every message of the room."""
    found: list[Frame] = []
    more = True
    while more:
        page = client.ok("history", room=ROOM, after=len(found), limit=200)
        found += page["messages"]
        more = page["more"]
    return found


def test_server_killed_while_four_clients_send(server_process: Start, database: str | None) -> None:
    """After `kill -9` each acknowledged message is there once, at its seq; `seq` has no hole."""
    server = server_process("--no-limits", database=database)
    senders = [Sender(server.port, f"sender{number}") for number in range(SENDERS)]
    for sender in senders:
        sender.start()
    assert all(sender.enough.wait(30) for sender in senders)
    server.kill()
    for sender in senders:
        sender.join()
    server = server_process("--no-limits", database=database)
    with connected(server.port) as client:
        client.resume(senders[0].client.token)
        history = whole_history(client)
        assert [message["seq"] for message in history] == list(range(1, len(history) + 1))
        bodies = [message["body"] for message in history]
        assert len(set(bodies)) == len(bodies)
        for sender in senders:
            for nonce, seq in sender.acknowledged.items():
                assert history[seq - 1]["body"] == sender.sent[nonce]
                assert history[seq - 1]["from"] == sender.name
        # What had no answer yet is repeated, and is stored once.
        mine = senders[0]
        for nonce in set(mine.sent) - set(mine.acknowledged):
            mine.acknowledged[nonce] = client.ok("send", room=ROOM, body=mine.sent[nonce], nonce=nonce)["seq"]
        history = whole_history(client)
        own = {message["seq"]: message["body"] for message in history if message["from"] == mine.name}
        assert own == {seq: mine.sent[nonce] for nonce, seq in mine.acknowledged.items()}


def test_repeated_nonce(server_process: Start, database: str | None) -> None:
    """A repeat is answered with the first one's place: at once, elsewhere, and after a restart."""
    server = server_process(database=database)
    with connected(server.port) as alice, connected(server.port) as bob:
        alice.register("alice")
        bob.register("bob")
        first = alice.ok("send", room=ROOM, body="once", nonce="n1")
        again = [alice.ok("send", room=ROOM, body="once", nonce="n1") for _ in range(2)]
        with connected(server.port) as other:
            other.resume(alice.token)
            again.append(other.ok("send", room=ROOM, body="once", nonce="n1"))
        assert {(reply["seq"], reply["sent_at"]) for reply in again} == {(first["seq"], first["sent_at"])}
        twice = (
            json.dumps({"type": "send", "ref": 1, "room": ROOM, "body": "twin", "nonce": "n2"}).encode()
            + b"\n"
        )
        alice.send_bytes(twice * 3)
        assert len({alice.reply(1)["seq"] for _ in range(3)}) == 1
        assert bob.ok("send", room=ROOM, body="mine", nonce="n1")["seq"] == first["seq"] + 2
        received = [bob.event("message")["body"] for _ in range(2)]
        assert received == ["once", "twin"]
        assert bob.silent()
        token = alice.token
    server.kill()
    server = server_process(database=database)
    with connected(server.port) as alice:
        alice.resume(token)
        repeat = alice.ok("send", room=ROOM, body="once", nonce="n1")
        assert (repeat["seq"], repeat["sent_at"]) == (first["seq"], first["sent_at"])
        assert alice.ok("send", room=ROOM, body="new")["seq"] == first["seq"] + 3


@pytest.mark.long
def test_history_is_what_was_delivered(server_process: Start, database: str | None) -> None:
    """Events and history agree in every field, also after a restart, for texts of every kind."""
    bodies = [
        "é👋",
        "a\0b",
        "x" * 4000,
        "👩🏽‍🚀" * 100,
        "e\u0301",
        "'\"\\%s",
        "\u2028\n",
        "   ",
        "\U0010ffff",
    ]
    server = server_process(database=database)
    with connected(server.port) as alice, connected(server.port) as bob:
        alice.register("Zoé")
        bob.register("bob")
        for body in bodies:
            alice.ok("send", room=ROOM, body=body)
        ours = ("type", "room_id")  # which a page of history has once, or not at all
        delivered = [{k: v for k, v in bob.event("message").items() if k not in ours} for _ in bodies]
        assert [message["body"] for message in delivered] == bodies
        assert bob.ok("history", room=ROOM, after=0)["messages"] == delivered
        token = bob.token
    assert server.stop() == 0
    server = server_process(database=database)
    with connected(server.port) as bob:
        bob.resume(token)
        assert bob.ok("history", room=ROOM, after=0)["messages"] == delivered


@pytest.mark.long
@pytest.mark.parametrize(("clients", "tls"), [(300, False), (40, True)], ids=["300 plain", "40 over TLS"])
def test_sigterm_with_many_clients(server_process: Start, clients: int, tls: bool) -> None:
    """SIGTERM tells every client `shutdown`, stores what was submitted, and exits with 0 within 5 seconds."""
    server = server_process("--no-limits", tls=tls)
    sender = Sender(server.port, "sender", tls=tls)
    connections = [connect(server.port, tls=tls) for _ in range(clients)]
    for connection in connections:
        connection.resume(sender.client.token)
    sender.start()
    assert sender.enough.wait(30)
    begun = time.monotonic()
    assert server.stop() == 0
    assert time.monotonic() - begun < 5
    sender.join()
    for connection in connections:
        assert [f["type"] for f in connection.wait_closed() if f["type"] != "message"] == ["shutdown"]
        connection.close()
    server = server_process(tls=tls)
    with connected(server.port, tls=tls) as client:
        client.resume(sender.client.token)
        history = {message["seq"]: message["body"] for message in whole_history(client)}
    assert {seq: sender.sent[nonce] for nonce, seq in sender.acknowledged.items()}.items() <= history.items()
    assert sorted(history) == list(range(1, len(history) + 1))


@pytest.mark.long
def test_sigterm_with_a_client_that_does_not_read(server_process: Start) -> None:
    """A client that reads nothing does not hold the end up."""
    server = server_process("--no-limits")
    with connected(server.port) as alice:
        alice.register("alice")
        lazy = connect(server.port, rcvbuf=4096)
        lazy.resume(alice.token)
        frame = json.dumps({"type": "send", "ref": 1, "room": ROOM, "body": "x" * 4000}).encode() + b"\n"
        alice.send_bytes(frame * 200)
        for _ in range(200):
            alice.reply(1)
        silent = connect(server.port, hello=False)
        begun = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - begun < 5
        lazy.close()
        silent.close()


def test_sigint_ends_like_sigterm(server_process: Start) -> None:
    """Ctrl+C is an end in order."""
    server = server_process()
    with connected(server.port) as client:
        client.register("alice")
        server.process.send_signal(signal.SIGINT)
        assert client.event("shutdown")["type"] == "shutdown"
    assert server.process.wait(5) == 0
