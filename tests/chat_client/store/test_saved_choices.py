"""Messages saved without a connection, kept on disk until the server has them."""

import json
from pathlib import Path

from chat_client.store.saved_choices import SavedChoicesFile


def test_choices_of_each_account_come_back(tmp_path: Path) -> None:
    """They are kept by account; those that the server has are forgotten."""
    choices = {("db,1", 7): True, ("@jules", 3): False}
    SavedChoicesFile(tmp_path).keep("zoe", choices)
    SavedChoicesFile(tmp_path).keep("ada", {("db,1", 1): True})
    assert SavedChoicesFile(tmp_path).of("zoe") == choices
    SavedChoicesFile(tmp_path).keep("zoe", {})
    assert SavedChoicesFile(tmp_path).of("zoe") == {}
    assert SavedChoicesFile(tmp_path).of("ada") == {("db,1", 1): True}


def test_entry_that_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    """Whatever else stands in the file harms nothing."""
    entries = {"db,1 7": True, "db,1": True, "db,1 x": True, "db,1 ٣": True, "db,1 8": 1, " 9": True}
    (tmp_path / "saved_choices.json").write_text(json.dumps({"zoe": entries, "ada": [1]}))
    assert SavedChoicesFile(tmp_path).of("zoe") == {("db,1", 7): True}
    assert SavedChoicesFile(tmp_path).of("ada") == {}
