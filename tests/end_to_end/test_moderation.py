"""What moderation does, seen from real clients over TLS while commands run at the server's admin socket."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.chat_server.net.tls_client import Client as TlsClient
from tests.support.admin import command
from tests.support.server import ServerProcess
from tests.support.wire import PASSWORD, TIMEOUT_S, TlsStream, WireClient, connect, connected

Start = Callable[..., ServerProcess]
HERE = "127.0.0.9"  # where the sanctioned one comes from; the rest of the office is elsewhere
NETWORK = "127.0.0.8/29"
# How a sanction is typed, what the client is told, how it is lifted, and whether it is on the address.
SANCTIONS = [
    ("kick jules 1h", "kicked", "unkick jules", False),
    ("ban jules", "banned", "unban jules", False),
    (f"kick ip {HERE} 1h", "kicked", f"unkick ip {HERE}", True),
    (f"ban ip {HERE}", "banned", f"unban ip {HERE}", True),
    (f"kick ip {NETWORK} 1h", "kicked", f"unkick ip {NETWORK}", True),
    (f"ban ip {NETWORK}", "banned", f"unban ip {NETWORK}", True),
]


def connect_from(address: str, port: int) -> WireClient:
    """Connect over TLS from an address of the loopback network."""
    sock = socket.create_connection(("127.0.0.1", port), TIMEOUT_S, source_address=(address, 0))
    client = WireClient(TlsStream(sock))
    assert client.frame()["type"] == "hello"
    return client


@contextmanager
def coming_from(address: str, port: int) -> Iterator[WireClient]:
    client = connect_from(address, port)
    try:
        yield client
    finally:
        client.close()


def refused_before_tls(address: str, port: int) -> bool:
    """Whether the server closes a connection from this address before a single byte was sent on it."""
    with socket.create_connection(("127.0.0.1", port), TIMEOUT_S, source_address=(address, 0)) as sock:
        try:
            return sock.recv(1) == b""
        except ConnectionResetError:
            return True


def assert_shut_out(server: ServerProcess, token: str, code: str, *, by_address: bool) -> None:
    """Signing in, resuming and, where the address is sanctioned, anything at all is refused."""
    if by_address:
        assert refused_before_tls(HERE, server.port)
        return
    with coming_from(HERE, server.port) as client:
        for request in (
            {"type": "login", "username": "jules", "password": PASSWORD},
            {"type": "resume", "token": token},
        ):
            reply = client.request(**request)
            assert (reply["type"], reply["code"]) == ("error", code)
            assert reply["reason"] == "too loud"
            assert ("until" in reply) == (code == "kicked")


def test_sanctions_seen_from_a_client(
    server_process: Start, database: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    """By user, address and network, kick and ban: closed with reason and end, shut out, lifted, back in."""
    server = server_process("--no-limits", database=database)
    with connected(server.port) as other, coming_from(HERE, server.port) as client:
        other.register("zoe")
        token = client.register("jules")["token"]
        for line, code, lifting, by_address in SANCTIONS:
            with coming_from(HERE, server.port) as session:
                session.resume(token)
                assert command(server, f"{line} too loud") == 0, capsys.readouterr().err
                end = session.event(code)
                assert end["reason"] == "too loud"
                assert ("until" in end) == (code == "kicked")
                session.wait_closed()
            assert_shut_out(server, token, code, by_address=by_address)
            other.ok("ping")
            assert command(server, lifting) == 0
            with coming_from(HERE, server.port) as session:
                session.resume(token)
        other.ok("send", room="Général", body="still here")


def test_sanctions_outlive_a_restart(server_process: Start, database: str | None) -> None:
    """What was in force before a restart is in force after it, and is lifted as before."""
    server = server_process("--no-limits", database=database)
    with coming_from(HERE, server.port) as client:
        token = client.register("jules")["token"]
    with connected(server.port) as other:
        other.register("zoe")
    for line in (f"ban ip {NETWORK} too loud", "kick jules 1h too loud", "kick zoe 1h"):
        assert command(server, line) == 0
    assert command(server, "unkick zoe") == 0
    assert server.stop() == 0

    server = server_process("--no-limits", database=database)
    assert_shut_out(server, token, "banned", by_address=True)
    with connected(server.port) as other:
        other.login("zoe")
    assert command(server, f"unban ip {NETWORK}") == 0
    assert_shut_out(server, token, "kicked", by_address=False)
    assert command(server, "unkick jules") == 0
    with coming_from(HERE, server.port) as client:
        client.resume(token)
        client.ok("send", room="Général", body="back")


def test_stranger_from_a_sanctioned_address_is_sent_away(server_process: Start) -> None:
    """A connection on which nobody has signed in ends with its address; another one from elsewhere stays."""
    server = server_process("--no-limits")
    with coming_from(HERE, server.port) as early, connected(server.port) as other:
        assert command(server, f"kick ip {HERE} 1h too loud") == 0
        assert early.event("kicked")["reason"] == "too loud"
        early.wait_closed()
        other.register("zoe")


@pytest.mark.parametrize("end", [f"ban ip {HERE}", "shutdown now"])
def test_stranger_is_ended_in_the_middle_of_his_handshake(server_process: Start, end: str) -> None:
    """The command is carried out, he is gone, and the server stops with 0."""
    server, stranger = server_process(), TlsClient()
    with socket.create_connection(("127.0.0.1", server.port), TIMEOUT_S, source_address=(HERE, 0)) as sock:
        sock.sendall(stranger.go_on())
        assert sock.recv(65_536)  # the server's part; it waits for his last word now
        assert command(server, end) == 0
        while sock.recv(65_536):
            pass
    assert server.stop() == 0


def test_request_accepted_while_the_user_is_away(server_process: Start, database: str | None) -> None:
    """A request made, the user gone, accepted in the console: at the next sign-in the room is theirs, with
    its history.
    """
    server = server_process("--no-limits", database=database)
    with connected(server.port) as zoe, connected(server.port) as jules:
        zoe.register("zoe")
        jules.register("jules")
        for client in (zoe, jules):
            assert client.ok("join", room="Marketing", reason="I work there")["membership"] == "pending"
        assert command(server, "accept pending zoe Marketing") == 0
        assert zoe.event("membership")["membership"] == "joined"
        zoe.ok("send", room="Marketing", body="before you came")
    assert command(server, "accept pending jules all") == 0
    with connected(server.port) as jules:
        rooms = {room["room"]: room for room in jules.login("jules")["rooms"]}
        assert rooms["Marketing"]["membership"] == "joined"
        messages = jules.ok("history", room="Marketing")["messages"]
        assert [message["body"] for message in messages] == ["before you came"]


@pytest.mark.long
def test_decision_is_told_at_the_next_sign_in(server_process: Start) -> None:
    """Who was away is told of a refusal with its reason, also after a restart, and once."""
    server = server_process("--no-limits")
    with connected(server.port) as zoe:
        zoe.register("zoe")
        zoe.ok("watch", room="Général")
        with connected(server.port) as jules:
            token = jules.register("jules")["token"]
            for room in ("Marketing", "Informatique"):
                jules.ok("join", room=room)
        while zoe.event("presence")["changes"].get("jules") != "offline":
            pass
    assert command(server, "refuse pending jules Marketing Ask again in May") == 0
    assert command(server, "accept pending jules Informatique") == 0
    assert server.stop() == 0
    server = server_process("--no-limits")
    with connected(server.port) as jules:
        jules.resume(token)
        refused = jules.event("membership", room="Marketing")
        assert (refused["membership"], refused["reason"]) == ("none", "Ask again in May")
        assert jules.event("membership", room="Informatique")["membership"] == "joined"
    with connected(server.port) as jules:
        jules.resume(token)
        assert jules.silent()


@pytest.fixture(scope="module")
def tokens(server: ServerProcess) -> dict[str, str]:
    """An administrator, a moderator and two members, with accounts on the module's server."""
    tokens = {}
    for name in ("boss", "mo", "jules", "zoe"):
        with connected(server.port) as client:
            tokens[name] = client.register(name)["token"]
    assert command(server, "role boss admin") == 0
    assert command(server, "role mo moderator") == 0
    return tokens


