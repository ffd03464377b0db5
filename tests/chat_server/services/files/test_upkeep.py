"""What stays and what goes of uploads that were interrupted, and when the sweeper looks."""

import errno
import os

import pytest

from chat_protocol.errors import ChatError, ErrorCode
from chat_server.files.store import PARTIALS
from chat_server.services.files import sweeper as module
from chat_server.services.files.sweeper import LOOK_EVERY_MS, UNNAMED_MS
from chat_server.services.files.uploads import (
    PARTIALS_MAX,
    PREVIEW_SIDE_MAX,
    _is_small_picture,
    _refused_by_disk,
)
from tests.chat_server.services.files.shelf import Shelf
from tests.support.pictures import gif, png
from tests.support.transfers import put

MIB = 1024 * 1024


def interrupt(shelf: Shelf, nonce: str) -> None:
    """Bring the beginning of a file, and break off; a second later than the one before."""
    incoming = shelf.begin(9, nonce)
    put(incoming, b"1234")
    incoming.close()
    shelf.office.clock.pass_by(1_000)


def test_file_has_its_largest_size(shelf: Shelf) -> None:
    """One byte more is refused."""
    shelf.limit(file_max_mib=1)
    shelf.begin(MIB, "fits").close()
    assert shelf.refusal(MIB + 1) == "file_too_large"


def test_upload_has_a_place_while_it_goes_on(shelf: Shelf) -> None:
    """It counts among the transfers of its user."""
    shelf.limit(transfers_per_user=1)
    first = shelf.begin(9, "one")
    assert shelf.files.places.taken == 1
    assert shelf.refusal(9, nonce="two") == "unavailable"
    first.close()
    assert shelf.files.places.taken == 0
    shelf.begin(9, "two").close()


def test_preview_takes_space_too(shelf: Shelf) -> None:
    """With its file it may not be more than is left."""
    shelf.limit(files_per_user_mib=1)
    shelf.begin(MIB - 1_000, "fits", preview=1_000).close()
    assert shelf.refusal(MIB - 1_000, preview=1_001) == "quota"


def test_what_has_come_of_an_upload_needs_no_more_room_on_the_disk(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the rest has to fit."""
    first = shelf.begin(1_000, "same")
    put(first, b"x" * 600)
    first.close()
    shelf.limit(files_free_mib=1)
    monkeypatch.setattr(shelf.store, "free_bytes", lambda: MIB + 400)
    shelf.begin(1_000, "same").close()
    monkeypatch.setattr(shelf.store, "free_bytes", lambda: MIB + 399)
    with pytest.raises(ChatError, match="no space"):
        shelf.begin(1_000, "same")


def test_oldest_interrupted_uploads_make_way(shelf: Shelf) -> None:
    """Of one user there are so many at most, the one that begins among them; one that goes on stays."""
    going_on = shelf.begin(9, "going on")
    for number in range(PARTIALS_MAX):
        interrupt(shelf, f"u{number}")
    count = len(shelf.store.partials())
    interrupt(shelf, "last")
    assert len(shelf.store.partials()) == count
    assert shelf.begin(9, "u1").offset == 4
    assert going_on.may_go_on()
    going_on.close()
    assert shelf.begin(9, "u0").offset == 0


def test_old_interrupted_uploads_go(shelf: Shelf) -> None:
    """After the time that a file may wait for its message; younger ones stay, and so does one under way."""
    now_s = shelf.office.clock() / 1_000
    for nonce, age_s in (("old", UNNAMED_MS / 1_000 + 1), ("young", UNNAMED_MS / 1_000 - 1)):
        before = set((shelf.folder / PARTIALS).iterdir())
        incoming = shelf.begin(9, nonce)
        put(incoming, b"1234")
        incoming.close()
        for path in set((shelf.folder / PARTIALS).iterdir()) - before:
            os.utime(path, (now_s - age_s, now_s - age_s))
    shelf.sweeper.sweep()
    assert shelf.begin(9, "old").offset == 0
    assert shelf.begin(9, "young").offset == 4


def test_sweeper_looks_once_a_minute(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first time at once; again at the next second while there was as much as it takes at a time."""
    found = [0, module.BATCH_FILES, 3, 0]
    looks: list[int] = []
    start = shelf.office.clock()

    def sweep() -> int:
        looks.append(shelf.office.clock() - start)
        return found.pop(0)

    monkeypatch.setattr(shelf.sweeper, "sweep", sweep)
    for wait_ms in (0, LOOK_EVERY_MS - 1, 1, 1, 1, LOOK_EVERY_MS - 1):
        shelf.office.clock.pass_by(wait_ms)
        shelf.sweeper.apply()
    assert looks == [0, LOOK_EVERY_MS, LOOK_EVERY_MS + 1, 2 * LOOK_EVERY_MS + 1]
    assert (shelf.sweeper.usage.files, shelf.sweeper.usage.bytes) == (0, 0)


@pytest.mark.parametrize(("side", "small"), [(PREVIEW_SIDE_MAX, True), (PREVIEW_SIDE_MAX + 1, False)])
def test_preview_is_a_small_picture(side: int, small: bool) -> None:
    """Neither of its sides is longer; what is no PNG is none."""
    assert _is_small_picture(png(side, 1)) is _is_small_picture(png(1, side)) is small
    assert not _is_small_picture(gif(1, 1))
    assert not _is_small_picture(b"")


@pytest.mark.logged_errors
@pytest.mark.parametrize(
    ("number", "code", "retry_after"),
    [(errno.ENOSPC, ErrorCode.NO_SPACE, None), (errno.EIO, ErrorCode.UNAVAILABLE, 30.0)],
)
def test_disk_that_takes_nothing(number: int, code: str, retry_after: float | None) -> None:
    """A full one is said to be full; with any other fault a client comes back half a minute later."""
    refused = _refused_by_disk(OSError(number, "no"))
    assert (refused.code, refused.extra.get("retry_after")) == (code, retry_after)


def test_bytes_that_got_a_name_meanwhile_stay(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the list and the removal somebody may have brought the same."""
    file = shelf.bring(b"the same bytes")
    shelf.send(file)
    named = shelf.office.storage.files.named
    answers = [set[str]()]
    monkeypatch.setattr(
        shelf.office.storage.files, "named", lambda digests: answers.pop() if answers else named(digests)
    )
    shelf.office.clock.pass_by(2 * UNNAMED_MS)
    assert shelf.sweeper.look_through(file.digest[:2]) == 0
    assert not answers
    with shelf.store.open(file.digest) as stream:
        assert stream.read() == b"the same bytes"
