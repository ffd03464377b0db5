"""The command blocks of the installation guide, read from its text; it must not know what runs them."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.support.filemap import ROOT

GUIDE: Final = ROOT / "docs" / "run" / "install.md"
SHELL: Final = "sh"
SQL: Final = "sql"
SETTINGS: Final = "toml"
#: What may stand for something of the reader's.
WORD: Final = re.compile(r"https://git\.example\.org/chat\.git|(?<![A-Za-z])[A-Z]{3,}(?![A-Za-z])")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block.

    :param number: which one of its section, from 1.
    :param kind: `sh` for commands, `sql` for the database's client, `toml` for the settings file.
    """

    section: str
    number: int
    kind: str
    lines: tuple[str, ...]

    def __str__(self) -> str:
        return f"“{self.section}” {self.number}"

    def filled(self, values: dict[str, str]) -> list[str]:
        """Return the lines with values in place of the words that a reader replaces."""
        return [WORD.sub(lambda found: values.get(found[0], found[0]), line) for line in self.lines]


def read_guide(path: Path = GUIDE) -> list[Block]:
    """Return the blocks in their order.

    :raises ValueError: when a block is of a kind that nobody would run.
    """
    blocks: list[Block] = []
    section, kind, lines = "", "", []
    numbers: dict[str, int] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if not kind and line.startswith("#"):
            section = line.lstrip("# ")
        elif not line.startswith("```"):
            if kind:
                lines.append(line)
        elif kind:
            numbers[section] = numbers.get(section, 0) + 1
            blocks.append(Block(section, numbers[section], kind, tuple(lines)))
            kind, lines = "", []
        else:
            kind = line.removeprefix("```")
            if kind not in (SHELL, SQL, SETTINGS):
                raise ValueError(f"{path}: a block of kind {kind!r}")
    return blocks