@pytest.fixture
def staff(server: ServerProcess, tokens: dict[str, str]) -> Iterator[dict[str, WireClient]]:
    """The same people, connected."""
    people = {name: connect(server.port) for name in tokens}
    for name, client in people.items():
        client.resume(tokens[name])
    yield people
    for client in people.values():
        client.close()


def test_moderator_decides_and_kicks_on_the_wire(staff: dict[str, WireClient]) -> None:
    """A moderator is told of requests, decides them, kicks, mutes and lifts; bans and equals are out of
    reach.
    """
    mo, jules, zoe = staff["mo"], staff["jules"], staff["zoe"]
    jules.ok("join", room="Marketing", reason="I work there")
    assert mo.event("moderation")["pending"] == 1
    [request] = mo.ok("moderation.pending")["requests"]
    assert (request["username"], request["room"], request["reason"]) == ("jules", "Marketing", "I work there")
    assert request["requested_at"].endswith("Z")
    mo.ok("moderation.decide", username="jules", room="Marketing", accept=True)
    assert jules.event("membership")["membership"] == "joined"

    mo.ok("moderation.sanction", kind="mute", username="zoe", duration=3600, reason="noise", room="Général")
    reply = zoe.request("send", room="Général", body="hm")
    assert (reply["code"], reply["reason"]) == ("muted", "noise")
    mo.ok("moderation.lift", kind="mute", username="zoe")
    zoe.ok("send", room="Général", body="thank you")

    mo.ok("moderation.sanction", kind="kick", username="zoe", duration=60, reason="noise")
    assert zoe.event("kicked")["reason"] == "noise"
    mo.ok("moderation.lift", kind="kick", username="zoe")
    for fields in (
        {"kind": "ban", "username": "jules"},
        {"kind": "kick", "username": "boss", "duration": 60},
        {"kind": "kick", "address": "192.0.2.1", "duration": 60},
    ):
        assert mo.error("moderation.sanction", **fields) == "forbidden"


