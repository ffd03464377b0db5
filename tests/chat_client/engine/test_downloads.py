"""Files down: what is fetched when, and where it stands then; the transfers themselves are played."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chat_client.engine.core import NOT_CONNECTED
from chat_client.engine.transfer_threads import TOLD_EVERY
from chat_client.model import changes as ch
from chat_client.net import transfer
from chat_client.store.attachments import FILE_UNREADABLE
from chat_client.store.downloads import PendingDownloads
from chat_protocol.errors import ChatError
from chat_protocol.objects import File
from tests.chat_client.engine.desk import FILE, LIMITS, Desk, failing, pass_by, refusals, written
from tests.chat_client.fakes import a_room


@pytest.mark.logged_errors
@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OSError("no disk"), FILE_UNREADABLE),
        (ChatError("gone", "?"), "gone"),
        (ValueError("bug"), NOT_CONNECTED),
    ],
)
def test_download_that_is_refused_for_good_is_told(desk: Desk, error: Exception, code: str) -> None:
    """To who asked for it: the user in a change, the program in its own way alone."""
    desk.all_act = True
    desk.acts = {"f1": failing(error), "f2": failing(error)}
    desk.files.fetch(FILE)
    assert refusals(desk.settle() + desk.settle()) == [code]
    other = File("f2", "b", 5)
    desk.files.bring(other, desk.downs.append)
    assert refusals(desk.settle() + desk.settle()) == []
    assert [end.code for end in desk.downs if end is not None] == [code]
    desk.files.bring(other, desk.downs.append)
    desk.files.save(other, Path("copy"))
    assert refusals(desk.settle() + desk.settle()) == [code]
    assert (desk.transfers, desk.files.busy) == ({}, False)


def test_download_is_kept_and_told(desk: Desk, tmp_path: Path) -> None:
    """Once, for all who asked: it stands in the cache and in each place where the user wants it."""
    desk.all_act = True
    desk.acts = {"f1": pass_by}
    (tmp_path / "folder").mkdir()
    written(tmp_path / "folder" / "a.bin")
    desk.files.fetch(FILE)
    desk.files.save(FILE, tmp_path / "copy")
    desk.files.save(FILE, tmp_path / "folder")
    desk.files.bring(FILE, desk.downs.append)
    changes = desk.settle() + desk.settle()
    assert (desk.begun, desk.downs) == (["f1"], [None])
    assert [change for change in changes if isinstance(change, ch.FileFetched)] == [
        ch.FileFetched("f1", False)
    ]
    places = [str(tmp_path / "copy"), str(tmp_path / "folder" / "a (2).bin")]
    assert [change.path for change in changes if isinstance(change, ch.FileSaved)] == places
    assert all(Path(place).read_bytes() == b"12345" for place in places)
    assert desk.files.cached(FILE) is not None
    assert desk.files.cached(FILE, preview=True) is None


def test_file_in_the_cache_is_not_fetched_again(desk: Desk, tmp_path: Path) -> None:
    """It is there at once: saved, told, and no transfer is begun; its small picture is another matter."""
    desk.all_act = True
    desk.acts = {"f1": pass_by, "f1/preview": pass_by}
    desk.files.fetch(FILE)
    desk.settle()
    desk.files.fetch(FILE)
    desk.files.bring(FILE, desk.downs.append)
    desk.files.save(FILE, tmp_path / "copy")
    assert (desk.downs, (tmp_path / "copy").read_bytes(), desk.files.busy) == ([None], b"12345", False)
    desk.files.fetch(FILE, preview=True)
    desk.settle()
    assert desk.begun == ["f1", "f1/preview"]


def test_copy_that_cannot_be_written_is_told(desk: Desk, tmp_path: Path) -> None:
    """The file stays in the cache, and the user learns why it is not where it should be."""
    desk.all_act = True
    desk.acts = {"f1": pass_by}
    desk.files.save(FILE, tmp_path / "missing" / "copy")
    assert refusals(desk.settle() + desk.settle()) == ["not_saved"]
    assert desk.files.cached(FILE) is not None


def test_only_what_the_user_asked_for_is_told_as_such(desk: Desk, tmp_path: Path) -> None:
    """A file that is brought to be looked at is none of it."""
    desk.files.fetch(FILE)
    desk.files.save(replace(FILE, id="f2"), tmp_path / "copy")
    desk.files.bring(replace(FILE, id="f3"), desk.downs.append)
    assert {key: (state.asked, state.done) for key, state in desk.transfers.items()} == {
        "f1": (True, 0),
        "f2": (True, 0),
        "f3": (False, 0),
    }


def test_three_downloads_at_a_time(desk: Desk) -> None:
    """The others wait for a place, and an upload takes none of them."""
    for number in range(5):
        desk.files.fetch(File(f"f{number}", "x", 5))
    desk.bench.poll()
    assert sorted(desk.begun) == ["f0", "f1", "f2"]
    desk.files.cancel("f1")
    desk.settle()
    desk.settle()
    assert sorted(desk.begun) == ["f0", "f1", "f2", "f3"]


def test_download_that_was_given_up_is_told(desk: Desk) -> None:
    """Its thread ends, it is shown no more, and who wished for it learns that nothing comes."""
    desk.files.bring(FILE, desk.downs.append)
    desk.settle()
    (running,) = desk.files._threads._running.values()
    assert running.thread is not None
    assert running.thread.daemon  # it would hold up no end of the program
    desk.files.cancel("f1")
    changes = desk.settle()
    assert [end.code for end in desk.downs if end is not None] == [NOT_CONNECTED]
    assert (desk.transfers, desk.files._threads.running, desk.files.busy) == ({}, [], False)
    assert ch.TransferChanged("f1") in changes
    desk.files.cancel("f1")
    assert ch.TransferChanged("f1") not in desk.settle()


def test_transfer_rests_and_goes_on(desk: Desk) -> None:
    """While it rests nothing of it runs; it begins again when it is told to, and each step is a change."""
    desk.files.fetch(FILE)
    desk.settle()
    desk.files.pause("f1")
    assert ch.TransferChanged("f1") in desk.settle()
    assert (desk.transfers["f1"].paused, desk.files._threads.running) == (True, [])
    desk.settle()
    assert desk.begun == ["f1"]
    desk.files.go_on("f1")
    assert ch.TransferChanged("f1") in desk.settle()
    assert (desk.transfers["f1"].paused, desk.begun) == (False, ["f1", "f1"])


def test_progress_is_told_now_and_then(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first word comes at once, then one for each quarter of a mebibyte; never more than there is."""
    steps = [10, 11, 9 + TOLD_EVERY, 10 + TOLD_EVERY, 11 + TOLD_EVERY, 10 + 3 * TOLD_EVERY]
    shown: list[int] = []

    def go(told: Any) -> None:
        for done in steps:
            told(done)

    desk.acts = {"f1": go}
    came = desk.files._threads._came

    def note(key: str, done: int) -> None:
        came(key, done)
        shown.append(desk.transfers[key].done)

    monkeypatch.setattr(desk.files._threads, "_came", note)
    desk.files.fetch(File("f1", "x", 2 * TOLD_EVERY))
    desk.settle()
    assert shown == [10, 10 + TOLD_EVERY, 2 * TOLD_EVERY]


