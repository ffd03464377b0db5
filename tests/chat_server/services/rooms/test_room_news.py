"""Who is told of a room when it is made, hidden or removed, and when requests to enter one are decided."""

import pytest

from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.requests import Join
from chat_protocol.room_events import ModerationEvent, RoomEvent
from chat_protocol.room_requests import RoomAdd, RoomCreate, RoomEdit
from chat_server.conversation.acting import actor_of
from chat_server.conversation.dispatch import dispatch
from chat_server.storage.core.records import RoomRecord
from tests.chat_server.building import ADMIN, Building
from tests.chat_server.fakes import FakeSession


class People:
    """One who acts, one who is with him, one outside, and a moderator."""

    def __init__(self, building: Building) -> None:
        self.building = building
        self.ann, self.bob, self.cleo = (
            building.sign_in(building.user(name)) for name in ("ann", "bob", "cleo")
        )
        self.mia = building.sign_in(building.user("mia", "moderator"))
        building.server.parts.creation_policy.change(ADMIN, "public", "member")

    def create(self, kind: str, *people: str) -> RoomRecord:
        name = dispatch(self.building.services, self.ann, RoomCreate("Ours", kind, people=people))
        return self.building.services.rooms.visible(self.ann, getattr(name, "room", "")).record

    def rooms_told(self, session: FakeSession) -> list[tuple[str, str, str]]:
        """Return what a session was told of rooms since: name and membership, or the name of one removed."""
        events = [event for event in session.sent if isinstance(event, RoomEvent)]
        session.sent.clear()
        return [
            (event.room.name, event.room.membership, event.was or "")
            if event.room
            else (event.removed or "", "gone", "")
            for event in events
        ]

    def forget(self) -> None:
        for session in (self.ann, self.bob, self.cleo, self.mia):
            session.sent.clear()


@pytest.fixture
def people(building: Building) -> People:
    return People(building)


def test_new_room_is_told_to_those_who_may_enter_it(people: People) -> None:
    """A public one to everybody, a private one to those who are in it."""
    room = people.create("public")
    assert people.rooms_told(people.cleo) == [(room.name, "none", "")]
    room = people.create("private", "bob")
    assert people.rooms_told(people.cleo) == []
    assert (room.name, "joined", "") in people.rooms_told(people.bob)


def test_room_that_becomes_private_is_gone_for_others(people: People) -> None:
    """Its members know it by the name that it has from then on."""
    room = people.create("public")
    dispatch(people.building.services, people.bob, Join(room.name))
    people.forget()
    dispatch(people.building.services, people.ann, RoomEdit(room.name, kind="private"))
    now = people.building.services.directory.by_id(room.id)
    assert now is not None
    assert people.rooms_told(people.cleo) == [(room.name, "gone", "")]
    assert people.rooms_told(people.bob) == [(now.name, "joined", room.name)]


def test_changes_of_a_room_are_in_the_audit(people: People) -> None:
    """Those that were asked for, and nothing of the rest."""
    room = people.create("private")
    dispatch(people.building.services, people.ann, RoomEdit(room.name, topic="new", description=""))
    entry = people.building.server.parts.audit.entries()[-1]
    assert (entry.action, entry.detail) == ("edit room", "topic: new, description: ")


def test_member_who_is_removed_from_a_private_room_sees_it_no_more(people: People) -> None:
    """From a public one the membership alone is gone."""
    admin = people.building.services.room_admin
    for kind, told in (("private", [("gone")]), ("public", [])):
        room = people.create(kind)
        bob = people.building.storage.users.by_key("bob")
        assert bob is not None
        if kind == "private":
            dispatch(people.building.services, people.ann, RoomAdd(room.name, ("bob",)))
        else:
            dispatch(people.building.services, people.bob, Join(room.name))
        people.forget()
        admin.remove_member(ADMIN, bob, room, "enough")
        assert [membership for _, membership, _ in people.rooms_told(people.bob)] == told


def test_kind_is_changed_by_who_may_make_one(people: People) -> None:
    """Else a private room would be a way around the administrator's choice."""
    services, policy = people.building.services, people.building.server.parts.creation_policy
    room = people.create("public")
    assert services.room_owners.kinds_for(actor_of(people.ann)) == ("public", "private")
    policy.change(ADMIN, "private", "admin")
    assert services.room_owners.kinds_for(actor_of(people.ann)) == ("public",)
    with pytest.raises(ChatError) as caught:
        dispatch(services, people.ann, RoomEdit(room.name, kind="private"))
    assert caught.value.code == ErrorCode.FORBIDDEN
    dispatch(services, people.ann, RoomEdit(room.name, kind="public", topic="still ours"))


@pytest.mark.parametrize("act", ["decide", "remove"])
def test_moderators_are_told_how_many_requests_are_left(people: People, act: str) -> None:
    """When one is decided, and when those for a room are gone with it."""
    admin = people.building.services.room_admin
    room = people.building.room("Club", moderated=True)
    for session in (people.bob, people.cleo):
        dispatch(people.building.services, session, Join("Club"))
    people.forget()
    if act == "decide":
        admin.decide(ADMIN, "bob", "Club", True, "")
    else:
        admin.archive(ADMIN, room)
    events = [event for event in people.mia.sent if isinstance(event, ModerationEvent)]
    assert [event.pending for event in events] == [1 if act == "decide" else 0]
    assert not [event for event in people.cleo.sent if isinstance(event, ModerationEvent)]


def test_removed_room_is_left_by_everybody(people: People) -> None:
    """Nothing is delivered in it any more, and all who knew of it are told."""
    room = people.building.room("Plaza")
    dispatch(people.building.services, people.bob, Join("Plaza"))
    people.forget()
    people.building.services.room_admin.archive(ADMIN, room)
    assert room.id not in people.bob.rooms
    assert people.building.services.registry.in_room(room.id) == ()
    for session in (people.bob, people.cleo):
        assert ("Plaza", "gone", "") in people.rooms_told(session)
