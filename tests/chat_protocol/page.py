"""The page that describes the protocol, and the rows of its tables."""

import re
from pathlib import Path

PAGE = (Path(__file__).parents[2] / "docs" / "build" / "protocol.md").read_text(encoding="utf-8")


def rows(heading: str) -> dict[str, str]:
    """Return the tables' rows under a heading, by the name in their first cell."""
    _, found, section = PAGE.partition(f"\n## {heading}\n")
    assert found, f"no heading {heading}"
    section = section.partition("\n## ")[0]
    return {match[1]: match[2] for match in re.finditer(r"^\| `([\w.]+)` \|(.*)$", section, re.MULTILINE)}


DOCUMENTED_REQUESTS = rows("Signing in") | rows("Requests")
DOCUMENTED_EVENTS = rows("Events")
