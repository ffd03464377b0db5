"""Rooms as members see them: entering, asking, leaving, and what others are told."""

from collections.abc import Callable

import pytest

from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.requests import Send
from chat_protocol.room_events import MemberEvent, MembershipEvent, ModerationEvent, RoomEvent
from chat_server.services.moderation.sanction_order import SanctionOrder
from tests.chat_server.building import ADMIN, Building
from tests.chat_server.fakes import frames_of


def _code(function: Callable[..., object], *arguments: object) -> str:
    with pytest.raises(ChatError) as caught:
        function(*arguments)
    return caught.value.code


def test_join_of_a_public_room_opens_it(building: Building) -> None:
    """The user gets the room in every session, and cannot join it twice."""
    room, jules = building.room("Plaza"), building.user("jules")
    desk, laptop = building.sign_in(jules), building.sign_in(jules)
    rooms = building.services.rooms
    assert rooms.join(desk, "plaza", "").membership == "joined"
    assert room.id in desk.rooms
    assert room.id in laptop.rooms
    assert [type(event) for event in laptop.sent] == [RoomEvent]
    assert desk.sent == []
    assert _code(rooms.join, desk, "Plaza", "") == ErrorCode.ALREADY_MEMBER
    assert _code(rooms.join, desk, "@zoe", "") == ErrorCode.FORBIDDEN
    assert _code(rooms.join, desk, "nowhere", "") == ErrorCode.NO_SUCH_ROOM


def test_join_of_a_moderated_room_asks(building: Building) -> None:
    """Nobody enters by asking; moderators are told how many wait, and asking can be taken back."""
    room = building.room("Board", moderated=True)
    moderator = building.sign_in(building.user("mod", "moderator"))
    member = building.sign_in(building.user("zoe"))
    session = building.sign_in(building.user("jules"))
    rooms = building.services.rooms
    assert rooms.join(session, "Board", " let me in ").membership == "pending"
    assert room.id not in session.rooms
    assert moderator.sent == [ModerationEvent(1)]
    assert member.sent == []
    (request,) = building.services.room_admin.pending()
    assert request.reason == "let me in"
    rooms.leave(session, "Board")
    assert moderator.sent[1:] == [ModerationEvent(0)]
    assert building.services.room_admin.pending() == []


def test_leave_ends_membership_and_watching(building: Building) -> None:
    """Who leaves hears nothing more of the room, the user's other session knows, and watchers are told."""
    room, jules = building.room("Plaza"), building.user("jules")
    desk, laptop = building.sign_in(jules), building.sign_in(jules)
    zoe = building.sign_in(building.user("zoe"))
    rooms, presence = building.services.rooms, building.services.presence
    rooms.join(desk, "Plaza", "")
    rooms.join(zoe, "Plaza", "")
    conversation = building.services.directory.conversation("Plaza")
    presence.watch(desk, [conversation])
    presence.watch(zoe, [conversation])
    laptop.sent.clear()
    zoe.sent.clear()
    assert rooms.leave(desk, "Plaza").membership == "none"
    assert (room.id in desk.rooms, room.id in laptop.rooms) == (False, False)
    assert desk.watching == ()
    assert laptop.sent == [MembershipEvent("Plaza", "none", room_id=room.public_id)]
    member_frames = [frame for frame in frames_of(zoe) if frame["type"] == "member"]
    assert member_frames[-1] == MemberEvent("Plaza", "jules", "left", "jules", room.public_id).to_frame()
    assert _code(rooms.leave, desk, "Plaza") == ErrorCode.NOT_A_MEMBER
    assert _code(rooms.leave, desk, "@zoe") == ErrorCode.FORBIDDEN
    assert _code(rooms.conversation, desk, "Plaza") == ErrorCode.NOT_A_MEMBER


def test_members_lists_those_online_first(building: Building) -> None:
    """The list has everyone once, who is connected first, with the numbers of both."""
    building.room("Plaza")
    zoe, jules, adam = (building.sign_in(building.user(name)) for name in ("zoe", "jules", "adam"))
    for session in (zoe, jules, adam):
        building.services.rooms.join(session, "Plaza", "")
    building.services.registry.closed(adam)
    listed = building.services.rooms.members(jules, "Plaza")
    assert [member.username for member in listed.members] == ["jules", "zoe", "adam"]
    assert (listed.total, listed.online) == (3, 2)


