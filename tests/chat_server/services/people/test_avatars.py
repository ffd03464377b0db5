"""The pictures of people: what is taken for one, who is told, who may take it away, and what goes with it."""

import base64

import pytest

from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.limits import AVATAR_SIDE_MAX
from chat_protocol.people_requests import AvatarSet, SetAvatar, avatar_name
from chat_server.conversation.acting import actor_of
from chat_server.conversation.dispatch import dispatch
from chat_server.services.moderation.sanction_order import SanctionOrder
from chat_server.storage.core.records import UserRecord
from tests.chat_server.building import ADMIN, Building
from tests.chat_server.fakes import FakeSession, frames_of
from tests.support.pictures import gif, noise, png, png_of

PICTURE = png(64, 64)
NAME = avatar_name(PICTURE)


def text_of(picture: bytes) -> str:
    return base64.b64encode(picture).decode()


@pytest.fixture
def jules(building: Building) -> UserRecord:
    return building.user("jules")


@pytest.fixture
def session(building: Building, jules: UserRecord) -> FakeSession:
    return building.sign_in(jules)


def told(session: FakeSession) -> list[str | None]:
    return [frame.get("avatar") for frame in frames_of(session) if frame["type"] == "avatar"]


def refusal(building: Building, session: FakeSession, data: str) -> str:
    with pytest.raises(ChatError) as refused:
        building.services.avatars.choose(session, data)
    return refused.value.code


def test_everyone_is_told_and_may_see_it(building: Building, session: FakeSession) -> None:
    """All are told once, also who chose it; lists, cards and conversations name it; the bytes are for all."""
    marie = building.sign_in(building.user("marie"))
    services = building.services
    assert services.avatars.choose(session, text_of(PICTURE)) == NAME
    assert services.avatars.choose(session, text_of(PICTURE)) == NAME  # no change: nobody is told again
    assert (told(marie), told(session)) == ([NAME], [NAME])
    assert services.avatars.of("@Jules").data == text_of(PICTURE)
    listed = {one.username: one.avatar for one in services.rooms.members(marie, "Général").members}
    assert listed == {"jules": NAME, "marie": ""}
    after = services.rooms.members(marie, "Général", "").members
    assert {one.username: one.avatar for one in after} == listed
    assert [one.avatar for one in services.people.find("jul", 9).users] == [NAME]
    assert services.people.about(marie, "jules").avatar == NAME
    building.say(building.storage.rooms.direct(session.user_id, marie.user_id, 0), building.user("x"), "hi")
    (room,) = (one for one in services.rooms.overview(marie) if one.kind == "direct")
    assert room.avatar == NAME


def test_taken_away_again(building: Building, session: FakeSession) -> None:
    """Without a picture nothing is left to ask for, and all are told."""
    building.services.avatars.choose(session, text_of(PICTURE))
    reply = dispatch(building.services, session, SetAvatar())
    assert isinstance(reply, AvatarSet)
    assert reply.to_fields() == {}
    assert told(session) == [NAME, None]
    assert building.services.avatars.of("jules").data is None
    assert session.account.avatar == ""


@pytest.mark.parametrize(
    "data",
    [
        "not base64!",
        text_of(b"plain text"),
        text_of(b"%PDF-1.7"),
        text_of(b"\x89PNG\r\n\x1a\n cut"),
        text_of(png_of(30_000, 30_000, b"")),  # a header that lies about so few bytes
        text_of(gif(513, 8)),
    ],
)
def test_no_picture_is_refused(building: Building, session: FakeSession, data: str) -> None:
    """What is no picture, or says it is larger than any window shows it, is kept nowhere."""
    assert refusal(building, session, data) == ErrorCode.BAD_REQUEST
    assert told(session) == []


def test_largest_one_fits_into_a_frame(building: Building, session: FakeSession) -> None:
    """A picture of the largest size is answered whole."""
    picture = png(8, 8).ljust(46_080, b"\0")
    building.services.avatars.choose(session, SetAvatar(text_of(picture)).data)
    reply = building.services.avatars.of("jules").to_frame(1)
    assert reply["data"] == text_of(picture)
    assert len(noise(8, 8)) < 46_080


