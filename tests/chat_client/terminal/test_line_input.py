"""Lines from a pipe, answers to questions, and what is written above a half-typed line."""

import getpass
import io
import os
import pty
import shutil
import termios
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TextIO, cast

import pytest

from chat_client.terminal import line_input
from chat_client.terminal.line_input import LineInput, Typed

Piped = Callable[..., LineInput]


@pytest.fixture
def piped() -> Iterator[Piped]:
    """A function that gives lines to read from a pipe that has ended."""
    opened: list[TextIO] = []

    def made(
        data: bytes, secrets: Mapping[str, tuple[str, ...]] | None = None, encoding: str = "utf-8"
    ) -> LineInput:
        reader, writer = os.pipe()
        os.write(writer, data)
        os.close(writer)
        opened.append(open(reader, encoding=encoding))  # noqa: SIM115  closed below
        return LineInput(opened[-1], io.StringIO(), secrets or {})

    yield made
    for stream in opened:
        stream.close()


@pytest.mark.parametrize("data", [b"one\ntwo\n\nfour", b"one\r\ntwo\r\n\r\nfour\n"])
def test_lines_of_a_pipe_are_taken_without_their_ends(piped: Piped, data: bytes) -> None:
    """Of either system, and the last one also where nothing ends it."""
    assert list(piped(data).lines()) == [Typed("one"), Typed("two"), Typed(""), Typed("four")]


def test_line_longer_than_one_read_is_one_line(piped: Piped, monkeypatch: pytest.MonkeyPatch) -> None:
    """However the system cuts it, also within a sign."""
    monkeypatch.setattr(line_input, "READ_BYTES", 3)
    assert list(piped("éàü日本\nz".encode()).lines()) == [Typed("éàü日本"), Typed("z")]


def test_line_in_another_encoding_is_taken_or_refused(piped: Piped) -> None:
    """UTF-8 is understood in any locale; what is neither is told, and the next line is taken."""
    given = list(piped("é\n".encode() + b"\xff\nz\n", encoding="ascii").lines())
    assert given[0] == Typed("é")
    assert given[1].text == ""
    assert given[1].problem
    assert given[2] == Typed("z")


def test_answers_stand_in_the_lines_behind_their_question(piped: Piped) -> None:
    """One for each question; what is missing at the end is empty."""
    asks = {"/password": ("old", "new")}
    assert list(piped(b" /password \none\ntwo\nnext\n/password\nthree\n", asks).lines()) == [
        Typed(" /password ", ("one", "two")),
        Typed("next"),
        Typed("/password", ("three", "")),
    ]


class Buffer:
    """Stands for readline, with a line half typed."""

    def __init__(self, line: str) -> None:
        self._line = line

    def get_line_buffer(self) -> str:
        return self._line


@pytest.mark.parametrize(
    ("half", "up"),
    [("", ""), ("x" * 7, ""), ("x" * 8, "\x1b[1A"), ("x" * 18, "\x1b[2A"), ("日" * 4, "\x1b[1A")],
)
def test_line_is_written_above_a_half_typed_one(
    piped: Piped, monkeypatch: pytest.MonkeyPatch, half: str, up: str
) -> None:
    """The half-typed line, over as many rows as it takes, is erased and comes again below."""
    lines = piped(b"")
    monkeypatch.setattr(line_input, "readline", Buffer(half))
    monkeypatch.setattr(shutil, "get_terminal_size", lambda: os.terminal_size((10, 24)))
    written = lines._stdout
    assert isinstance(written, io.StringIO)
    lines.write("said")
    assert written.getvalue() == "said\n"
    lines._typing = True
    lines.write("said")
    assert written.getvalue() == f"said\n\r{up}\x1b[Jsaid\n> {half}"


@contextmanager
def terminal(secrets: Mapping[str, tuple[str, ...]] | None = None) -> Iterator[tuple[LineInput, int]]:
    """Lines that are typed at a terminal, and where a test types them."""
    keyboard, slave = pty.openpty()
    try:
        with open(slave, "r+b", buffering=0) as raw, io.TextIOWrapper(raw, "utf-8") as stream:
            yield LineInput(stream, stream, secrets or {}), keyboard
    finally:
        os.close(keyboard)