def test_account_that_was_left_takes_its_transfers_with_it(desk: Desk) -> None:
    """After a sign-out nothing runs, is shown or is wanted."""
    desk.files.fetch(FILE)
    desk.settle()
    running = list(desk.files._threads._running.values())
    desk.bench.client.session.log_out()
    desk.bench.poll()
    assert (desk.transfers, desk.files.busy, desk.files._threads.running) == ({}, False, [])
    assert all(one.stop.is_set() for one in running)


def test_copy_that_was_asked_for_comes_at_the_next_sign_in(desk: Desk, tmp_path: Path) -> None:
    """Of the same account; meanwhile nothing of it runs."""
    desk.files.save(FILE, tmp_path / "copy")
    desk.settle()
    desk.bench.client.session.log_out()
    desk.settle()
    assert (desk.begun, desk.transfers) == (["f1"], {})
    desk.acts = {"f1": pass_by}
    desk.bench.sign_in(a_room("General"))
    desk.bench.state.connection.limits |= LIMITS
    desk.settle()
    desk.settle()
    assert (tmp_path / "copy").read_bytes() == b"12345"


def test_transfer_that_the_user_asks_for_is_shown_as_such(desk: Desk) -> None:
    """Though the program had begun with it by itself; told once."""
    desk.files.bring(FILE, desk.downs.append)
    desk.settle()
    (state,) = desk.transfers.values()
    assert not state.asked
    desk.files.fetch(FILE)
    changes = desk.settle()
    assert state.asked
    assert [change.key for change in changes if isinstance(change, ch.TransferChanged)] == [state.key]
    desk.files.fetch(FILE)
    assert not [change for change in desk.settle() if isinstance(change, ch.TransferChanged)]


def test_small_picture_comes_without_a_size(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has told it; the size of the file is that of the file alone."""
    asked: dict[str, int | None] = {}

    def download(_line: Any, file: str, part: Path, _told: Any, *, size: int | None, preview: bool) -> None:
        asked[f"{file}/preview" if preview else file] = size
        part.write_bytes(b"12345")

    monkeypatch.setattr(transfer, "download", download)
    desk.all_act = True
    desk.files.fetch(FILE)
    desk.files.fetch(FILE, preview=True)
    assert {key: state.size for key, state in desk.transfers.items()} == {"f1": 5, "f1/preview": 0}
    desk.settle()
    assert (asked, desk.transfers) == ({"f1": 5, "f1/preview": None}, {})


@pytest.mark.parametrize("end", [pass_by, failing(ChatError("gone", "?")), None])
def test_copy_that_is_there_or_given_up_does_not_come_at_the_next_start(
    desk: Desk, tmp_path: Path, end: Any
) -> None:
    """Until then it is kept, over a sign-out, too."""
    kept, account = PendingDownloads(desk.bench.home), desk.files._sender.stored.account
    desk.files.save(FILE, tmp_path / "copy")
    desk.settle()
    assert kept.of(account) == [(FILE, tmp_path / "copy")]
    desk.bench.client.session.log_out()
    desk.settle()
    desk.bench.sign_in(a_room("General"))
    desk.bench.state.connection.limits |= LIMITS
    desk.bench.poll()
    assert kept.of(account) == [(FILE, tmp_path / "copy")]
    if end is None:
        desk.files.cancel("f1")
    else:
        desk.files.pause("f1")
        desk.settle()
        desk.acts = {"f1": end}
        desk.files.go_on("f1")
    desk.settle()
    desk.settle()
    assert (kept.of(account), desk.files.busy) == ([], False)


def test_nothing_is_fetched_before_a_one_time_password_is_changed(desk: Desk) -> None:
    """The server would refuse it."""
    desk.bench.state.must_change_password = True
    desk.files.fetch(FILE)
    desk.settle()
    assert desk.begun == []
    desk.bench.state.must_change_password = False
    desk.settle()
    assert desk.begun == ["f1"]
