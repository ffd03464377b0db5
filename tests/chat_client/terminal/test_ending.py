"""When the terminal client ends by itself, with which status, and what it says of what is left."""

import itertools
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from chat_client.i18n import error_text
from chat_client.model.changes import RequestFailed, SignedIn
from chat_client.model.state import Phase
from chat_client.terminal.__main__ import DONE, DRAIN_S, FAILED, Terminal
from chat_client.terminal.line_input import Typed
from chat_protocol.errors import ChatError
from tests.chat_client.fakes import Bench, a_room, live, page
from tests.chat_client.terminal.session import Session


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long it slept between two looks."""
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    return slept


def after(
    monkeypatch: pytest.MonkeyPatch, pauses: list[float], count: int, act: Callable[[], object]
) -> None:
    """Have something done at the so-manyth pause."""
    numbers = itertools.count(1)

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if next(numbers) == count:
            act()

    monkeypatch.setattr(time, "sleep", sleep)


def test_quitting_ends_it(session: Session, pauses: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    """It looks twenty times a second until then; a mistake of a person is no failure."""
    after(monkeypatch, pauses, 3, lambda: session.terminal.read([Typed("/nonsense"), Typed("/quit")]))
    assert session.terminal.run() == DONE
    assert pauses == [0.05] * 3


def test_end_of_the_input_ends_it(session: Session, pauses: list[float]) -> None:
    """Nothing is left to send: with the status of success, unless a command has failed."""
    session.terminal.read([])
    assert session.terminal.run() == DONE
    other = Session(session.bench)
    other.terminal.read([Typed("/nonsense")])
    assert other.terminal.run() == FAILED
    assert pauses == []


def test_signing_out_ends_it(session: Session, pauses: list[float]) -> None:
    """The token ends on the server."""
    session.terminal._lines.put(Typed("/logout"))
    assert session.terminal.run() == DONE
    assert session.bench.server.take("logout")
    assert session.bench.state.connection.phase == Phase.SIGNED_OUT


def test_what_is_unsent_is_waited_for_half_a_minute(
    session: Session, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then it is told, and the status is that of a failure."""
    now = [1_000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    session.terminal.read([Typed("last words")])
    session.step()

    def pass_by(seconds: float) -> Callable[[], None]:
        def act() -> None:
            assert session.lines == []
            now[0] += seconds

        return act

    after(monkeypatch, pauses, 2, pass_by(DRAIN_S))
    session.lines.clear()
    assert session.terminal.run() == FAILED
    assert len(pauses) == 2
    assert DRAIN_S == 30.0
    (line,) = session.lines
    assert line.startswith("* 1 message")


def test_question_that_the_input_does_not_answer_ends_it(bench: Bench, pauses: list[float]) -> None:
    """Lines that end before the sign-in: about a fingerprint somebody has to say yes."""
    bench.client.session.sign_in("chat.example", 5000, "zoe", "a password")
    bench.state.connection.phase = Phase.FINGERPRINT
    session = Session(bench)
    session.terminal.read([])
    session.terminal._take_line()
    assert session.terminal._given_up()
    assert session.terminal.run() == FAILED


def test_line_that_cannot_be_read_is_refused(session: Session) -> None:
    """Its words are shown, the next line is taken, and the status at the end tells of it."""
    session.terminal._typed = False
    session.terminal.read([Typed("", problem="unreadable"), Typed("hello")])
    assert "* unreadable" in session.step()
    assert session.bench.server.take("send")["body"] == "hello"
    assert session.terminal._commands.failed


@pytest.mark.parametrize(("answer", "trusted"), [("y", True), (" Oui ", True), ("no", False), ("", False)])
def test_lines_before_the_sign_in_answer_the_question(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, answer: str, trusted: bool
) -> None:
    """Whatever they look like."""
    answers: list[bool] = []
    monkeypatch.setattr(bench.client.trust, "answer", answers.append)
    bench.state.connection.phase = Phase.FINGERPRINT
    Terminal(bench.client, print)._commands.line(answer)
    assert answers == [trusted]


def test_room_that_cannot_be_entered_ends_it(bench: Bench, pauses: list[float]) -> None:
    """Where it was named at the start: what comes from a pipe would go nowhere."""
    lines: list[str] = []
    terminal = Terminal(bench.client, lines.append, room="Nowhere", typed=False)
    bench.sign_in(a_room("Lobby"))
    terminal._show.changes([SignedIn(fresh=True)])
    terminal._open_first_room()
    assert terminal._given_up()
    assert terminal.run() == FAILED
    assert any("Nowhere" in line for line in lines)


@pytest.mark.parametrize("typed", [True, False])
def test_room_that_was_open_last_is_opened_for_a_person_alone(bench: Bench, typed: bool) -> None:
    """Without one the first that the user is in; a pipe names its room."""
    bench.sign_in(a_room("Lobby"), a_room("Board"))
    bench.client.rooms.open("board")
    bench.restart()
    bench.client.session.resume(bench.client.accounts.all()[0].id)
    terminal = Terminal(bench.client, lambda _line: None, typed=typed)
    bench.let_in(a_room("Lobby"), a_room("Board"))
    terminal._open_first_room()
    assert bench.state.open_room == ("board" if typed else None)


def test_files_are_sent_once_the_room_can_be_entered(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not before, and once; a refusal is told, and is a failure at the end."""
    sent: list[tuple[str, list[Path]]] = []
    monkeypatch.setattr(bench.client.files, "send", lambda room, files: sent.append((room, files)))
    lines: list[str] = []
    bench.sign_in(a_room("Lobby", membership="none"))
    terminal = Terminal(bench.client, lines.append, typed=False, files=[Path("a"), Path("b")])
    terminal._send_files()
    bench.client.rooms.open("lobby")
    terminal._send_files()
    assert sent == []
    terminal._quit_at = time.monotonic() + DRAIN_S
    assert not terminal._drained()
    bench.state.rooms["lobby"].membership = "joined"
    for _ in range(2):
        terminal._send_files()
    assert sent == [("lobby", [Path("a"), Path("b")])]

    def refuse(_room: str, _files: object) -> None:
        raise ChatError("too_many_files", "Too many.")

    monkeypatch.setattr(bench.client.files, "send", refuse)
    other = Terminal(bench.client, lines.append, typed=False, files=[Path("c")])
    other._send_files()
    assert error_text("too_many_files") in lines[-1]
    assert other._commands.failed


@pytest.mark.parametrize(("request_", "status"), [("upload", FAILED), ("download", FAILED), ("search", DONE)])
def test_transfer_that_fails_is_a_failure_at_the_end(session: Session, request_: str, status: int) -> None:
    """A file that could not be brought or saved; what else was refused is not."""
    session.terminal._note_failures([RequestFailed(request_, "no_such_file", "gone")])
    session.terminal._note_failures([SignedIn(fresh=True)])
    session.terminal.read([])
    assert session.terminal.run() == status


def test_files_and_messages_that_were_not_sent_are_counted(bench: Bench, pauses: list[float]) -> None:
    """Together; the status is that of a failure."""
    lines: list[str] = []
    bench.sign_in(a_room("Lobby"), a_room("Board"))
    bench.drop()
    for room in ("lobby", "lobby", "board"):
        bench.client.outbox.send(room, "later")
    terminal = Terminal(bench.client, lines.append, typed=False, files=[Path("a"), Path("b")])
    terminal._commands.quit = True
    assert terminal.run() == FAILED
    assert [line.partition(" were")[0] for line in lines] == ["* 5 messages"]


def test_each_step_sends_files_and_notes_failures(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A transfer's failure as the room's being open."""
    sent: list[str] = []
    monkeypatch.setattr(bench.client.files, "send", lambda room, _files: sent.append(room))
    bench.sign_in(a_room("Lobby"))
    terminal = Terminal(bench.client, lambda _line: None, room="lobby", typed=False, files=[Path("a")])
    bench.client._core.emit(SignedIn(fresh=True), RequestFailed("upload", "no_such_file", "gone"))
    terminal.step()
    assert sent == ["lobby"]
    assert terminal._commands.failed


def test_quiet_terminal_writes_no_history(bench: Bench) -> None:
    """But what is said from now on; another one writes what is loaded."""
    bench.sign_in(a_room("Lobby", last_seq=1))
    bench.client.rooms.open("lobby")
    bench.poll()
    page(bench, bench.server.take("history"), "Lobby", 1, 1, more=False)
    bench.poll()
    for quiet in (True, False):
        lines: list[str] = []
        terminal = Terminal(bench.client, lines.append, typed=False, quiet=quiet)
        terminal._commands.open(bench.state.rooms["lobby"])
        assert any("message 1" in line for line in lines) != quiet
        live(bench, "Lobby", 2 + quiet)
        terminal.step()
        assert f"message {2 + quiet}" in lines[-1]
