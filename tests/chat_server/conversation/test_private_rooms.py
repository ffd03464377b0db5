"""Every request, held against a private room that its sender may not know: nothing tells of it."""

import json
from collections.abc import Callable
from typing import Any, Final

import pytest

from chat_protocol import moderation_requests as moderating
from chat_protocol import requests
from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.events import EVENTS
from chat_protocol.names import room_title
from chat_protocol.own_requests import Receipt, Save, Saved, SetSetting, Settings
from chat_protocol.people_requests import Avatar, Person, SetAvatar
from chat_protocol.pin_requests import Pin, Pins
from chat_protocol.request import Request
from chat_protocol.request_reading import REQUESTS
from chat_protocol.room_requests import RoomAdd, RoomArchive, RoomCreate, RoomEdit, RoomRemove
from chat_server.conversation.dispatch import dispatch
from chat_server.live.presence import Presence
from chat_server.net.wire import reply_frame
from chat_server.services.moderation.sanction_order import SanctionOrder
from tests.chat_server.building import ADMIN, Building
from tests.chat_server.fakes import frames_of

TITLE: Final = "Overthrow"
SAID: Final = "midnight"

#: How each request is aimed at a room. A new one has to be added here, or below.
AIMED: Final[dict[str, Callable[[str], Request]]] = {
    "send": lambda room: requests.Send(room, "x", "used elsewhere"),
    "edit": lambda room: requests.Edit(room, 1, "x"),
    "delete": lambda room: requests.Delete(room, 1, "used elsewhere"),
    "react": lambda room: requests.React(room, 1, "👍"),
    "upload": lambda room: requests.Upload(room, "n", "x.txt", 1),
    "history": lambda room: requests.History(room),
    "read": lambda room: requests.Read(room, 1, True),
    "join": lambda room: requests.Join(room, "please"),
    "leave": lambda room: requests.Leave(room),
    "members": lambda room: requests.Members(room, ""),
    "watch": lambda room: requests.Watch(rooms=(room,)),
    "typing": lambda room: requests.Typing(room),
    "search": lambda room: requests.Search(SAID, room),
    "sync": lambda room: requests.Sync({room: 0}),
    "room.edit": lambda room: RoomEdit(room, topic="x"),
    "room.add": lambda room: RoomAdd(room, ("mallory",)),
    "room.remove": lambda room: RoomRemove(room, "ann"),
    "room.archive": lambda room: RoomArchive(room),
    "set": lambda room: SetSetting("notify", "all", room),
    "save": lambda room: Save(room, 1),
    "receipt": lambda room: Receipt(room),
    "pin": lambda room: Pin(room, 1),
    "pins": lambda room: Pins(room),
    "moderation.decide": lambda room: moderating.ModerationDecide("ann", room, True),
    "moderation.sanction": lambda room: moderating.ModerationSanction("mute", "ann", room=room),
    "moderation.lift": lambda room: moderating.ModerationLift("mute", "ann", room=room),
    "moderation.accept": lambda room: moderating.ModerationAccept(room, ("ann",)),
}
#: Those that name no room, with what a stranger may get from each: nothing of the room.
UNAIMED: Final[dict[str, tuple[Request, ...]]] = {
    "search": (requests.Search(SAID), requests.Search(f'in:"{TITLE}"'), requests.Search("from:ann")),
    "users": (requests.Users(),),
    "person": (Person("ann"), Person("carl")),
    "avatar": (Avatar("ann"),),
    "set_avatar": (SetAvatar(),),
    "moderation.avatar": (moderating.ModerationAvatar("ann"),),
    "sync": (requests.Sync({}),),
    "moderation.pending": (moderating.ModerationPending(),),
    "moderation.sanctions": (moderating.ModerationInForce(),),
    "moderation.role": (moderating.ModerationRole("ann", "member"),),
    "moderation.devices": (moderating.ModerationDevices("ann"),),
    "moderation.end_device": (moderating.ModerationEndDevice("ann"),),
    "moderation.invite": (moderating.ModerationInvite(),),
    "moderation.invitations": (moderating.ModerationInvitations(),),
    "moderation.revoke": (moderating.ModerationRevoke(1),),
    "moderation.password": (moderating.ModerationPassword("carl"),),
    "devices": (requests.Devices(),),
    "settings": (Settings(),),
    "saved": (Saved(),),
    "profile": (requests.Profile("M."),),
    "status": (requests.Status("busy", "x"),),
    "quiet": (requests.Quiet(False),),
    "ping": (requests.Ping(),),
    "room.create": (RoomCreate(TITLE), RoomCreate(TITLE.upper(), "public")),
}
#: These know a password, a token or a file's random id, and nothing of rooms but what a sign-in lists.
OTHERS: Final = {"register", "login", "resume", "logout", "password", "end_device", "download"}
#: What administrators do is noted for all of them, in private rooms, too; others may not read it.
ADMINS_ALONE: Final = {"moderation.audit": moderating.ModerationAudit()}