class Editing:
    """Stands for readline."""

    def __init__(self) -> None:
        self.settings: list[str] = []

    def parse_and_bind(self, line: str) -> None:
        self.settings.append(line)

    def get_line_buffer(self) -> str:
        return "half"


def test_terminal_without_line_editing_has_plain_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the terminal gives them; one that it has cut is refused, and the next is taken."""
    monkeypatch.setattr(line_input, "readline", None)
    with terminal() as (lines, keyboard):
        assert lines.is_terminal
        read = lines.lines()
        os.write(keyboard, b"hello\n")
        assert next(read) == Typed("hello")
        os.write(keyboard, b"x" * 4_094 + b"\n")
        assert next(read) == Typed("x" * 4_094)
        os.write(keyboard, b"x" * 4_095 + b"\n")
        cut = next(read)
        assert cut.text == ""
        assert "longer than the terminal passes on" in cut.problem
        lines.write("said")
        os.write(keyboard, b"\x04")
        assert list(read) == []


def test_terminal_with_line_editing_asks_for_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever signs they have and however long they are; while one is typed, others are written above it."""
    editing = Editing()
    monkeypatch.setattr(line_input, "readline", editing)
    with terminal() as (lines, keyboard):
        assert editing.settings == ["set input-meta on", "set output-meta on", "set convert-meta off"]
        assert lines._stdin.errors == "surrogateescape"
        typed = iter(["\udce9", "x" * 5_000])

        def asked(prompt: str) -> str:
            assert prompt == "> "
            lines.write("said")
            assert os.read(keyboard, 1_000).endswith(b"said\r\n> half")
            try:
                return next(typed)
            except StopIteration:
                raise EOFError from None

        monkeypatch.setattr("builtins.input", asked)
        read = lines.lines()
        assert next(read).problem  # not text in the terminal's encoding
        lines.write("between")
        assert os.read(keyboard, 1_000) == b"between\r\n"
        assert next(read) == Typed("x" * 5_000)
        assert list(read) == []


def test_answers_to_questions_are_not_shown_at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are asked for without an echo; where the terminal ends, the answer is empty."""
    asked: list[str] = []

    def answer(question: str) -> str:
        asked.append(question)
        if len(asked) > 1:
            raise EOFError
        return "secret"

    monkeypatch.setattr(getpass, "getpass", answer)
    monkeypatch.setattr(line_input, "readline", None)
    with terminal({"/password": ("old?", "new?")}) as (lines, keyboard):
        os.write(keyboard, b"/password\n")
        assert next(lines.lines()) == Typed("/password", ("secret", ""))
    assert asked == ["old?", "new?"]


def test_terminal_is_left_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a question without an echo has set is undone, and a half-typed line is ended."""
    monkeypatch.setattr(line_input, "readline", None)
    with terminal() as (lines, keyboard):
        screen = lines._stdin.fileno()
        former = termios.tcgetattr(screen)
        silent = termios.tcgetattr(screen)
        silent[3] &= ~termios.ECHO
        termios.tcsetattr(screen, termios.TCSANOW, silent)
        lines.close()
        assert termios.tcgetattr(screen) == former
        lines.write("only this")
        assert os.read(keyboard, 100) == b"only this\r\n"
        lines._typing = True
        lines.close()
        assert os.read(keyboard, 100) == b"\r\n"


def test_pipe_is_nothing_to_be_left_as_it_was(piped: Piped) -> None:
    """Nor is a terminal where the system has none of these settings."""
    lines = piped(b"")
    lines._typing = True
    lines.close()
    assert cast(io.StringIO, lines._stdout).getvalue() == ""


def test_program_reads_its_own_streams(monkeypatch: pytest.MonkeyPatch, piped: Piped) -> None:
    """With the questions that it was given."""
    monkeypatch.setattr("sys.stdin", piped(b"/x\nanswer\n")._stdin)
    monkeypatch.setattr("sys.stdout", shown := io.StringIO())
    lines = line_input.standard_input({"/x": ("?",)})
    assert list(lines.lines()) == [Typed("/x", ("answer",))]
    lines.write("said")
    assert shown.getvalue() == "said\n"
