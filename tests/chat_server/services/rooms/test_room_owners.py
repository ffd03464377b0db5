"""What people do with rooms of their own: who may, who is told, and who owns a room next."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.names import room_title
from chat_protocol.requests import Edit, Join, Leave, Send
from chat_protocol.room_events import MembershipEvent, ModerationEvent, RoomEvent
from chat_protocol.room_requests import RoomAdd, RoomArchive, RoomCreate, RoomEdit, RoomRemove
from chat_server.conversation.acting import actor_of
from chat_server.conversation.dispatch import dispatch
from chat_server.live.directory import Conversation
from tests.chat_server.building import ADMIN, Building
from tests.chat_server.fakes import FakeSession


class House:
    """Ann's private room, bob in it, and cleo outside."""

    def __init__(self, building: Building) -> None:
        self.building = building
        self.services = building.services
        names = ("ann", "bob", "cleo")
        self.ann, self.bob, self.cleo = (building.sign_in(building.user(name)) for name in names)
        self.name = self.ask(self.ann, RoomCreate("Projet", people=("bob",))).room
        self.forget()

    @property
    def room(self) -> Conversation:
        """The room as it is now."""
        return self.services.directory.conversation(self.name)

    def ask(self, session: FakeSession, request: Any) -> Any:
        """Carry out a request; each has an answer."""
        reply = dispatch(self.services, session, request)
        assert reply is not None
        return reply

    def refused(self, session: FakeSession, request: Any) -> str:
        """Return the code with which a request is refused."""
        return refusal(self.ask, session, request)

    def forget(self) -> None:
        """Forget what was told so far."""
        for session in (self.ann, self.bob, self.cleo):
            session.sent.clear()

    def owners(self) -> set[int]:
        """Return who owns the room."""
        return self.building.storage.members.owners(self.room.id)


def refusal(act: Callable[..., Any], *arguments: Any) -> str:
    """Return the code with which something is refused."""
    with pytest.raises(ChatError) as caught:
        act(*arguments)
    return caught.value.code


@pytest.fixture
def house(building: Building) -> House:
    """A private room and people."""
    return House(building)


def test_room_is_its_makers_and_has_the_people_named(house: House) -> None:
    """Who makes a room owns it; the people named are members; the name carries a mark, the title does not."""
    made = house.ask(house.ann, RoomCreate("Budget", topic=" for  2027 ", people=("bob", "@ann", "bob")))
    assert made.view.owner
    assert (made.view.display_name, made.view.topic, made.view.kind) == ("Budget", "for 2027", "private")
    assert made.room.startswith("Budget ~")
    membership, told = house.bob.sent
    assert isinstance(membership, MembershipEvent)
    assert (membership.membership, membership.room) == ("joined", made.room)
    assert isinstance(told, RoomEvent)
    assert told.room is not None
    assert not told.room.owner
    assert house.cleo.sent == []


def test_private_name_is_never_taken(house: House) -> None:
    """People make rooms of one name, also of one that a public room has; no refusal tells of another."""
    house.building.room("Lunch")
    names = {house.ask(session, RoomCreate("Lunch")).room for session in (house.ann, house.cleo)}
    assert len(names) == 2
    assert {room_title(name) for name in names} == {"Lunch"}
    public = RoomCreate("PROJET", "public")
    house.building.server.parts.creation_policy.change(ADMIN, "public", "member")
    assert house.ask(house.cleo, public).room == "PROJET"
    assert house.refused(house.cleo, public) == ErrorCode.BAD_REQUEST


@pytest.mark.parametrize("name", ["x ~k3f9", "@x", "a,b", "x" * 55, " x"])
def test_name_of_a_private_room_is_checked(house: House, name: str) -> None:
    """The end that marks private rooms cannot be typed, and the mark has to fit behind the name."""
    with pytest.raises(ChatError) as caught:
        house.ask(house.ann, RoomCreate(name))
    assert (caught.value.code, caught.value.extra["field"]) == (ErrorCode.BAD_REQUEST, "name")


