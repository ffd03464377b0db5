"""The documents say what the code is: a fresh file map, a sentence in each module, targets that exist."""

from __future__ import annotations

import re

import pytest

from tests.support.filemap import FILE_MAP, PACKAGES, ROOT, file_map, first_sentence, modules

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("**/*.md")])


def test_file_map_fresh() -> None:
    """docs/build/file-map.md is what the modules' first sentences make it."""
    assert FILE_MAP.read_text(encoding="utf-8") == file_map(), "stale: run `make file-map` and commit it"


@pytest.mark.parametrize("package", PACKAGES)
def test_modules_open_with_a_sentence(package: str) -> None:
    """Every module says in its first sentence what it owns."""
    silent = [str(path) for path in modules(package) if not first_sentence(path.read_text(encoding="utf-8"))]
    assert not silent


def test_make_targets_documented() -> None:
    """A ``make`` target that a document names exists."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    for document in DOCUMENTS:
        named = re.findall(r"`?\bmake ([a-z][a-z-]+)`", document.read_text(encoding="utf-8"))
        unknown = {name for name in named if name not in targets and not name.startswith("bench-")}
        assert not unknown, f"{document.name} names {unknown}"


def test_links_lead_somewhere() -> None:
    """A document's link to a file of the project leads to a file."""
    for document in DOCUMENTS:
        links = re.findall(r"\]\(([\w./-]+)(?:#[\w-]*)?\)", document.read_text(encoding="utf-8"))
        broken = [link for link in links if not (document.parent / link).exists()]
        assert not broken, f"{document.name}: {broken}"
