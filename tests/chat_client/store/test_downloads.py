"""Downloads that go on after a restart."""

from pathlib import Path

import pytest

from chat_client.store.downloads import PendingDownloads
from chat_client.store.files import JsonFile
from chat_protocol.objects import File

FILE = File("f1", "a.pdf", 10, "application/pdf")


def test_downloads_are_kept_by_account(tmp_path: Path) -> None:
    """Those of another account stay; what has come is forgotten."""
    kept = PendingDownloads(tmp_path)
    kept.keep("zoe", [(FILE, tmp_path / "a.pdf")])
    kept.keep("jules", [(FILE, tmp_path / "b.pdf")])
    again = PendingDownloads(tmp_path)
    assert again.of("zoe") == [(FILE, tmp_path / "a.pdf")]
    again.keep("zoe", [])
    assert again.of("zoe") == []
    assert again.of("jules") == [(FILE, tmp_path / "b.pdf")]
    assert (tmp_path / "downloads.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("text", ['{"zoe": 5}', '{"zoe": [5, {"file": {}, "target": "x"}]}', "no JSON"])
def test_file_that_somebody_else_has_written(tmp_path: Path, text: str) -> None:
    """What cannot be read is left out."""
    (tmp_path / "downloads.json").write_text(text)
    assert PendingDownloads(tmp_path).of("zoe") == []


def test_entry_behind_one_that_cannot_be_read_is_read(tmp_path: Path) -> None:
    """Each stands for itself."""
    kept = PendingDownloads(tmp_path)
    kept.keep("zoe", [(FILE, tmp_path / "a.pdf")])
    JsonFile(tmp_path / "downloads.json").update(lambda entries: entries["zoe"].insert(0, 5))
    assert kept.of("zoe") == [(FILE, tmp_path / "a.pdf")]