def test_member_may_not_moderate(staff: dict[str, WireClient]) -> None:
    """Every moderation request of a plain member is forbidden, and each attempt is in the audit."""
    jules = staff["jules"]
    requests: list[tuple[str, dict[str, object]]] = [
        ("moderation.pending", {}),
        ("moderation.decide", {"username": "zoe", "room": "Marketing", "accept": True}),
        ("moderation.sanction", {"kind": "kick", "username": "zoe", "duration": 60}),
        ("moderation.sanction", {"kind": "ban", "address": "192.0.2.1"}),
        ("moderation.lift", {"kind": "ban", "username": "nobody"}),
    ]
    for kind, fields in requests:
        assert jules.error(kind, **fields) == "forbidden"


def test_administrator_bans_an_address_on_the_wire(
    server: ServerProcess, staff: dict[str, WireClient]
) -> None:
    """An administrator sanctions addresses; one that hits several, or the sender, is to be confirmed."""
    boss = staff["boss"]
    boss.ok("moderation.sanction", kind="ban", address="192.0.2.0/24")
    boss.ok("moderation.lift", kind="ban", address="192.0.2.0/24")
    reply = boss.request("moderation.sanction", kind="kick", address="127.0.0.0/8", duration=60)
    assert (reply["code"], reply["field"]) == ("bad_request", "confirm")
    assert "jules" in reply["message"]
    for fields in (
        {"kind": "ban"},
        {"kind": "ban", "username": "jules", "address": "192.0.2.1"},
        {"kind": "ban", "address": "nonsense"},
        {"kind": "mute", "address": "192.0.2.1"},
        {"kind": "kick", "username": "jules", "room": "Général"},
    ):
        assert boss.error("moderation.sanction", **fields) == "bad_request"
    assert boss.error("moderation.sanction", kind="ban", username="nobody") == "no_such_user"
    boss.send("moderation.sanction", kind="kick", address="127.0.0.0/8", duration=60, confirm=True)
    for client in staff.values():
        assert client.event("kicked")
    assert command(server, "unkick ip 127.0.0.0/8") == 0


