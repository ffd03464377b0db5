"""Who is excluded on one server of a cluster has no more of a file on the other, in the middle, either."""

from collections.abc import Callable
from typing import Final

import pytest

from chat_protocol.errors import ChatError
from chat_protocol.message_replies import UploadReply
from chat_protocol.requests import Download, Upload
from chat_server.files.store import PIECE_BYTES
from chat_server.services.files.downloads import Outgoing
from chat_server.services.files.uploads import Incoming
from chat_server.storage.core.records import FileRecord, NewFile, NewMessage
from tests.chat_server.cluster.acts import signed_out
from tests.chat_server.cluster.pair import Pair, removed_from_arrival, sanction

ROOM: Final = "Général"
DATA: Final = bytes(3 * PIECE_BYTES)


EXCLUSIONS: Final[dict[str, Callable[[Pair], object]]] = {
    "removed": removed_from_arrival,
    "kicked": lambda pair: sanction(pair, "kick"),
    "banned": lambda pair: sanction(pair, "ban"),
    "signed out": signed_out,
}


@pytest.fixture(autouse=True)
def _folder(pair: Pair) -> None:
    """The second server has a place for files, and Bob a connection for them."""
    pair.second.services.files.store.prepare()
    pair.session.quiet = True


def sent(pair: Pair) -> FileRecord:
    """Send a file on the first server; both have one folder, of which the second one's stands for it."""
    zoe = pair.first.user(f"zoe{pair.number}")
    digest = pair.second.services.files.store.keep_bytes(DATA)
    new = NewFile(
        pair.room(ROOM).id, zoe.id, "u1", "a.bin", len(DATA), "text/plain", digest, None, None, 0, "", 0
    )
    file = pair.first.storage.files.add(new)
    pair.first.storage.messages.append([NewMessage(file.room_id, zoe.id, "look", "m1", files=(file,))], 0)
    return file


def is_shut_out(pair: Pair, request: Download | Upload) -> bool:
    """Whether Bob is refused on the second server, or has no connection there any more."""
    files = pair.second.services.files
    found: UploadReply | Incoming | Outgoing
    try:
        if isinstance(request, Upload):
            found = files.upload(pair.session, request)
        else:
            found = files.download(pair.session, request)
    except ChatError as error:
        return error.code in ("no_such_file", "not_a_member")
    assert isinstance(found, Incoming | Outgoing)
    found.close()
    return pair.session.ended is not None


@pytest.mark.parametrize("who", EXCLUSIONS)
def test_download_on_the_other_server(pair: Pair, who: str) -> None:
    """Not one piece more comes after the other server has heard of it, and none of another download."""
    file = sent(pair)
    found = pair.second.services.files.download(pair.session, Download(file.public_id))
    pieces = found.pieces()
    assert next(pieces) == DATA[:PIECE_BYTES]
    EXCLUSIONS[who](pair)
    pair.turn()
    assert pair.session.ended is not None or next(pieces, None) is None
    assert pair.session.ended is not None or not found.may_go_on()
    found.close()
    assert is_shut_out(pair, Download(file.public_id))
    assert is_shut_out(pair, Download(file.public_id, preview=True))


@pytest.mark.parametrize("who", EXCLUSIONS)
def test_upload_on_the_other_server(pair: Pair, who: str) -> None:
    """What has come becomes no file, and no other upload begins."""
    files = pair.second.services.files
    incoming = files.upload(pair.session, Upload(ROOM, f"up{pair.number}", "a.bin", 5))
    assert isinstance(incoming, Incoming)
    incoming.room()[:5] = b"12345"
    incoming.took(5)
    EXCLUSIONS[who](pair)
    pair.turn()
    if pair.session.ended is None:
        assert not incoming.may_go_on()
        with pytest.raises(ChatError, match="no longer a member"):
            incoming.finish()
    incoming.close()
    assert is_shut_out(pair, Upload(ROOM, "another", "a.bin", 5))


def test_file_that_was_taken_back_on_the_other_server(pair: Pair) -> None:
    """A download of it stops at the next look, and none begins."""
    file = sent(pair)
    found = pair.second.services.files.download(pair.session, Download(file.public_id))
    assert found.may_go_on()
    pair.first.storage.files.give_up(file)
    assert not found.may_go_on()
    found.close()
    assert is_shut_out(pair, Download(file.public_id))
