"""Rooms over the wire: joining, leaving, histories, reading, watching."""

from collections.abc import Callable

import pytest

from tests.support.server import ServerProcess
from tests.support.wire import Frame, WireClient, own_name

ROOM = "Général"
OPEN = "Blabla"
MODERATED = "Marketing"
Person = Callable[..., WireClient]


def rooms_of(client: WireClient, port: int, open_connection: Callable[..., WireClient]) -> dict[str, Frame]:
    """Return the rooms of a new sign-in of the same user, by name."""
    reply = open_connection(port).resume(client.token)
    return {room["room"]: room for room in reply["rooms"]}


def test_sign_up_lists_the_seed_rooms(
    server: ServerProcess, open_connection: Callable[..., WireClient]
) -> None:
    """A new user is a member of the arrival room and sees every public and moderated room."""
    reply = open_connection(server.port).register("newcomer")
    rooms = {room["room"]: (room["kind"], room["membership"]) for room in reply["rooms"]}
    assert rooms == {
        ROOM: ("public", "joined"),
        OPEN: ("public", "none"),
        "Comptabilité": ("moderated", "none"),
        "Informatique": ("moderated", "none"),
        MODERATED: ("moderated", "none"),
    }
    assert all(room["last_seq"] == 0 for room in reply["rooms"] if room["room"] != ROOM)


def test_public_room_joined_and_left(newcomer: Person) -> None:
    """Joining lets one read and write, leaving ends both."""
    alice, bob = newcomer("alice"), newcomer("bob")
    assert alice.error("send", room=OPEN, body="x") == "not_a_member"
    assert alice.error("history", room=OPEN) == "not_a_member"
    joined = alice.ok("join", room="blabla")
    assert (joined["room"], joined["membership"], joined["last_seq"]) == (OPEN, "joined", 0)
    assert alice.error("join", room=OPEN) == "already_member"
    bob.ok("join", room=OPEN)
    alice.ok("send", room=OPEN, body="hello")
    assert bob.event("message")["room"] == OPEN
    assert bob.ok("leave", room=OPEN)["membership"] == "none"
    alice.ok("send", room=OPEN, body="still there?")
    assert bob.silent()
    assert bob.error("leave", room=OPEN) == "not_a_member"


def test_moderated_room_asked_for(newcomer: Person, server: ServerProcess, open_connection: Person) -> None:
    """A moderated room is pending until somebody decides; the request can be taken back."""
    alice = newcomer("alice")
    assert alice.ok("join", room=MODERATED, reason="I work there")["membership"] == "pending"
    assert alice.error("send", room=MODERATED, body="x") == "not_a_member"
    assert rooms_of(alice, server.port, open_connection)[MODERATED]["membership"] == "pending"
    assert alice.ok("join", room=MODERATED, reason="really")["membership"] == "pending"
    assert alice.ok("leave", room=MODERATED)["membership"] == "none"
    assert rooms_of(alice, server.port, open_connection)[MODERATED]["membership"] == "none"


@pytest.mark.parametrize(
    "kind", ["send", "history", "join", "leave", "members", "watch", "typing", "read", "search"]
)
def test_room_that_does_not_exist(person: Person, kind: str) -> None:
    """A name that names nothing is `no_such_room` or `no_such_user`, whatever is asked of it."""
    client = person()
    for name in ("Nowhere", "\u202e", "@", "@nobody-at-all", "@Жанна", "x" * 200, "@" + "x" * 200):
        code = client.error(kind, room=name, body="x", seq=1, query="x")
        assert code in {"no_such_room", "no_such_user", "bad_request", "forbidden"}
        assert code != "bad_request" or name.startswith("@")


