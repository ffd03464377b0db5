"""Settings, accounts, pins and drafts on disk: where they are, what they hold, and what damages them not."""

import errno
import json
import os
import stat
import threading
from operator import methodcaller
from pathlib import Path

import pytest

from chat_client.model.state import NotifyLevel
from chat_client.store.accounts import Account, Accounts, account_id
from chat_client.store.drafts import WRITE_AFTER_S, Drafts
from chat_client.store.files import JsonFile, settings_folder
from chat_client.store.known_servers import KnownServers
from chat_client.store.settings import DEFAULTS, Settings

FINGERPRINT = ":".join(["AB"] * 32)
USER = Path("/home/zoe")


@pytest.mark.parametrize(
    ("environment", "platform", "folder"),
    [
        ({}, "linux", USER / ".config" / "chat"),
        ({"XDG_CONFIG_HOME": "/xdg"}, "linux", Path("/xdg/chat")),
        ({"APPDATA": "/roaming"}, "win32", Path("/roaming/Chat")),
        ({}, "win32", USER / "AppData" / "Roaming" / "Chat"),
        ({}, "darwin", USER / "Library" / "Application Support" / "Chat"),
        ({"CHAT_CLIENT_HOME": "/mine", "XDG_CONFIG_HOME": "/xdg"}, "linux", Path("/mine")),
    ],
)
def test_settings_folder_is_the_platforms_own(
    environment: dict[str, str], platform: str, folder: Path
) -> None:
    """Each system keeps settings in its own place; one variable overrides it."""
    assert settings_folder(environment, platform, USER) == folder


def test_json_file_keeps_the_entries_of_two_running_programs(tmp_path: Path) -> None:
    """Each change is made on what the file holds now."""
    first, second = JsonFile(tmp_path / "f.json"), JsonFile(tmp_path / "f.json")
    first.update(lambda values: values.update(a=1))
    second.update(lambda values: values.update(b=2))
    first.update(lambda values: values.update(c=3))
    assert second.load() == {"a": 1, "b": 2, "c": 3}
    assert stat.S_IMODE((tmp_path / "f.json").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["f.json"]


@pytest.mark.parametrize("text", ["", "{", "\x00\xff", "[1]", '"x"'])
def test_json_file_that_is_damaged_is_not_overwritten(tmp_path: Path, text: str) -> None:
    """Unreadable text is set aside; the program starts again."""
    path = tmp_path / "f.json"
    path.write_bytes(text.encode("latin-1"))
    file = JsonFile(path)
    assert file.load() == {}
    file.update(lambda values: values.update(a=1))
    assert file.load() == {"a": 1}


def test_json_file_that_cannot_be_read_just_now_stays(tmp_path: Path) -> None:
    """Too many open files, or another program that holds it: what it has is neither lost nor written over."""
    path = tmp_path / "known_servers.json"
    file = JsonFile(path)
    file.update(lambda values: values.update(a=1))
    before = path.read_bytes()

    def refuse(*_arguments: object) -> str:
        raise OSError(errno.EMFILE, "Too many open files")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "read_text", refuse)
        file.migrate()
        assert file.load() == {}
        assert not file.update(lambda values: values.update(b=2))
    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [(path.name, before)]
    assert file.update(lambda values: values.update(b=2))
    assert file.load() == {"a": 1, "b": 2}


def test_json_file_without_a_place_on_disk_is_logged_only(tmp_path: Path) -> None:
    """A setting that cannot be kept stops nothing."""
    (tmp_path / "file").write_text("")
    JsonFile(tmp_path / "file" / "f.json").update(lambda values: values.update(a=1))


