"""Who lets people in and out, who is told of owners, and what another server has changed a moment ago."""

from collections.abc import Callable

import pytest

from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.request import Request
from chat_protocol.requests import Join
from chat_protocol.room_events import RoomEvent
from chat_protocol.room_requests import RoomAdd, RoomCreate, RoomEdit, RoomRemove
from chat_server.conversation.dispatch import dispatch
from chat_server.live.directory import Conversation
from tests.chat_server.building import Building
from tests.chat_server.fakes import FakeSession


@pytest.fixture
def ann(building: Building) -> FakeSession:
    """The owner of a private room in which bob is, too."""
    ann = building.sign_in(building.user("ann"))
    building.user("bob")
    dispatch(building.services, ann, RoomCreate("Ours", people=("bob",)))
    return ann


def ours(ann: FakeSession) -> Conversation:
    return next(room for room in ann.rooms.values() if room.record.kind == "private")


def refusal(building: Building, session: FakeSession, request: Request) -> str:
    with pytest.raises(ChatError) as caught:
        dispatch(building.services, session, request)
    return caught.value.code


def test_moderators_remove_people_from_public_rooms_alone(building: Building, ann: FakeSession) -> None:
    """In private ones that is for their owners and for administrators."""
    room = building.room("Plaza")
    bob = building.sign_in(building.user("bobby"))
    dispatch(building.services, bob, Join("Plaza"))
    moderator = building.sign_in(building.user("mia", "moderator"))
    building.storage.members.join(ours(ann).id, moderator.user_id)
    moderator = building.sign_in(building.storage.users.by_id(moderator.user_id) or building.user("x"))
    assert refusal(building, moderator, RoomRemove(ours(ann).record.name, "bob")) == ErrorCode.FORBIDDEN
    dispatch(building.services, moderator, RoomRemove("Plaza", "bobby"))
    assert room.id not in bob.rooms


def test_owner_is_told_to_be_one_and_to_be_one_no_more(building: Building, ann: FakeSession) -> None:
    """With the room as it is for that one; nobody else hears of it."""
    bob = building.sign_in(building.storage.users.by_key("bob") or building.user("x"))
    name = ours(ann).record.name
    for owner in (True, False):
        for session in (ann, bob):
            session.sent.clear()
        dispatch(building.services, ann, RoomAdd(name, ("bob",), owner=owner))
        told = [event.room for event in bob.sent if isinstance(event, RoomEvent)]
        assert [room and room.owner for room in told] == [owner]
        assert not [event for event in ann.sent if isinstance(event, RoomEvent)]


ACTS: dict[str, Callable[[str], Request]] = {
    "add": lambda name: RoomAdd(name, ("cleo",)),
    "remove": lambda name: RoomRemove(name, "bob"),
    "edit": lambda name: RoomEdit(name, topic="new"),
}


@pytest.mark.parametrize("act", ACTS)
def test_room_that_another_server_has_removed_is_none(building: Building, ann: FakeSession, act: str) -> None:
    """Though this one has not heard of it yet; a server that is alone knows its rooms itself."""
    building.user("cleo")
    room = ours(ann)
    record, request = room.record, ACTS[act](room.record.name)
    building.storage.rooms.archive(record.id, 1)
    if act != "edit":
        dispatch(building.services, ann, request)
    building.services.rooms.share()
    assert refusal(building, ann, request) == ErrorCode.NO_SUCH_ROOM


def test_room_that_another_server_has_archived_lets_nobody_in(building: Building, ann: FakeSession) -> None:
    """What is stored is taken over before anything lasting is decided."""
    building.user("cleo")
    building.services.rooms.share()
    room = ours(ann)
    building.storage.rooms.set_read_only(room.id, True)
    assert refusal(building, ann, RoomAdd(room.record.name, ("cleo",))) == ErrorCode.FORBIDDEN
    assert room.record.read_only
