"""The outbox on disk: order, durability, and what happens when the disk refuses."""

import contextlib
import sqlite3
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chat_client.store import outbox as outbox_module
from chat_client.store.attachments import Attachment
from chat_client.store.outbox import Entry, Outbox
from chat_protocol.objects import File
from chat_protocol.requests import Delete, Edit, React, Send


def entry(number: int, **fields: Any) -> Entry:
    return Entry(**{"nonce": f"n{number}", "kind": "send", "room": "Lobby", "body": f"{number}", **fields})


def nonces(outbox: Outbox) -> list[str]:
    return [item.nonce for item in outbox.all()]


def test_outbox_keeps_entries_in_order_without_being_closed(tmp_path: Path) -> None:
    """A second opening sees what the first one wrote, as after a crash."""
    first = Outbox(tmp_path / "outbox.db", "zoe")
    for number in range(5):
        first.add(entry(number))
    first.remove("n1")
    second = Outbox(tmp_path / "outbox.db", "zoe")
    assert nonces(second) == ["n0", "n2", "n3", "n4"]
    assert second.get("n3") == entry(3)
    first.close()
    second.close()


def test_outbox_belongs_to_one_account(tmp_path: Path) -> None:
    """Another account on the same computer does not send them."""
    mine = Outbox(tmp_path / "outbox.db", "zoe")
    mine.add(entry(1))
    other = Outbox(tmp_path / "outbox.db", "ada")
    assert nonces(other) == []
    mine.close()
    other.close()


def test_outbox_retry_goes_to_the_end_and_a_refusal_is_kept(tmp_path: Path) -> None:
    """A refused entry is not among the waiting until the user says so; then it is the last."""
    outbox = Outbox(tmp_path / "outbox.db", "zoe")
    for number in (1, 2):
        outbox.add(entry(number))
    outbox.refuse("n1", "muted", "You may not write here.")
    outbox.close()
    outbox = Outbox(tmp_path / "outbox.db", "zoe")
    assert [item.nonce for item in outbox.waiting()] == ["n2"]
    assert (outbox.all()[0].error, outbox.all()[0].detail) == ("muted", "You may not write here.")
    outbox.retry("n1", "x,7")
    outbox.close()
    outbox = Outbox(tmp_path / "outbox.db", "zoe")
    assert [(item.nonce, item.room_id) for item in outbox.waiting()] == [("n2", ""), ("n1", "x,7")]
    outbox.close()


def test_outbox_follows_a_renamed_room(tmp_path: Path) -> None:
    """What waits for a room has its new name, but not what waits for an earlier room of the old one."""
    outbox = Outbox(tmp_path / "outbox.db", "zoe")
    for number, room_id in ((1, ""), (2, "x,7"), (3, "x,6")):
        outbox.add(replace(entry(number), room_id=room_id))
    outbox.rename_room("Lobby", "Hall", "x,7")
    outbox.sync()
    outbox.close()
    outbox = Outbox(tmp_path / "outbox.db", "zoe")
    assert [item.room for item in outbox.all()] == ["Hall", "Hall", "Lobby"]
    outbox.close()


def test_outbox_file_is_its_owners_alone(tmp_path: Path) -> None:
    """What somebody is about to say is private."""
    Outbox(tmp_path / "home" / "outbox.db", "zoe").close()
    assert stat.S_IMODE((tmp_path / "home" / "outbox.db").stat().st_mode) == 0o600


def test_outbox_sets_a_damaged_file_aside(tmp_path: Path) -> None:
    """A file that is no database costs neither the start nor the file."""
    path = tmp_path / "outbox.db"
    path.write_bytes(b"not a database" * 1000)
    outbox = Outbox(path, "zoe")
    outbox.add(entry(1))
    outbox.close()
    assert nonces(Outbox(path, "zoe")) == ["n1"]
    assert len(list(tmp_path.glob("outbox.db.broken-*"))) == 1


def test_outbox_without_its_table_is_set_aside(tmp_path: Path) -> None:
    """It says that it is of this version, and cannot hold an entry."""
    path = tmp_path / "outbox.db"
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute(f"PRAGMA user_version = {len(outbox_module._STEPS)}")
    outbox = Outbox(path, "zoe")
    outbox.add(entry(1))
    assert not outbox.failing
    outbox.close()
    assert len(list(tmp_path.glob("outbox.db.broken-*"))) == 1