def test_all_members_are_listed_page_by_page(building: Building, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many there are, who asks for those after the last name has seen each once at the end."""
    monkeypatch.setattr("chat_server.services.rooms.rooms.MEMBERS_MAX", 2)
    names = ["adam", "Béa", "jules", "zoe", "zoé.b"]
    building.room("Plaza")
    sessions = [building.sign_in(building.user(name)) for name in names]
    for session in sessions:
        building.services.rooms.join(session, "Plaza", "")
    building.services.registry.closed(sessions[0])
    listed: list[tuple[str, str]] = []
    after, more = "", True
    while more:
        page = building.services.rooms.members(sessions[2], "Plaza", after)
        listed += [(member.username, member.status) for member in page.members]
        after, more = page.members[-1].username, bool(page.more)
        assert (page.total, page.online) == (5, 4)
    assert listed == [("adam", "offline"), *((name, "online") for name in names[1:])]
    assert building.services.rooms.members(sessions[2], "Plaza").more


def test_private_conversation_begins_with_the_first_message(building: Building) -> None:
    """Before it is stored nobody sees one; then each sees the same one under the other's name."""
    user = building.user("jules")
    jules, zoe = building.sign_in(user), building.sign_in(building.user("zoe"))
    find = building.services.rooms.conversation
    directs = building.services.messages._directs
    assert _code(find, jules, "@zoe") == ErrorCode.NO_SUCH_ROOM
    conversation = directs.open(jules, "@zoe")
    assert directs.open(zoe, "@JULES") is conversation
    for session, name in ((zoe, "@jules"), (jules, "@zoe")):
        assert _code(find, session, name) == ErrorCode.NO_SUCH_ROOM
        assert [room for room in building.services.rooms.overview(session) if room.kind == "direct"] == []
        assert session.sent == []
    building.say(conversation.record, user, "hello")
    for session, name in ((zoe, "@jules"), (jules, "@zoe")):
        assert find(session, name) is conversation
        (room,) = [room for room in building.services.rooms.overview(session) if room.kind == "direct"]
        assert (room.name, room.last_seq) == (name, 1)
    assert _code(directs.open, jules, "@nobody") == ErrorCode.NO_SUCH_USER


def test_refused_private_message_opens_no_conversation(building: Building) -> None:
    """What a muted user tries to say leaves no trace in anybody's list, now or at the next sign-in."""
    adam = building.user("adam")
    muted, zoe = building.sign_in(adam), building.sign_in(building.user("zoe"))
    building.services.moderation.sanction(ADMIN, SanctionOrder("mute", adam, None, "noise"))
    muted.sent.clear()  # of the mute the user is told
    assert _code(building.services.messages.prepare_send, muted, 1, Send("@zoe", "hi")) == ErrorCode.MUTED
    for session in (muted, zoe):
        assert session.sent == []
        assert all(room.kind != "direct" for room in building.services.rooms.overview(session))


def test_room_is_found_by_its_id_as_by_its_name(building: Building) -> None:
    """An id stands for a room or a private conversation in every request, and leads nobody else in."""
    zoe_user = building.user("zoe")
    jules, zoe = building.sign_in(building.user("jules")), building.sign_in(zoe_user)
    adam = building.sign_in(building.user("adam"))
    rooms, room = building.services.rooms, building.room("Plaza")
    assert _code(rooms.conversation, jules, room.public_id) == ErrorCode.NOT_A_MEMBER
    view = rooms.join(jules, room.public_id, "").view
    assert view is not None
    assert (view.name, view.id) == ("Plaza", room.public_id)
    assert rooms.conversation(jules, room.public_id).id == room.id
    private = building.services.messages._directs.open(jules, "@zoe")
    assert _code(rooms.conversation, zoe, private.public_id) == ErrorCode.NO_SUCH_ROOM
    building.say(private.record, zoe_user, "hello")
    assert rooms.conversation(jules, private.public_id) is private
    assert rooms.conversation(zoe, private.public_id) is private
    assert _code(rooms.conversation, adam, private.public_id) == ErrorCode.NO_SUCH_ROOM
    assert _code(rooms.leave, jules, private.public_id) == ErrorCode.FORBIDDEN
    assert _code(rooms.join, adam, private.public_id, "") == ErrorCode.NO_SUCH_ROOM
    assert rooms.leave(jules, room.public_id).room == "Plaza"
    assert _code(rooms.conversation, jules, "0123456789,1") == ErrorCode.NO_SUCH_ROOM


def test_conversation_with_an_erased_partner_keeps_its_id(building: Building) -> None:
    """It has another name, of which the partner is told at once; by its id it is the same one, to be read."""
    zoe = building.user("zoe")
    jules = building.sign_in(building.user("jules"))
    private = building.services.messages._directs.open(jules, "@zoe")
    building.say(private.record, zoe, "hello")
    building.services.registry.add_partner(jules.user_id, zoe.id, "zoe")  # as the delivery does
    building.server.parts.roles.erase(ADMIN, zoe)
    event = jules.sent[-1]
    assert isinstance(event, RoomEvent)
    assert event.room is not None
    assert (event.was, event.room.name, event.room.id) == ("@zoe", f"@~{zoe.id}", private.public_id)
    assert (event.room.display_name, event.room.last_seq) == ("former member", 1)
    assert building.services.rooms.conversation(jules, private.public_id).id == private.id
    send = Send(private.public_id, "are you there?")
    assert _code(building.services.messages.prepare_send, jules, 1, send) == ErrorCode.NO_SUCH_USER


def test_joining_and_leaving_are_told_to_those_who_watch(building: Building) -> None:
    """With the display name; who joins is not told of it, and who watches another room is not."""
    plaza, tower = building.room("Plaza"), building.room("Tower")
    zoe, ada = building.sign_in(building.user("zoe")), building.sign_in(building.user("ada"))
    jules = building.sign_in(building.user("jules"))
    rooms, directory = building.services.rooms, building.services.directory
    for session, room in ((zoe, plaza), (ada, tower)):
        rooms.join(session, room.name, "")
        building.services.presence.watch(session, [directory.conversation(room.name)])
    rooms.join(jules, "Plaza", "")
    rooms.leave(jules, "Plaza")
    told = [(frame["change"], frame["username"]) for frame in frames_of(zoe) if frame["type"] == "member"]
    assert told == [("joined", "jules"), ("left", "jules")]
    for session in (ada, jules):
        assert [frame for frame in frames_of(session) if frame["type"] == "member"] == []


def test_room_that_was_left_is_known_and_others_are_not(building: Building) -> None:
    """Members and former members find what a repeated message names, and nobody who may not know of it."""
    rooms, plaza = building.services.rooms, building.room("Plaza")
    den = building.room("Den", kind="private")
    zoe, jules = building.user("zoe"), building.sign_in(building.user("jules"))
    rooms.join(jules, "Plaza", "")
    assert rooms.known(jules, "Plaza") is rooms.conversation(jules, "Plaza")
    rooms.leave(jules, "Plaza")
    left = rooms.known(jules, "Plaza")
    assert left is not None
    assert left.id == plaza.id
    assert rooms.known(jules, den.public_id) is None
    assert rooms.known(jules, "nowhere") is None
    private = building.services.messages._directs.open(jules, "@zoe")
    building.say(private.record, zoe, "hello")
    assert rooms.known(jules, private.public_id) is private
    assert rooms.known(building.sign_in(building.user("adam")), private.public_id) is None


def test_who_is_added_enters_once_and_waits_no_more(building: Building) -> None:
    """A request to join is done with, of which moderators hear; a member who is added is told nothing."""
    room, jules = building.room("Board", moderated=True), building.user("jules")
    moderator = building.sign_in(building.user("mod", "moderator"))
    session = building.sign_in(jules)
    building.services.rooms.join(session, "Board", "please")
    conversation = building.services.directory.conversation("Board")
    moderator.sent.clear()
    building.services.room_people.enter(jules, conversation)
    assert room.id in session.rooms
    assert [type(event) for event in session.sent] == [MembershipEvent, RoomEvent]
    assert moderator.sent == [ModerationEvent(0)]
    session.sent.clear()
    moderator.sent.clear()
    building.services.room_people.enter(jules, conversation)
    assert (session.sent, moderator.sent) == ([], [])


def test_rooms_that_do_not_fit_in_the_reply_follow_as_events(
    building: Building, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each room is told once, in the order of the list; where all fit, nothing follows."""
    for number in range(5):
        building.room(f"Room {number}")
    session = building.sign_in(building.user("jules"))
    rooms = building.services.rooms
    whole = rooms.overview(session)
    assert session.sent == []
    monkeypatch.setattr("chat_server.services.rooms.rooms.fitting", lambda _rooms: 3)
    told = rooms.overview(session)
    followed = [event.room for event in session.sent if isinstance(event, RoomEvent)]
    assert len(told) == 3
    assert [*told, *followed] == whole


def test_conversation_of_another_server_is_announced_with_its_first_message(building: Building) -> None:
    """To both, under the other one's name; later ones need no word, and without anybody here none is made."""
    ada, bob = building.user("Ada"), building.user("Bob")
    record = building.storage.rooms.direct(ada.id, bob.id, building.server.parts.clock())
    building.say(record, ada, "hello")
    directs = building.services.rooms._directs
    assert directs.incoming(record.id, 1) is None
    assert directs.incoming(9_999, 1) is None
    building.sign_in(bob)
    conversation = directs.incoming(record.id, 1)
    assert conversation is not None
    told = {user_id: event.room for user_id, event in conversation.introductions.items()}
    assert {user_id: room and room.name for user_id, room in told.items()} == {ada.id: "@Bob", bob.id: "@Ada"}


def test_conversation_counts_as_unread_where_nothing_was_noted(building: Building) -> None:
    """From its first message on."""
    ada, bob = building.user("Ada"), building.user("Bob")
    record = building.storage.rooms.direct(ada.id, bob.id, building.server.parts.clock())
    building.say(record, bob, "hello")
    (room,) = building.services.rooms._directs.overview(building.sign_in(ada), {}).values()
    assert (room.name, room.last_seq, room.read_seq) == ("@Bob", 1, 0)