def test_who_is_muted_shows_no_other_one(building: Building, session: FakeSession, jules: UserRecord) -> None:
    """A mute everywhere forbids another picture, but not to take it away; one in a room forbids nothing."""
    services = building.services
    room = services.directory.find("Général")
    services.moderation.sanction(ADMIN, SanctionOrder("mute", jules, room=room))
    services.avatars.choose(session, text_of(PICTURE))
    services.moderation.sanction(ADMIN, SanctionOrder("mute", jules))
    assert refusal(building, session, text_of(png(9, 9))) == ErrorCode.MUTED
    assert services.avatars.choose(session, None) == ""


def test_moderators_take_it_away(building: Building, session: FakeSession) -> None:
    """A moderator may, not from those as high; a member may not; each try is in the audit."""
    services = building.services
    mia, carl = building.sign_in(building.user("mia", "moderator")), building.sign_in(building.user("carl"))
    for one in (session, mia):
        services.avatars.choose(one, text_of(PICTURE))
    for actor, name in ((carl, "jules"), (mia, "mia")):
        with pytest.raises(ChatError) as refused:
            services.avatars.remove(actor_of(actor), name)
        assert refused.value.code == ErrorCode.FORBIDDEN
    services.avatars.remove(actor_of(mia), "@JULES")
    services.avatars.remove(ADMIN, "mia")
    assert [services.avatars.of(name).avatar for name in ("jules", "mia")] == [None, None]
    assert told(carl) == [NAME, NAME, None, None]
    entries = [
        (one.actor, one.target, one.allowed) for one in services.audit.entries() if "avatar" in one.action
    ]
    assert entries == [
        ("carl", "jules", False),
        ("mia", "mia", False),
        ("mia", "jules", True),
        ("boss", "mia", True),
    ]


def test_gone_with_the_account(building: Building, session: FakeSession, jules: UserRecord) -> None:
    """With an account goes its picture, and all who show it are told."""
    marie = building.sign_in(building.user("marie"))
    building.services.avatars.choose(session, text_of(PICTURE))
    user = building.storage.users.by_id(jules.id)
    assert user is not None
    building.services.roles.erase(ADMIN, user)
    assert told(marie) == [NAME, None]


def test_newcomer_of_a_room_comes_with_it(building: Building, session: FakeSession) -> None:
    """Those who watch a room see the picture of who enters it."""
    room = building.room("Cantine")
    marie = building.sign_in(building.user("marie"))
    building.services.rooms.join(marie, room.name, "")
    building.services.presence.watch(marie, (building.services.directory.conversation(room.name),))
    building.services.avatars.choose(session, text_of(PICTURE))
    building.services.rooms.join(session, room.name, "")
    (event,) = (frame for frame in frames_of(marie) if frame["type"] == "member")
    assert event["avatar"] == NAME


@pytest.mark.parametrize(("side", "taken"), [(AVATAR_SIDE_MAX, True), (AVATAR_SIDE_MAX + 1, False)])
def test_picture_has_its_largest_side(
    building: Building, session: FakeSession, side: int, taken: bool
) -> None:
    """Either one."""
    for picture in (png(side, 1), png(1, side)):
        if taken:
            assert building.services.avatars.choose(session, text_of(picture)) == avatar_name(picture)
        else:
            assert refusal(building, session, text_of(picture)) == ErrorCode.BAD_REQUEST
    assert refusal(building, session, f"*{text_of(PICTURE)}*") == ErrorCode.BAD_REQUEST


def test_picture_is_taken_away_by_moderators_alone(
    building: Building, session: FakeSession, jules: UserRecord
) -> None:
    """A member does not even learn who there is; that there was none is noted."""
    building.services.avatars.choose(session, text_of(PICTURE))
    member = actor_of(building.sign_in(building.user("marie")))
    for name in ("jules", "nobody"):
        with pytest.raises(ChatError) as caught:
            building.services.avatars.remove(member, name)
        assert caught.value.code == ErrorCode.FORBIDDEN
    for _ in range(2):
        assert building.services.avatars.remove(ADMIN, "JULES").id == jules.id
    entries = building.server.parts.audit.entries()[-2:]
    assert [(entry.target, entry.detail) for entry in entries] == [("jules", ""), ("jules", "there was none")]
    with pytest.raises(ChatError):
        building.services.avatars.remove(ADMIN, "x" * 99)
    assert building.server.parts.audit.entries()[-1].target == "x" * 40
