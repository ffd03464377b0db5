"""Lines from a pipe, answers to questions, and what is written above a half-typed line."""

import io
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from typing import TextIO

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
