"""Who may pin messages, who is told, and what a page of them shows."""

from typing import Any

import pytest

from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.limits import PINS_MAX
from chat_protocol.pin_requests import Pin, Pins
from chat_protocol.room_requests import RoomArchive, RoomCreate
from chat_server.conversation.acting import actor_of
from chat_server.conversation.dispatch import dispatch
from chat_server.services.rooms import pins as pins_module
from chat_server.storage.core.records import UserRecord
from tests.chat_server.building import Building
from tests.chat_server.fakes import FakeSession, frames_of

ROOM = "Général"


@pytest.fixture
def author(building: Building) -> UserRecord:
    """Somebody who has said three things in a room of all."""
    user = building.user("ann")
    for body in ("one", "two", "three"):
        building.say(building.services.directory.find(ROOM), user, body)
    return user


def pin(building: Building, session: FakeSession, request: Pin) -> None:
    building.services.pins.pin(actor_of(session), session, request)


def refusal(building: Building, session: FakeSession, request: Pin) -> str:
    with pytest.raises(ChatError) as refused:
        pin(building, session, request)
    return refused.value.code


def seqs(building: Building, session: FakeSession, room: str = ROOM) -> list[int]:
    return [message.seq for message in building.services.pins.page(session, Pins(room)).messages]


def test_moderators_pin_and_members_see(building: Building, author: UserRecord) -> None:
    """A moderator pins; all members are told once, with the message; a member alone may not."""
    moderator, member = (
        building.sign_in(building.user("mia", "moderator")),
        building.sign_in(building.user("carl")),
    )
    assert refusal(building, member, Pin(ROOM, 1)) == ErrorCode.FORBIDDEN
    for request in (Pin(ROOM, 3), Pin(ROOM, 1), Pin(ROOM, 1), Pin(ROOM, 3, False), Pin(ROOM, 3, False)):
        pin(building, moderator, request)
    told = [frame for frame in frames_of(member) if frame["type"] == "pin"]
    assert [(frame["seq"], frame["on"]) for frame in told] == [(3, True), (1, True), (3, False)]
    assert told[0]["message"]["body"] == "three"
    assert "message" not in told[2]
    assert seqs(building, member) == [1]


def test_owners_pin_in_private_rooms(building: Building) -> None:
    """In a private room its owner pins, and a moderator who is a member; nobody once it is archived."""
    owner, carl = building.sign_in(building.user("ann")), building.user("carl")
    member, moderator = building.sign_in(carl), building.sign_in(building.user("mia", "moderator"))
    made: Any = dispatch(building.services, owner, RoomCreate("Plan", people=("carl", "mia")))
    room = building.services.directory.conversation(made.room)
    building.say(room.record, carl, "agenda")
    assert refusal(building, member, Pin(room.public_id, 1)) == ErrorCode.FORBIDDEN
    pin(building, owner, Pin(room.public_id, 1))
    assert seqs(building, member, room.public_id) == [1]
    pin(building, moderator, Pin(room.public_id, 1, False))
    dispatch(building.services, owner, RoomArchive(room.public_id))
    assert refusal(building, owner, Pin(room.public_id, 1)) == ErrorCode.FORBIDDEN


def test_what_cannot_be_pinned(building: Building, author: UserRecord) -> None:
    """Not what is not there, not in a private conversation, and not more than a room may have."""
    admin, ann = building.sign_in(building.user("root", "admin")), building.sign_in(author)
    assert refusal(building, admin, Pin(ROOM, 9)) == ErrorCode.NO_SUCH_MESSAGE
    direct = building.storage.rooms.direct(ann.user_id, admin.user_id, 0)
    building.say(direct, author, "psst")
    assert refusal(building, admin, Pin("@ann", 1)) == ErrorCode.FORBIDDEN
    record = building.services.directory.find(ROOM)
    for number in range(PINS_MAX):
        seq = building.say(record, author, f"m{number}")
        pin(building, admin, Pin(ROOM, seq))
    assert refusal(building, admin, Pin(ROOM, 1)) == ErrorCode.QUOTA
    page = building.services.pins.page(ann, Pins(ROOM, limit=20))
    rest = building.services.pins.page(ann, Pins(ROOM, page.next, 40))
    assert [message.seq for message in (*page.messages, *rest.messages)] == list(range(PINS_MAX + 3, 3, -1))
    assert rest.next is None


def test_acts_are_in_the_audit(building: Building, author: UserRecord) -> None:
    """What was pinned and taken off, by whom, and what was refused."""
    admin, carl = building.sign_in(building.user("root", "admin")), building.sign_in(building.user("carl"))
    pin(building, admin, Pin(ROOM, 1))
    pin(building, admin, Pin(ROOM, 1, False))
    refusal(building, carl, Pin(ROOM, 2))
    found = [
        (entry.actor, entry.action, entry.target, entry.allowed)
        for entry in building.server.parts.audit.entries()
    ]
    assert found == [
        ("root", "pin", ROOM, True),
        ("root", "unpin", ROOM, True),
        ("carl", "pin", ROOM, False),
    ]


def test_pages_fit_into_frames(building: Building, author: UserRecord) -> None:
    """However long the messages are, each page fits, and all of them together are complete."""
    admin = building.sign_in(building.user("root", "admin"))
    record = building.services.directory.find(ROOM)
    wanted = []
    for number in range(9):
        wanted.append(building.say(record, author, f"{number}" + "😀" * 3_990))
        pin(building, admin, Pin(ROOM, wanted[-1]))
    found, before, pages = [], None, 0
    while pages == 0 or before is not None:
        page = building.services.pins.page(admin, Pins(ROOM, before))
        found += [message.seq for message in page.messages]
        before, pages = page.next, pages + 1
    assert (found, pages > 1) == (wanted[::-1], True)


@pytest.mark.parametrize(("limit", "fits"), [(2, 9), (9, 2), (4, 9), (1, 1)])
def test_pages_have_all_pins_once(
    building: Building, author: UserRecord, monkeypatch: pytest.MonkeyPatch, limit: int, fits: int
) -> None:
    """Whether the request or the frame ends a page; the last one says that it is."""
    building.say(building.services.directory.find(ROOM), author, "four")
    moderator = building.sign_in(building.user("mia", "moderator"))
    for seq in (2, 4, 1, 3):
        pin(building, moderator, Pin(ROOM, seq))
    monkeypatch.setattr(pins_module, "fitting", lambda messages: min(len(messages), fits))
    pages: list[list[int]] = []
    before = None
    while before is not None or not pages:
        page = building.services.pins.page(moderator, Pins(ROOM, before, limit))
        pages.append([message.seq for message in page.messages])
        before = page.next
    most = min(limit, fits)
    assert pages == [[3, 1, 4, 2][start : start + most] for start in range(0, 4, most)]
