"""The console of a real server process, typed into through a pseudo-terminal."""

import os
import re
import signal
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chat_server.console.shell.shell import TABLE
from tests.chat_server.console.lines import ONE_OF_EACH
from tests.support.pty_server import (
    ADMIN_PASSWORD,
    PROMPT,
    PtyServer,
    create_first_admin,
    listening_port,
    sign_in,
    start_in_terminal,
)
from tests.support.wire import connected

Start = Callable[..., PtyServer]

# Keys that neither end the input, interrupt the server nor call up an earlier line: those have tests of their
# own.
CONTROL_KEYS = bytes(
    key for key in range(1, 32) if key not in b"\x03\x04\x0a\x0d\x0f\x0e\x10\x12\x13\x16\x18\x1b"
)
STOPS = "shutdown"


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """A function that starts a server in a terminal; all share one data folder."""
    started: list[PtyServer] = []

    def run(*arguments: str) -> PtyServer:
        server = start_in_terminal(tmp_path / "data", *arguments)
        started.append(server)
        return server

    yield run
    for server in started:
        if server.process.poll() is None:
            assert server.close() == 0, server.screen
    for server in started:
        assert "Traceback" not in server.screen


@pytest.mark.long
def test_console_survives_whatever_is_typed(start: Start) -> None:
    """Each command with too few, too many and wrong words, odd keys and endless lines: an answer, then it
    works.
    """
    server = start()
    create_first_admin(server)
    for spec in TABLE.values():
        for tail in ("", " nobody nowhere nothing never at all", " --nonsense", ' ""'):
            if spec.words[0] == STOPS:
                continue
            if (spec.name, tail) == ("certificate use", ""):  # asks, as one was announced before
                server.type(spec.name + "\n")
                server.wait_for(r"\[y/N\]")
            shown = server.command(spec.name + tail)
            assert shown.strip(), spec.name + tail
            assert "failed inside" not in shown, spec.name + tail
    assert server.command("") == ""
    assert server.command("    ") == ""
    for key in CONTROL_KEYS:
        server.type(bytes([key]) + b"zz" + bytes([key]) + b"\n")
        server.type(f"after-{key}\n")  # Ctrl-L shows a prompt too: only this answer says that all was read
        server.wait_for(f"no command “[^”]*after-{key}”[^\n]*\n{re.escape(PROMPT)}")
    server.command(b"\x1bxyz")
    server.command(b"\xff\xfe\xc3")
    server.command("x" * 10_000)
    server.command("kick " + "y " * 5_000)
    server.command("\U0001f389\u202e é")
    assert "Général" in server.command("rooms")


