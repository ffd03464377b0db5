"""Who is there: watching rooms, typing, statuses, few events, finding people."""

import pytest

from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.own_replies import StatusSet
from chat_protocol.own_requests import SetSetting
from chat_protocol.people_requests import Person, PersonReply
from chat_protocol.requests import Join, Leave, Quiet, Status, Typing, Users, Watch
from chat_protocol.room_events import PresenceEvent, TypingEvent
from chat_protocol.room_replies import PeopleFound, QuietSet, TypingNoted, Watching
from chat_protocol.room_requests import RoomCreate
from chat_server.conversation.dispatch import dispatch
from chat_server.live.directory import Conversation
from tests.chat_server.building import Building
from tests.chat_server.fakes import FakeSession


@pytest.fixture
def two(building: Building) -> tuple[FakeSession, FakeSession]:
    """Two people in two rooms."""
    sessions = [building.sign_in(building.user(name)) for name in ("jules", "zoe")]
    for name in ("Plaza", "Tower"):
        building.room(name)
        for session in sessions:
            dispatch(building.services, session, Join(name))
    for session in sessions:
        session.sent.clear()
    return sessions[0], sessions[1]


def test_watch_tells_who_is_there(building: Building, two: tuple[FakeSession, FakeSession]) -> None:
    """A room is watched under its own name, and who is there is sent at once."""
    jules, _ = two
    reply = dispatch(building.services, jules, Watch("plaza"))
    assert reply == Watching("Plaza", None)
    (first,) = jules.sent
    assert isinstance(first, PresenceEvent)
    assert (first.room, first.changes) == ("Plaza", {"jules": "online", "zoe": "online"})
    assert [room.record.name for room in jules.watching] == ["Plaza"]


def test_watch_of_several_rooms_and_of_none(building: Building, two: tuple[FakeSession, FakeSession]) -> None:
    """Each room is named once, however often it was asked for; none ends it."""
    jules, _ = two
    reply = dispatch(building.services, jules, Watch(rooms=("Tower", "Plaza", "tower")))
    assert reply == Watching("Tower", ["Tower", "Plaza"])
    assert [getattr(event, "room", None) for event in jules.sent] == ["Tower", "Plaza"]
    assert dispatch(building.services, jules, Watch(rooms=())) == Watching(None, [])
    assert jules.watching == ()
    assert dispatch(building.services, jules, Watch()) == Watching(None, None)