class Scene:
    """Ann's private room, and mallory, who is not in it.

    :param role: mallory's.
    """

    def __init__(self, building: Building, role: str) -> None:
        self.building = building
        self.services = building.services
        self.ann = building.sign_in(building.user("ann"))
        self.stranger = building.sign_in(building.user("mallory", role))
        made: Any = dispatch(self.services, self.ann, RoomCreate(TITLE, topic=TITLE))
        self.name: str = made.room
        self.room = self.services.directory.conversation(self.name)
        building.say(self.room.record, building.user("carl"), SAID)
        building.index()
        for kind in ("public", "moderated", "private"):
            building.server.parts.creation_policy.change(ADMIN, kind, "member")

    def answer(self, request: Request) -> str:
        """Return what the stranger is answered, as text."""
        try:
            if self.services.messages.stores(type(request)):
                return repr(self.services.messages.prepare(self.stranger, None, request))
            answer: Any = dispatch(self.services, self.stranger, request)
        except ChatError as error:
            return json.dumps(error.to_frame())
        return reply_frame(None, answer).decode()


@pytest.fixture(params=["member", "moderator", "admin"])
def scene(request: pytest.FixtureRequest, building: Building) -> Scene:
    """A private room, and a stranger of each role."""
    return Scene(building, request.param)


def test_every_request_is_held_against_a_private_room() -> None:
    """A new request has to be put into one of the tables here, and so to be thought about."""
    assert AIMED.keys() | UNAIMED.keys() | OTHERS | ADMINS_ALONE.keys() == REQUESTS.keys()
    assert not (OTHERS | ADMINS_ALONE.keys()) & (AIMED.keys() | UNAIMED.keys())


def test_a_private_room_answers_as_one_that_does_not_exist(scene: Scene) -> None:
    """By its name in any spelling and by its id, every request gets what it gets for no room at all."""
    storage, lobby = scene.building.storage, scene.building.room("Lobby")
    scene.building.say(lobby, _user(scene, "mallory"), "x")
    head = scene.room.public_id.partition(",")[0]
    for real, unreal in (
        (scene.name, "Overthrow ~zzzz"),
        (scene.name.upper(), "OVERTHROW ~ZZZZ"),
        (scene.room.public_id, f"{head},999999"),
    ):
        for kind, aim in AIMED.items():
            found, expected = scene.answer(aim(real)), scene.answer(aim(unreal))
            assert found.replace(real, "?") == expected.replace(unreal, "?"), kind
    assert storage.members.get(scene.room.id, scene.stranger.user_id) is None


def test_a_used_nonce_tells_nothing(scene: Scene) -> None:
    """A message repeated into a private room is refused as into no room, not as another message's nonce."""
    lobby = scene.building.room("Lobby")
    scene.building.say(lobby, _user(scene, "mallory"), "x")
    nonce = f"{lobby.id} {scene.stranger.user_id} x"
    for room in (scene.name, "Overthrow ~zzzz"):
        assert ErrorCode.NO_SUCH_ROOM in scene.answer(requests.Send(room, "x", nonce))


