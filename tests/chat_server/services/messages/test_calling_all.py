"""Who may mention everybody: owners, moderators, and all in rooms of fewer than 50."""

from collections.abc import Callable

import pytest

from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.limits import ALL_BELOW
from chat_protocol.mentions import mentions, mentions_all
from chat_protocol.requests import Edit, Send
from chat_server.storage.core.records import RoomRecord
from tests.chat_server.building import Building
from tests.chat_server.fakes import FakeSession

Fill = Callable[[int], None]


@pytest.fixture
def room(building: Building) -> RoomRecord:
    return building.room("Hall")


@pytest.fixture
def fill(building: Building, room: RoomRecord) -> Fill:
    """Let the room have so many members."""

    def filled(count: int) -> None:
        for number in range(count - building.storage.members.count(room.id)):
            user = building.storage.users.create(f"u{count}.{number}", f"u{count}.{number}", "", "", 0)
            building.storage.members.join(room.id, user.id)

    return filled


def joined(building: Building, name: str, room: RoomRecord, role: str = "member") -> FakeSession:
    user = building.user(name, role)
    building.storage.members.join(room.id, user.id)
    return building.sign_in(user)


def refused(building: Building, session: FakeSession, request: Send | Edit) -> str:
    """Return the code of the refusal; empty where the text may be sent."""
    try:
        building.services.messages.prepare(session, None, request)
    except ChatError as error:
        return error.code
    return ""


def test_anybody_in_a_small_room(building: Building, room: RoomRecord, fill: Fill) -> None:
    """With 49 members anybody may, with 50 no longer; a name is mentioned as ever."""
    ann = joined(building, "ann", room)
    fill(ALL_BELOW - 1)
    assert refused(building, ann, Send("Hall", "hello @all!")) == ""
    fill(ALL_BELOW)
    for body in ("hello @all!", "@ALL", "@Áll: lunch"):
        assert refused(building, ann, Send("Hall", body)) == ErrorCode.ALL_FORBIDDEN
    for body in ("@ann", "all", "mail@all", "@allan", "@all.hands"):
        assert refused(building, ann, Send("Hall", body)) == ""


def test_owners_and_moderators_in_a_large_room(building: Building, room: RoomRecord, fill: Fill) -> None:
    """Those who keep the room, and moderators, may always."""
    owner, mia = joined(building, "ann", room), joined(building, "mia", room, "moderator")
    building.storage.members.set_owner(room.id, owner.user_id, True)
    fill(ALL_BELOW)
    assert [refused(building, each, Send("Hall", "@all")) for each in (owner, mia)] == ["", ""]


def test_no_edit_brings_it_in(building: Building, room: RoomRecord, fill: Fill) -> None:
    """What may not be sent may not be written into a message that was sent."""
    ann = joined(building, "ann", room)
    fill(ALL_BELOW)
    record = building.storage.users.by_key("ann")
    assert record is not None
    seq = building.say(room, record, "hello")
    assert refused(building, ann, Edit("Hall", seq, "hello @all")) == ErrorCode.ALL_FORBIDDEN
    assert refused(building, ann, Edit("Hall", seq, "hello all")) == ""


def test_everybody_is_mentioned() -> None:
    """Whoever reads it is meant, and a longer name is another's."""
    assert mentions("@all: lunch", "zoe")
    assert mentions_all("(@all)")
    assert not mentions("@allan", "zoe")
    assert not mentions_all("all@all")