def test_who_may_make_rooms_is_the_administrators_choice(house: House) -> None:
    """At first only private rooms are anybody's to make; a change holds at once, and over a restart."""
    assert house.refused(house.ann, RoomCreate("Sport", "moderated")) == ErrorCode.FORBIDDEN
    parts = house.building.server.parts
    policy = parts.creation_policy
    policy.change(ADMIN, "moderated", "member")
    policy.change(ADMIN, "private", "moderator")
    assert house.ask(house.ann, RoomCreate("Sport", "moderated")).view.owner
    assert house.refused(house.ann, RoomCreate("Cellar")) == ErrorCode.FORBIDDEN
    assert policy.kinds_for(actor_of(house.ann)) == ("moderated",)
    assert policy.kinds_for(ADMIN) == ("public", "moderated", "private")
    again = type(policy)(parts.storage, parts.audience, parts.audit)
    assert again.roles() == {"public": "admin", "moderated": "member", "private": "moderator"}
    assert refusal(policy.change, actor_of(house.ann), "private", "member") == ErrorCode.FORBIDDEN


def test_nobody_owns_more_rooms_than_the_limit(house: House) -> None:
    """Past the limit no further room is made, until one is given up; administrators have none."""
    house.services.room_owners.limits = replace(house.services.room_owners.limits, rooms_per_user=2)
    second = house.ask(house.ann, RoomCreate("Second")).room
    assert house.refused(house.ann, RoomCreate("Third")) == ErrorCode.ROOM_LIMIT
    house.ask(house.ann, Leave(second))
    house.ask(house.ann, RoomCreate("Third"))


def test_unknown_people_make_no_room(house: House) -> None:
    """A name that nobody has is told, and nothing was made."""
    before = house.services.directory.all()
    assert house.refused(house.ann, RoomCreate("New", people=("bob", "nobody"))) == ErrorCode.NO_SUCH_USER
    assert house.services.directory.all() == before


def test_room_is_kept_by_its_owners(house: House) -> None:
    """A plain member edits nothing, adds and removes nobody; a second owner does, until no owner again."""
    for request in (
        RoomEdit(house.name, topic="x"),
        RoomAdd(house.name, ("cleo",)),
        RoomRemove(house.name, "ann"),
        RoomArchive(house.name),
    ):
        assert house.refused(house.bob, request) == ErrorCode.FORBIDDEN
    house.ask(house.ann, RoomAdd(house.name, ("bob",), True))
    house.ask(house.bob, RoomEdit(house.name, topic="x", description="y"))
    assert (house.room.record.topic, house.room.record.description) == ("x", "y")
    house.ask(house.bob, RoomAdd(house.name, ("ann",), False))
    assert house.refused(house.ann, RoomEdit(house.name, topic="z")) == ErrorCode.FORBIDDEN
    assert house.refused(house.bob, RoomAdd(house.name, ("bob",), False)) == ErrorCode.FORBIDDEN
    assert house.owners() == {house.bob.user_id}


def test_rename_takes_another_mark_and_tells_members_alone(house: House) -> None:
    """Members hear the new name with the old one; strangers hear nothing."""
    house.ask(house.ann, RoomEdit(house.name, name="Plan"))
    (told,) = house.bob.sent
    assert isinstance(told, RoomEvent)
    assert told.room is not None
    assert (told.was, told.room.display_name) == (house.name, "Plan")
    assert house.cleo.sent == []
    assert house.refused(house.ann, RoomEdit(house.name, topic="x")) == ErrorCode.NO_SUCH_ROOM


def test_removed_member_is_out_at_once(house: House) -> None:
    """The member is out and told so, then that the room is gone; the next request finds nothing."""
    house.ask(house.ann, RoomRemove(house.name, "bob", "Thanks."))
    out, gone = house.bob.sent
    assert isinstance(out, MembershipEvent)
    assert (out.membership, out.reason) == ("none", "Thanks.")
    assert isinstance(gone, RoomEvent)
    assert (gone.removed, gone.room) == (house.name, None)
    assert house.room.id not in house.bob.rooms
    assert house.refused(house.bob, Leave(house.name)) == ErrorCode.NO_SUCH_ROOM
    assert house.refused(house.ann, RoomRemove(house.name, "bob")) == ErrorCode.NOT_A_MEMBER
    assert house.refused(house.ann, RoomRemove(house.name, "ann")) == ErrorCode.BAD_REQUEST


def test_added_member_who_is_away_hears_later(house: House) -> None:
    """Who is not connected is told at the next sign-in, and finds the room in the list."""
    dan = house.building.user("dan")
    house.ask(house.ann, RoomAdd(house.name, ("dan",)))
    (event,) = house.services.pending_notices.pop(dan.id)
    assert (event.room, event.membership) == (house.name, "joined")
    session = house.building.sign_in(dan)
    assert house.name in {view.name for view in house.services.rooms.views(session).values()}


