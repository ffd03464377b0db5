"""Several people doing the same at the same moment: one outcome, the same for everybody."""

import json
import threading
from collections.abc import Callable

from tests.support.server import ServerProcess
from tests.support.wire import PASSWORD, WireClient, connected, own_name

Person = Callable[..., WireClient]
PAIRS = 15


def lines(*frames: dict[str, object]) -> bytes:
    """Return frames as one write."""
    return b"".join(json.dumps(frame).encode() + b"\n" for frame in frames)


def test_one_name_registered_by_many(server: ServerProcess, open_connection: Person) -> None:
    """Of several that ask for look-alikes of a name at once, one gets it and the others are told."""
    clients = [open_connection(server.port) for _ in range(6)]
    spellings = ["Chloé", "chloe", "CHLOÉ", "ｃｈｌｏｅ", "Chloe", "chloè"]
    refs = [
        client.send("register", username=name, password=PASSWORD)
        for client, name in zip(clients, spellings, strict=True)
    ]
    replies = [client.reply(ref) for client, ref in zip(clients, refs, strict=True)]
    assert sorted(reply.get("code", "ok") for reply in replies) == ["ok"] + ["username_taken"] * 5


def test_private_conversation_begun_by_both(newcomer: Person) -> None:
    """Two who write to each other first at the same moment are in one conversation, each message once."""
    alice, bob = newcomer("alice"), newcomer("bob")
    names = own_name(alice), own_name(bob)
    start = threading.Barrier(2)
    replies: dict[str, object] = {}

    def say(client: WireClient, to: str) -> None:
        start.wait()
        replies[to] = client.ok("send", room=f"@{to}", body=f"to {to}")["seq"]

    threads = [threading.Thread(target=say, args=pair) for pair in ((alice, names[1]), (bob, names[0]))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(replies.values()) == {1, 2}
    for client, other in ((alice, names[1]), (bob, names[0])):
        history = client.ok("history", room=f"@{other}")["messages"]
        assert {message["body"] for message in history} == {f"to {name}" for name in names}
        assert client.event("message", room=f"@{other}")["from"] == other


def test_room_joined_while_it_is_talked_in(person: Person) -> None:
    """Who joins a busy room hears nothing of it before the `ok`, and everything after its `last_seq`."""
    alice, bob = person("alice"), person("bob")
    for client in (alice, bob):
        client.request("join", room="Blabla")
    for _ in range(PAIRS):
        bob.ok("leave", room="Blabla")
        bob.events.clear()
        talk = [{"type": "send", "ref": n, "room": "Blabla", "body": "x"} for n in range(20)]
        alice.send_bytes(lines(*talk[:10]))
        ref = bob.send("join", room="Blabla")
        alice.send_bytes(lines(*talk[10:]))
        joined = bob.reply(ref)
        assert not [event for event in bob.events if event["type"] == "message"]
        last = [alice.reply(n)["seq"] for n in range(20)][-1]
        seqs = [joined["last_seq"]]
        while seqs[-1] < last:
            seqs.append(bob.event("message", room="Blabla")["seq"])
        expected = list(range(joined["last_seq"] + 1, last + 1))
        assert [seq for seq in seqs[1:] if seq > joined["last_seq"]] == expected


def test_one_nonce_on_two_connections(server: ServerProcess, person: Person, open_connection: Person) -> None:
    """A message that an impatient client sends on two connections at once is stored once."""
    alice, bob = person("alice"), person("bob")
    second = open_connection(server.port)
    second.resume(alice.token)
    for number in range(PAIRS):
        frame: dict[str, object] = {"type": "send", "ref": 1, "room": "Général", "body": "x"}
        frame["nonce"] = f"race {number} {alice.token[:8]}"
        alice.send_bytes(lines(frame))
        second.send_bytes(lines(frame))
        first, repeat = alice.reply(1), second.reply(1)
        assert (first["seq"], first["sent_at"]) == (repeat["seq"], repeat["sent_at"])
        assert bob.event("message")["seq"] == first["seq"]
    assert bob.silent()


def test_limits_let_a_pasted_page_pass(server_process: Callable[..., ServerProcess]) -> None:
    """With the limits as they are delivered, 200 lines at once pass; a flood is told when to come back."""
    server = server_process()
    with connected(server.port) as alice, connected(server.port) as bob:
        alice.register("alice")
        bob.register("bob")
        frames: list[dict[str, object]] = [
            {"type": "send", "ref": n, "room": "Général", "body": str(n)} for n in range(600)
        ]
        alice.send_bytes(lines(*frames[:200]))
        assert [alice.reply(n)["seq"] for n in range(200)] == list(range(1, 201))
        alice.send_bytes(lines(*frames[200:]))
        replies = [alice.reply(n) for n in range(200, 600)]
        refused = [reply for reply in replies if reply["type"] == "error"]
        assert {reply["code"] for reply in refused} == {"rate_limited"}
        assert all(reply["retry_after"] > 0 for reply in refused)
        stored = [reply["seq"] for reply in replies if reply["type"] == "ok"]
        assert stored == list(range(201, 201 + len(stored)))
        assert alice.ok("ping")
        seqs = [bob.event("message")["seq"] for _ in range(200 + len(stored))]
        assert seqs == list(range(1, 201 + len(stored)))


def test_conversation_with_oneself(newcomer: Person) -> None:
    """Notes to yourself are a private conversation like any other."""
    alice = newcomer("alice")
    name = own_name(alice)
    assert alice.ok("send", room=f"@{name}", body="milk")["room"] == f"@{name}"
    (note,) = alice.ok("history", room=f"@{name}")["messages"]
    assert (note["room"], note["from"], note["body"]) == (f"@{name}", name, "milk")
