"""The admin program: one command, a second console, and administrators made with and without a server."""

import contextlib
import io
import json
import os
import socket
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chat_server.admin import control
from chat_server.admin.__main__ import main
from chat_server.admin.client import Client
from chat_server.admin.control import ControlSocket
from chat_server.admin.frames import SOCKET_FILE, connect
from chat_server.server import ChatServer
from chat_server.services.accounts.passwords import verify_password
from chat_server.storage import open_storage
from chat_server.storage.core.records import UserRecord
from tests.support.pty_server import PtyServer

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def socket_of(server: ChatServer) -> Iterator[ControlSocket]:
    """The admin socket of a server."""
    listening = ControlSocket(server.parts, server.parts.data_dir / SOCKET_FILE)
    listening.start()
    yield listening
    listening.close()


@pytest.fixture
def run(server: ChatServer, socket_of: ControlSocket, capsys: pytest.CaptureFixture[str]) -> Run:
    """A function that runs the admin program and returns its status and what it printed."""

    def run(*arguments: str) -> tuple[int, str, str]:
        status = main(["--data-dir", str(server.parts.data_dir), *arguments])
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return run


def test_command_prints_its_answer(run: Run) -> None:
    """A command that is done prints its answer and exits with 0."""
    status, out, err = run("rooms")
    assert status == 0
    assert "Général" in out
    assert err == ""


def test_refused_command_exits_with_1(run: Run) -> None:
    """A refusal goes to the error output, with status 1."""
    status, out, err = run("user", "nobody")
    assert (status, out) == (1, "")
    assert "no user" in err


@pytest.mark.parametrize("words", [["rooooms"], ["kick"], ["rooms", "--nonsense"], ["room", "Blabla", "b"]])
def test_wrong_usage_exits_with_2(run: Run, words: list[str]) -> None:
    """What is no command, lacks a word or has one too many has status 2."""
    status, out, err = run(*words)
    assert (status, out) == (2, "")
    assert err


def test_json_can_stand_on_either_side(run: Run) -> None:
    """`--json` before or after the command answers in JSON."""
    for words in (["--json", "rooms"], ["rooms", "--json"]):
        status, out, _ = run(*words)
        assert status == 0
        assert [room["room"] for room in json.loads(out)["rooms"]][:1] == ["Général"]


def test_words_of_the_command_line_stay_whole(
    run: Run, server: ChatServer, user: Callable[..., UserRecord]
) -> None:
    """A name or a reason with spaces is one word, as the system's shell gave it."""
    user("jules")
    assert run("add", "room", "Salle de pause")[0] == 0
    assert server.parts.directory.find("salle de pause").name == "Salle de pause"
    assert run("kick", "jules", "10m", "don't  shout")[0] == 0
    assert server.parts.sanctions.active()[0].reason == "don't shout"


def test_command_that_would_ask_is_refused_without_yes(run: Run, server: ChatServer) -> None:
    """A script is told what would happen; with --yes it happens."""
    status, _, err = run("ban", "ip", "127.0.0.0/8")
    assert status == 1
    assert "your own address" in err
    assert "--yes" in err
    assert run("--yes", "ban", "ip", "127.0.0.0/8")[0] == 0
    assert run("unban", "ip", "127.0.0.0/8")[0] == 0
    assert run("ban", "ip", "127.0.0.0/8", "--yes")[0] == 0


def test_act_is_audited_with_the_system_user(run: Run, server: ChatServer) -> None:
    """The audit names the system's user and the socket."""
    run("motd", "Welcome")
    [entry] = server.parts.audit.entries()
    assert (entry.action, entry.origin) == ("motd", f"socket uid {os.geteuid()}")
    assert entry.actor


def test_long_answer_arrives_whole(run: Run, server: ChatServer, user: Callable[..., UserRecord]) -> None:
    """An answer longer than a frame arrives complete."""
    for number in range(700):
        server.parts.storage.users.create(f"user{number}", f"user{number}", "Someone " * 6, "", 0)
    out = run("users", "--all")[1]
    assert out.count("Someone") == 700 * 6


