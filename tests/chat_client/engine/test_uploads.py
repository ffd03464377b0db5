"""Files up: what is taken, when it is brought, and the message that follows it; the transfers are played."""

from pathlib import Path
from typing import Any

import pytest

from chat_client.engine.core import DROPPED, NOT_CONNECTED
from chat_client.engine.files import FILES_OFF
from chat_client.engine.transfer_threads import RETRY_AFTER_S
from chat_client.model.changes import RequestFailed
from chat_client.model.pictures import SentPicture, Size
from chat_client.net.transport import ConnectionFailed
from chat_client.store.attachments import FILE_UNREADABLE
from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.objects import File
from tests.chat_client.engine.desk import LIMITS, Desk, failing, pass_by, refusals, written
from tests.chat_client.fakes import a_room


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
    del desk.bench.state.connection.limits["files"]
    with pytest.raises(ChatError):
        desk.files.send("general", [written(tmp_path / "a"), written(tmp_path / "b")])


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
    del desk.bench.state.connection.limits["preview"]
    picture = SentPicture("image/png", Size(9, 9), b"1")
    desk.files.send("general", [written(tmp_path / "c")], pictures=[picture])
    desk.settle()
    assert desk.bench.client.outbox.stored.all()[1].files[0].preview == 0


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


def test_files_copied_while_the_user_signs_out_are_not_kept(desk: Desk, tmp_path: Path) -> None:
    """Nothing waits with the account that follows, and no copy stays on the disk."""
    desk.files.send("general", [written(tmp_path / "a")])
    for thread in desk.files._preparing:
        thread.join()
    desk.bench.client.session.log_out()
    assert refusals(desk.settle()) == [NOT_CONNECTED]
    assert list(desk.files._attachments._folder.iterdir()) == []


def test_message_with_files_is_shown_while_it_waits(desk: Desk, tmp_path: Path) -> None:
    """With its words and its files, from the moment on at which they are copied."""
    desk.files.send("general", [written(tmp_path / "a"), written(tmp_path / "b")], "look", reply_to=3)
    desk.settle()
    (message,) = desk.bench.state.rooms["general"].pending
    assert (message.body, message.reply_to) == ("look", 3)
    assert [file.name for file in message.files] == ["a", "b"]


def test_paused_upload_rests_until_it_is_told(desk: Desk, tmp_path: Path) -> None:
    """At the next start, too; what was given up meanwhile, or has gone on, is not kept."""
    for name in ("a", "b", "c"):
        desk.files.send("general", [written(tmp_path / name)])
        desk.settle()
    a, b, c = desk.transfers
    for key in (a, b, c):
        desk.files.pause(key)
    desk.files.cancel(b)
    desk.files.go_on(c)
    desk.settle()
    desk.bench.client.close()
    desk.bench.restart()
    desk.bench.sign_in(a_room("General"))
    desk.bench.state.connection.limits = {**desk.bench.state.connection.limits, **LIMITS}
    desk.bench.poll()
    assert {key: state.paused for key, state in desk.transfers.items()} == {a: True, c: False}
    desk.bench.client.files.go_on(a)
    assert not desk.transfers[a].paused
    desk.bench.client.close()


@pytest.mark.logged_errors
def test_file_that_cannot_be_copied_sends_nothing(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told, and the copies of the others go."""
    copy = desk.files._attachments.copy

    def failing_copy(path: Path, *arguments: Any) -> Any:
        if path.name == "b":
            raise ChatError("file_unreadable", "b cannot be read.")
        return copy(path, *arguments)

    monkeypatch.setattr(desk.files._attachments, "copy", failing_copy)
    before = sorted(desk.bench.home.rglob("*"))
    desk.files.send("general", [written(tmp_path / "a"), written(tmp_path / "b")])
    changes = desk.settle()
    assert refusals(changes) == ["file_unreadable"]
    assert [change.room for change in changes if isinstance(change, RequestFailed)] == ["general"]
    assert desk.bench.state.rooms["general"].pending == []
    assert [path for path in desk.bench.home.rglob("*") if path.is_file() and path not in before] == []


def test_file_that_waits_is_there_for_whoever_shows_it(desk: Desk, tmp_path: Path) -> None:
    """Its copy, not a small picture; given up meanwhile, it comes no more."""
    desk.files.send("general", [written(tmp_path / "a")])
    desk.settle()
    (message,) = desk.bench.state.rooms["general"].pending
    (file,) = message.files
    shown = desk.files.cached(file)
    assert shown is not None
    assert shown.read_bytes() == b"x" * 5
    assert desk.files.cached(file, preview=True) is None
    told: list[ChatError | None] = []
    desk.files.bring(file, told.append)
    shown.unlink()
    assert desk.files.cached(file) is None
    desk.files.bring(file, told.append)
    assert [error and error.code for error in told] == [None, "no_such_file"]


def test_picture_that_was_sent_need_not_come_back(desk: Desk, tmp_path: Path) -> None:
    """It is looked at from the copy that was sent; another file is fetched when it is wanted."""

    def uploaded(line: Any, request: Any, path: Path, preview: bytes, told: Any) -> File:
        width = 4 if request.name == "a.png" else None
        return File(f"id of {request.name}", request.name, request.size, "image/png", width, width)

    desk.all_act = True
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("chat_client.net.transfer.upload", uploaded)
        for name in ("a.png", "b"):
            desk.files.send("general", [written(tmp_path / name)])
            for _ in range(2):
                desk.settle()
    assert desk.files.cached(File("id of a.png", "a.png", 5)) is not None
    assert desk.files.cached(File("id of b", "b", 5)) is None
