"""Which file of which message the terminal client fetches, and where it goes."""

from pathlib import Path
from typing import Any

import pytest

from chat_client.i18n import _
from tests.chat_client.fakes import live
from tests.chat_client.terminal.session import Session

Saved = list[tuple[str, Path]]


@pytest.fixture
def saved(session: Session, monkeypatch: pytest.MonkeyPatch) -> Saved:
    """What is fetched, of the open room whose second message has two files."""
    fetched: Saved = []

    def save(file: Any, target: Path) -> None:
        fetched.append((file.id, target))

    monkeypatch.setattr(session.bench.client.files, "save", save)
    live(session.bench, "Lobby", 1, body="no file")
    files = [{"id": f"f{number}", "name": "a.txt", "size": 7} for number in (1, 2)]
    live(session.bench, "Lobby", 2, body="two", files=files)
    session.step()
    return fetched


@pytest.mark.parametrize(
    ("line", "file", "place"),
    [
        ("/download 2", "f1", "."),
        ("/download #2", "f1", "."),
        ("/download 2.1", "f1", "."),
        ("/download 2.2 kept/b.txt", "f2", "kept/b.txt"),
    ],
)
def test_file_is_named_by_its_message_and_its_number(
    session: Session, saved: Saved, line: str, file: str, place: str
) -> None:
    """The first one where no number is given, and into the current folder where no place is."""
    session.type(line)
    assert saved == [(file, Path(place))]


@pytest.mark.parametrize("which", ["0", "3", "99.1", "1", "2.0", "2.3"])
def test_file_that_is_none_is_not_fetched(session: Session, saved: Saved, which: str) -> None:
    """Neither of a message that is not there nor beyond a message's last file."""
    assert session.type(f"/download {which}") == f"* {_('terminal.which_file')}"
    assert saved == []


def test_file_that_exists_is_not_written_over(session: Session, saved: Saved, tmp_path: Path) -> None:
    """A folder is a place for it."""
    taken = tmp_path / "taken.txt"
    taken.write_text("kept")
    assert session.type(f"/download 2 {taken}") == f"* {_('terminal.file_exists', path=taken)}"
    session.type(f"/download 2 {tmp_path}")
    assert saved == [("f1", tmp_path)]