def test_outbox_that_somebody_holds_is_not_taken_for_a_damaged_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its entries stay where they are; this program goes on in memory, and writes when it can."""
    monkeypatch.setattr(outbox_module, "BUSY_TIMEOUT_S", 0.01)
    path = tmp_path / "outbox.db"
    earlier = Outbox(path, "zoe")
    earlier.add(entry(1))
    earlier.close()
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("PRAGMA locking_mode=EXCLUSIVE")
    holder.execute("BEGIN EXCLUSIVE")
    outbox = Outbox(path, "zoe")
    outbox.add(entry(2))
    assert (outbox.failing, list(tmp_path.glob("*.broken-*"))) == (True, [])
    holder.execute("ROLLBACK")
    holder.close()
    outbox.write_again()
    assert not outbox.failing
    outbox.close()
    again = Outbox(path, "zoe")
    assert nonces(again) == ["n1", "n2"]
    again.close()


@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied"), sqlite3.OperationalError("?")])
def test_outbox_that_cannot_be_opened_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """Only what is no database is set aside."""
    path = tmp_path / "outbox.db"
    path.write_bytes(b"kept")
    opened: list[Path] = []

    def refuse(path: Path) -> sqlite3.Connection:
        opened.append(path)
        raise error

    monkeypatch.setattr(outbox_module, "_connect", refuse)
    Outbox(path, "zoe").close()
    assert (opened, [each.name for each in tmp_path.iterdir()]) == ([path], ["outbox.db"])


def test_outbox_survives_a_killed_program_without_a_wait_for_each_entry(tmp_path: Path) -> None:
    """Its journal lets `sync` wait for the disk instead."""
    outbox = Outbox(tmp_path / "outbox.db", "zoe")
    assert outbox._database is not None
    pragmas = [
        outbox._database.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")
    ]
    assert pragmas == ["wal", 1]
    outbox.close()


def test_outbox_goes_on_in_memory_when_the_disk_refuses(tmp_path: Path) -> None:
    """A full disk is no reason to stop talking."""
    outbox = Outbox(tmp_path / "outbox.db", "zoe")
    assert outbox._database is not None
    outbox._database.execute("PRAGMA query_only=ON")
    outbox.add(entry(1))
    assert nonces(outbox) == ["n1"]
    outbox.remove("n1")
    outbox.close()


def test_outbox_without_a_place_on_disk_works_in_memory(tmp_path: Path) -> None:
    """A folder that cannot be made is logged, and entries are kept while the program runs."""
    (tmp_path / "file").write_text("")
    outbox = Outbox(tmp_path / "file" / "outbox.db", "zoe")
    outbox.add(entry(1))
    assert nonces(outbox) == ["n1"]
    outbox.close()


@pytest.mark.parametrize(
    ("item", "request_"),
    [
        (entry(1, seq=4), Send("Lobby", "1", "n1", 4)),
        (entry(1), Send("Lobby", "1", "n1", None)),
        (entry(1, kind="edit", seq=4), Edit("Lobby", 4, "1", "n1")),
        (entry(1, kind="delete", seq=4, body=""), Delete("Lobby", 4, "n1")),
        (entry(1, kind="react", seq=4, body="👍", on=False), React("Lobby", 4, "👍", False, "n1")),
    ],
)
def test_entry_makes_its_request(item: Entry, request_: object) -> None:
    """Each kind of entry is sent as the request of its name."""
    assert item.request() == request_


def test_outbox_is_readable_by_any_sqlite(tmp_path: Path) -> None:
    """Support can look at what is stuck with the ordinary tool."""
    outbox = Outbox(tmp_path / "outbox.db", "zoe")
    outbox.add(entry(1))
    outbox.close()
    database = sqlite3.connect(tmp_path / "outbox.db")
    assert database.execute("SELECT room, body FROM entries").fetchall() == [("Lobby", "1")]
    database.close()


def test_files_of_a_message_are_kept_until_it_is_gone(tmp_path: Path) -> None:
    """It waits for its uploads, holds up no other, and knows after a restart what was uploaded."""
    path = tmp_path / "outbox.db"
    outbox = Outbox(path, "zoe")
    attachment = Attachment("u1", "00" * 32, 5, File("", "é.png", 10))
    outbox.add(Entry("n1", "send", "lobby", "", files=(attachment,)))
    outbox.add(Entry("n2", "send", "lobby", "words"))
    assert [entry.nonce for entry in outbox.waiting()] == ["n2"]
    outbox.close()
    outbox = Outbox(path, "zoe")
    assert [(entry.nonce, one) for entry, one in outbox.to_upload()] == [("n1", attachment)]
    stored = File("f1", "é.png", 10, "image/png", 4, 3, preview=True)
    outbox.note_upload("n1", "u1", stored)
    outbox.note_upload("gone", "u1", stored)
    outbox.close()
    outbox = Outbox(path, "zoe")
    assert [entry.nonce for entry in outbox.waiting()] == ["n1", "n2"]
    entry = outbox.get("n1")
    assert entry is not None
    assert entry.files[0].file == stored
    assert entry.request().to_frame()["files"] == ["f1"]
    other = Outbox(path, "ada")
    assert other.named_files() == {"u1"}
    other.close()
    outbox.note_upload("n1", "u1", None)
    assert [one.file.id for _entry, one in outbox.to_upload()] == [""]
    outbox.close()


def test_renaming_of_a_room_moves_what_waits_for_it_alone(tmp_path: Path) -> None:
    """What was written for the room or, before ids, for its name; in memory as on disk."""
    outbox = Outbox(tmp_path / "outbox.db", "zoe")
    rooms = [("Lobby", ""), ("Lobby", "x,1"), ("Lobby", "x,2"), ("Plaza", ""), ("Plaza", "x,1")]
    for number, (room, room_id) in enumerate(rooms):
        outbox.add(entry(number, room=room, room_id=room_id))
    outbox.rename_room("Lobby", "Hall", "x,1")
    expected = ["Hall", "Hall", "Lobby", "Plaza", "Plaza"]
    assert [item.room for item in outbox.all()] == expected
    outbox.close()
    outbox = Outbox(tmp_path / "outbox.db", "zoe")
    assert [item.room for item in outbox.all()] == expected
    outbox.close()


def test_outbox_is_synced_once_for_all_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A removal needs none: what came back would be sent again under a nonce that the server knows."""
    outbox = Outbox(tmp_path / "outbox.db", "zoe")
    written: list[str] = []
    write = outbox._write

    def writing(statement: str, *values: Any, **more: Any) -> None:
        written.append(statement.partition(" ")[0])
        write(statement, *values, **more)

    monkeypatch.setattr(outbox, "_write", writing)
    outbox.add(entry(1))
    outbox.add(entry(2))
    for _ in range(2):
        outbox.sync()
    outbox.remove(outbox.all()[0].nonce)
    outbox.sync()
    assert written == ["INSERT", "INSERT", "PRAGMA", "DELETE"]
    outbox.close()