def test_oldest_member_takes_over(house: House) -> None:
    """After the last owner, the member who has been there longest owns the room, and is told."""
    house.ask(house.ann, RoomAdd(house.name, ("cleo",)))
    house.forget()
    house.ask(house.ann, Leave(house.name))
    assert house.owners() == {house.bob.user_id}
    assert any(isinstance(one, RoomEvent) and one.room and one.room.owner for one in house.bob.sent)
    bob = house.building.storage.users.by_id(house.bob.user_id)
    assert bob is not None
    house.building.server.parts.roles.erase(ADMIN, bob)
    assert house.owners() == {house.cleo.user_id}


def test_archived_room_is_read_only_and_comes_back(house: House) -> None:
    """Members still have it, marked so; nothing is said or changed until its owner brings it back."""
    house.ask(house.ann, RoomArchive(house.name))
    (told,) = house.bob.sent
    assert isinstance(told, RoomEvent)
    assert told.room is not None
    assert told.room.archived
    messages = house.services.messages
    for request in (Send(house.name, "x"), Edit(house.name, 1, "x")):
        assert refusal(messages.prepare, house.bob, None, request) == ErrorCode.FORBIDDEN
    for own in (RoomEdit(house.name, topic="x"), RoomAdd(house.name, ("cleo",))):
        assert house.refused(house.ann, own) == ErrorCode.FORBIDDEN
    house.ask(house.ann, RoomArchive(house.name, False))
    assert messages.prepare(house.bob, None, Send(house.name, "x")).message.body == "x"


def test_public_room_that_is_archived_or_made_private_is_gone_for_others(house: House) -> None:
    """Others are told that it was removed and find it no more, also those who had asked to join."""
    board = house.building.room("Board", moderated=True)
    house.ask(house.cleo, Join("Board"))
    house.building.storage.members.join(board.id, house.ann.user_id)
    conversation = house.services.directory.conversation("Board")
    house.services.registry.join(house.ann.user_id, conversation)
    house.forget()
    house.services.room_owners.archive(ADMIN, conversation, on=True)
    assert RoomEvent(None, removed="Board", removed_id=board.public_id) in house.cleo.sent
    assert house.refused(house.cleo, Join("Board")) == ErrorCode.NO_SUCH_ROOM
    assert list(house.services.room_admin.pending()) == []
    house.services.room_owners.archive(ADMIN, conversation, on=False)
    moderator = house.building.sign_in(house.building.user("mod", "moderator"))
    house.ask(house.cleo, Join("Board"))
    house.services.room_owners.edit(ADMIN, conversation, RoomEdit("Board", kind="private"))
    waiting = [event.pending for event in moderator.sent if isinstance(event, ModerationEvent)]
    assert waiting == [1, 0]
    assert house.cleo.sent[-1] == RoomEvent(None, removed="Board", removed_id=board.public_id)
    assert house.refused(house.cleo, Join("Board")) == ErrorCode.NO_SUCH_ROOM
    assert conversation.record.name.startswith("Board ~")
    to_all = RoomEdit(conversation.record.name, kind="public")
    assert refusal(house.services.room_owners.edit, ADMIN, conversation, to_all) == ErrorCode.FORBIDDEN


def test_arrival_room_stays_for_everybody(house: House) -> None:
    """The room where newcomers arrive is neither archived nor made private."""
    arrival = next(room for room in house.services.directory.all() if room.arrival)
    conversation = house.services.directory.conversation(arrival.name)
    owners = house.services.room_owners
    hide = RoomEdit(arrival.name, kind="private")
    assert refusal(owners.edit, ADMIN, conversation, hide) == ErrorCode.FORBIDDEN
    with pytest.raises(ChatError):
        owners.archive(ADMIN, conversation, on=True)


