"""What may be said and changed: muted users, the day of an edit, others' messages, reactions."""

from dataclasses import asdict

import pytest

from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.frames import decode_object
from chat_protocol.limits import EDIT_WINDOW_MS, REACTIONS_MAX
from chat_protocol.objects import File
from chat_protocol.own_events import ReadEvent
from chat_protocol.request import Request
from chat_protocol.requests import Delete, Edit, History, React, Send
from chat_server.conversation.pages import missed_frames
from chat_server.services.messages.messages import to_file
from chat_server.services.moderation.sanction_order import SanctionOrder
from chat_server.storage.core.errors import NoSuchTarget
from chat_server.storage.core.records import (
    FileRecord,
    NewFile,
    NewMessage,
    RoomRecord,
    Stored,
    UserRecord,
)
from tests.chat_server.building import ADMIN, Building
from tests.chat_server.fakes import FakeSession

MINUTE_MS = 60_000


def _code(building: Building, session: FakeSession, request: Request) -> str:
    with pytest.raises(ChatError) as caught:
        building.prepared(session, request)
    return caught.value.code


@pytest.mark.parametrize("everywhere", [True, False])
def test_muted_user_cannot_write_in_any_way(
    building: Building, room: RoomRecord, jules: UserRecord, everywhere: bool
) -> None:
    """A mute of the room, or of all, refuses to send, edit, delete and react alike."""
    session, other = building.enter(jules, room), building.room("Elsewhere")
    building.services.rooms.join(session, other.name, "")
    seq, other_seq = building.say(room, jules, "mine"), building.say(other, jules, "mine")
    order = SanctionOrder("mute", jules, None, "noise", None if everywhere else room)
    building.services.moderation.sanction(ADMIN, order)

    def requests(name: str, number: int) -> list[Request]:
        return [
            Send(name, "hello"),
            Edit(name, number, "other words"),
            Delete(name, number),
            React(name, number, "👍"),
        ]

    assert [_code(building, session, each) for each in requests(room.name, seq)] == [ErrorCode.MUTED] * 4
    for request in requests(other.name, other_seq):
        if everywhere:
            assert _code(building, session, request) == ErrorCode.MUTED
        else:
            building.prepared(session, request)


def test_message_may_be_edited_for_a_day(building: Building, room: RoomRecord, jules: UserRecord) -> None:
    """A minute before the end of the 24 hours an edit passes, a minute after it does not."""
    session = building.enter(jules, room)
    young = building.say(room, jules, "young", age_ms=EDIT_WINDOW_MS - MINUTE_MS)
    old = building.say(room, jules, "old", age_ms=EDIT_WINDOW_MS + MINUTE_MS)
    assert EDIT_WINDOW_MS == 24 * 60 * MINUTE_MS
    message = building.prepared(session, Edit(room.name, young, "new words"))
    assert (message.kind, message.target, message.body) == ("edit", young, "new words")
    assert _code(building, session, Edit(room.name, old, "new words")) == ErrorCode.FORBIDDEN
    building.prepared(session, Delete(room.name, old))


def test_only_the_author_edits(building: Building, room: RoomRecord, jules: UserRecord) -> None:
    """Nobody changes another's words, a moderator neither."""
    seq = building.say(room, jules, "mine")
    for role in ("member", "moderator", "admin"):
        session = building.enter(building.user(f"a{role}", role), room)
        assert _code(building, session, Edit(room.name, seq, "hers")) == ErrorCode.FORBIDDEN


def test_author_and_moderators_delete(building: Building, room: RoomRecord, jules: UserRecord) -> None:
    """The author and those who moderate take a message back, another member does not."""
    seq = building.say(room, jules, "mine")
    for user in (jules, building.user("mod", "moderator"), building.user("adm", "admin")):
        message = building.prepared(building.enter(user, room), Delete(room.name, seq))
        assert (message.kind, message.target, message.body) == ("delete", seq, "")
    zoe = building.enter(building.user("zoe"), room)
    assert _code(building, zoe, Delete(room.name, seq)) == ErrorCode.FORBIDDEN


def test_moderator_deletes_nothing_in_a_private_conversation(building: Building, jules: UserRecord) -> None:
    """What two say to each other is theirs, also when one of them moderates."""
    moderator = building.sign_in(building.user("mod", "moderator"))
    conversation = building.services.messages.prepare_send(moderator, 1, Send("@jules", "hello")).conversation
    seq = building.say(conversation.record, jules, "mine")
    assert _code(building, moderator, Delete("@jules", seq)) == ErrorCode.FORBIDDEN


