"""Files of other versions: those that 1.0.0 wrote (kept in `v1/`) are migrated, later ones are left alone."""

import json
import re
import shutil
import sqlite3
from pathlib import Path

import pytest

from chat_client.model.state import NotifyLevel
from chat_client.store import files
from chat_client.store.accounts import Account, Accounts
from chat_client.store.drafts import Drafts
from chat_client.store.files import JSON_FILES, JSON_VERSION, JsonFile, NewerFileError
from chat_client.store.folder import open_settings_folder
from chat_client.store.known_servers import KnownServers
from chat_client.store.outbox import Entry, Outbox
from chat_client.store.settings import Settings
from chat_client.terminal import __main__ as terminal

SANCTION = "You may not write here."
V1 = Path(__file__).parent / "v1"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A settings folder as 1.0.0 left it."""
    return Path(shutil.copytree(V1, tmp_path / "home"))


#: Files that 1.0.0 had none of.
LATER = {"own_settings.json", "saved_choices.json", "downloads.json", "paused.json"}


def outbox_version(home: Path) -> int:
    database = sqlite3.connect(home / "outbox.db")
    try:
        return int(database.execute("PRAGMA user_version").fetchone()[0])
    finally:
        database.close()


def contents(home: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in home.iterdir()}


def test_settings_accounts_pins_and_drafts_of_1_0_0_are_all_there(home: Path) -> None:
    """A new client finds what 1.0.0 kept."""
    open_settings_folder(home)
    settings = Settings(home)
    assert (settings.get("theme"), settings.get("last_account")) == ("dark", Accounts(home).all()[0].id)
    assert settings.notify_level(Accounts(home).all()[0].id, "lobby") == NotifyLevel.NONE
    assert Accounts(home).all() == [
        Account("chat.example", 5000, "Zoé", "Zoé Ω", "Office", "a-token", False, 1_760_000_000_000),
        Account("127.0.0.1", 6000, "ada", "Ada", insecure=True, last_used=1_750_000_000_000),
    ]
    assert KnownServers(home).fingerprint("chat.example", 5000) == ":".join(["AB"] * 32)
    assert Drafts(home, lambda: 0.0).of(Accounts(home).all()[0].id) == {"lobby": "half a sentence"}


@pytest.mark.parametrize("name", [name for name in JSON_FILES if name not in LATER])
def test_json_file_of_1_0_0_gets_a_version_and_keeps_its_entries(home: Path, name: str) -> None:
    """The migrated file says which version it is, and holds every entry that it held."""
    before = json.loads((home / name).read_text("utf-8"))
    open_settings_folder(home)
    after = json.loads((home / name).read_text("utf-8"))
    assert after == {**before, "version": JSON_VERSION}
    assert JsonFile(home / name).load() == before


def test_outbox_of_1_0_0_is_sent_in_its_order(home: Path) -> None:
    """What waited waits still, what was refused is refused still, and the file has a version."""
    assert outbox_version(home) == 0
    outbox = Outbox(home / "outbox.db", Accounts(home).all()[0].id)
    assert outbox.all() == [
        Entry("n1", "send", "Lobby", "hello", None, True, 1_760_000_000_000),
        Entry("n2", "send", "@ada", "bonjour", 4, True, 1_760_000_000_001),
        Entry("n3", "react", "Lobby", "👍", 7, False, 1_760_000_000_002),
        Entry("n4", "send", "Lobby", "too loud", None, True, 1_760_000_000_003, "muted", SANCTION),
    ]
    outbox.close()
    assert outbox_version(home) == 3


def test_every_json_file_is_looked_at_when_the_client_starts() -> None:
    """One that is missing in the list would be taken, whatever version has written it."""
    modules = Path(files.__file__).parent.glob("*.py")
    named = {name for path in modules for name in re.findall(r'JsonFile\(\w+ / "(.+?)"\)', path.read_text())}
    assert named == set(JSON_FILES)


@pytest.mark.parametrize("name", JSON_FILES)
def test_json_file_of_a_later_version_is_refused_and_left(home: Path, name: str) -> None:
    """The start is refused; even a client that goes on changes no byte of it."""
    file = home / name
    file.write_text(json.dumps({"version": JSON_VERSION + 1, "anything": [1]}))
    written = file.read_bytes()
    with pytest.raises(NewerFileError, match="later version"):
        open_settings_folder(home)
    assert JsonFile(file).load() == {}
    JsonFile(file).update(lambda entries: entries.update(mine=1))
    assert file.read_bytes() == written


def test_outbox_of_a_later_version_is_refused_and_left(home: Path) -> None:
    """The start is refused; an outbox opened all the same works in memory and writes nothing."""
    database = sqlite3.connect(home / "outbox.db")
    database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(NewerFileError, match=r"outbox\.db"):
        open_settings_folder(home)
    outbox = Outbox(home / "outbox.db", "zoe")
    outbox.add(Entry("n9", "send", "Lobby", "kept in memory"))
    assert [entry.nonce for entry in outbox.all()] == ["n9"]
    outbox.close()
    database = sqlite3.connect(home / "outbox.db")
    assert database.execute("SELECT nonce FROM entries ORDER BY id").fetchall() == [
        ("n1",),
        ("n2",),
        ("n3",),
        ("n4",),
    ]
    database.close()
    assert not list(home.glob("outbox.db.broken-*"))


def test_terminal_client_says_what_to_do_about_a_later_version(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The user reads which file it is and how to go on, not a traceback."""
    (home / "settings.json").write_text('{"version": 99}')
    before = contents(home)
    assert terminal.main(["127.0.0.1:5000", "--home", str(home)]) == 1
    said = capsys.readouterr().err
    assert "settings.json" in said
    assert "update this client" in said
    assert contents(home)["settings.json"] == before["settings.json"]


@pytest.mark.parametrize("text", ["{", "[1]"])
def test_damaged_json_files_are_all_kept(tmp_path: Path, text: str) -> None:
    """A second damage does not replace the file that the first one set aside."""
    path = tmp_path / "drafts.json"
    for _ in range(2):
        path.write_text(text)
        JsonFile(path).update(lambda entries: entries.update(a=1))
    assert [aside.read_text() for aside in tmp_path.glob("drafts.json.broken-*")] == [text, text]
    assert JsonFile(path).load() == {"a": 1}
