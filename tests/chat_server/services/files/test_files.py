"""Files as a service: limits before a byte comes, a check before anybody has them, and their end."""

import errno
import os
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from chat_protocol.errors import ChatError
from chat_protocol.message_replies import UploadReply
from chat_protocol.requests import Download, Upload
from chat_server.files.store import GRACE_S, Partial
from chat_server.limits import Limits
from chat_server.services.files import sweeper as sweeper_module
from chat_server.services.files.files import Files
from chat_server.services.files.places import Places
from chat_server.services.files.sweeper import UNNAMED_MS
from chat_server.services.files.uploads import UNNAMED_MAX, Incoming
from chat_server.storage.core.errors import StorageUnavailable
from chat_server.storage.core.records import NewMessage
from tests.chat_server.services.files.shelf import ROOM, Shelf
from tests.support.transfers import put


def test_limits_before_the_first_byte(shelf: Shelf) -> None:
    """Too large, more than one's own, more than all together, and a disk that would be too full."""
    mib = 1024 * 1024
    assert shelf.refusal(51 * mib) == "file_too_large"
    shelf.limit(files_per_user_mib=1)
    shelf.bring(b"x" * 1_000)
    assert shelf.refusal(mib - 999) == "quota"
    shelf.begin(mib - 1_000, "fits").close()
    shelf.files.space.set_quota(shelf.alice.user_id, 2)
    shelf.begin(mib, "fits too").close()
    shelf.limit(files_total_mib=1)
    assert shelf.refusal(mib) == "no_space"
    shelf.limit(files_total_mib=100, files_free_mib=2**30)
    assert shelf.refusal(1) == "no_space"
    assert shelf.files.places.taken == 0


def test_promised_space_counts(shelf: Shelf) -> None:
    """Two uploads at a time may not take what each of them alone could."""
    shelf.limit(files_per_user_mib=1)
    first = shelf.begin(600_000, "u1")
    assert shelf.refusal(600_000, nonce="u2") == "quota"
    first.close()
    shelf.begin(600_000, "u2").close()


def test_files_that_are_never_sent(shelf: Shelf) -> None:
    """However small, a hundred wait for their messages at most; what is sent counts no more."""
    files = [shelf.bring(b"", f"u{number}") for number in range(UNNAMED_MAX)]
    assert shelf.refusal(0) == "quota"
    shelf.send(files[0])
    shelf.bring(b"", "one more")


def test_same_upload_twice(shelf: Shelf) -> None:
    """The one that came later waits until the first has noticed."""
    first = shelf.begin(9, "same")
    put(first, b"1234")
    assert first.may_go_on()
    assert shelf.refusal(9, nonce="same") == "unavailable"
    assert not first.may_go_on()
    first.close()
    assert shelf.begin(9, "same").offset == 4


def test_same_upload_at_another_server(shelf: Shelf) -> None:
    """With one folder for all servers, the one that came later waits here, too, and goes on behind it."""
    messages = shelf.office.parts.services.messages
    other = Files(shelf.office.storage, shelf.store, messages, shelf.files.limits, shelf.office.clock)
    first = shelf.begin(9, "same")
    put(first, b"1234")
    request = Upload(ROOM, "same", "file", 9)
    with pytest.raises(ChatError) as caught:
        other.upload(shelf.alice, request)
    assert (caught.value.code, caught.value.extra["retry_after"]) == ("unavailable", 1.0)
    first.close()
    found = other.upload(shelf.alice, request)
    assert isinstance(found, Incoming)
    assert found.offset == 4
    found.close()
    assert (shelf.files.places.taken, other.places.taken) == (0, 0)


