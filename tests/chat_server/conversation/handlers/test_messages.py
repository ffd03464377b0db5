"""Reading what was said: pages of history, marks of what was read, what was missed."""

import pytest

from chat_protocol.errors import ChatError
from chat_protocol.message_replies import ReadMarked, Synced
from chat_protocol.requests import History, Join, Read, Sync
from chat_server.conversation.dispatch import dispatch
from chat_server.net.wire import EncodedPage
from chat_server.net.wire import reply_frame as encoded
from tests.chat_server.building import Building
from tests.chat_server.fakes import FakeSession, frames_of


@pytest.fixture
def reader(building: Building) -> FakeSession:
    """Somebody who has joined two rooms, in one of which three things were said."""
    author = building.user("zoe")
    rooms = [building.room("Plaza"), building.room("Tower")]
    session = building.sign_in(building.user("jules"))
    for room in rooms:
        dispatch(building.services, session, Join(room.name))
    for number in range(3):
        building.say(rooms[0], author, f"word {number}")
    session.sent.clear()
    return session


def test_history_returns_a_page(building: Building, reader: FakeSession) -> None:
    """The newest messages come in the order of their seqs, and whether there are older ones."""
    reply = dispatch(building.services, reader, History("plaza", limit=2))
    assert isinstance(reply, EncodedPage)
    frame = encoded(7, reply)
    assert b'"ref":7' in frame
    assert b"word 0" not in frame
    assert frame.index(b"word 1") < frame.index(b"word 2")
    assert b'"more":true' in frame


def test_history_of_a_strange_room_is_refused(building: Building, reader: FakeSession) -> None:
    """Only members read."""
    building.room("Cellar")
    with pytest.raises(ChatError, match="member"):
        dispatch(building.services, reader, History("Cellar"))


def test_read_moves_the_mark(building: Building, reader: FakeSession) -> None:
    """The mark is kept; how much is unread is told to those who ask for it alone."""
    plain = dispatch(building.services, reader, Read("Plaza", 1))
    assert isinstance(plain, ReadMarked)
    assert (plain.room, plain.read_seq, plain.unread) == ("Plaza", 1, None)
    counted = dispatch(building.services, reader, Read("Plaza", 2, counts=True))
    assert isinstance(counted, ReadMarked)
    assert (counted.read_seq, counted.unread, counted.mentions) == (2, 1, 0)


def test_sync_sends_each_room_that_has_something_new(building: Building, reader: FakeSession) -> None:
    """What was missed goes before the answer, which says how many rooms it was, quiet or not."""
    before = len(frames_of(reader))
    reader.quiet = True
    reply = dispatch(building.services, reader, Sync({"Plaza": 1, "Tower": 0}))
    frames = frames_of(reader)[before:]
    assert reply == Synced(len(frames))
    (plaza,) = [frame for frame in frames if frame["room"] == "Plaza"]
    assert plaza["type"] == "sync"
    assert [message["body"] for message in plaza["messages"]] == ["word 1", "word 2"]
    assert not plaza.get("more")


def test_sync_gives_no_more_than_the_limit(building: Building, reader: FakeSession) -> None:
    """Of each room only the newest come, and that there are more."""
    before = len(frames_of(reader))
    dispatch(building.services, reader, Sync({"Plaza": 0}, limit=1))
    (plaza,) = [frame for frame in frames_of(reader)[before:] if frame["room"] == "Plaza"]
    assert [message["body"] for message in plaza["messages"]] == ["word 2"]
    assert plaza["more"] is True
