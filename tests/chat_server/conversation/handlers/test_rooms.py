"""Joining, leaving and listing the members of rooms."""

import pytest

from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.reply import Done
from chat_protocol.requests import Join, Leave, Members
from chat_protocol.room_events import RoomEvent
from chat_protocol.room_replies import MemberList, RoomReply
from chat_protocol.room_requests import RoomAdd, RoomArchive, RoomCreate, RoomEdit, RoomRemove
from chat_server.conversation.dispatch import dispatch
from chat_server.services.moderation.sanction_order import SanctionOrder
from tests.chat_server.building import ADMIN, Building


def test_join_of_a_public_room_returns_it(building: Building) -> None:
    """A member gets the whole room, under its own spelling."""
    building.room("Plaza")
    session = building.sign_in(building.user("jules"))
    reply = dispatch(building.services, session, Join("PLAZA"))
    assert isinstance(reply, RoomReply)
    assert (reply.room, reply.membership) == ("Plaza", "joined")
    assert reply.view is not None


def test_join_of_a_moderated_room_waits(building: Building) -> None:
    """The reason goes to the moderators, and leaving takes the request back."""
    building.room("Plaza", moderated=True)
    session = building.sign_in(building.user("jules"))
    reply = dispatch(building.services, session, Join("Plaza", "let me in"))
    assert isinstance(reply, RoomReply)
    assert reply.membership == "pending"
    assert [one.reason for one in building.services.room_admin.pending()] == ["let me in"]
    left = dispatch(building.services, session, Leave("Plaza"))
    assert isinstance(left, RoomReply)
    assert (left.room, left.membership) == ("Plaza", "none")
    assert list(building.services.room_admin.pending()) == []


def test_members_are_listed_from_a_name_on(building: Building) -> None:
    """Members come in the order of their names; a later page begins behind the name that was given."""
    building.room("Plaza")
    sessions = [building.sign_in(building.user(name)) for name in ("jules", "ada", "zoe")]
    for session in sessions:
        dispatch(building.services, session, Join("Plaza"))
    everybody = dispatch(building.services, sessions[0], Members("plaza"))
    assert isinstance(everybody, MemberList)
    assert [member.username for member in everybody.members] == ["ada", "jules", "zoe"]
    assert (everybody.room, everybody.total, everybody.online, everybody.more) == ("Plaza", 3, 3, None)
    later = dispatch(building.services, sessions[0], Members("plaza", "ada"))
    assert isinstance(later, MemberList)
    assert [member.username for member in later.members] == ["jules", "zoe"]


def test_room_is_made_for_all_connections_of_its_owner(
    building: Building, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one that asks gets it as its answer, before anything that is said there; the others as an event."""
    user = building.user("jules")
    session, phone = building.sign_in(user), building.sign_in(user)
    zoe = building.sign_in(building.user("zoe"))
    held: list[int] = []
    monkeypatch.setattr(session, "hold", lambda: held.append(len(session.rooms)))
    before = len(session.rooms)
    reply = dispatch(building.services, session, RoomCreate("Ours", topic="us"))
    assert isinstance(reply, RoomReply)
    assert (reply.membership, reply.view is not None) == ("joined", True)
    assert reply.view is not None
    assert (reply.view.topic, held) == ("us", [before])
    (told,) = [event for event in phone.sent if isinstance(event, RoomEvent)]
    assert told.room == reply.view
    assert not [event for event in (*session.sent, *zoe.sent) if isinstance(event, RoomEvent)]


def test_muted_user_writes_nothing_about_rooms(building: Building) -> None:
    """Who is mute everywhere makes none, and who is mute in one changes no word of that one."""
    jules = building.user("jules")
    session = building.sign_in(jules)
    rooms = {}
    for name in ("Here", "There"):
        reply = dispatch(building.services, session, RoomCreate(name))
        assert isinstance(reply, RoomReply)
        rooms[name] = building.services.rooms.visible(session, reply.room).record
    mute = SanctionOrder("mute", jules, room=rooms["Here"])
    building.services.moderation.sanction(ADMIN, mute)
    with pytest.raises(ChatError) as caught:
        dispatch(building.services, session, RoomEdit(rooms["Here"].name, topic="!"))
    assert caught.value.code == ErrorCode.MUTED
    dispatch(building.services, session, RoomEdit(rooms["There"].name, topic="!"))
    dispatch(building.services, session, RoomCreate("Another"))
    building.services.moderation.sanction(ADMIN, SanctionOrder("mute", jules))
    for request in (RoomCreate("One more"), RoomEdit(rooms["There"].name, topic="?")):
        with pytest.raises(ChatError) as caught:
            dispatch(building.services, session, request)
        assert caught.value.code == ErrorCode.MUTED
    assert building.services.rooms.visible(session, rooms["There"].name).record.topic == "!"


def test_owner_changes_and_archives_a_room(building: Building) -> None:
    """Each is answered when it is done, and done when it is answered."""
    session = building.sign_in(building.user("jules"))
    building.user("zoe")
    made = dispatch(building.services, session, RoomCreate("Ours"))
    assert isinstance(made, RoomReply)
    name = made.room

    def members() -> list[str]:
        listed = dispatch(building.services, session, Members(name))
        assert isinstance(listed, MemberList)
        return [member.username for member in listed.members]

    assert dispatch(building.services, session, RoomAdd(name, ("zoe",))) == Done()
    assert members() == ["jules", "zoe"]
    assert dispatch(building.services, session, RoomRemove(name, "zoe", "bye")) == Done()
    assert members() == ["jules"]
    for on in (True, False):
        assert dispatch(building.services, session, RoomArchive(name, on=on)) == Done()
        assert (building.services.rooms.visible(session, name).record.read_only) is on