@pytest.mark.logged_errors
def test_disk_fills_in_the_middle(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """The uploader is told, and nothing is left."""
    incoming = shelf.begin(9)

    def full(partial: Partial, count: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    put(incoming, b"1234")
    monkeypatch.setattr(Partial, "took", full)
    with pytest.raises(ChatError) as caught:
        put(incoming, b"5")
    incoming.close()
    assert caught.value.code == "no_space"
    assert shelf.store.partials() == []
    assert shelf.office.storage.files.usage() == (0, 0)


def scanner(shelf: Shelf, script: str) -> None:
    """Check files with a few lines of Python that are given the path."""
    shelf.files.apply(shelf.files.limits, f"{sys.executable} -c '{script}'")


@pytest.mark.logged_errors
def test_check_of_files(shelf: Shelf) -> None:
    """A program's no is final; a program that does not answer is "not yet", and what came stays."""
    scanner(shelf, 'import sys; print(sys.argv[1] + ": Eicar FOUND"); sys.exit(1)')
    with pytest.raises(ChatError, match=r"^Eicar FOUND$") as caught:
        shelf.bring(b"evil")
    assert caught.value.code == "file_refused"
    assert shelf.store.partials() == []
    for script in ("import sys; sys.exit(2)", "import time; time.sleep(60)"):
        scanner(shelf, script)
        shelf.files.apply(replace(shelf.files.limits, scan_s=0.5), shelf.files.uploads.scan_command)
        incoming = shelf.begin(4)
        put(incoming, b"good"[incoming.offset :])
        with pytest.raises(ChatError) as caught:
            incoming.finish()
        incoming.close()
        assert (caught.value.code, caught.value.extra["retry_after"]) == ("unavailable", 30.0)
    shelf.files.apply(replace(shelf.files.limits, scan_s=60.0), f"{sys.executable} -c 'import sys'")
    incoming = shelf.begin(4)
    assert incoming.missing == 0
    assert incoming.finish().size == 4


def test_removed_member_has_no_right(shelf: Shelf) -> None:
    """Who is taken out of the room may neither bring nor have anything more, not even in the middle."""
    file = shelf.bring(b"data")
    shelf.send(file)
    outgoing = shelf.files.download(shelf.bob, Download(file.public_id))
    incoming = shelf.begin(9, "u2")
    assert outgoing.may_go_on()
    assert incoming.may_go_on()
    for session in (shelf.alice, shelf.bob):
        shelf.office.registry.leave(session.user_id, file.room_id)
    assert not outgoing.may_go_on()
    assert not incoming.may_go_on()
    outgoing.close()
    incoming.close()
    with pytest.raises(ChatError) as caught:
        shelf.files.download(shelf.bob, Download(file.public_id))
    assert caught.value.code == "no_such_file"
    assert shelf.refusal(1, nonce="u3") == "not_a_member"


def test_what_nobody_needs_goes(shelf: Shelf) -> None:
    """Never sent for a day, interrupted for a day, deleted: gone with its bytes; what is sent stays."""
    sent = shelf.bring(b"sent")
    shelf.send(sent)
    deleted = shelf.bring(b"deleted", "u2")
    seq = shelf.send(deleted)
    shelf.bring(b"never sent", "u3")
    shelf.begin(9, "u4").close()
    deletion = NewMessage(deleted.room_id, deleted.user_id, "", "d", "delete", seq)
    shelf.office.storage.messages.append([deletion], shelf.office.clock())
    for path in shelf.folder.rglob("*"):
        os.utime(path, (shelf.office.clock() / 1000,) * 2)
    shelf.sweeper.everything()
    assert len(list(shelf.folder.glob("??/*"))) == 3  # young: they may be needed again
    assert [file.digest for file in shelf.office.storage.files.gone(9)] == [deleted.digest]
    shelf.office.clock.pass_by(int(GRACE_S * 1000) + 1)
    shelf.sweeper.everything()
    assert len(list(shelf.folder.glob("??/*"))) == 2
    shelf.office.clock.pass_by(UNNAMED_MS)
    shelf.sweeper.everything()
    assert [path.name for path in shelf.folder.glob("??/*")] == [sent.digest]
    assert shelf.store.partials() == []
    assert shelf.office.storage.files.gone(9) == []


def test_bytes_that_two_files_have(shelf: Shelf) -> None:
    """They stay until the second one goes, too."""
    first, second = shelf.bring(b"same"), shelf.bring(b"same", "u2")
    shelf.send(first)
    shelf.send(second)
    os.utime(shelf.store.path(first.digest), (0, 0))
    shelf.office.storage.files.give_up(first)
    shelf.sweeper.everything()
    assert shelf.store.path(first.digest).exists()
    shelf.office.storage.files.give_up(second)
    assert shelf.sweeper.sweep() == 1
    assert not shelf.store.path(first.digest).exists()


def test_bytes_without_a_file(shelf: Shelf) -> None:
    """What a crash left between the bytes and the row is found and removed."""
    digest = shelf.store.keep_bytes(b"lost")
    os.utime(shelf.store.path(digest), (0, 0))
    shelf.sweeper.everything()
    assert not shelf.store.path(digest).exists()


def test_sweeping_takes_turns(shelf: Shelf) -> None:
    """A turn looks through one folder, once a minute; all are looked through in the end."""
    digest = shelf.store.keep_bytes(b"lost")
    os.utime(shelf.store.path(digest), (0, 0))
    for turn in range(256):
        assert shelf.store.path(digest).exists() == (turn <= int(digest[:2], 16))
        shelf.sweeper.apply()
        shelf.sweeper.apply()
        shelf.office.clock.pass_by(60_000)


def test_places_are_shared() -> None:
    """A user has four places at most, and the last quarter of all is for those who have none."""
    places = Places(Limits(transfers=8, transfers_per_user=4))
    held = [places.place(user) for user in (1, 1, 1, 2, 2, 2)]
    for place in held:
        place.__enter__()
    with pytest.raises(ChatError) as caught, places.place(1):
        pass
    assert caught.value.code == "unavailable"
    with places.place(3), places.place(4), pytest.raises(ChatError), places.place(5):
        pass
    for place in held:
        place.__exit__(None, None, None)
    assert places.taken == 0


def test_file_is_on_the_disk_before_it_has_a_name(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """A loss of power leaves no named file without its bytes; the partial one is gone in the end."""
    steps: list[str] = []
    sync, keep = Partial.sync, shelf.store.keep

    def noted_sync(partial: Partial) -> None:
        steps.append("sync")
        sync(partial)

    def noted_keep(path: Path, digest: str) -> None:
        steps.append("keep")
        keep(path, digest)

    monkeypatch.setattr(Partial, "sync", noted_sync)
    monkeypatch.setattr(shelf.store, "keep", noted_keep)
    incoming = shelf.begin(4)
    put(incoming, b"1234")
    incoming.finish()
    assert steps == ["sync", "keep"]
    assert not incoming.partial.path.exists()
    incoming.close()


def _full(*_arguments: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.logged_errors
@pytest.mark.parametrize("step", ["digest", "preview", "head", "sync", "keep"])
def test_nothing_is_left_where_the_disk_fills_at_the_end(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """While the file is looked at, brought to the disk and given its name."""
    incoming = shelf.begin(4)
    put(incoming, b"1234")
    monkeypatch.setattr(shelf.store if step == "keep" else Partial, step, _full)
    with pytest.raises(ChatError) as caught:
        incoming.finish()
    incoming.close()
    assert caught.value.code == "no_space"
    assert shelf.store.partials() == []
    assert list(shelf.folder.glob("??/*")) == []
    assert shelf.office.storage.files.usage() == (0, 0)


@pytest.mark.parametrize(
    ("fields", "field"), [({"sha256": "00" * 32}, "sha256"), ({"preview": 1}, "preview")]
)
def test_nothing_is_left_of_what_is_not_what_was_announced(
    shelf: Shelf, fields: dict[str, Any], field: str
) -> None:
    """Other bytes, or a preview that is no picture; the same upload may begin from nothing."""
    incoming = shelf.begin(4, **fields)
    put(incoming, b"1234" + b"x" * fields.get("preview", 0))
    with pytest.raises(ChatError) as caught:
        incoming.finish()
    incoming.close()
    assert (caught.value.code, caught.value.extra["field"]) == ("bad_request", field)
    assert shelf.store.partials() == []
    assert shelf.begin(4, **fields).offset == 0


def test_nothing_is_left_of_an_upload_of_somebody_who_is_out(shelf: Shelf) -> None:
    """Whose bytes had come whole before."""
    incoming = shelf.begin(4)
    put(incoming, b"1234")
    shelf.office.registry.leave(shelf.alice.user_id, incoming.room_id)
    with pytest.raises(ChatError) as caught:
        incoming.finish()
    incoming.close()
    assert caught.value.code == "not_a_member"
    assert shelf.store.partials() == []


def test_upload_that_was_finished_before_is_told_again(shelf: Shelf) -> None:
    """With the same words, in the same room; else it is another upload under a name that is taken."""
    file = shelf.bring(b"1234")
    request = Upload(ROOM, "u1", "file", 4)
    told = shelf.files.upload(shelf.alice, request)
    assert isinstance(told, UploadReply)
    assert told.file is not None
    assert told.file.id == file.public_id
    with pytest.raises(ChatError) as caught:
        shelf.files.upload(shelf.alice, replace(request, size=5))
    assert caught.value.code == "bad_request"


def test_many_files_that_are_gone_are_removed_without_a_pause(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a turn has as many as it takes, the next follows in the next second; then once a minute."""
    monkeypatch.setattr(sweeper_module, "BATCH_FILES", 2)
    for number in range(5):
        file = shelf.bring(f"{number}".encode(), f"u{number}")
        os.utime(shelf.store.path(file.digest), (0, 0))
        shelf.office.storage.files.give_up(file)
    left = []
    for _ in range(5):
        shelf.sweeper.apply()
        left.append(len(shelf.office.storage.files.gone(9)))
    assert left == [3, 1, 0, 0, 0]
    assert shelf.sweeper.usage.files == 0
    shelf.bring(b"more", "more")
    shelf.sweeper.apply()
    assert shelf.sweeper.usage.files == 0
    shelf.office.clock.pass_by(60_000)
    shelf.sweeper.apply()
    assert shelf.sweeper.usage.files == 1


def test_transfer_goes_on_where_the_database_cannot_be_asked(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was allowed a moment ago; an upload that goes on elsewhere ends all the same."""
    file = shelf.bring(b"data")
    shelf.send(file)
    outgoing = shelf.files.download(shelf.bob, Download(file.public_id))
    incoming = shelf.begin(9, "u2")

    def away(*_arguments: object) -> bool:
        raise StorageUnavailable("down")

    monkeypatch.setattr(shelf.files.uploads, "may_write", away)
    monkeypatch.setattr(outgoing, "_rights", SimpleNamespace(still=away))
    assert outgoing.may_go_on()
    assert incoming.may_go_on()
    incoming.cancelled = True
    assert not incoming.may_go_on()
    outgoing.close()
    incoming.close()