def test_no_server_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a server the program says where it looked, and exits with 1."""
    assert main(["--data-dir", str(tmp_path / "nothing"), "users"]) == 1
    assert "No server runs" in capsys.readouterr().err


def test_help_needs_no_server(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The program explains itself without a server."""
    assert main(["--help"]) == 0
    assert "create-admin" in capsys.readouterr().out
    assert main(["--data-dir"]) == 2


def test_socket_is_for_its_user_alone(
    server: ChatServer,
    socket_of: ControlSocket,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The socket has mode 0600, and another user who gets to it all the same is turned away."""
    path = server.parts.data_dir / SOCKET_FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    monkeypatch.setattr(control, "peer_uid", lambda _sock: os.geteuid() + 1)
    assert main(["--data-dir", str(server.parts.data_dir), "rooms"]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "Only the user" in printed.err


def test_socket_tells_the_peers_user() -> None:
    """The system says who is on the other side."""
    here, there = socket.socketpair(socket.AF_UNIX)
    with here, there:
        assert control.peer_uid(here) == os.geteuid()


def test_socket_of_a_killed_server_is_replaced(server: ChatServer) -> None:
    """A socket file that nobody listens on does not keep the next server from starting; a used one does."""
    path = server.parts.data_dir / SOCKET_FILE
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    first = ControlSocket(server.parts, path)
    first.start()
    second = ControlSocket(server.parts, path)
    with pytest.raises(OSError, match="another server"):
        second.start()
    second.close()
    connect(path).close()
    first.close()
    assert not path.exists()


def test_socket_works_in_a_deep_folder(server: ChatServer, tmp_path: Path) -> None:
    """A data folder whose path is longer than a socket's address may be works all the same."""
    folder = tmp_path / ("deep" * 20) / ("folder" * 20)
    folder.mkdir(parents=True)
    listening = ControlSocket(server.parts, folder / SOCKET_FILE)
    listening.start()
    try:
        client = Client(folder)
        assert client.run_words(["rooms"]) == 0
        client.close()
    finally:
        listening.close()


@pytest.mark.parametrize(
    "sent", [b"", b"\n", b"nonsense\n", b"[]\n", b'{"open":1}\n{"what":1}\n', b"x" * 2_000_000]
)
def test_rubbish_at_the_socket_ends_that_visit_alone(run: Run, server: ChatServer, sent: bytes) -> None:
    """A visitor who speaks another language is sent away, and the next one is served."""
    channel = connect(server.parts.data_dir / SOCKET_FILE)
    with contextlib.suppress(OSError):
        channel.socket.sendall(sent)
        channel.socket.shutdown(socket.SHUT_WR)
        while channel.receive() is not None:
            pass
    channel.close()
    assert run("rooms")[0] == 0


def test_too_many_consoles_are_turned_away(run: Run, server: ChatServer) -> None:
    """Consoles that nobody closes do not pile up."""
    open_ones = [connect(server.parts.data_dir / SOCKET_FILE) for _ in range(control.VISITORS_MAX)]
    for channel in open_ones:
        channel.send(open=1)
        channel.send(complete="", begin=0, end=0)
        assert channel.receive() is not None
    status, _, err = run("rooms")
    assert status == 1
    assert "Too many consoles" in err
    for channel in open_ones:
        channel.close()


def test_closing_sends_visitors_away(server: ChatServer) -> None:
    """When the server stops, open consoles end instead of holding it up."""
    listening = ControlSocket(server.parts, server.parts.data_dir / SOCKET_FILE)
    listening.start()
    channel = connect(server.parts.data_dir / SOCKET_FILE)
    channel.send(open=1, interactive=True)
    listening.close()
    with contextlib.suppress(ConnectionResetError):
        assert channel.receive() is None
    channel.close()


def test_second_terminal_is_a_whole_console(server: ChatServer, socket_of: ControlSocket) -> None:
    """Without a command the program is a console: prompt, completion, questions, and Ctrl-D to leave."""
    terminal = PtyServer("chat_server.admin", "--data-dir", str(server.parts.data_dir))
    terminal.wait_for("chat> ")
    assert "Général" in terminal.command("rooms")
    assert "is missing" in terminal.command("kick")
    assert terminal.command("") == ""
    assert "no command" in terminal.command("x" * 10_000)
    assert "Marketing has no topic" in terminal.command(b"topi\tMark\t")
    terminal.type("remove room Blabla\n")
    terminal.wait_for(r"Go on\? \[y/N\] ")
    assert "Nothing was done" in terminal.command("n")
    terminal.type(b"half a line\x03")
    assert "Général" in terminal.command("rooms")
    terminal.type(b"\x04")
    assert terminal.wait() == 0


def test_commands_from_a_file_are_run_one_by_one(
    server: ChatServer,
    socket_of: ControlSocket,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Commands on standard input are run without prompts; one that would ask is refused, not answered by the
    next.
    """
    monkeypatch.setattr("sys.stdin", io.StringIO("remove room Blabla\ny\nadd room Sport\n"))
    assert main(["--data-dir", str(server.parts.data_dir)]) == 0
    printed = capsys.readouterr()
    assert "chat>" not in printed.out
    assert "--yes" in printed.out
    assert [room.name for room in server.parts.directory.all() if room.name in ("Blabla", "Sport")] == [
        "Blabla",
        "Sport",
    ]


def test_create_admin_without_a_server(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first administrator is made in the database; the password comes from standard input or a file."""
    database = f"sqlite:///{tmp_path / 'chat.db'}"
    arguments = ["create-admin", "Kevin", "--data-dir", str(tmp_path), "--database", database]
    monkeypatch.setattr("sys.stdin", io.StringIO("a long password\n"))
    assert main(arguments) == 0
    secret = tmp_path / "secret"
    secret.write_text("another password\n")
    assert main([*arguments, "--password-file", str(secret)]) == 1
    assert "already" in capsys.readouterr().err
    assert main([*arguments, "--password-file", str(secret), "--reset"]) == 0
    storage = open_storage(f"sqlite:///{tmp_path / 'chat.db'}")
    kevin = storage.users.by_key("kevin")
    assert kevin is not None
    assert kevin.role == "admin"
    assert verify_password("another password", kevin.password_hash)
    assert [entry.action for entry in storage.audit.listing()] == ["create admin"] * 3
    storage.close()


def test_create_admin_on_a_running_server(
    run: Run, server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a server runs, the administrator is made through it."""
    monkeypatch.setattr("sys.stdin", io.StringIO("a long password\n"))
    status, out, _ = run("create-admin", "kevin")
    assert status == 0
    assert "kevin is an administrator" in out
    assert server.parts.roles.sign_in("kevin", "a long password", "console").name == "kevin"


@pytest.mark.parametrize(("name", "password"), [("kevin", "short"), ("x", "a long password"), ("kevin", "")])
def test_create_admin_with_a_bad_name_or_password_is_refused(
    run: Run, monkeypatch: pytest.MonkeyPatch, name: str, password: str
) -> None:
    """A name or a password that is not allowed is one line and status 1."""
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
    status, _, err = run("create-admin", name)
    assert status == 1
    assert len(err.strip().split("\n")) == 1


def test_wrong_user_is_told_the_right_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where the system refuses the socket, the message says as whom to do it."""

    def refuse(*arguments: object, **more: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("chat_server.admin.__main__.Client", refuse)
    assert main(["--data-dir", str(tmp_path), "stats"]) == 1
    assert f"sudo -u {tmp_path.owner()}" in capsys.readouterr().err


def test_create_admin_without_a_name_is_wrong_usage(run: Run) -> None:
    """The name is needed, and never the password as an argument."""
    assert run("create-admin")[0] == 2
    assert run("create-admin", "kevin", "a long password")[0] == 2


def test_create_admin_at_a_terminal_asks_twice(tmp_path: Path) -> None:
    """At a terminal the password is typed twice, and not shown."""
    database = f"sqlite:///{tmp_path / 'chat.db'}"
    terminal = PtyServer("chat_server.admin", "create-admin", "kevin", "--database", database)
    for prompt in ("Password", "again"):
        terminal.wait_for(prompt)
        terminal.type("a long password\n")
    terminal.wait_for("kevin is an administrator")
    assert terminal.wait() == 0
    assert "a long password" not in terminal.screen
