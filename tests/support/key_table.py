"""Makes the tables of keys in the user's guides from the table of actions; needs no display."""

import sys
from pathlib import Path
from typing import Final

from chat_client import i18n
from chat_client.ui.key_table import told_keys
from tests.support.filemap import ROOT

USE: Final = ROOT / "docs" / "use"
#: The user's guide, by its language.
CLIENT_PAGES: Final[dict[str, Path]] = {"en": USE / "client.md", "fr": USE / "client.fr.md"}
HEADS: Final = {"en": "| key | does |", "fr": "| touche | effet |"}
BEGIN, END = "<!-- made by `make key-table`: do not edit -->\n", "<!-- end of the keys -->\n"


def key_table(language: str = "en") -> str:
    """The table in a language; afterwards the program speaks English."""
    i18n.use(language)
    lines = [HEADS[language], "|---|---|"]
    for heading, keys in told_keys():
        lines.append(f"| **{heading}** | |")
        lines += [f"| {', '.join(names)} | {does} |" for names, does in keys]
    i18n.use("en")
    return "\n".join(lines) + "\n"


def with_table(page: str, language: str = "en") -> str:
    """The page with the table as it is now.

    :raises ValueError: the page has no place for it.
    """
    before, begin, rest = page.partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{CLIENT_PAGES[language].name} needs the lines {BEGIN!r} and {END!r}")
    return before + begin + key_table(language) + end + after


def write_tables() -> None:
    """Write the table of each page, and say so."""
    for language, path in CLIENT_PAGES.items():
        path.write_text(with_table(path.read_text(encoding="utf-8"), language), encoding="utf-8")
        sys.stdout.write(f"wrote {path.relative_to(ROOT)}\n")


if __name__ == "__main__":
    write_tables()