def test_watch_holds_back_what_others_write_until_the_answer(
    building: Building, two: tuple[FakeSession, FakeSession], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The events of a watch come behind its answer."""
    jules, _ = two
    held: list[bool] = []
    monkeypatch.setattr(jules, "hold", lambda: held.append(not jules.watching))
    dispatch(building.services, jules, Watch("Plaza"))
    assert held == [True]


def test_room_that_one_is_removed_from_meanwhile_is_not_watched(
    building: Building, two: tuple[FakeSession, FakeSession], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The removal that comes while a watch begins is seen by one of the two."""
    jules, _ = two
    plaza = building.services.directory.conversation("Plaza")
    watch = building.services.presence.watch

    def removed_first(session: FakeSession, rooms: tuple[Conversation, ...]) -> None:
        monkeypatch.undo()
        building.services.rooms.leave(session, "Plaza")
        watch(session, rooms)

    monkeypatch.setattr(building.services.presence, "watch", removed_first)
    with pytest.raises(ChatError):
        dispatch(building.services, jules, Watch(rooms=("Plaza", "Tower")))
    assert plaza not in jules.watching


def test_private_conversation_is_watched(building: Building) -> None:
    """It has no members to be removed from."""
    ann, bob = building.user("ann"), building.user("bob")
    building.say(building.storage.rooms.direct(ann.id, bob.id, 0), ann, "hello")
    session = building.sign_in(ann)
    assert dispatch(building.services, session, Watch("@bob")) == Watching("@bob", None)
    assert [room.label(ann.id) for room in session.watching] == ["@bob"]


def test_typing_is_told_to_the_others(building: Building, two: tuple[FakeSession, FakeSession]) -> None:
    """Those who watch the room see who writes; whoever writes does not."""
    jules, zoe = two
    for session in two:
        dispatch(building.services, session, Watch("Plaza"))
        session.sent.clear()
    assert dispatch(building.services, jules, Typing("plaza")) == TypingNoted("Plaza")
    assert jules.sent == []
    (event,) = zoe.sent
    assert isinstance(event, TypingEvent)
    assert (event.room, event.username) == ("Plaza", "jules")


def test_status_is_that_of_all_sessions(building: Building, two: tuple[FakeSession, FakeSession]) -> None:
    """A status and its text are set together, and a missing text takes the earlier one back."""
    jules, _ = two
    assert dispatch(building.services, jules, Status("busy", "a call")) == StatusSet("busy")
    assert (jules.status, jules.status_text) == ("busy", "a call")
    assert dispatch(building.services, jules, Status("away")) == StatusSet("away")
    assert (jules.status, jules.status_text) == ("away", "")


def test_quiet_is_switched_on_and_off(building: Building, two: tuple[FakeSession, FakeSession]) -> None:
    """The answer says which it is now."""
    jules, _ = two
    assert dispatch(building.services, jules, Quiet()) == QuietSet(True)
    assert jules.quiet
    assert dispatch(building.services, jules, Quiet(False)) == QuietSet(False)
    assert not jules.quiet


def test_users_are_found_by_the_beginning(building: Building, two: tuple[FakeSession, FakeSession]) -> None:
    """Others come with their status; whether there are more is told."""
    jules, _ = two
    building.user("zorro")
    found = dispatch(building.services, jules, Users("@ZO"))
    assert isinstance(found, PeopleFound)
    assert [(one.username, one.status) for one in found.users] == [("zoe", "online"), ("zorro", "offline")]
    assert found.more is None
    one = dispatch(building.services, jules, Users("zo", 1))
    assert isinstance(one, PeopleFound)
    assert ([user.username for user in one.users], one.more) == (["zoe"], True)


def test_strange_rooms_are_refused(building: Building, two: tuple[FakeSession, FakeSession]) -> None:
    """Nobody watches or writes in a room of others."""
    jules, _ = two
    building.room("Cellar")
    for request in (Watch("Cellar"), Typing("Cellar")):
        with pytest.raises(ChatError):
            dispatch(building.services, jules, request)


def test_everybody_in_pages_with_roles(building: Building) -> None:
    """Everybody is listed by username, page by page, with the role of those who have one."""
    for name, role in (("ann", "admin"), ("bob", "member"), ("Cem", "moderator"), ("dora", "member")):
        building.user(name, role)
    session = building.sign_in(building.user("zoe"))
    first = dispatch(building.services, session, Users(limit=3))
    assert isinstance(first, PeopleFound)
    told = [(one.username, one.role) for one in first.users]
    assert (told, first.more) == ([("ann", "admin"), ("bob", ""), ("Cem", "moderator")], True)
    second = dispatch(building.services, session, Users(limit=3, after_username="cem"))
    assert isinstance(second, PeopleFound)
    assert ([one.username for one in second.users], second.more) == (["dora", "zoe"], None)


def test_person_and_what_both_share(building: Building, two: tuple[FakeSession, FakeSession]) -> None:
    """The role, the rooms that both belong to, and the local time to those who share a room."""
    jules, zoe = two
    building.room("Alone")
    dispatch(building.services, zoe, Join("Alone"))
    dispatch(building.services, zoe, SetSetting("utc_offset", "-03:30"))
    for name, people in (("Ours", ("jules",)), ("Mine", ())):
        dispatch(building.services, zoe, RoomCreate(name, people=people))
    reply = dispatch(building.services, jules, Person("@Zoé"))
    assert isinstance(reply, PersonReply)
    assert [name.partition(" ~")[0] for name in reply.rooms][-3:] == ["Ours", "Plaza", "Tower"]
    assert (reply.username, reply.role, reply.bot, reply.utc_offset) == ("zoe", "member", None, "-03:30")
    for room in reply.rooms:
        dispatch(building.services, jules, Leave(room))
    assert dispatch(building.services, jules, Person("zoe")) == PersonReply("zoe", "zoe", "member", [])
    with pytest.raises(ChatError) as caught:
        dispatch(building.services, jules, Person("nobody"))
    assert caught.value.code == ErrorCode.NO_SUCH_USER


def test_local_time_is_not_told_against_the_user_s_will(
    building: Building, two: tuple[FakeSession, FakeSession]
) -> None:
    """Who has chosen false is not asked about; what is no offset is refused."""
    jules, zoe = two
    for value, told in ((None, None), ("+14:00", "+14:00"), (False, None)):
        dispatch(building.services, zoe, SetSetting("utc_offset", value))
        reply = dispatch(building.services, jules, Person("zoe"))
        assert isinstance(reply, PersonReply)
        assert reply.utc_offset == told
    for wrong in (True, "+1:00", "+15:00", "UTC"):
        with pytest.raises(ChatError):
            SetSetting("utc_offset", wrong)