def test_history_in_pages(person: Person) -> None:
    """Pages forwards and backwards hold exactly the messages, ascending, and say whether there are more."""
    alice = person()
    first = alice.ok("send", room=ROOM, body="0")["seq"]
    for number in range(1, 10):
        alice.ok("send", room=ROOM, body=str(number))

    def page(**fields: object) -> tuple[list[str], bool]:
        reply = alice.ok("history", room=ROOM, **fields)
        assert reply["room"] == ROOM
        return [message["body"] for message in reply["messages"]], reply["more"]

    assert page(after=first, limit=3) == (["1", "2", "3"], True)
    assert page(after=first + 6, limit=3) == (["7", "8", "9"], False)
    assert page(after=first + 9) == ([], False)
    assert page(limit=2) == (["8", "9"], True)
    assert page(before=first + 2, limit=2) == (["0", "1"], first > 1)
    assert page(before=1) == ([], False)
    assert page(after=2**53 - 1) == ([], False)


def test_read_goes_forward_only(
    person: Person, server: ServerProcess, open_connection: Callable[..., WireClient]
) -> None:
    """The place read up to never goes back nor past the end, and the user's other sessions hear of it."""
    alice = person()
    last = [alice.ok("send", room=ROOM, body="x")["seq"] for _ in range(3)][-1]
    second = open_connection(server.port)
    second.resume(alice.token)
    assert alice.ok("read", room=ROOM, seq=last - 1)["read_seq"] == last - 1
    event = second.event("read")
    assert (event["room"], event["read_seq"]) == (ROOM, last - 1)
    assert alice.ok("read", room=ROOM, seq=1)["read_seq"] == last - 1
    assert alice.ok("read", room=ROOM, seq=2**53 - 1)["read_seq"] == last
    rooms = rooms_of(alice, server.port, open_connection)
    assert (rooms[ROOM]["last_seq"], rooms[ROOM]["read_seq"]) == (last, last)


def test_members_of_a_room(newcomer: Person) -> None:
    """Members are listed with their status, those online first, and counted."""
    alice, bob, away = newcomer("alice"), newcomer("bob"), newcomer("away")
    for client in (alice, bob, away):
        client.ok("join", room=OPEN)
    name = own_name(away)
    alice.ok("watch", room=OPEN)
    away.ok("logout")
    away.close()
    while alice.event("presence", room=OPEN)["changes"].get(name) != "offline":
        pass
    reply = alice.ok("members", room=OPEN)
    statuses = {member["username"]: member["status"] for member in reply["members"]}
    assert statuses[own_name(alice)] == statuses[own_name(bob)] == "online"
    assert statuses[name] == "offline"
    assert reply["members"][-1]["status"] == "offline"
    assert (reply["total"], reply["online"]) == (len(statuses), list(statuses.values()).count("online"))


def test_typing_comes_to_those_who_watch(person: Person) -> None:
    """Who watches a room hears that somebody writes there; who does not, does not."""
    alice, bob, carol = person("alice"), person("bob"), person("carol")
    assert bob.ok("watch", room="general")["room"] == ROOM
    alice.ok("typing", room=ROOM)
    event = bob.event("typing")
    assert (event["room"], event["username"]) == (ROOM, own_name(alice))
    assert [event for event in carol.events if event["type"] == "typing"] == []
    assert bob.ok("watch", room=None)["room"] is None


@pytest.mark.long
def test_presence_of_a_watched_room(newcomer: Person) -> None:
    """Coming, a status, and going are told to those who watch, within about a second."""
    bob = newcomer("bob")
    bob.ok("watch", room=ROOM)
    assert bob.event("presence", room=ROOM)["changes"][own_name(bob)] == "online"
    alice = newcomer("alice")
    name = own_name(alice)
    while bob.event("presence", room=ROOM)["changes"].get(name) != "online":
        pass  # who was there before
    assert alice.ok("status", status="busy", text="in a meeting")["status"] == "busy"
    assert bob.event("presence", room=ROOM)["changes"] == {name: "busy"}
    alice.close()
    assert bob.event("presence", room=ROOM)["changes"] == {name: "offline"}


def test_users_found_by_prefix(newcomer: Person) -> None:
    """People are found by the beginning of their name, without case and accents."""
    alice = newcomer("Éloïse")
    found = alice.ok("users", prefix="ELOIS")["users"]
    assert own_name(alice) in {user["username"] for user in found}
    assert found[0]["status"] == "online"
    assert len(alice.ok("users", limit=2)["users"]) == 2
