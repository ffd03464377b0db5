"""Reads a settings file and says on which line each mistake stands; it must not know other sources."""

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from chat_server.config.table import LIMITS, SETTINGS
from chat_server.permissions import reason_of

_TABLE: Final = re.compile(r"\s*\[\s*([\w.\"'-]+)\s*\]")
_KEY: Final = re.compile(r"\s*([\w.\"'-]+)\s*=")
_DECODE_ERROR: Final = re.compile(r"(.*) \(at line (\d+), column \d+\)")
FILE_MAX_BYTES: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong, and where: `line` counts from 1, 0 for the file as a whole."""

    place: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.place}:{self.line}: {self.text}" if self.line else f"{self.place}: {self.text}"


@dataclass(frozen=True, slots=True)
class SettingsFile:
    """What a settings file says: values by key, the line of each, and the mistakes."""

    path: Path
    values: Mapping[str, object]
    lines: Mapping[str, int]
    mistakes: tuple[Mistake, ...]


def read_settings_file(path: Path) -> SettingsFile:
    """Read a file; what is wrong with it is in its mistakes."""
    try:
        text = _text(path)
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return SettingsFile(path, {}, {}, (_undecodable(path, str(error)),))
    except (OSError, ValueError) as error:
        mistake = Mistake(str(path), 0, f"cannot be read: {reason_of(error, path)}")
        return SettingsFile(path, {}, {}, (mistake,))
    lines = _lines_of_keys(text)
    values: dict[str, object] = {}
    mistakes = []
    for key, value in _flat(content):
        try:
            values[key] = _checked(key, value)
        except ValueError as error:
            mistakes.append(Mistake(str(path), lines.get(key, 0), str(error)))
    return SettingsFile(path, values, lines, tuple(sorted(mistakes, key=lambda mistake: mistake.line)))


def near(key: str) -> str:
    """Return a hint at the setting that a wrong name probably means, or an empty text."""
    found = difflib.get_close_matches(key, SETTINGS, 1, 0.6)
    same_name = [known for known in SETTINGS if known.rpartition(".")[2] == key.rpartition(".")[2]]
    meant = next(iter([*same_name, *found]), "")
    if not meant:
        return ""
    table, _, name = meant.rpartition(".")
    return f"; did you mean {name}" + (f" in [{table}]?" if table and not key.startswith(table) else "?")


def _text(path: Path) -> str:
    with path.open("rb") as stream:
        data = stream.read(FILE_MAX_BYTES + 1)
    if len(data) > FILE_MAX_BYTES:
        raise ValueError("it is too long for a settings file")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ValueError(f"line {line} is not UTF-8") from None


def _undecodable(path: Path, message: str) -> Mistake:
    match = _DECODE_ERROR.fullmatch(message)
    if match is None:
        return Mistake(str(path), 0, f"not TOML: {message}")
    return Mistake(str(path), int(match[2]), f"not TOML: {match[1][:1].lower()}{match[1][1:]}")


def _flat(content: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    for key, value in content.items():
        if key == LIMITS and isinstance(value, dict):
            yield from ((f"{LIMITS}.{name}", each) for name, each in value.items())
        else:
            yield key, value


def _checked(key: str, value: object) -> object:
    setting = SETTINGS.get(key)
    if setting is None and isinstance(value, dict):
        raise ValueError(f"there is no table [{key}]; the only one is [{LIMITS}]")
    if setting is None:
        raise ValueError(f"there is no setting {key}{near(key)}")
    try:
        return setting.kind.from_file(value)
    except ValueError as error:
        shown = "the value is not what it must be" if setting.secret else str(error)
        raise ValueError(f"{key}: {shown}") from None


def _lines_of_keys(text: str) -> dict[str, int]:
    """Return the line on which each key stands; no value of a setting spans lines."""
    lines: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), 1):
        if match := _TABLE.match(line):
            table = _bare(match[1])
            lines.setdefault(table, number)
        elif match := _KEY.match(line):
            key = _bare(match[1])
            lines.setdefault(f"{table}.{key}" if table else key, number)
    return lines


def _bare(key: str) -> str:
    return ".".join(part.strip("\"'") for part in key.split("."))
