"""Nobody who is not, or no longer, let in gets a byte of a file: each request, at every moment of it."""

import itertools
from collections.abc import Callable, Iterator
from typing import Any, Final, cast

import pytest

from chat_protocol.errors import ChatError
from chat_protocol.requests import Download, Send, Upload
from chat_server.conversation import transfers
from chat_server.conversation.transfers import Pace, run_download, run_upload
from chat_server.files.store import PIECE_BYTES
from chat_server.net.connection import Connection
from chat_server.services.files.uploads import Incoming
from chat_server.services.moderation.sanction_order import SanctionOrder
from chat_server.services.vocabulary.addresses import parse_network
from chat_server.services.vocabulary.hashes import hash_secret
from chat_server.storage.core.records import FileRecord
from tests.chat_server.fakes import ConnectionFake, FakeSession, frames_of
from tests.chat_server.services.files.shelf import Shelf
from tests.support.office import Office
from tests.support.pictures import png

ROOM: Final = "Blabla"  # not where newcomers arrive: it can be removed
DATA: Final = bytes(range(256)) * (3 * PIECE_BYTES // 256)
Exclude = Callable[[Office, FakeSession], object]


class Line(ConnectionFake):
    """A connection that keeps the raw bytes, and does something after so many of their pieces."""

    def __init__(self) -> None:
        super().__init__()
        self.ending = False
        self.raw = b""
        self.to_come = b""
        self.after_pieces = -1
        self.happens: Callable[[], object] = lambda: None
        self._count = itertools.count(1)

    def write(self, data: bytes) -> None:
        if not self.ending:  # as the real one does
            super().write(data)

    answer = write

    def end(self, last: bytes = b"") -> None:
        self.ending = True

    def begin_raw(self, announcement: bytes) -> None:
        self.write(announcement)

    def write_raw(self, data: bytes, timeout_s: float) -> bool:
        if self.ending:
            return False
        self.raw += data
        self._passed()
        return not self.ending

    def receive_raw(self, room: memoryview, beside: memoryview, timeout_s: float) -> int:
        count = min(len(room), PIECE_BYTES, len(self.to_come))
        room[:count], self.to_come = self.to_come[:count], self.to_come[count:]
        self._passed()
        return count

    def keep_early_data(self) -> bool:
        """Return that the other side goes on."""
        return True

    def end_raw(self) -> None:
        """Nothing was kept back."""

    def _passed(self) -> None:
        if next(self._count) == self.after_pieces:
            self.happens()


def order(kind: str, target: str = "") -> Exclude:
    """Return what a moderator's order does to somebody."""

    def act(office: Office, session: FakeSession) -> None:
        user = office.storage.users.by_id(session.user_id)
        assert user is not None
        whom = parse_network(target) if target else user
        office.moderation.sanction(office.admin, SanctionOrder(kind, whom, 600_000))

    return act


def removed(office: Office, session: FakeSession) -> None:
    """A moderator takes somebody out of the room."""
    user = office.storage.users.by_id(session.user_id)
    assert user is not None
    record = office.directory.conversation(ROOM).record
    office.parts.room_admin.remove_member(office.admin, user, record, "")


def killed(office: Office, session: FakeSession) -> None:
    """An administrator ends the connections."""
    user = office.storage.users.by_id(session.user_id)
    assert user is not None
    office.moderation.kill(office.admin, user)


EXCLUSIONS: Final[dict[str, Exclude]] = {
    "removed": removed,
    "left": lambda office, session: office.parts.services.rooms.leave(session, ROOM),
    "room removed": lambda office, _: office.parts.room_admin.archive(
        office.admin, office.directory.conversation(ROOM).record
    ),
    "kicked": order("kick"),
    "banned": order("ban"),
    "network banned": order("ban", "192.0.2.0/24"),
    "killed": killed,
    "signed out": lambda office, session: office.parts.devices.sign_out(
        session.user_id, session.token_hash, besides=0
    ),
}
MOMENTS: Final = {"before": 0, "between two pieces": 1, "before the last piece": 2}


@pytest.fixture(autouse=True)
def _usual_priority(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test's own thread does not give way for ever."""
    monkeypatch.setattr(transfers, "give_way", lambda: None)


@pytest.fixture
def member(shelf: Shelf) -> Callable[[str], FakeSession]:
    """A function that lets somebody into the room, on a connection for transfers."""

    def enter(name: str) -> FakeSession:
        session = shelf.join(name)
        session.connection = cast(Connection, Line())
        session.token_hash = hash_secret(name)
        conversation = shelf.office.directory.conversation(ROOM)
        shelf.office.storage.members.join(conversation.id, session.user_id)
        shelf.office.registry.join(session.user_id, conversation)
        return session

    return enter


def line_of(session: FakeSession) -> Line:
    """Return somebody's connection."""
    return cast(Line, session.connection)


def carry_out(shelf: Shelf, session: FakeSession, request: Upload | Download) -> str:
    """Do what a client's thread does with a request; return the code of the refusal, or nothing."""
    line = cast(Any, line_of(session))
    try:
        if isinstance(request, Download):
            run_download(line, 1, shelf.files.download(session, request), Pace(0))
        else:
            found = shelf.files.upload(session, request)
            assert isinstance(found, Incoming)
            run_upload(line, session, 1, found, Pace(0))
    except ChatError as error:
        return error.code
    return ""


def brought(shelf: Shelf, session: FakeSession, nonce: str = "u1") -> FileRecord:
    """Bring a file with a preview."""
    preview = png(8, 8)
    line_of(session).to_come = DATA + preview
    assert carry_out(shelf, session, Upload(ROOM, nonce, "a.bin", len(DATA), preview=len(preview))) == ""
    found = shelf.office.storage.files.by_nonce(session.user_id, nonce)
    assert found is not None
    return found


def at(shelf: Shelf, session: FakeSession, moment: int, exclude: Exclude) -> None:
    """Have somebody excluded now, or after so many pieces."""
    line = line_of(session)
    line.happens, line.after_pieces = lambda: exclude(shelf.office, session), moment
    if not moment:
        line.happens()


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("who", EXCLUSIONS)
@pytest.mark.parametrize("offset", [0, 7])
def test_download(shelf: Shelf, member: Any, who: str, moment: str, offset: int) -> None:
    """Not one piece is sent after the exclusion; before the first, not even how large the file is."""
    alice, bob = member("anna"), member("ben")
    file = brought(shelf, alice)
    shelf.send(file)
    at(shelf, bob, MOMENTS[moment], EXCLUSIONS[who])
    before = len(frames_of(bob))
    code = carry_out(shelf, bob, Download(file.public_id, offset=offset))
    assert line_of(bob).raw == DATA[offset:][: MOMENTS[moment] * PIECE_BYTES]
    if not MOMENTS[moment]:
        assert code == ("" if line_of(bob).ending else "no_such_file")
        assert len(frames_of(bob)) == before
    assert line_of(bob).ending or not MOMENTS[moment]  # half a file is followed by nothing
    assert shelf.files.places.taken == 0


@pytest.mark.parametrize("who", EXCLUSIONS)
def test_preview(shelf: Shelf, member: Any, who: str) -> None:
    """The small picture is the file's, too."""
    alice, bob = member("anna"), member("ben")
    file = brought(shelf, alice)
    shelf.send(file)
    EXCLUSIONS[who](shelf.office, bob)
    carry_out(shelf, bob, Download(file.public_id, preview=True))
    assert line_of(bob).raw == b""


@pytest.mark.parametrize("moment", [*MOMENTS, "after the last piece"])
@pytest.mark.parametrize("who", EXCLUSIONS)
def test_upload(shelf: Shelf, member: Any, who: str, moment: str) -> None:
    """What comes of somebody who was excluded becomes no file, and is not acknowledged."""
    alice = member("anna")
    at(shelf, alice, MOMENTS.get(moment, 3), EXCLUSIONS[who])
    line_of(alice).to_come = DATA
    carry_out(shelf, alice, Upload(ROOM, "u1", "a.bin", len(DATA)))
    assert not any("file" in frame for frame in frames_of(alice))
    assert shelf.office.storage.files.by_nonce(alice.user_id, "u1") is None
    assert list(shelf.folder.glob("??/*")) == []
    assert shelf.files.places.taken == 0


@pytest.mark.parametrize("who", ["removed", "left", "room removed"])
def test_what_was_brought_before(shelf: Shelf, member: Any, who: str) -> None:
    """Outside the room one's own file is neither told of again, nor given, nor sent."""
    alice = member("anna")
    file = brought(shelf, alice)
    EXCLUSIONS[who](shelf.office, alice)
    expected = "no_such_room" if who == "room removed" else "not_a_member"
    preview = len(png(8, 8))
    assert carry_out(shelf, alice, Upload(ROOM, "u1", "a.bin", len(DATA), preview=preview)) == expected
    assert carry_out(shelf, alice, Download(file.public_id)) == "no_such_file"
    request = Send(ROOM, "", "m1", files=(file.public_id,))
    with pytest.raises(ChatError) as caught:
        shelf.office.parts.services.messages.prepare_send(alice, 1, request)
    assert caught.value.code == expected
    assert line_of(alice).raw == b""


def everything(file: FileRecord) -> Iterator[Download]:
    """Yield all that can be asked of a file."""
    yield Download(file.public_id)
    yield Download(file.public_id, offset=1, length=1)
    yield Download(file.public_id, offset=len(DATA))
    yield Download(file.public_id, preview=True)


def test_somebody_outside(shelf: Shelf, member: Any) -> None:
    """Who was never in the room learns nothing of a file; nor does a member before it is sent."""
    alice, bob = member("anna"), member("ben")
    file = brought(shelf, alice)
    eve = shelf.join("eve")
    eve.connection = cast(Connection, Line())
    for request in everything(file):
        assert carry_out(shelf, bob, request) == "no_such_file"
    shelf.send(file)
    for request in everything(file):
        assert carry_out(shelf, bob, request) == ""
        assert carry_out(shelf, eve, request) == "no_such_file"
    assert line_of(eve).raw == b""
    assert carry_out(shelf, eve, Upload(ROOM, "u1", "a.bin", 1)) == "not_a_member"
