"""The recipes of docs/build/how-to.md name the files that something of their kind really stands in."""

import re

import pytest

from tests.support.filemap import ROOT

HOW_TO = ROOT / "docs" / "build" / "how-to.md"
SOURCES = ("*.py", "*.po")
PROGRAMS = ("chat_protocol", "chat_server", "chat_client")


def recipes() -> dict[str, str]:
    """The sections of the page that follow an example, by their heading."""
    sections = re.split(r"^## ", HOW_TO.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return {section.partition("\n")[0]: section for section in sections if "\nAs `" in section}


def words_of(section: str) -> list[str]:
    """The words that the example is known by."""
    example = re.search(r"^As (.*)\.$", section, re.MULTILINE)
    assert example is not None, "the line that begins with As ends in a full stop"
    return re.findall(r"`([^`]+)`", example[1])


def steps_of(section: str) -> set[str]:
    """The files of the programs with which the steps begin."""
    steps = re.findall(r"^\d+\. (.*?)(?::|$)", section, re.MULTILINE)
    named = {path for step in steps for path in re.findall(r"`([\w./-]+)`", step)}
    return {path for path in named if path.partition("/")[0] in PROGRAMS}


def files_with(words: list[str]) -> set[str]:
    """The files of the programs that any of the words stand in."""
    whole = re.compile("|".join(rf"\b{re.escape(word)}\b" for word in words))
    paths = (path for program in PROGRAMS for kind in SOURCES for path in (ROOT / program).rglob(kind))
    return {
        path.relative_to(ROOT).as_posix() for path in paths if whole.search(path.read_text(encoding="utf-8"))
    }


@pytest.mark.parametrize("heading", recipes())
def test_recipe_names_the_files(heading: str) -> None:
    """The files of a recipe are those that its example stands in, no more and no fewer."""
    section = recipes()[heading]
    assert steps_of(section) == files_with(words_of(section))


def test_recipes_are_found() -> None:
    """The page is read as it is written."""
    assert {"How to add an action", "How to add a pane to the window", "How to add a request"} <= set(
        recipes()
    )


def test_columns_of_messages_in_one_place() -> None:
    """Storage names a message's own columns where they are mapped and in its record, nowhere else."""
    section = HOW_TO.read_text(encoding="utf-8").partition("\n## How to add a column to messages\n")[2]
    steps = re.findall(r"^\d+\. `([\w./]+)`", section, re.MULTILINE)
    assert len(steps) <= 8
    assert not [path for path in steps if not (ROOT / path).exists()]
    named = files_with(["edited_at", "is_on"])
    assert {path for path in named if path.startswith("chat_server/storage/")} <= set(steps)