def test_change_needs_a_message_that_is_there(
    building: Building, room: RoomRecord, jules: UserRecord
) -> None:
    """A deleted message, a change, and a seq that nobody used cannot be changed."""
    session = building.enter(jules, room)
    seq = building.say(room, jules, "mine")
    deletion = NewMessage(room.id, jules.id, "", "a deletion", "delete", seq)
    building.storage.messages.append([deletion], building.server.parts.clock())
    for number in (seq, seq + 1, seq + 2):
        request = Edit(room.name, number, "other words")
        assert _code(building, session, request) == ErrorCode.NO_SUCH_MESSAGE


def test_reaction_is_an_emoji(building: Building, room: RoomRecord, jules: UserRecord) -> None:
    """Words are refused; what an earlier version took for an emoji can still be taken away."""
    session = building.enter(jules, room)
    seq = building.say(room, jules, "mine")
    for emoji in ("yes", "ok", "+1", "a b", "👍 ", "\t", "👍\n"):
        assert _code(building, session, React(room.name, seq, emoji)) == ErrorCode.BAD_REQUEST
    assert _code(building, session, React(room.name, seq, "ok", on=False)) == ErrorCode.BAD_REQUEST
    old = NewMessage(room.id, jules.id, "ok", "an old nonce", "react", seq)
    building.storage.messages.append([old], building.server.parts.clock())
    for emoji in ("👍", "1️⃣", "👩‍👩‍👧", "ok"):
        message = building.prepared(session, React(room.name, seq, emoji, on=False))
        assert (message.kind, message.target, message.body, message.on) == ("react", seq, emoji, False)


def test_reactions_are_limited_in_kind(building: Building, room: RoomRecord, jules: UserRecord) -> None:
    """A message with all its different reactions takes no further kind."""
    session = building.enter(jules, room)
    seq = building.say(room, jules, "mine")
    emojis = [chr(0x1F600 + number) for number in range(REACTIONS_MAX)]
    batch = [
        NewMessage(room.id, jules.id, emoji, f"nonce {emoji}", "react", seq, on=True) for emoji in emojis
    ]
    building.storage.messages.append(batch, building.server.parts.clock())
    assert _code(building, session, React(room.name, seq, "👍")) == ErrorCode.FORBIDDEN
    assert building.prepared(session, React(room.name, seq, emojis[0])).on
    assert not building.prepared(session, React(room.name, seq, "👍", on=False)).on


def test_stranger_says_nothing(building: Building, room: RoomRecord, jules: UserRecord) -> None:
    """A user who has not joined a room can neither speak nor react there."""
    session = building.sign_in(jules)
    seq = building.say(room, jules, "before leaving")
    for request in (Send(room.name, "hello"), React(room.name, seq, "👍"), Edit(room.name, seq, "x")):
        assert _code(building, session, request) == ErrorCode.NOT_A_MEMBER


def test_missed_messages_stop_when_there_are_enough(building: Building, jules: UserRecord) -> None:
    """Past the bytes that one answer may have, rooms come without messages, and say that there are some."""
    session = building.sign_in(jules)
    rooms = [building.room(f"Room {number}") for number in range(3)]
    for age_ms, room in enumerate(rooms):
        building.services.rooms.join(session, room.name, "")
        for number in range(4):
            building.say(room, jules, str(number), age_ms=1_000 * age_ms)
    missed = building.services.sync.missed(session, {rooms[1].public_id: 2}, 3)
    read = [(one.room.name, [m.seq for m in one.messages], one.more) for one in missed]
    assert read == [("Room 0", [2, 3, 4], True), ("Room 1", [3, 4], False), ("Room 2", [2, 3, 4], True)]
    again = building.services.sync.missed(session, {}, 3)
    frames = [decode_object(frame[:-1]) for frame in missed_frames(again, most_bytes=200)]
    assert [(len(frame["messages"]), frame["more"]) for frame in frames] == [(3, True), (0, True), (0, True)]


def _history(building: Building, session: FakeSession, **asked: int) -> tuple[list[int], bool, bool]:
    page = building.services.messages.history(session, History("Plaza", **asked))
    assert page.reader_id == session.user_id
    return [message.seq for message in page.messages], page.more, page.forward


def test_history_ends_where_there_is_no_more(building: Building, room: RoomRecord, jules: UserRecord) -> None:
    """A page is told to have others behind it only when it has, in either direction."""
    session = building.enter(jules, room)
    for number in range(1, 6):
        building.say(room, jules, f"word {number}")
    assert _history(building, session, limit=5) == ([1, 2, 3, 4, 5], False, False)
    assert _history(building, session, limit=4) == ([2, 3, 4, 5], True, False)
    assert _history(building, session, before=4, limit=3) == ([1, 2, 3], False, False)
    assert _history(building, session, before=4, limit=2) == ([2, 3], True, False)
    assert _history(building, session, after=0, limit=5) == ([1, 2, 3, 4, 5], False, True)
    assert _history(building, session, after=1, limit=3) == ([2, 3, 4], True, True)
    assert _history(building, session, after=5, limit=3) == ([], False, True)