def test_what_is_typed_while_a_command_runs_is_not_lost(tmp_path: Path) -> None:
    """Keys typed ahead reach the line editor: Ctrl-A, and Ctrl-U that takes all before it."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    console = PtyServer("tests.chat_server.console.terminal.busy_console", str(pipe))
    console.wait_for("busy")
    console.type("kept\x01dropped \x15\nhidden")
    pipe.write_text("go on", "utf-8")
    console.wait_for("line: 'kept'")
    console.wait_for("secret\\? ")
    console.type(" words\n")
    console.wait_for("secret: 'hidden words'")
    assert console.wait() == 0
    assert console.screen.count("hidden") == 1


@pytest.mark.long
def test_every_command_does_its_work_in_the_terminal(start: Start) -> None:
    """A session with each command, rightly typed, is carried out."""
    server = start()
    port = listening_port(server)
    create_first_admin(server)
    with connected(port, tls=False) as client:
        client.register("jules")
        for line in ONE_OF_EACH:
            shown = server.command(line)
            assert shown.strip(), line
            assert not any(word in shown for word in ("Usage:", "Refused", "failed inside")), (
                f"{line}: {shown}"
            )


@pytest.mark.long
def test_later_start_asks_to_sign_in(start: Start) -> None:
    """No command runs before the sign-in; a wrong password is no way in, nor is an unknown name."""
    server = start()
    create_first_admin(server)
    assert server.close() == 0
    assert ADMIN_PASSWORD not in server.screen
    again = start()
    again.wait_for("Administrator: ")
    again.type("rooms\n")
    again.wait_for("Password: ")
    again.type("rooms\n")
    again.wait_for("not the name and password")
    assert "Général" not in again.screen
    sign_in(again)
    assert "Général" in again.command("rooms")


def test_first_start_asks_until_the_password_is_good(start: Start) -> None:
    """A weak password, two different ones and a bad name are refused and asked again; after three there is a
    pause.
    """
    server = start()
    for name, password, again, answer in [
        ("boss", "short", "short", "at least 10"),
        ("boss", "a long password", "another password", "differ"),
        ("b", "a long password", "a long password", "2 to 32"),
    ]:
        server.wait_for("Name of the administrator: ")
        server.type(f"{name}\n")
        server.wait_for("Password")
        server.type(f"{password}\n")
        server.wait_for("again: ")
        server.type(f"{again}\n")
        server.wait_for(answer)
    server.wait_for("Three tries have failed")


@pytest.mark.long
@pytest.mark.parametrize("typed", [b"\x04", b"exit\n", b" Quit \n"])
def test_server_goes_on_after_the_end_of_input(start: Start, tmp_path: Path, typed: bytes) -> None:
    """Ctrl-D, `exit` and `quit` close the console, say how to stop the server, and leave it running."""
    server = start()
    port = listening_port(server)
    create_first_admin(server)
    server.type(typed)
    server.wait_for("server goes on")
    server.wait_for(r"python\S* -m chat_server.admin --data-dir /")
    with connected(port, tls=False) as client:
        client.register("jules")
    assert server.close() == 0


@pytest.mark.long
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signal_stops_the_server_at_the_prompt(start: Start, number: int) -> None:
    """A signal that comes just as the prompt appears ends the server, with status 0."""
    server = start()
    create_first_admin(server)
    os.kill(server.process.pid, number)
    assert server.wait() == 0


def test_lost_terminal_ends_the_server(start: Start) -> None:
    """A terminal that is gone ends the server also where no signal says so; Ctrl-D in one does not."""
    server = start()
    create_first_admin(server)
    assert server.hang_up() == 0


def test_shutdown_typed_ends_the_server(start: Start) -> None:
    """`shutdown` at the prompt tells the clients why and ends the process with status 0."""
    server = start()
    port = listening_port(server)
    create_first_admin(server)
    with connected(port, tls=False) as client:
        client.register("jules")
        server.type("shutdown Update\n")
        assert client.event("shutdown")["reason"] == "Update"
    assert server.wait() == 0


def test_history_is_kept_without_answers_and_passwords(start: Start, tmp_path: Path) -> None:
    """Commands are in the history file, for the server's user alone; names and passwords typed in answer are
    not.
    """
    server = start()
    create_first_admin(server)
    server.command("rooms")
    server.command("remove room Blabla\nn")
    assert server.close() == 0
    history = tmp_path / "data" / "console_history"
    assert history.read_text().split("\n")[:2] == ["rooms", "remove room Blabla"]
    assert "n\n" not in history.read_text().replace("Blabla\n", "")
    assert stat.S_IMODE(history.stat().st_mode) == 0o600


def test_tab_completes(start: Start) -> None:
    """Tab completes a command and a room's name."""
    server = start()
    create_first_admin(server)
    server.type(b"topi\tMark\t\n")
    server.wait_for("Marketing has no topic")


def test_keys_that_freeze_or_suspend_are_off(start: Start) -> None:
    """Ctrl-S, Ctrl-Z and Ctrl-Backslash neither freeze, stop nor abort the server for everybody."""
    server = start()
    create_first_admin(server)
    server.type(b"\x13\x1a\x1c\x15")
    assert "Général" in server.command(b"\x15rooms")