def refuse(outbox: Outbox, *, on: bool) -> None:
    """Let the file take nothing, as on a full disk, or everything again."""
    assert outbox._database is not None
    outbox._database.execute(f"PRAGMA query_only={'ON' if on else 'OFF'}")


def test_what_the_disk_refused_is_written_once_it_takes_it(tmp_path: Path) -> None:
    """What was added and what was removed meanwhile, in order; what the file holds stays as it is."""
    path = tmp_path / "outbox.db"
    outbox = Outbox(path, "zoe")
    for number in range(2):
        outbox.add(entry(number))
    refuse(outbox, on=True)
    outbox.remove("n0")
    outbox.add(entry(3))
    outbox.add(entry(2))
    assert outbox.failing
    assert [outbox.keeps(f"n{number}") for number in range(4)] == [False, True, False, False]
    outbox.write_again()
    assert outbox.failing
    refuse(outbox, on=False)
    outbox.write_again()
    assert not outbox.failing
    outbox.close()
    outbox = Outbox(path, "zoe")
    assert nonces(outbox) == ["n1", "n3", "n2"]
    outbox.close()


def test_outbox_whose_place_comes_later_is_written_there(tmp_path: Path) -> None:
    """A network drive that is there again, a folder that may be written to at last."""
    (tmp_path / "place").write_text("")
    outbox = Outbox(tmp_path / "place" / "outbox.db", "zoe")
    outbox.add(entry(1))
    outbox.write_again()
    assert outbox.failing
    (tmp_path / "place").unlink()
    outbox.write_again()
    assert not outbox.failing
    outbox.close()
    outbox = Outbox(tmp_path / "place" / "outbox.db", "zoe")
    assert nonces(outbox) == ["n1"]
    outbox.close()


def test_closed_outbox_leaves_one_file(tmp_path: Path) -> None:
    """What was written is in it, not in a log beside it; closed twice it is closed; more is not taken."""
    outbox = Outbox(tmp_path / "outbox.db", "zoe")
    outbox.add(entry(1))
    outbox.close()
    outbox.close()
    assert [path.name for path in tmp_path.iterdir()] == ["outbox.db"]
    outbox.add(entry(2))
    assert (outbox.keeps("n1"), outbox.keeps("n2")) == (True, False)


def test_outbox_that_another_client_has_open_is_on_the_disk_when_closed(tmp_path: Path) -> None:
    """The log is carried over into the file though the other one keeps the log open."""
    other = Outbox(tmp_path / "outbox.db", "ada")
    outbox = Outbox(tmp_path / "outbox.db", "zoe")
    outbox.add(entry(1))
    outbox.close()
    (tmp_path / "alone").mkdir()
    alone = tmp_path / "alone" / "outbox.db"
    alone.write_bytes((tmp_path / "outbox.db").read_bytes())
    copy = Outbox(alone, "zoe")
    assert nonces(copy) == ["n1"]
    copy.close()
    other.close()


def test_migration_that_fails_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a step is taken back, so that the next start makes it whole."""
    path = tmp_path / "outbox.db"
    Outbox(path, "zoe").close()
    steps = (*outbox_module._STEPS, "ALTER TABLE entries ADD COLUMN more TEXT")
    monkeypatch.setattr(outbox_module, "_STEPS", (*steps, "no SQL at all"))
    database = sqlite3.connect(path, isolation_level=None)
    with pytest.raises(sqlite3.OperationalError):
        outbox_module._migrate(database, path)
    assert not database.in_transaction
    monkeypatch.setattr(outbox_module, "_STEPS", steps)
    outbox_module._migrate(database, path)
    assert outbox_module._version(database) == len(steps)
    database.close()