def test_mute_in_force_is_told_at_each_sign_in(server_process: Start) -> None:
    """Whoever signs in muted reads so before writing, with the reason, the end and the room."""
    server = server_process("--no-limits")
    with connected(server.port) as zoe, connected(server.port) as again:
        token = zoe.register("zoe")["token"]
        assert command(server, "mute zoe 1h Général noise") == 0
        at_once = zoe.event("mute")
        again.ok("resume", token=token)
        told = again.event("mute")
        assert told == at_once
        assert (told["active"], told["reason"], told["room"]) == (True, "noise", "Général")


@pytest.mark.long
def test_announcement_welcome_and_shutdown_are_told(server_process: Start) -> None:
    """Everyone hears an announcement and a planned shutdown; who signs in reads the welcome message."""
    server = server_process("--no-limits")
    with connected(server.port) as jules, connected(server.port) as zoe:
        jules.register("jules")
        assert command(server, "announce Lunch is ready") == 0
        assert jules.event("notice")["text"] == "Lunch is ready"
        assert command(server, "motd Welcome home") == 0
        zoe.register("zoe")
        assert zoe.event("notice")["text"] == "Welcome home"
        assert command(server, "shutdown 1h Update") == 0
        scheduled = jules.event("shutdown_scheduled")
        assert scheduled["reason"] == "Update"
        assert scheduled["at"]
        assert command(server, "shutdown cancel") == 0
        assert jules.event("shutdown_scheduled")["at"] is None
        assert command(server, "shutdown cancel") == 1
        assert command(server, "kill jules Bye") == 0
        assert jules.event("killed")["reason"] == "Bye"
        assert command(server, "shutdown Update") == 0
        assert zoe.event("shutdown")["reason"] == "Update"
    assert server.process.wait(10) == 0


@pytest.mark.long
def test_closed_registration_and_one_time_password(
    server_process: Start, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the door closed nobody registers; a one-time password signs in to nothing but a new password."""
    server = server_process("--no-limits")
    with connected(server.port) as jules:
        jules.register("jules")
        assert command(server, "registration closed") == 0
        capsys.readouterr()
        assert command(server, "password jules") == 0
        assert jules.event("killed")
    password = capsys.readouterr().out.split("jules: ")[1].split("\n")[0]
    with connected(server.port) as client:
        assert client.error("register", username="zoe", password=PASSWORD) == "registration_closed"
        assert client.error("resume", token=jules.token) == "invalid_credentials"
        assert client.login("jules", password)["must_change_password"] is True
        assert client.error("send", room="Général", body="hello") == "password_change_required"
        client.ok("password", old=password, new="a password of my own")
        client.ok("send", room="Général", body="hello")
    assert server.stop() == 0
    server = server_process("--no-limits", "--registration", "open")
    with connected(server.port) as client:
        assert client.error("register", username="zoe", password=PASSWORD) == "registration_closed"


def test_audit_tells_of_console_and_wire(
    server: ServerProcess, staff: dict[str, WireClient], capsys: pytest.CaptureFixture[str]
) -> None:
    """Acts and refused attempts are in the audit, with who and from where."""
    staff["mo"].ok("moderation.sanction", kind="mute", username="jules", duration=60, reason="noise")
    assert staff["jules"].error("moderation.pending") == "forbidden"
    staff["mo"].ok("moderation.lift", kind="mute", username="jules")
    capsys.readouterr()
    assert command(server, "audit 1h") == 0
    lines = capsys.readouterr().out.split("\n")
    [mute] = [line for line in lines if " mute " in line and "1m: noise" in line]
    assert "mo  " in mute
    assert "wire 127.0.0.1" in mute
    assert any("pending rooms" in line and "jules" in line and " no " in line for line in lines)
    assert any("role" in line and "socket uid" in line for line in lines)
