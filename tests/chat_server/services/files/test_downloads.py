"""What of a file is sent, when nothing is, and that its place is given back."""

from typing import Any

import pytest

from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.limits import FILES_MAX, PREVIEW_MAX_BYTES
from chat_protocol.requests import Download, Upload
from tests.chat_server.services.files.shelf import ROOM, Shelf

DATA = b"0123456789"
MIB = 1024 * 1024


@pytest.mark.parametrize(
    ("fields", "sent"),
    [
        ({}, DATA),
        ({"offset": 4}, DATA[4:]),
        ({"offset": 10}, b""),
        ({"length": 3}, DATA[:3]),
        ({"offset": 8, "length": 3}, DATA[8:]),
        ({"offset": 2, "length": 8}, DATA[2:]),
    ],
)
def test_part_of_a_file_is_sent(shelf: Shelf, fields: dict[str, Any], sent: bytes) -> None:
    """From an offset on, and so many bytes of it; while it is sent it has a place."""
    file = shelf.bring(DATA)
    outgoing = shelf.files.download(shelf.alice, Download(file.public_id, **fields))
    assert (outgoing.size, outgoing.length, shelf.files.places.taken) == (10, len(sent), 1)
    assert b"".join(outgoing.pieces()) == sent
    outgoing.close()
    assert (shelf.files.places.taken, outgoing._stream.closed) == (0, True)


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"offset": 11}, ErrorCode.BAD_REQUEST, "offset"),
        ({"preview": True}, ErrorCode.NO_SUCH_FILE, "preview"),
    ],
)
def test_part_that_is_not_there(shelf: Shelf, fields: dict[str, Any], code: str, field: str) -> None:
    """No place is taken for it."""
    file = shelf.bring(DATA)
    with pytest.raises(ChatError) as caught:
        shelf.files.download(shelf.alice, Download(file.public_id, **fields))
    assert (caught.value.code, caught.value.extra["field"]) == (code, field)
    assert shelf.files.places.taken == 0


def test_transfers_need_a_connection_of_their_own(shelf: Shelf) -> None:
    """One that is sent events might take them for bytes; a server without files knows neither request."""
    file = shelf.bring(DATA)
    acts = (
        lambda: shelf.files.download(shelf.alice, Download(file.public_id)),
        lambda: shelf.files.upload(shelf.alice, Upload(ROOM, "u2", "file", 1)),
    )
    for quiet, enabled, code in (
        (False, True, ErrorCode.FORBIDDEN),
        (True, False, ErrorCode.UNKNOWN_TYPE),
    ):
        shelf.alice.quiet, shelf.files.enabled = quiet, enabled
        for act in acts:
            with pytest.raises(ChatError) as caught:
                act()
            assert caught.value.code == code


def test_greeting_tells_the_limits_of_files(shelf: Shelf) -> None:
    """In bytes; nothing where there are no files."""
    shelf.limit(file_max_mib=3)
    told = {"file": 3 * MIB, "files": FILES_MAX, "preview": PREVIEW_MAX_BYTES}
    assert shelf.files.told_limits() == told
    shelf.files.enabled = False
    assert shelf.files.told_limits() == {}
