"""What becomes of something said: its files, its repeats, and what its readers are given of it."""

from dataclasses import replace
from typing import Any

import pytest

from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.limits import EDIT_WINDOW_MS
from chat_protocol.request import Request
from chat_protocol.requests import Delete, Edit, React, Send
from chat_protocol.times import to_rfc3339
from chat_server.services.messages.messages import muted, to_message
from chat_server.services.moderation.sanction_order import SanctionOrder
from chat_server.storage.core.records import (
    FileRecord,
    MessageRecord,
    NewFile,
    NewMessage,
    RoomRecord,
    SanctionRecord,
    UserRecord,
)
from tests.chat_server.building import ADMIN, Building
from tests.chat_server.fakes import FakeSession


@pytest.fixture
def session(building: Building, room: RoomRecord, jules: UserRecord) -> FakeSession:
    return building.enter(jules, room)


def refusal(building: Building, session: FakeSession, request: Request) -> ChatError:
    with pytest.raises(ChatError) as caught:
        building.prepared(session, request)
    return caught.value


def bring(building: Building, room: RoomRecord, user: UserRecord, name: str) -> FileRecord:
    new = NewFile(room.id, user.id, name, name, 5, "text/plain", f"{name}digest", None, None, 0, "", 1)
    return building.storage.files.add(new)


def test_message_takes_its_files_along(
    building: Building, room: RoomRecord, jules: UserRecord, session: FakeSession
) -> None:
    """The user's own, brought for this room; in the order of their numbers."""
    files = [bring(building, room, jules, name) for name in ("a", "b")]
    request = Send("plaza", "", files=tuple(file.public_id for file in files))
    assert building.prepared(session, request).files == tuple(files)
    assert building.prepared(session, Send("plaza", "none")).files == ()


@pytest.mark.parametrize("wrong", ["another's", "elsewhere", "sent", "gone", "unknown"])
def test_message_takes_no_other_files(
    building: Building, room: RoomRecord, jules: UserRecord, session: FakeSession, wrong: str
) -> None:
    """One that is not the user's, or not for this room, or was sent, keeps the whole message back."""
    good = bring(building, room, jules, "good")
    owner = building.user("zoe") if wrong == "another's" else jules
    place = building.room("Tower") if wrong == "elsewhere" else room
    file = bring(building, place, owner, "bad")
    if wrong == "sent":
        message = NewMessage(room.id, jules.id, "", "n", files=(file,))
        building.storage.messages.append([message], building.server.parts.clock())
    elif wrong == "gone":
        building.storage.files.give_up(file)
    public_id = "nothing" if wrong == "unknown" else file.public_id
    refused = refusal(building, session, Send("plaza", "", files=(good.public_id, public_id)))
    assert (refused.code, refused.extra["field"]) == (ErrorCode.NO_SUCH_FILE, "files")


def test_repeat_is_only_looked_up(
    building: Building, room: RoomRecord, jules: UserRecord, session: FakeSession
) -> None:
    """What would be refused now and was stored before is owed its answer: it is marked, and never stored."""
    seq = building.say(room, building.user("zoe"), "hello")
    requests: list[tuple[Send | React, str, int | None]] = [
        (Send("Plaza", "mine", nonce="n1"), "text", None),
        (React("Plaza", seq, "👍", True, nonce="n2"), "react", seq),
    ]
    for request, *_ in requests:
        message = building.prepared(session, request)
        assert not message.repeat
        building.storage.messages.append([message], building.server.parts.clock())
    building.services.moderation.sanction(ADMIN, SanctionOrder("mute", jules))
    for request, kind, target in requests:
        repeat = building.prepared(session, request)
        assert (repeat.repeat, repeat.kind, repeat.target, repeat.room_id) == (True, kind, target, room.id)
        assert repeat.nonce == request.nonce
    assert refusal(building, session, Send("Plaza", "new", nonce="n3")).code == ErrorCode.MUTED
    assert refusal(building, session, Send("Plaza", "new")).code == ErrorCode.MUTED


def test_edit_ends_with_its_day(
    building: Building, room: RoomRecord, jules: UserRecord, session: FakeSession
) -> None:
    """The last millisecond belongs to it."""
    seq = building.say(room, jules, "mine")
    sent = building.storage.messages.get(room.id, seq)
    assert sent is not None
    messages = building.services.messages
    messages._clock = lambda: sent.sent_at + EDIT_WINDOW_MS
    assert building.prepared(session, Edit("Plaza", seq, "other")).body == "other"
    messages._clock = lambda: sent.sent_at + EDIT_WINDOW_MS + 1
    assert refusal(building, session, Edit("Plaza", seq, "other")).code == ErrorCode.FORBIDDEN
    assert building.prepared(session, Delete("Plaza", seq)).target == seq


def test_private_conversation_is_of_its_two(building: Building, room: RoomRecord, jules: UserRecord) -> None:
    """No room is, whoever asks."""
    zoe, eve = building.user("zoe"), building.user("eve")
    direct = building.storage.rooms.direct(jules.id, zoe.id, 0)
    messages = building.services.messages
    sessions = {user.username: building.sign_in(user) for user in (jules, zoe, eve)}
    found = {name: messages.is_direct_of(session, direct.id) for name, session in sessions.items()}
    assert found == {"jules": True, "zoe": True, "eve": False}
    assert not messages.is_direct_of(sessions["jules"], room.id)
    assert not messages.is_direct_of(sessions["jules"], 99_999)


RECORD = MessageRecord(1, 5, 2, "jules", "hello", 1_000, "text", None, None, None, False, {})


def record(**changed: Any) -> MessageRecord:
    return replace(RECORD, **changed)


def test_reaction_says_whether_it_is_given_or_taken_back() -> None:
    """Nothing else has such a word; an erased author is told apart by a field, not by a name."""
    assert [to_message(record(kind=kind), "Plaza").on for kind in ("text", "edit", "react")] == [
        None,
        None,
        True,
    ]
    assert to_message(record(kind="react", on=False), "Plaza").on is False
    known, erased = to_message(record(), "Plaza"), to_message(record(author=None), "Plaza")
    assert (known.author, known.former) == ("jules", False)
    assert erased.former
    assert erased.author != "jules"


@pytest.mark.parametrize(
    ("until", "text"),
    [(60_000, f"You may not write here before {to_rfc3339(60_000)}."), (None, "You may not write here.")],
)
def test_mute_says_until_when(until: int | None, text: str) -> None:
    """And why, in a field of its own."""
    error = muted(SanctionRecord(1, "mute", 2, None, None, "noise", "boss", 0, until, None, None))
    assert (error.code, error.message, error.extra["reason"]) == (ErrorCode.MUTED, text, "noise")
    assert error.extra.get("until") == (None if until is None else to_rfc3339(until))


def test_missed_messages_begin_with_the_room_that_spoke_last(building: Building, jules: UserRecord) -> None:
    """Whatever its name: who stops reading early has what is new."""
    rooms = {name: building.room(name) for name in ("Alpha", "Beta", "Gamma")}
    session = building.sign_in(jules)
    for name, age_ms in (("Alpha", 2_000), ("Beta", 3_000), ("Gamma", 1_000)):
        building.services.rooms.join(session, name, "")
        building.say(rooms[name], jules, "x", age_ms=age_ms)
    missed = building.services.sync.missed(session, {}, 9)
    assert [one.room.name for one in missed] == ["Gamma", "Alpha", "Beta"]