def test_read_is_told_to_the_user_s_other_sessions(
    building: Building, room: RoomRecord, jules: UserRecord
) -> None:
    """Not to the one that has asked, nor to anybody else."""
    session, zoe = building.enter(jules, room), building.enter(building.user("zoe"), room)
    other = building.sign_in(jules)
    building.say(room, jules, "word")
    for each in (session, zoe, other):
        each.sent.clear()
    building.services.messages.read(session, "plaza", 1)
    assert other.sent == [ReadEvent("Plaza", 1, room.public_id)]
    assert session.sent == zoe.sent == []


@pytest.mark.parametrize(("most", "counted"), [(2, True), (1, False)])
def test_counts_are_given_where_they_cost_little(
    building: Building,
    room: RoomRecord,
    jules: UserRecord,
    monkeypatch: pytest.MonkeyPatch,
    most: int,
    counted: bool,
) -> None:
    """Past so many messages nobody counts them; the mark is moved all the same."""
    monkeypatch.setattr("chat_server.services.messages.messages.ASKED_MAX", most)
    session, zoe = building.enter(jules, room), building.user("zoe")
    for body in ("one", "two", "@jules three"):
        building.say(room, zoe, body)
    reply = building.services.messages.read(session, "Plaza", 1, counts=True)
    expected = (1, 3, 2, 1) if counted else (1, None, None, None)
    assert (reply.read_seq, reply.last_seq, reply.unread, reply.mentions) == expected


def test_stored_change_is_answered_when_its_target_is_gone(
    building: Building, room: RoomRecord, jules: UserRecord
) -> None:
    """A change repeated after retention has removed its target gets the first place; a new one does not."""
    session, now = building.enter(jules, room), building.server.parts.clock()
    messages = building.storage.messages
    seq = building.say(room, jules, "old")
    edit = Edit(room.name, seq, "older", nonce="again")
    first = messages.append([building.prepared(session, edit)], now)[0]
    _remove(building, room, seq)
    repeated = messages.append([building.prepared(session, edit)], now)[0]
    assert isinstance(first, Stored)
    assert repeated == first._replace(repeated=True)
    assert _code(building, session, Edit(room.name, seq, "older", nonce="new")) == ErrorCode.NO_SUCH_MESSAGE


def test_repeat_that_has_gone_meanwhile_is_not_stored(
    building: Building, room: RoomRecord, jules: UserRecord
) -> None:
    """What passes the checks only as a repeat is refused when the first one is removed before the commit."""
    session, now = building.enter(jules, room), building.server.parts.clock()
    messages = building.storage.messages
    seq = building.say(room, jules, "old")
    edit = Edit(room.name, seq, "older", nonce="again")
    first = messages.append([building.prepared(session, edit)], now)[0]
    assert isinstance(first, Stored)
    _remove(building, room, seq)
    repeat = building.prepared(session, edit)
    _remove(building, room, first.seq)
    assert isinstance(messages.append([repeat], now)[0], NoSuchTarget)
    assert messages.get(room.id, first.seq + 1) is None


def _remove(building: Building, room: RoomRecord, seq: int) -> None:
    building.storage.database.write(
        lambda transaction: transaction.run(
            "DELETE FROM messages WHERE room_id = ? AND seq = ?", (room.id, seq)
        )
    )


@pytest.mark.parametrize("limit", [1, 2])
def test_page_of_the_past_is_the_newest_before_a_place(
    building: Building, room: RoomRecord, jules: UserRecord, limit: int
) -> None:
    """As many as asked for, and whether there are older ones."""
    session = building.enter(jules, room)
    for number in range(3):
        building.say(room, jules, f"{number}")
    last = building.storage.messages.last_seqs([room.id])[room.id]
    page = building.services.messages.history(session, History(room.name, before=last + 1, limit=limit))
    assert [record.seq for record in page.messages] == list(range(last - limit + 1, last + 1))
    assert page.more
    first = building.services.messages.history(session, History(room.name, before=2, limit=limit))
    assert ([record.seq for record in first.messages], first.more) == ([1], False)


@pytest.mark.parametrize(("size", "told"), [(0, False), (1, True)])
def test_file_has_a_preview_where_one_was_brought(size: int, told: bool) -> None:
    """Of whatever size."""
    new = NewFile(1, 1, "n", "a.png", 5, "image/png", "00", 4, 3, size, "", 0)
    record = FileRecord(**asdict(new), id=1, public_id="f1", seq=None, gone=False)
    assert to_file(record) == File("f1", "a.png", 5, "image/png", 4, 3, told)
