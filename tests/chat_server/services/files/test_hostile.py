"""Files that are made to hurt a server: kept as what they are, or refused without leaving anything."""

import threading
import time
import zlib
from pathlib import Path
from typing import Final

import pytest

from chat_protocol.errors import ChatError
from chat_protocol.requests import Download
from chat_server.services.files.uploads import PARTIALS_MAX, UNNAMED_MAX
from tests.chat_server.services.files.shelf import Shelf
from tests.support.pictures import gif, png, png_of
from tests.support.transfers import put

PATIENCE_S: Final = 1.0  # of CPU; most take a hundredth
MANY: Final = 1_000
PNG: Final = "image/png"

# Bytes, and what is said of them: the type, and a size only where it can be true.
HOSTILE: Final[dict[str, tuple[bytes, str, tuple[int, int] | None]]] = {
    "enormous": (png_of(60_000, 60_000, zlib.compress(b"x")), PNG, None),
    "enormous GIF": (gif(60_000, 60_000), "image/gif", None),
    "lying header": (png_of(30_000, 3_000, zlib.compress(b"x")), PNG, None),
    "changed header": (png(9, 9).replace(b"\0\0\0\x09", b"\0\0\0\x0a", 1), PNG, None),
    "10,000 frames": (gif(640, 480, frames=10_000), "image/gif", (640, 480)),
    "half a PNG": (png(64, 64)[: len(png(64, 64)) // 2], PNG, (64, 64)),
    "half a header": (png(64, 64)[:20], PNG, None),
    "nothing": (b"", "application/octet-stream", None),
    "bomb": (png_of(100, 100, zlib.compress(bytes(50_000_000))), PNG, (100, 100)),
    "another kind": (b"<html><script>alert(1)</script>", "text/plain", None),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_picture(shelf: Shelf, name: str) -> None:
    """It is kept byte by byte and never decoded; its header is believed only where it can be true."""
    data, kind, size = HOSTILE[name]
    began = time.process_time()
    file = shelf.bring(data)
    assert time.process_time() - began < PATIENCE_S
    assert (file.type, (file.width, file.height)) == (kind, size or (None, None))
    outgoing = shelf.files.download(shelf.alice, Download(file.public_id))
    assert b"".join(outgoing.pieces()) == data
    outgoing.close()


@pytest.mark.parametrize("name", [name for name in HOSTILE if name not in ("nothing", "half a PNG", "bomb")])
def test_picture_as_a_preview(shelf: Shelf, name: str) -> None:
    """What others would show unasked must be a small PNG; what is none leaves nothing behind."""
    preview = HOSTILE[name][0][:60_000]
    incoming = shelf.begin(4, preview=len(preview))
    put(incoming, b"data" + preview)
    with pytest.raises(ChatError) as caught:
        incoming.finish()
    incoming.close()
    assert (caught.value.code, caught.value.extra["field"]) == ("bad_request", "preview")
    assert [path for path in shelf.folder.rglob("*") if path.is_file()] == []


def test_upload_that_stops_at_the_last_percent(shelf: Shelf) -> None:
    """A thousand times, each under its own nonce: the newest ten are kept for another try, and no more."""
    for number in range(MANY):
        incoming = shelf.begin(100, f"u{number}")
        put(incoming, bytes(99))
        incoming.close()
    assert len(shelf.store.partials()) == PARTIALS_MAX
    assert shelf.begin(100, f"u{MANY - 1}").offset == 99


def test_same_upload_stops_again_and_again(shelf: Shelf) -> None:
    """A thousand times with the same nonce: it is one upload, and arrives once."""
    for number in range(MANY):
        incoming = shelf.begin(MANY + 1)
        assert incoming.offset == number
        put(incoming, b"x")
        incoming.close()
    incoming = shelf.begin(MANY + 1)
    put(incoming, b"x")
    assert incoming.finish().size == MANY + 1
    incoming.close()
    assert shelf.store.partials() == []
    assert shelf.files.places.taken == 0


def open_files() -> int:
    """Return how many files this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))


def test_thousand_files_in_a_minute(shelf: Shelf) -> None:
    """Sent ones are all kept, of the others a hundred; then it is said that they wait. Nothing stays open."""
    before, threads = open_files(), threading.active_count()
    for number in range(MANY):
        shelf.send(shelf.bring(b"%d" % number, f"sent {number}"))
    for number in range(UNNAMED_MAX):
        shelf.bring(b"unsent", f"unsent {number}")
    with pytest.raises(ChatError, match="wait to be sent") as caught:
        shelf.bring(b"unsent", "one more")
    assert caught.value.code == "quota"
    assert (open_files(), threading.active_count()) == (before, threads)
    assert shelf.office.storage.files.usage(shelf.alice.user_id).files == MANY + UNNAMED_MAX
    assert shelf.store.partials() == []
    assert shelf.files.places.taken == 0


def test_size_that_is_too_large(shelf: Shelf) -> None:
    """Where fewer bytes come than were announced there is no file, and what was promised is free again."""
    shelf.limit(files_per_user_mib=1)
    incoming = shelf.begin(1024 * 1024)
    put(incoming, b"few")
    assert incoming.missing == 1024 * 1024 - 3
    assert shelf.refusal(9) == "quota"
    incoming.close()
    assert shelf.bring(b"x" * 9, "u2").size == 9
    assert shelf.office.storage.files.usage(shelf.alice.user_id).files == 1
