"""The kinds of values that a setting takes, from a settings file and from text; it knows no setting."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

_ON: Final = ("1", "yes", "true", "on")
_OFF: Final = ("", "0", "no", "false", "off")


class Kind(Protocol):
    """What a setting takes. Both methods raise ValueError with words that say what is wrong."""

    def from_text(self, text: str) -> object:
        """Read a value of the command line or the environment."""

    def from_file(self, value: object) -> object:
        """Read a value of a settings file, as `tomllib` returns it."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number within bounds."""

    lowest: int
    highest: int
    noun: str = "number"

    def from_text(self, text: str) -> int:
        """Read decimal digits."""
        if not text.isdecimal() or not text.isascii():
            raise ValueError(self._wrong(repr(text)))
        return self.from_file(int(text))

    def from_file(self, value: object) -> int:
        """Take an integer."""
        if not isinstance(value, int) or isinstance(value, bool) or not self.lowest <= value <= self.highest:
            raise ValueError(self._wrong(repr(value)))
        return value

    def _wrong(self, shown: str) -> str:
        return f"{shown} is no {self.noun}: a whole number from {self.lowest} to {self.highest}"


@dataclass(frozen=True, slots=True)
class Number:
    """A number above zero, perhaps with decimals."""

    def from_text(self, text: str) -> float:
        """Read a decimal number."""
        try:
            return self.from_file(float(text))
        except ValueError:
            raise ValueError(f"{text!r} is no number above 0") from None

    def from_file(self, value: object) -> float:
        """Take an integer or a decimal number."""
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise ValueError(f"{value!r} is no number above 0")
        if not math.isfinite(value) or value <= 0:
            raise ValueError(f"{value!r} is no number above 0")
        return float(value)


@dataclass(frozen=True, slots=True)
class Flag:
    """Yes or no."""

    def from_text(self, text: str) -> bool:
        """Read one of the usual words."""
        if text.lower() not in (*_ON, *_OFF):
            raise ValueError(f"{text!r} is neither yes nor no")
        return text.lower() in _ON

    def from_file(self, value: object) -> bool:
        """Take `true` or `false`."""
        if not isinstance(value, bool):
            raise ValueError(f"{value!r} is neither true nor false")
        return value


@dataclass(frozen=True, slots=True)
class Words:
    """Text; what is wrong with it, if anything, is told by a function."""

    refuse: Callable[[str], str] = lambda _text: ""

    def from_text(self, text: str) -> str:
        """Take the text."""
        if wrong := self.refuse(text):
            raise ValueError(wrong)
        return text

    def from_file(self, value: object) -> str:
        """Take a string."""
        if not isinstance(value, str):
            raise ValueError(f"{value!r} is no text: put it in quotes")
        return self.from_text(value)


@dataclass(frozen=True, slots=True)
class Address(Words):
    """An address or a name of a machine; an IPv6 one may stand in brackets, as beside a port."""

    def from_text(self, text: str) -> str:
        """Take the text, without brackets."""
        return text[1:-1] if text.startswith("[") and text.endswith("]") else text


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of a few words."""

    words: tuple[str, ...]

    def from_text(self, text: str) -> str:
        """Take one of the words."""
        return self.from_file(text)

    def from_file(self, value: object) -> str:
        """Take one of the words."""
        if value not in self.words:
            raise ValueError(f"{value!r} is none of {', '.join(self.words)}")
        return str(value)


@dataclass(frozen=True, slots=True)
class FilePath:
    """A path; in the text of a command line or a variable, as in a file, relative to the working folder."""

    def from_text(self, text: str) -> Path:
        """Take the path."""
        if not text or "\0" in text:
            raise ValueError("the path is empty")
        return Path(text)

    def from_file(self, value: object) -> Path:
        """Take a string."""
        if not isinstance(value, str):
            raise ValueError(f"{value!r} is no path: put it in quotes")
        return self.from_text(value)