def test_json_file_written_by_many_threads_stays_readable(tmp_path: Path) -> None:
    """The file is replaced as a whole: a reader never sees half of it."""
    file = JsonFile(tmp_path / "f.json")
    file.update(lambda values: values.update(x="y" * 5000))
    stop = threading.Event()
    seen: list[int] = []

    def read() -> None:
        while not stop.is_set():
            seen.append(len(json.loads((tmp_path / "f.json").read_text())["x"]))

    thread = threading.Thread(target=read)
    thread.start()
    for number in range(50):
        file.update(methodcaller("update", x="y" * (5000 + number)))
    stop.set()
    thread.join()
    assert seen
    assert min(seen) >= 5000


def test_settings_are_kept_and_checked(tmp_path: Path) -> None:
    """A value of another type, or a name that is none, is a mistake of the program."""
    settings = Settings(tmp_path)
    assert settings.get("away_after_minutes") == 10
    settings.set("theme", "dark")
    assert Settings(tmp_path).get("theme") == "dark"
    with pytest.raises(TypeError):
        settings.set("sound", "yes")
    with pytest.raises(KeyError):
        settings.get("nonsense")


def test_settings_of_another_type_on_disk_are_their_defaults(tmp_path: Path) -> None:
    """A file that somebody has edited does not crash the window."""
    (tmp_path / "settings.json").write_text(json.dumps({name: [1] for name in [*DEFAULTS, "notify"]}))
    settings = Settings(tmp_path)
    assert {name: settings.get(name) for name in DEFAULTS} == DEFAULTS
    assert settings.notify_level("a", "room") is None
    settings.set_notify_level("a", "room", NotifyLevel.NONE)
    assert Settings(tmp_path).notify_level("a", "room") == NotifyLevel.NONE


def test_accounts_are_remembered_the_last_used_first(tmp_path: Path) -> None:
    """Several accounts on several servers; forgetting a token keeps the account."""
    accounts = Accounts(tmp_path)
    zoe = Account("chat.example", 5000, "Zoé", "Zoé", "Office", "secret", last_used=1)
    ada = Account("other.example", 5000, "ada", token="secret2", last_used=2)
    accounts.keep(zoe)
    accounts.keep(ada)
    assert Accounts(tmp_path).all() == [ada, zoe]
    assert accounts.get(account_id("CHAT.example", 5000, "zoe")) == zoe
    accounts.forget_token(zoe.id)
    assert {one.username: one.token for one in accounts.all()}[zoe.username] == ""
    accounts.remove(ada.id)
    assert [account.username for account in accounts.all()] == ["Zoé"]


def test_accounts_that_are_damaged_are_left_out(tmp_path: Path) -> None:
    """An entry with a missing or a wrong field does not hide the others."""
    Accounts(tmp_path).keep(Account("chat.example", 5000, "zoe"))
    JsonFile(tmp_path / "accounts.json").update(
        lambda items: items.update(a=1, b={"host": "x"}, c={"host": "x", "port": "5", "username": "y"})
    )
    assert [account.username for account in Accounts(tmp_path).all()] == ["zoe"]


def test_known_servers_keep_one_pin_for_each_host_and_port(tmp_path: Path) -> None:
    """Spelling does not matter, the port does; a damaged pin counts as none."""
    known = KnownServers(tmp_path)
    known.trust("Chat.Example", 5000, "ab" * 32)
    assert KnownServers(tmp_path).fingerprint("chat.example", 5000) == FINGERPRINT
    assert known.fingerprint("chat.example", 5001) == ""
    known.forget("chat.example", 5000)
    assert known.fingerprint("chat.example", 5000) == ""
    with pytest.raises(ValueError, match="64 hexadecimal"):
        known.trust("chat.example", 5000, "abc")
    JsonFile(tmp_path / "known_servers.json").update(lambda pins: pins.update({"chat.example:5000": 5}))
    assert known.fingerprint("chat.example", 5000) == ""


