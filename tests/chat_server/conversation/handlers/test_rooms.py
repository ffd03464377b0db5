"""Joining, leaving and listing the members of rooms."""

from chat_protocol.requests import Join, Leave, Members
from chat_protocol.room_replies import MemberList, RoomReply
from chat_server.conversation.dispatch import dispatch
from tests.chat_server.building import Building


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
