"""Transfers that rest over a restart."""

from pathlib import Path

import pytest

from chat_client.store.paused import PausedTransfers


def test_paused_are_kept_by_account(tmp_path: Path) -> None:
    """Those of another account stay; what goes on is forgotten."""
    kept = PausedTransfers(tmp_path)
    kept.keep("zoe", {"n1": 500, "n2": 0})
    kept.keep("jules", {"n3": 7})
    again = PausedTransfers(tmp_path)
    assert again.of("zoe") == {"n1": 500, "n2": 0}
    again.keep("zoe", {})
    assert (again.of("zoe"), again.of("jules")) == ({}, {"n3": 7})
    assert (tmp_path / "paused.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("text", ['{"zoe": 5}', '{"zoe": {"n1": "x", "n2": -1}}', '{"zoe": [1]}', "no JSON"])
def test_file_that_somebody_else_has_written(tmp_path: Path, text: str) -> None:
    """What cannot be read is left out."""
    (tmp_path / "paused.json").write_text(text)
    assert PausedTransfers(tmp_path).of("zoe") == {}