def test_drafts_are_written_after_a_pause_and_removed_when_empty(tmp_path: Path) -> None:
    """Typing does not write at each key; a sent message leaves no draft."""
    now = [0.0]
    drafts = Drafts(tmp_path, lambda: now[0])
    drafts.put("zoe", "lobby", "h")
    drafts.put("zoe", "lobby", "hello")
    drafts.tick()
    assert not (tmp_path / "drafts.json").exists()
    now[0] += WRITE_AFTER_S
    drafts.tick()
    assert Drafts(tmp_path, lambda: 0.0).of("zoe") == {"lobby": "hello"}
    drafts.put("zoe", "lobby", " ")
    assert drafts.of("zoe") == {}
    assert JsonFile(tmp_path / "drafts.json").load() == {}
    JsonFile(tmp_path / "drafts.json").update(lambda items: items.update(zoe=5))
    drafts.put("zoe", "lobby", "again")
    assert drafts.of("zoe") == {"lobby": "again"}


def test_drafts_that_the_disk_refuses_are_written_later(tmp_path: Path) -> None:
    """Every five seconds it is tried again; what changes meanwhile comes along."""
    (tmp_path / "place").write_text("")
    now = [100.0]
    drafts = Drafts(tmp_path / "place", lambda: now[0])
    drafts.put("zoe", "lobby", "hello")
    now[0] += WRITE_AFTER_S
    drafts.tick()
    assert drafts.failing
    (tmp_path / "place").unlink()
    drafts.put("zoe", "board", "more")
    now[0] += 4.9
    drafts.tick()
    assert drafts.failing
    now[0] += 0.1
    drafts.tick()
    assert not drafts.failing
    assert Drafts(tmp_path / "place", lambda: now[0]).of("zoe") == {"lobby": "hello", "board": "more"}


def test_full_disk_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing beside it."""
    file = JsonFile(tmp_path / "f.json")
    assert file.update(lambda values: values.update(x=1))

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        assert not file.update(lambda values: values.update(x=2))
    assert file.load() == {"x": 1}
    assert [path.name for path in tmp_path.iterdir()] == ["f.json"]


def test_sections_are_folded_as_they_were_left(tmp_path: Path) -> None:
    """That of archived rooms is folded at first, whatever else the file holds."""
    settings = Settings(tmp_path)
    assert [settings.folded(name) for name in ("archived", "direct")] == [True, False]
    settings.set_folded("archived", False)
    settings.set_folded("direct", True)
    again = Settings(tmp_path)
    assert [again.folded(name) for name in ("archived", "direct", "joined")] == [False, True, False]
    JsonFile(tmp_path / "settings.json").update(lambda values: values.update(folded=[1]))
    assert [Settings(tmp_path).folded(name) for name in ("archived", "direct")] == [True, False]


def test_json_file_can_be_read_by_people_and_is_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In order, a line each, letters as they are; all of it is written before it takes the former's place."""
    written: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: written.append(os.fstat(descriptor).st_size))
    file = JsonFile(tmp_path / "f.json")
    file.update(lambda values: values.update(b="é", a=1))
    text = (tmp_path / "f.json").read_text("utf-8")
    assert [line.strip() for line in text.splitlines()[1:3]] == ['"a": 1,', '"b": "é",']
    assert written == [len(text.encode())]


def test_json_file_that_is_not_there_or_current_is_not_written_by_a_migration(tmp_path: Path) -> None:
    """There is nothing to migrate."""
    path = tmp_path / "f.json"
    JsonFile(path).migrate()
    assert not path.exists()
    JsonFile(path).update(lambda values: values.update(a=1))
    before = path.stat()
    JsonFile(path).migrate()
    assert path.stat().st_ino == before.st_ino


def test_account_of_the_three_fields_that_name_it_is_read(tmp_path: Path) -> None:
    """The others have a meaning where they are missing."""
    told = {"host": "chat.example", "port": 5000, "username": "zoe"}
    JsonFile(tmp_path / "accounts.json").update(lambda items: items.update(a=told))
    assert Accounts(tmp_path).all() == [Account("chat.example", 5000, "zoe")]
