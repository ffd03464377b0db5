"""Files up and down: what is brought when and what its end changes; the transfers themselves are played."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chat_client.engine import transfer_threads
from chat_client.engine.core import DROPPED, NOT_CONNECTED
from chat_client.engine.files import FILES_OFF
from chat_client.engine.transfer_threads import RETRY_AFTER_S, TOLD_EVERY
from chat_client.model import changes as ch
from chat_client.model.pictures import SentPicture, Size
from chat_client.net import transfer
from chat_client.net.transfer import Stopped
from chat_client.net.transport import ConnectionFailed
from chat_client.store.attachments import FILE_UNREADABLE
from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.objects import File
from tests.chat_client.fakes import Bench, a_room

LIMITS = {"file": 1000, "files": 2, "preview": 5}
FILE = File("f1", "a.bin", 5)


class Line:
    """Stands for `TransferLine`: what is brought on it is what the test says."""

    def __init__(self, *access: Any) -> None:
        self.stop: threading.Event = access[-1]

    def close(self) -> None:
        """Nothing is open."""


class Desk:
    """A client that is signed in, and what its transfers do."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        bench.capabilities = ["files"]
        bench.sign_in(a_room("General"))
        bench.state.connection.limits = {**bench.state.connection.limits, **LIMITS}
        self.files = bench.client.files
        self.acts: dict[str, Callable[[Any], None]] = {}  # by the file's name or id
        self.begun: list[str] = []
        self.downs: list[ChatError | None] = []
        self._start = self.files._threads.start
        self.files._threads.start = self.start  # type: ignore[method-assign, assignment]

    def start(self, key: str, *arguments: Any) -> None:
        """Note that a transfer begins, on the thread of the poll."""
        state = self.bench.state.transfers[key]
        self.begun.append(state.name if state.message else key)
        self._start(key, *arguments)

    def act(self, name: str, line: Line, told: Any) -> None:
        if name in self.acts:
            self.acts[name](told)
        else:
            line.stop.wait()
            raise Stopped

    def upload(self, line: Line, request: Any, path: Path, preview: bytes, told: Any) -> File:
        self.act(request.name, line, told)
        return File(f"id of {request.name}", request.name, request.size)

    def download(
        self, line: Line, file: str, part: Path, told: Any, *, size: int | None, preview: bool = False
    ) -> None:
        self.act(f"{file}/preview" if preview else file, line, told)
        part.write_bytes(b"12345")

    def settle(self) -> list[ch.Change]:
        """Poll, let what can end come to its end, and poll again."""
        changes = self.bench.poll()
        for thread in self.files._preparing:
            thread.join()
        changes += self.bench.poll()
        for key, running in list(self.files._threads._running.items()):
            ends = (
                running.stop.is_set() or any(name in key or key in name for name in self.acts) or self.all_act
            )
            if ends and running.thread is not None:
                running.thread.join()
        return changes + self.bench.poll()

    all_act = False

    @property
    def transfers(self) -> dict[str, Any]:
        return dict(self.bench.state.transfers)


