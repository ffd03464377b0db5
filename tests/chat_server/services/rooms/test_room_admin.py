"""What administrators and moderators do with rooms: who may, who is told, and what is written down."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.limits import TOPIC_MAX_CHARS
from chat_protocol.room_events import MembershipEvent, RoomEvent
from chat_server.services.rooms.pending_notices import SETTING, PendingNotices
from chat_server.services.rooms.room_admin import RoomAdmin
from chat_server.services.vocabulary.actors import Actor
from tests.chat_server.building import ADMIN, Building

MODERATOR = Actor("mod", "moderator", "console", None, ("127.0.0.1",))
MEMBER = Actor("jules", "member", "console", None, ("127.0.0.1",))


@pytest.fixture
def admin(building: Building) -> RoomAdmin:
    """The administration of rooms."""
    return building.services.room_admin


def _code(act: Callable[..., Any], *arguments: Any) -> str:
    with pytest.raises(ChatError) as caught:
        act(*arguments)
    return caught.value.code


def test_rooms_are_the_administrators(building: Building, admin: RoomAdmin) -> None:
    """A moderator makes, renames, describes and removes no room; each attempt is written down as refused."""
    room = building.room("Plaza")
    for act, arguments in (
        (admin.add, ("Hall", "public", "")),
        (admin.rename, (room, "Hall")),
        (admin.set_topic, (room, "news")),
        (admin.archive, (room,)),
    ):
        assert _code(act, MODERATOR, *arguments) == ErrorCode.FORBIDDEN
    entries = [entry for entry in building.server.parts.audit.entries() if entry.actor == "mod"]
    assert sorted(entry.action for entry in entries) == ["add room", "remove room", "rename room", "topic"]
    assert not any(entry.allowed for entry in entries)
    assert building.services.directory.find("Plaza").topic == ""


def test_members_are_the_moderators(building: Building, admin: RoomAdmin) -> None:
    """Deciding on requests and taking members out is not for members."""
    building.room("Board", moderated=True)
    room, jules = building.services.directory.find("Board"), building.user("jules")
    assert _code(admin.decide, MEMBER, "jules", "Board", True, "") == ErrorCode.FORBIDDEN
    assert _code(admin.remove_member, MEMBER, jules, room, "") == ErrorCode.FORBIDDEN


def test_room_of_a_taken_name_is_refused(building: Building, admin: RoomAdmin) -> None:
    """A name that differs in case or accents alone is taken, for a new room and for a renamed one."""
    building.room("Café")
    other = building.room("Hall")
    assert _code(admin.add, ADMIN, "CAFE", "public", "") == ErrorCode.BAD_REQUEST
    assert _code(admin.rename, ADMIN, other, "cafe") == ErrorCode.BAD_REQUEST
    assert building.services.directory.find("Hall").id == other.id


def test_rename_and_topic_are_told_to_everyone(building: Building, admin: RoomAdmin) -> None:
    """Members keep their membership under the new name; others see it as a room to join."""
    room = building.room("Plaza")
    member, other = building.sign_in(building.user("jules")), building.sign_in(building.user("zoe"))
    building.services.rooms.join(member, "Plaza", "")
    admin.rename(ADMIN, room, "Hall")
    admin.set_topic(ADMIN, room, "  what   is new ")
    for session, membership in ((member, "joined"), (other, "none")):
        renamed, described = session.sent[-2:]
        assert isinstance(renamed, RoomEvent)
        assert isinstance(described, RoomEvent)
        assert renamed.room is not None
        assert described.room is not None
        assert (renamed.was, renamed.room.name, renamed.room.membership) == ("Plaza", "Hall", membership)
        assert (described.was, described.room.topic) == (None, "what is new")
    assert _code(admin.set_topic, ADMIN, room, "x" * (TOPIC_MAX_CHARS + 1)) == ErrorCode.BAD_REQUEST
    admin.set_topic(ADMIN, room, "x" * TOPIC_MAX_CHARS)


def test_removed_room_is_gone_for_everyone(building: Building, admin: RoomAdmin) -> None:
    """It is not found any more, its members are out of it, everyone is told, and its name is free."""
    room, session = building.room("Plaza"), building.sign_in(building.user("jules"))
    building.services.rooms.join(session, "Plaza", "")
    admin.archive(ADMIN, room)
    assert session.rooms.get(room.id) is None
    assert RoomEvent(None, removed="Plaza", removed_id=room.public_id) in session.sent
    assert _code(building.services.directory.find, "Plaza") == ErrorCode.NO_SUCH_ROOM
    assert _code(building.services.directory.find, room.public_id) == ErrorCode.NO_SUCH_ROOM
    assert building.room("Plaza").public_id != room.public_id


def test_arrival_room_stays(building: Building, admin: RoomAdmin) -> None:
    """The room where newcomers arrive cannot be removed."""
    arrival = next(room for room in building.services.directory.all() if room.arrival)
    assert _code(admin.archive, ADMIN, arrival) == ErrorCode.FORBIDDEN
    assert building.services.directory.find(arrival.name).id == arrival.id


@pytest.mark.parametrize("accept", [True, False])
def test_request_is_decided_once_and_told(building: Building, admin: RoomAdmin, accept: bool) -> None:
    """The user is told with the reason, is a member or not, and a second decision finds nothing to decide."""
    room, session = building.room("Board", moderated=True), building.sign_in(building.user("jules"))
    assert _code(admin.decide, MODERATOR, "jules", "Board", accept, "") == ErrorCode.NOT_A_MEMBER
    building.services.rooms.join(session, "Board", "please")
    admin.decide(MODERATOR, "jules", "Board", accept, "because")
    told = next(event for event in session.sent if isinstance(event, MembershipEvent))
    state = "joined" if accept else "none"
    assert told == MembershipEvent("Board", state, "because", room.public_id)
    assert (room.id in session.rooms) is accept
    assert any(isinstance(event, RoomEvent) for event in session.sent) is accept
    assert _code(admin.decide, MODERATOR, "jules", "Board", accept, "") == ErrorCode.NOT_A_MEMBER


def test_decision_waits_for_a_user_who_is_away(building: Building, admin: RoomAdmin) -> None:
    """Who is not connected is told at the next sign-in, once."""
    room, jules = building.room("Board", moderated=True), building.user("jules")
    session = building.sign_in(jules)
    building.services.rooms.join(session, "Board", "")
    building.services.registry.closed(session)
    admin.decide(MODERATOR, "jules", "Board", False, "full")
    told = MembershipEvent("Board", "none", "full", room.public_id)
    assert list(building.services.pending_notices.pop(jules.id)) == [told]
    assert list(building.services.pending_notices.pop(jules.id)) == []


@pytest.mark.parametrize("since", ["room removed", "taken out"])
def test_notice_that_is_not_so_any_more_is_not_told(building: Building, admin: RoomAdmin, since: str) -> None:
    """Whoever was let in while away hears nothing of that after the room, or the membership, ended."""
    room, jules = building.room("Board", moderated=True), building.user("jules")
    building.storage.members.request(room.id, jules.id, "", 0)
    admin.decide(MODERATOR, "jules", "Board", True, "")
    if since == "room removed":
        admin.archive(ADMIN, room)
    else:
        building.storage.members.remove(room.id, jules.id)  # and told so, on another server
    assert list(building.services.pending_notices.pop(jules.id)) == []


def test_notices_of_an_older_version_still_wait(building: Building) -> None:
    """What version 1.0.0 kept in one setting is told, once; a user who is not there is passed over."""
    jules, storage = building.user("jules"), building.storage
    old = {"room": "Board", "membership": "none", "reason": "full"}
    storage.settings.set(SETTING, json.dumps({str(jules.id): [old], "999999": [old]}))
    notices = PendingNotices(storage, building.server.parts.audience)
    PendingNotices(storage, building.server.parts.audience)
    assert list(notices.pop(jules.id)) == [MembershipEvent("Board", "none", "full", None)]
    assert list(notices.pop(jules.id)) == []


def test_member_who_is_taken_out_is_told_and_gone(building: Building, admin: RoomAdmin) -> None:
    """The user is out of the room in all sessions, watches it no longer, and knows why."""
    room, jules = building.room("Plaza"), building.user("jules")
    session = building.sign_in(jules)
    assert _code(admin.remove_member, MODERATOR, jules, room, "") == ErrorCode.NOT_A_MEMBER
    building.services.rooms.join(session, "Plaza", "")
    building.services.presence.watch(session, [building.services.directory.conversation("Plaza")])
    admin.remove_member(MODERATOR, jules, room, "noise")
    assert session.rooms.get(room.id) is None
    assert session.watching == ()
    assert session.sent[-1] == MembershipEvent("Plaza", "none", "noise", room.public_id)