def test_audit_is_for_administrators(scene: Scene) -> None:
    """Nobody else learns from it what was done in a private room."""
    scene.services.room_admin.set_topic(ADMIN, scene.room.record, "x")
    answer = scene.answer(ADMINS_ALONE["moderation.audit"])
    assert (scene.name in answer) is (scene.stranger.role == "admin")


def test_no_answer_holds_a_trace(scene: Scene) -> None:
    """Lists, searches and counts have neither its name nor its id nor a word that was said in it."""
    order = SanctionOrder("mute", _user(scene, "carl"), None, "", scene.room.record)
    scene.services.moderation.sanction(ADMIN, order)
    for kind, several in UNAIMED.items():
        for request in several:
            answer = scene.answer(request)
            assert scene.name not in answer, kind
            assert scene.room.public_id not in answer, kind
            assert SAID not in answer, kind
    overview = json.dumps([room.to_frame() for room in scene.services.rooms.overview(scene.stranger)])
    assert scene.name not in overview
    assert scene.room.public_id not in overview


def test_no_event_reaches_a_stranger(scene: Scene) -> None:
    """Whatever its members do with it, and the administrator: nothing at all is sent to those outside."""
    stranger, ann = scene.stranger, scene.ann
    dispatch(scene.services, stranger, requests.Watch(rooms=()))
    before, sent = len(frames_of(stranger)), len(stranger.sent)
    presence: Presence = scene.services.presence
    name = scene.name
    dispatch(scene.services, ann, requests.Watch(rooms=(name,)))
    for request in (
        RoomAdd(name, ("carl",)),
        RoomAdd(name, ("carl",), True),
        requests.Typing(name),
        Pin(name, 1),
        Pin(name, 1, False),
        RoomEdit(name, topic="new", description="new"),
        RoomRemove(name, "carl"),
        RoomArchive(name),
        RoomArchive(name, False),
        RoomEdit(name, name="Other"),
    ):
        dispatch(scene.services, ann, request)
        presence.digest()
    record = scene.room.record
    admin = scene.services.room_admin
    admin.set_topic(ADMIN, record, "newer")
    admin.rename(ADMIN, record, "Newest")
    admin.archive(ADMIN, scene.room.record)
    assert (frames_of(stranger)[before:], stranger.sent[sent:]) == ([], [])
    assert EVENTS.keys() >= {"room", "membership", "member", "presence", "typing"}


def test_mutes_name_no_room_that_is_not_theirs(scene: Scene) -> None:
    """Who is muted in a private room without being in it hears nothing of that, at the sign-in either."""
    moderation, mallory = scene.services.moderation, _user(scene, "mallory")
    before = len(scene.stranger.sent)
    moderation.sanction(ADMIN, SanctionOrder("mute", mallory, None, "", scene.room.record))
    assert scene.stranger.sent[before:] == []
    assert moderation.standing_mutes(mallory.id, "127.0.0.1") == []


def test_removed_member_is_a_stranger(scene: Scene) -> None:
    """Who was removed finds no trace of its present name, and nothing that was sent is answered again."""
    dispatch(scene.services, scene.ann, RoomAdd(scene.name, ("mallory",)))
    scene.building.say(scene.room.record, _user(scene, "mallory"), "mine")
    dispatch(scene.services, scene.ann, RoomRemove(scene.name, "mallory"))
    dispatch(scene.services, scene.ann, RoomEdit(scene.name, name="Renamed"))
    assert room_title(scene.room.record.name) == "Renamed"
    nonce = f"{scene.room.id} {scene.stranger.user_id} mine"
    for room in (scene.room.public_id, scene.name):
        answer = scene.answer(requests.Send(room, "mine", nonce))
        assert ErrorCode.NO_SUCH_ROOM in answer
        assert "Renamed" not in answer
    assert scene.room.id not in scene.stranger.rooms


def _user(scene: Scene, name: str) -> Any:
    return scene.building.storage.users.by_key(name)
