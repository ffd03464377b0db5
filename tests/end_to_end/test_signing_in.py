"""Accounts, passwords and tokens over the wire."""

import json
from collections.abc import Callable

from chat_protocol.request_reading import REQUESTS
from tests.chat_protocol.samples import REQUESTS as SAMPLES
from tests.support.server import ServerProcess
from tests.support.wire import PASSWORD, WireClient, connected, own_name

Open = Callable[..., WireClient]
Person = Callable[..., WireClient]


def test_hello_comes_first(server: ServerProcess, open_connection: Open) -> None:
    """The server's first frame says who it is and what its limits are."""
    hello = open_connection(server.port, hello=False).frame()
    assert hello["type"] == "hello"
    assert (hello["protocol"], hello["registration"]) == (1, "open")
    assert hello["limits"].items() >= {"frame": 65536, "body": 4000}.items()
    assert hello["server"]
    assert hello["version"]


def test_register_then_login_in_any_spelling(server: ServerProcess, open_connection: Open) -> None:
    """A name signs in however it is written, and is shown as it was registered."""
    reply = open_connection(server.port).register("Zoé_k", display_name="Zoé 🎈")
    assert reply["user"] == {"username": "Zoé_k", "display_name": "Zoé 🎈", "role": "member"}
    for spelling in ("zoe_k", "@ZOE_K", "Ｚoe\u0301_k"):
        again = open_connection(server.port).login(spelling)
        assert again["user"] == reply["user"]
        assert again["token"] != reply["token"]


def test_register_a_taken_name(server: ServerProcess, open_connection: Open) -> None:
    """A look-alike of a name is the same name."""
    open_connection(server.port).register("Taken")
    client = open_connection(server.port)
    for spelling in ("taken", "TAKEN", "ｔａｋｅｎ", "tâkén", "@taken"):
        assert client.error("register", username=spelling, password=PASSWORD) == "username_taken"


def test_register_an_impossible_name(server: ServerProcess, open_connection: Open) -> None:
    """A name outside the rules is `invalid_username`."""
    client = open_connection(server.port)
    for name in ("a", "а́лиса", "a b", "x" * 33, "all", "ip", "a\u200bb", "-ab", "αβγ"):
        assert client.error("register", username=name, password=PASSWORD) == "invalid_username", name


def test_register_with_a_weak_password(server: ServerProcess, open_connection: Open) -> None:
    """A password under 10 characters, or the name itself, is refused; the connection goes on."""
    client = open_connection(server.port)
    for password in ("short", "123456789", "weak-person", "WEAK-PERSON"):
        assert client.error("register", username="weak-person", password=password) == "weak_password"
    assert client.ok("ping")


def test_wrong_password_and_unknown_user_look_the_same(
    server: ServerProcess, open_connection: Open, newcomer: Person
) -> None:
    """Nobody learns from a refused sign-in whether an account exists."""
    known = own_name(newcomer())
    client = open_connection(server.port)
    replies = [
        client.request("login", username=name, password="wrong password")
        for name in (known, "taken", "unknown-user", "не имя", "@", "x" * 100)
    ]
    replies.append(client.request("resume", token="x"))
    for reply in replies:
        assert (reply["type"], reply["code"]) == ("error", "invalid_credentials")
    assert len({reply["message"] for reply in replies[:5]}) == 1


def test_request_before_the_sign_in(server: ServerProcess, open_connection: Open) -> None:
    """Everything but signing in and `ping` is `not_signed_in`."""
    client = open_connection(server.port)
    samples = {type(request): request for request in SAMPLES}
    for kind in set(REQUESTS) - {"register", "login", "resume", "ping"}:
        client.send_bytes(json.dumps(samples[REQUESTS[kind]].to_frame(1)).encode() + b"\n")
        assert client.reply(1)["code"] == "not_signed_in", kind
    assert client.ok("ping")


def test_second_sign_in_on_one_connection(person: Person) -> None:
    """One connection, one sign-in."""
    alice = person()
    assert alice.error("login", username="x1", password=PASSWORD) == "already_signed_in"
    assert alice.error("register", username="x1", password=PASSWORD) == "already_signed_in"
    assert alice.error("resume", token=alice.token) == "already_signed_in"


def test_ok_of_a_sign_in_comes_before_any_event(
    server: ServerProcess, open_connection: Open, person: Person
) -> None:
    """While others talk, the first frame after a sign-in is its `ok`."""
    alice, bob = person("alice"), person("bob")
    bob.close()
    for number in range(20):
        alice.send("send", room="Général", body=str(number))
        client = open_connection(server.port)
        ref = client.send("resume", token=bob.token)
        first = client.frame()
        assert (first["type"], first["ref"]) == ("ok", ref)


def test_resume_misses_nothing(server: ServerProcess, open_connection: Open, person: Person) -> None:
    """`last_seq` of the sign-in and the events after it leave no hole."""
    alice, bob = person("alice"), person("bob")
    frame = b'{"type":"send","room":"general","body":"x"}\n'
    for _ in range(10):
        alice.send_bytes(frame * 10)
        client = open_connection(server.port)
        rooms = {room["room"]: room for room in client.resume(bob.token)["rooms"]}
        known = rooms["Général"]["last_seq"]
        for _ in range(10):
            assert alice.reply(None)["type"] == "ok"
        alice.ok("send", room="general", body="end")
        last = alice.ok("history", room="general", limit=1)["messages"][0]["seq"]
        seen = {known}
        while max(seen) < last:
            seen.add(client.event("message")["seq"])
        assert set(range(known, last + 1)) <= seen
        client.close()


def test_one_token_serves_several_connections(
    server: ServerProcess, open_connection: Open, newcomer: Person
) -> None:
    """A token signs in again and again, also at the same time, until `logout`, which ends all of them."""
    alice = newcomer()
    clients = [open_connection(server.port) for _ in range(3)]
    for client in clients:
        assert client.resume(alice.token)["token"] == alice.token
    clients[0].ok("logout")
    clients[0].send("send", room="general", body="behind the logout")
    assert clients[0].wait_closed() == []
    for client in (alice, *clients[1:]):
        assert [frame["type"] for frame in client.wait_closed()] == ["killed"]
    late = open_connection(server.port)
    assert late.error("resume", token=alice.token) == "invalid_credentials"


def test_password_change_ends_every_other_token(
    server: ServerProcess, open_connection: Open, newcomer: Person
) -> None:
    """After a change only the fresh token and the new password sign in."""
    alice = newcomer("changing")
    other = open_connection(server.port)
    name = other.resume(alice.token)["user"]["username"]
    assert alice.error("password", old="wrong password", new="a new password") == "invalid_credentials"
    assert alice.error("password", old=PASSWORD, new="short") == "weak_password"
    fresh = alice.ok("password", old=PASSWORD, new="a new password")["token"]
    late = open_connection(server.port)
    assert late.error("resume", token=alice.token) == "invalid_credentials"
    assert late.error("login", username=name, password=PASSWORD) == "invalid_credentials"
    late.resume(fresh)
    open_connection(server.port).login(name, "a new password")


def test_registration_closed(server_process: Callable[..., ServerProcess]) -> None:
    """A server whose registration is closed says so in `hello` and refuses newcomers."""
    server = server_process("--registration", "closed")
    with connected(server.port) as client:
        assert client.error("register", username="somebody", password=PASSWORD) == "registration_closed"
