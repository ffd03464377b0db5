"""Makes the table of keys in docs/use/client.md from the table of actions; needs no display."""

import sys

from chat_client import i18n
from chat_client.ui.key_table import told_keys
from tests.support.filemap import ROOT

CLIENT_PAGE = ROOT / "docs" / "use" / "client.md"
BEGIN, END = "<!-- made by `make key-table`: do not edit -->\n", "<!-- end of the keys -->\n"


def key_table() -> str:
    """The table, in English."""
    i18n.use("en")
    lines = ["| key | does |", "|---|---|"]
    for heading, keys in told_keys():
        lines.append(f"| **{heading}** | |")
        lines += [f"| {', '.join(names)} | {does} |" for names, does in keys]
    return "\n".join(lines) + "\n"


def with_table(page: str) -> str:
    """The page with the table as it is now.

    :raises ValueError: the page has no place for it.
    """
    before, begin, rest = page.partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{CLIENT_PAGE.name} needs the lines {BEGIN!r} and {END!r}")
    return before + begin + key_table() + end + after


if __name__ == "__main__":
    CLIENT_PAGE.write_text(with_table(CLIENT_PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    sys.stdout.write(f"wrote {CLIENT_PAGE.relative_to(ROOT)}\n")