@pytest.fixture
def desk(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A client with files; no thread of a transfer outlives what is played for it."""
    desk = Desk(bench)
    monkeypatch.setattr(transfer_threads, "TransferLine", Line)
    monkeypatch.setattr(transfer, "upload", desk.upload)
    monkeypatch.setattr(transfer, "download", desk.download)
    yield desk
    desk.files.close()


def pass_by(told: Any) -> None:
    """Be done at once."""


def failing(error: Exception) -> Callable[[Any], None]:
    def fail(told: Any) -> None:
        raise error

    return fail


def written(path: Path, size: int = 5) -> Path:
    path.write_bytes(b"x" * size)
    return path


def refusals(changes: list[ch.Change]) -> list[str]:
    return [change.code for change in changes if isinstance(change, ch.RequestFailed)]


@pytest.mark.parametrize("missing", ["files", "file"])
def test_server_without_files_takes_none(desk: Desk, tmp_path: Path, missing: str) -> None:
    """It has to say that it takes files, and how large they may be."""
    assert desk.files.available
    connection = desk.bench.state.connection
    if missing == "files":
        connection.capabilities = frozenset()
    else:
        connection.limits = {}
    assert not desk.files.available
    with pytest.raises(ChatError) as refused:
        desk.files.send("general", [written(tmp_path / "a")])
    assert refused.value.code == FILES_OFF


@pytest.mark.parametrize(("count", "passes"), [(0, False), (1, True), (2, True), (3, False)])
def test_message_has_a_limited_number_of_files(desk: Desk, tmp_path: Path, count: int, passes: bool) -> None:
    """One at least, and as many as the server says."""
    paths = [written(tmp_path / str(number)) for number in range(count)]
    if passes:
        desk.files.send("general", paths)
    else:
        with pytest.raises(ChatError) as refused:
            desk.files.send("general", paths)
        assert refused.value.code == ErrorCode.BAD_REQUEST


@pytest.mark.parametrize(
    ("size", "code"), [(1000, None), (1001, ErrorCode.FILE_TOO_LARGE), (-1, FILE_UNREADABLE)]
)
def test_file_is_looked_at_before_it_is_copied(
    desk: Desk, tmp_path: Path, size: int, code: str | None
) -> None:
    """The limit itself passes; one byte more, or a folder, is refused at once."""
    path = tmp_path if size < 0 else written(tmp_path / "a", size)
    if code is None:
        desk.files.send("general", [path])
        return
    with pytest.raises(ChatError) as refused:
        desk.files.send("general", [path])
    assert refused.value.code == code


def test_upload_ends_in_the_message_that_names_it(desk: Desk, tmp_path: Path) -> None:
    """Both files are brought one after the other, then the message goes with their ids and its text."""
    desk.acts = {"a": pass_by, "b": pass_by}
    desk.all_act = True
    desk.files.send("general", [written(tmp_path / "a"), written(tmp_path / "b")], "look")
    assert desk.files.busy
    for _ in range(3):
        desk.settle()
    assert desk.begun == ["a", "b"]
    sent = desk.bench.server.take("send")
    assert (sent["body"], sent["files"]) == ("look", ["id of a", "id of b"])
    assert (desk.transfers, desk.files.busy) == ({}, False)


def test_one_upload_at_a_time(desk: Desk, tmp_path: Path) -> None:
    """The second waits, and is shown as waiting, until the first is given up."""
    desk.files.send("general", [written(tmp_path / "a")])
    desk.settle()
    desk.files.send("general", [written(tmp_path / "b")])
    desk.settle()
    assert desk.begun == ["a"]
    (first,) = (key for key, state in desk.transfers.items() if state.name == "a")
    desk.files.cancel(first)
    desk.settle()
    desk.settle()
    assert desk.begun == ["a", "b"]
    assert [entry.files[0].file.name for entry in desk.bench.client.outbox.stored.all()] == ["b"]


def test_preview_that_is_too_large_is_left_out(desk: Desk, tmp_path: Path) -> None:
    """The file goes without it; one of the limit's size goes with its file."""
    desk.files.send(
        "general",
        [written(tmp_path / "a"), written(tmp_path / "b")],
        pictures=[SentPicture("image/png", Size(9, 9), small) for small in (b"12345", b"123456")],
    )
    desk.settle()
    (entry,) = desk.bench.client.outbox.stored.all()
    assert [file.preview for file in entry.files] == [5, 0]


def test_refused_upload_refuses_its_message(desk: Desk, tmp_path: Path) -> None:
    """With the server's code; the transfer is not shown any more."""
    desk.all_act = True
    desk.acts = {"a": failing(ChatError(ErrorCode.QUOTA, "Full."))}
    desk.files.send("general", [written(tmp_path / "a")])
    desk.settle()
    desk.settle()
    (message,) = desk.bench.state.rooms["general"].pending
    assert (message.error, desk.transfers) == (ErrorCode.QUOTA, {})


LATER = [
    (ConnectionFailed("dropped", "gone"), DROPPED, RETRY_AFTER_S),
    (ChatError(ErrorCode.INVALID_CREDENTIALS, "?"), DROPPED, RETRY_AFTER_S),
    (ChatError(ErrorCode.INTERNAL, "?"), DROPPED, RETRY_AFTER_S),
    (ChatError(ErrorCode.RATE_LIMITED, "?", retry_after=7), ErrorCode.RATE_LIMITED, 7.0),
]


@pytest.mark.parametrize(("error", "code", "wait_s"), LATER)
def test_transfer_that_is_refused_for_now_is_tried_again(
    desk: Desk, tmp_path: Path, error: Exception, code: str, wait_s: float
) -> None:
    """After the time that the server names, or two seconds; meanwhile it says why it waits."""
    desk.all_act = True
    desk.acts = {"a": failing(error)}
    desk.files.send("general", [written(tmp_path / "a")])
    desk.settle()
    desk.settle()
    (state,) = desk.transfers.values()
    assert (state.code, desk.begun) == (code, ["a"])
    desk.bench.steady.now += wait_s - 0.1
    desk.settle()
    assert desk.begun == ["a"]
    desk.bench.steady.now += 0.1
    desk.settle()
    assert desk.begun == ["a", "a"]


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
    desk.files.bring(File("f2", "b", 5), desk.downs.append)
    changes = desk.settle() + desk.settle()
    assert refusals(changes) == [code]
    assert [end.code for end in desk.downs if end is not None] == [code]
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
    assert {key: state.asked for key, state in desk.transfers.items()} == {
        "f1": True,
        "f2": True,
        "f3": False,
    }


def test_three_downloads_at_a_time(desk: Desk) -> None:
    """The others wait for a place, and an upload takes none of them."""
    for number in range(5):
        desk.files.fetch(File(f"f{number}", "x", 5))
    desk.settle()
    assert sorted(desk.begun) == ["f0", "f1", "f2"]
    desk.files.cancel("f1")
    desk.settle()
    desk.settle()
    assert sorted(desk.begun) == ["f0", "f1", "f2", "f3"]


def test_download_that_was_given_up_is_told(desk: Desk) -> None:
    """Its thread ends, it is shown no more, and who wished for it learns that nothing comes."""
    desk.files.bring(FILE, desk.downs.append)
    desk.settle()
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


def test_progress_is_told_now_and_then(desk: Desk) -> None:
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

    desk.files._threads._came = note  # type: ignore[method-assign]
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


def test_files_copied_while_the_user_signs_out_are_not_kept(desk: Desk, tmp_path: Path) -> None:
    """Nothing waits with the account that follows, and no copy stays on the disk."""
    desk.files.send("general", [written(tmp_path / "a")])
    for thread in desk.files._preparing:
        thread.join()
    desk.bench.client.session.log_out()
    assert refusals(desk.settle()) == [NOT_CONNECTED]
    assert list(desk.files._attachments._folder.iterdir()) == []


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


def test_message_with_files_is_shown_while_it_waits(desk: Desk, tmp_path: Path) -> None:
    """With its words and its files, from the moment on at which they are copied."""
    desk.files.send("general", [written(tmp_path / "a"), written(tmp_path / "b")], "look", reply_to=3)
    desk.settle()
    (message,) = desk.bench.state.rooms["general"].pending
    assert (message.body, message.reply_to) == ("look", 3)
    assert [file.name for file in message.files] == ["a", "b"]
