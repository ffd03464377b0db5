"""The commands about rooms that people own, and private ones, as they are typed."""

import json
from collections.abc import Callable

from chat_server.server import ChatServer
from chat_server.storage.core.records import NewMessage, UserRecord
from tests.chat_server.console.conftest import Typist

MakeUser = Callable[..., UserRecord]


def _private_room(console: Typist, title: str) -> str:
    (name,) = json.loads(console.type(f'add room "{title}" --private --json'))["added"]
    return str(name)


def test_private_room_made_and_filled(console: Typist, user: MakeUser) -> None:
    """The console makes one, its first member owns it, and the lists show that it exists and who is in it."""
    user("jules")
    user("ada")
    name = _private_room(console, "Projet")
    assert name.startswith("Projet ~")
    assert "jules is a member" in console.type(f'add member jules "{name}"')
    assert "ada is a member" in console.type(f'add member ada "{name}"')
    rooms = {room["room"]: room for room in json.loads(console.type("rooms --json"))["rooms"]}
    assert (rooms[name]["kind"], rooms[name]["members"]) == ("private", 2)
    members = json.loads(console.type(f'room "{name}" --json'))["members_list"]
    assert {one["username"]: one["owner"] for one in members} == {"jules": True, "ada": False}
    assert "ada is an owner" in console.type(f'add member ada "{name}" --owner')
    assert console.status("add room X --moderated --private") == 1


def test_room_archived_and_brought_back(console: Typist) -> None:
    """An archived room is shown as such, and is not once it is back."""
    console.type("add room Sport")
    console.type("archive room Sport")
    assert json.loads(console.type("room Sport --json"))["archived"] is True
    console.type("unarchive room Sport")
    assert json.loads(console.type("room Sport --json"))["archived"] is False


def test_policy_shown_and_chosen(console: Typist, server: ChatServer) -> None:
    """Without more it shows every kind, with a kind that one, with a role it is chosen."""
    assert "private rooms: member and above" in console.type("policy create-rooms")
    chosen = console.type("policy create-rooms private moderator")
    assert chosen.strip() == "private rooms: moderator and above"
    assert server.parts.creation_policy.roles()["private"] == "moderator"
    assert console.status("policy create-rooms private nobody") == 2


def test_what_is_said_in_private_is_shown_by_name_alone(console: Typist, server: ChatServer) -> None:
    """A private room's messages are left out of those of all rooms; naming the room is in the audit."""
    name = _private_room(console, "Projet")
    author = server.parts.storage.users.create("zoe", "zoe", "Zoé", "", server.parts.clock())
    room = server.parts.directory.find(name)
    message = NewMessage(room.id, author.id, "midnight", "n")
    server.parts.storage.messages.append([message], server.parts.clock())
    assert "midnight" not in console.type("messages 1h")
    assert "midnight" in console.type(f'messages 1h "{name}"')
    acts = [(entry.action, entry.target) for entry in server.parts.audit.entries()]
    assert ("messages", name) in acts
