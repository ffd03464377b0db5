"""Reads conversations: a title, headers, and who sends what and gets what; it knows no connection."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).parent
HEADERS: Final = ("page", "server", "people", "admins", "names", "room", "moderated room")
ABSENT: Final = "$absent"
_LINE: Final = re.compile(r"(?P<who>[a-z]+(?:/\d)?) (?P<arrow>->|<-|<<|~>|\?>) (?P<text>.*)")
_NAME: Final = re.compile(r"\$([a-z][a-z_]*(?:\.token)?)")
_WHOLE: Final = re.compile(r'"\$([a-z][a-z_]*(?:\.token)?)"')
_REPEAT: Final = re.compile(r"\$\{(.)\*(\d+)\}")

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """One line: `arrow` is `->`, `<-`, `<<`, `~>`, `?>`, or `*` for what happens outside the connections."""

    number: int
    who: str
    arrow: str
    text: str

    def __str__(self) -> str:
        return f"line {self.number}: {self.who} {self.arrow} {self.text}".replace("  ", " ")


@dataclass(frozen=True, slots=True)
class Conversation:
    """A file of this folder."""

    name: str
    title: str
    headers: dict[str, list[str]] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()

    def words(self, header: str) -> list[str]:
        """Return the comma-separated words of a header; none when it is absent."""
        return self.headers.get(header, [])


def read(path: Path) -> Conversation:
    """Read a file.

    :raises ValueError: with the file's name and the line that cannot be understood.
    """
    title, *lines = path.read_text(encoding="utf-8").splitlines()
    headers: dict[str, list[str]] = {}
    steps: list[Step] = []
    for number, line in enumerate(lines, start=2):
        header, colon, value = line.partition(": ")
        if not line or line.startswith("#"):
            continue
        if colon and header in HEADERS and not steps:
            headers[header] = [value] if header == "page" else value.split(", ")
        elif line.startswith("* "):
            steps.append(Step(number, "", "*", line[2:]))
        elif found := _LINE.fullmatch(line):
            steps.append(Step(number, found["who"], found["arrow"], found["text"]))
        else:
            raise ValueError(f"{path.name}:{number}: neither a header nor a step: {line}")
    return Conversation(path.stem, title, headers, tuple(steps))


def read_all() -> list[Conversation]:
    """Read every conversation, by name."""
    return [read(path) for path in sorted(FOLDER.glob("*.txt"))]


def fill(text: str, values: Values) -> str:
    """Put values in the place of `$name`, and `n` characters in the place of `${c*n}`.

    :raises KeyError: when a name has no value yet.
    """
    text = _REPEAT.sub(lambda found: found[1] * int(found[2]), text)
    text = _WHOLE.sub(lambda found: json.dumps(values[found[1]], ensure_ascii=False), text)
    return _NAME.sub(lambda found: str(values[found[1]]), text)


def can_be_filled(text: str, values: Values) -> bool:
    """Return whether all names in a text have values."""
    return set(_NAME.findall(text)) <= set(values)


def difference(expected: Any, found: Any, values: Values, where: str = "") -> str:
    """Return in words where a value differs from what a conversation expects; empty when it does not.

    Names that have no value yet get one. Fields that are not expected are ignored, as a client does.
    """
    if isinstance(expected, str) and (name := _NAME.fullmatch(expected)) and name[1] not in values:
        values[name[1]] = found
        return ""
    if isinstance(expected, dict) and isinstance(found, dict):
        return _first(
            _field_difference(fill(key, values), item, found, values, where) for key, item in expected.items()
        )
    if isinstance(expected, list) and isinstance(found, list):
        return _list_difference(expected, found, values, where)
    wanted = json.loads(fill(json.dumps(expected, ensure_ascii=False), values))
    if type(wanted) is type(found) and wanted == found:
        return ""
    return f"{where or 'the frame'} is {found!r}, not {wanted!r}"


def _field_difference(key: str, item: Any, found: dict[str, Any], values: Values, where: str) -> str:
    place = f"{where}.{key}" if where else key
    if item == ABSENT:
        return f"{place} is {found[key]!r}, and should be absent" if key in found else ""
    return difference(item, found[key], values, place) if key in found else f"{place} is absent"


def _list_difference(expected: list[Any], found: list[Any], values: Values, where: str) -> str:
    goes_on = bool(expected) and expected[-1] == "..."
    expected = expected[:-1] if goes_on else expected
    if len(found) < len(expected) or (len(found) > len(expected) and not goes_on):
        return f"{where} has {len(found)} items, not {len(expected)}: {found!r}"
    pairs = zip(expected, found, strict=False)
    return _first(
        difference(item, other, values, f"{where}[{place}]") for place, (item, other) in enumerate(pairs)
    )


def _first(differences: Any) -> str:
    return next((text for text in differences if text), "")


def glued(steps: Sequence[Step], start: int, values: Values) -> list[int]:
    """Return which requests, from `steps[start]` on, its sender can send before reading the replies."""
    who, together = steps[start].who, []
    for place in range(start, len(steps)):
        step = steps[place]
        if step.who != who or step.arrow not in ("->", "<-"):
            break
        if step.arrow == "->":
            if not can_be_filled(step.text, values):
                break
            together.append(place)
    return together
