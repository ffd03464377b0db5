"""What a command answers, as values that become text for people and JSON for scripts; it must not know any
command.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from chat_protocol.printable import escape_json
from chat_protocol.times import to_rfc3339
from chat_server.console.shell.text import safe, safe_block, table
from chat_server.services.vocabulary.durations import format_duration, format_time

Row = Mapping[str, object]


class Reply(Protocol):
    """Something a command answers."""

    def text(self) -> str:
        """Return it for people, safe for a terminal."""

    def data(self) -> dict[str, Any]:
        """Return it for scripts."""


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence, with the facts in it for scripts."""

    sentence: str
    facts: dict[str, object] = field(default_factory=dict)

    def text(self) -> str:
        """Return the sentence."""
        return safe_block(self.sentence)

    def data(self) -> dict[str, Any]:
        """Return the facts."""
        return {"message": self.sentence, **self.facts}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a listing, or one line of facts.

    :param key: the name for scripts.
    :param heading: the name for people.
    :param form: one of :data:`FORMS`.
    """

    key: str
    heading: str
    form: str = "text"


@dataclass(frozen=True, slots=True)
class Listing:
    """Rows of one shape.

    :param key: the name of the list for scripts.
    :param empty: what is said to people when there is no row.
    :param note: what is said to people below the rows.
    """

    key: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    empty: str
    note: str = ""

    def text(self) -> str:
        """Return a table."""
        if not self.rows:
            return self.empty
        cells = [[_cell(column, row.get(column.key)) for column in self.columns] for row in self.rows]
        shown = table([column.heading for column in self.columns], cells)
        return f"{shown}\n{self.note}" if self.note else shown

    def data(self) -> dict[str, Any]:
        """Return the rows."""
        return {self.key: [_values(self.columns, row) for row in self.rows]}


@dataclass(frozen=True, slots=True)
class Facts:
    """All about one thing, a line for each fact."""

    columns: Sequence[Column]
    row: Row

    def text(self) -> str:
        """Return a line for each fact that is known."""
        lines = [(f"{column.heading}:", _cell(column, self.row.get(column.key))) for column in self.columns]
        widest = max(len(heading) for heading, _ in lines)
        return "\n".join(f"{heading:<{widest}}  {cell}" for heading, cell in lines if cell)

    def data(self) -> dict[str, Any]:
        """Return the facts."""
        return _values(self.columns, self.row)


@dataclass(frozen=True, slots=True)
class Report:
    """Several replies, one below the other."""

    parts: Sequence[Reply]

    def text(self) -> str:
        """Return the parts with an empty line between them."""
        return "\n\n".join(part.text() for part in self.parts)

    def data(self) -> dict[str, Any]:
        """Return the facts of all parts."""
        merged: dict[str, Any] = {}
        for part in self.parts:
            merged |= part.data()
        return merged


def to_json(data: Mapping[str, Any]) -> str:
    """Write data for scripts, on one line."""
    return escape_json(json.dumps(data, ensure_ascii=False, separators=(",", ":")))


def count(number: int, singular: str, plural: str | None = None) -> str:
    """Write a number with its noun: `1 user`, `2 users`."""
    return f"{number} {singular if number == 1 else plural or singular + 's'}"


def _cell(column: Column, value: object) -> str:
    if value is None or value == "":
        return FORMS[column.form][1]
    return safe(FORMS[column.form][0](value))


def _values(columns: Sequence[Column], row: Row) -> dict[str, Any]:
    return {column.key: _value(column, row.get(column.key)) for column in columns}


def _value(column: Column, value: object) -> Any:
    if isinstance(value, int) and column.form in ("time", "until"):
        return to_rfc3339(value)
    if isinstance(value, int) and column.form == "duration":
        return value // 1000
    return list(value) if isinstance(value, tuple) else value


def _size(value: Any) -> str:
    amount = float(value)
    for unit in ("B", "KiB", "MiB"):
        if amount < 1024:
            return f"{amount:.0f} {unit}"
        amount /= 1024
    return f"{amount:.1f} GiB"


# How a value is written for people, and what stands where there is none. Times are milliseconds since 1970
# UTC; `duration` is milliseconds, which scripts get in seconds.
FORMS: Final[dict[str, tuple[Callable[[Any], str], str]]] = {
    "text": (str, ""),
    "list": (", ".join, ""),
    "number": (lambda value: f"{value:,}", ""),
    "time": (format_time, ""),
    "until": (format_time, "forever"),
    "duration": (format_duration, ""),
    "span": (format_duration, ""),
    "flag": (lambda value: "yes" if value else "no", ""),
    "size": (_size, ""),
}
