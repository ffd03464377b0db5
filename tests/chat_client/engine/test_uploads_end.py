"""What becomes of the copies of files: at the end of their message, of the program and of a sign-in."""

import os
from pathlib import Path
from typing import Any

import pytest

from chat_client.net import transfer
from chat_client.store.attachments import Attachment
from chat_client.store.outbox import OUTBOX_FILE, Outbox
from chat_protocol.objects import File
from tests.chat_client.engine.desk import LIMITS, Desk, written
from tests.chat_client.fakes import a_room
from tests.support.waiting import until


def test_one_upload_of_a_message_at_a_time(desk: Desk, tmp_path: Path) -> None:
    """The next has the whole line when this one has arrived."""
    desk.files.send("general", [written(tmp_path / name) for name in ("a", "b")])
    desk.settle()
    assert desk.begun == ["a"]
    assert [state.name for state in desk.transfers.values()] == ["a", "b"]


@pytest.mark.parametrize("id_", [None, "db,7"])
def test_file_is_brought_for_the_room_of_its_message(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, id_: str | None
) -> None:
    """By its id where it has one, as the message is sent."""
    rooms: list[str] = []

    def upload(_line: Any, request: Any, _path: Path, _preview: bytes, _told: Any) -> File:
        rooms.append(request.room)
        return File("f1", request.name, request.size)

    monkeypatch.setattr(transfer, "upload", upload)
    desk.all_act = True
    desk.bench.server.say({"type": "room", **a_room("Hall"), **({"id": id_} if id_ else {})})
    desk.bench.poll()
    desk.files.send("hall", [written(tmp_path / "a")])
    desk.settle()
    desk.settle()
    assert rooms == [id_ or "Hall"]


def test_discarded_message_takes_its_files_with_it(desk: Desk, tmp_path: Path) -> None:
    """Nothing of them runs, is shown or stays on the disk."""
    desk.files.send("general", [written(tmp_path / "a"), written(tmp_path / "b")])
    desk.settle()
    (message,) = desk.bench.state.rooms["general"].pending
    running = list(desk.files._threads._running.values())
    desk.bench.client.outbox.discard(message.nonce)
    assert (desk.transfers, [one.stop.is_set() for one in running]) == ({}, [True])
    assert list((desk.bench.home / "attachments").iterdir()) == []


def test_files_that_are_being_copied_at_the_end_wait_for_the_next_start(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The end waits for the copy, on a thread that would hold up no end; nothing is begun any more."""
    copy, account = desk.files._attachments.copy, desk.bench.client.outbox.stored.account

    def slow_copy(*arguments: Any) -> Attachment:
        until(lambda: desk.files._closing)
        return copy(*arguments)

    monkeypatch.setattr(desk.files._attachments, "copy", slow_copy)
    desk.files.send("general", [written(tmp_path / "a")])
    (thread,) = desk.files._preparing
    assert thread.daemon
    desk.files.close()
    desk.bench.poll()
    assert desk.begun == []
    kept = Outbox(desk.bench.home / OUTBOX_FILE, account)
    assert [entry.files[0].file.name for entry in kept.all()] == ["a"]
    kept.close()


def test_old_copies_of_no_message_are_removed_at_a_sign_in(desk: Desk, tmp_path: Path) -> None:
    """Those of messages that wait stay, however old."""
    desk.files.send("general", [written(tmp_path / "a")])
    desk.settle()
    folder = desk.bench.home / "attachments"
    (kept,) = folder.iterdir()
    written(folder / "orphan")
    for path in folder.iterdir():
        os.utime(path, (0, 0))
    desk.bench.client.session.log_out()
    desk.bench.poll()
    desk.bench.sign_in(a_room("General"))
    desk.bench.state.connection.limits |= LIMITS
    desk.bench.poll()
    assert list(folder.iterdir()) == [kept]
