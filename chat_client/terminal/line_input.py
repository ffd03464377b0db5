"""Lines from a keyboard or a pipe, and lines written above a half-typed one; it knows no command."""

import contextlib
import getpass
import importlib
import os
import shutil
import sys
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TextIO

from chat_client.i18n import _

readline: Any = None
with contextlib.suppress(ImportError):  # a Python without it has plain lines
    readline = importlib.import_module("readline")
termios: Any = None
with contextlib.suppress(ImportError):  # Windows
    termios = importlib.import_module("termios")

PROMPT: Final = "> "
PLAIN_LINE_MAX_BYTES: Final = 4_095  # what a terminal passes on of a line without line editing (termios(3))
READ_BYTES: Final = 65_536


@dataclass(frozen=True, slots=True)
class Typed:
    """One line; `secrets` answer what it makes the terminal ask, `problem` says why it cannot be taken."""

    text: str
    secrets: tuple[str, ...] = ()
    problem: str = ""


class LineInput:
    """Read lines, with line editing where a person types them.

    :param secrets: for some lines, the questions that follow and whose answers are not shown.
    """

    def __init__(self, stdin: TextIO, stdout: TextIO, secrets: Mapping[str, tuple[str, ...]]) -> None:
        self._stdin, self._stdout, self._secrets = stdin, stdout, secrets
        self.is_terminal = stdin.isatty()
        self._edited = readline is not None and self.is_terminal and stdout.isatty()
        self._typing = False
        self._former: Any = None
        if self._edited:
            for setting in ("input-meta on", "output-meta on", "convert-meta off"):
                readline.parse_and_bind(f"set {setting}")
            reconfigure: Any = getattr(stdin, "reconfigure", None)
            if reconfigure is not None:
                reconfigure(errors="surrogateescape")
        if self.is_terminal and termios is not None:
            self._former = termios.tcgetattr(stdin.fileno())

    def lines(self) -> Iterator[Typed]:
        """Yield lines until there are no more; waits."""
        raw = self._edited_lines() if self._edited else self._plain_lines()
        for line in raw:
            text = self._decoded(line)
            if text is None:
                yield Typed("", problem=_("terminal.unreadable"))
            elif self.is_terminal and not self._edited and len(line) >= PLAIN_LINE_MAX_BYTES:
                yield Typed("", problem=_("terminal.cut"))
            else:
                questions = self._secrets.get(text.strip(), ())
                yield Typed(text, tuple(self._secret(question, raw) for question in questions))

    def write(self, text: str) -> None:
        """Write a line above the one that is being typed."""
        if not self._typing:
            print(text, file=self._stdout, flush=True)
            return
        line = PROMPT + readline.get_line_buffer()
        up = _cells(line) // shutil.get_terminal_size().columns
        # ECMA-48: up to where the typed line begins, erase to the end of the screen.
        clear = "\r" + (f"\x1b[{up}A" if up else "") + "\x1b[J"
        print(f"{clear}{text}\n{line}", end="", file=self._stdout, flush=True)

    def close(self) -> None:
        """Leave the terminal as it was: the thread that reads may still be waiting for a key."""
        if self._former is None:
            return
        with contextlib.suppress(termios.error):  # it was hung up
            termios.tcsetattr(self._stdin.fileno(), termios.TCSANOW, self._former)
        if self._typing:
            print(file=self._stdout, flush=True)

    def _edited_lines(self) -> Iterator[bytes]:
        while True:
            self._typing = True
            try:
                line = input(PROMPT)
            except EOFError:
                return
            finally:
                self._typing = False
            yield line.encode(self._stdin.encoding, "surrogateescape")

    def _plain_lines(self) -> Iterator[bytes]:
        # Not through the stream: a thread that waits in it would stop the interpreter from ending.
        rest = b""
        while data := os.read(self._stdin.fileno(), READ_BYTES):
            *lines, rest = (rest + data).split(b"\n")
            yield from (line.rstrip(b"\r") for line in lines)
        if rest:
            yield rest

    def _decoded(self, line: bytes) -> str | None:
        for encoding in (self._stdin.encoding, "utf-8"):
            with contextlib.suppress(UnicodeDecodeError):
                return line.decode(encoding)
        return None

    def _secret(self, question: str, raw: Iterator[bytes]) -> str:
        if self.is_terminal:
            with contextlib.suppress(EOFError):
                return getpass.getpass(question)
            return ""
        return self._decoded(next(raw, b"")) or ""


def _cells(text: str) -> int:
    return sum(1 + (unicodedata.east_asian_width(char) in "WF") for char in text)


def standard_input(secrets: Mapping[str, tuple[str, ...]]) -> LineInput:
    """Return the lines of this program's own terminal or pipe."""
    return LineInput(sys.stdin, sys.stdout, secrets)