def test_acts_are_in_the_audit(house: House) -> None:
    """Making, editing, adding, removing and archiving are written down, and who was refused."""
    for request in (
        RoomEdit(house.name, topic="x"),
        RoomAdd(house.name, ("cleo",)),
        RoomRemove(house.name, "cleo"),
        RoomArchive(house.name),
    ):
        house.ask(house.ann, request)
    assert house.refused(house.bob, RoomArchive(house.name, False)) == ErrorCode.FORBIDDEN
    entries = house.building.server.parts.audit.entries()
    acts = [(entry.action, entry.actor, entry.allowed) for entry in entries]
    assert acts == [
        ("add room", "ann", True),
        ("edit room", "ann", True),
        ("add member", "ann", True),
        ("remove", "ann", True),
        ("archive room", "ann", True),
        ("unarchive room", "bob", False),
    ]


def test_bot_owns_no_room(house: House) -> None:
    """A program's account is passed over, and says nothing more where it was removed."""
    hooks = house.building.server.parts.webhooks
    hooks.add(ADMIN, house.room.record, "robot")
    hook = hooks.find("robot")
    house.building.storage.members.remove(house.room.id, house.bob.user_id)
    house.ask(house.ann, Leave(house.name))
    assert house.owners() == set()
    house.services.room_people.add(ADMIN, house.room, ("cleo",))
    assert house.owners() == {house.cleo.user_id}
    house.ask(house.cleo, RoomRemove(house.name, "robot"))
    assert refusal(hooks.prepare, hook, house.ann, "x") == ErrorCode.NO_SUCH_ROOM


def test_bot_that_made_a_room_owns_it(house: House) -> None:
    """Nobody becomes an owner beside it when somebody is let in."""
    house.building.server.parts.bots.add(ADMIN, "rota")
    bot = house.building.storage.users.by_key("rota")
    assert bot is not None
    house.name = house.ask(house.building.sign_in(bot), RoomCreate("Rota", people=("bob",))).room
    house.services.room_people.add(ADMIN, house.room, ("cleo",))
    assert house.owners() == {bot.id}


def test_room_that_becomes_private_has_an_owner(house: House) -> None:
    """A room of the administrator's, which nobody owned, is then its oldest member's, who is told."""
    room = house.building.room("Plaza")
    house.ask(house.bob, Join(room.name))
    house.ask(house.cleo, Join(room.name))
    house.forget()
    house.services.room_owners.edit(
        ADMIN, house.services.directory.conversation("Plaza"), RoomEdit("", kind="private")
    )
    house.name = house.bob.rooms[room.id].record.name
    assert house.owners() == {house.bob.user_id}
    assert any(isinstance(one, RoomEvent) and one.room and one.room.owner for one in house.bob.sent)


def test_refusal_adds_nobody(house: House) -> None:
    """What would leave a private room without an owner is refused before anybody is let in."""
    assert house.refused(house.ann, RoomAdd(house.name, ("cleo", "ann"), False)) == ErrorCode.FORBIDDEN
    assert house.building.storage.members.get(house.room.id, house.cleo.user_id) is None
    assert house.owners() == {house.ann.user_id}


def test_request_is_no_membership_to_be_removed(house: House) -> None:
    """Whoever only asks to enter is no member, on the wire and for the console: the request stays."""
    house.building.room("Club", moderated=True)
    house.ask(house.cleo, Join("Club", "please"))
    club, admin = house.services.directory.conversation("Club"), house.services.room_admin
    cleo = house.building.storage.users.by_key("cleo")
    assert refusal(admin.remove_member, ADMIN, cleo, club.record, "") == ErrorCode.NOT_A_MEMBER
    assert refusal(house.services.room_people.remove, ADMIN, club, "cleo", "") == ErrorCode.NOT_A_MEMBER
    assert [one.user.username for one in admin.pending()] == ["cleo"]


def test_moderators_let_people_in_and_make_no_owners(house: House) -> None:
    """In a public room, that is; who owns a room is its owners' and the administrators' to say."""
    room = house.building.room("Plaza")
    moderator = house.building.sign_in(house.building.user("mod", "moderator"))
    house.ask(moderator, Join(room.name))
    house.ask(moderator, RoomAdd(room.name, ("cleo",)))
    for owner in (True, False):
        assert house.refused(moderator, RoomAdd(room.name, ("cleo",), owner)) == ErrorCode.FORBIDDEN
    assert house.building.storage.members.count(room.id) == 2


def test_owners_are_marked_in_the_list_of_members(house: House) -> None:
    """Nobody else is."""
    listed = house.services.rooms.members(house.bob, house.name).members
    assert {member.username: bool(member.owner) for member in listed} == {"ann": True, "bob": False}
