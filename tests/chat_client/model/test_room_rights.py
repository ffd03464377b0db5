"""What the client takes the user's rights in a room to be, as docs/build/protocol.md has them."""

from typing import Any

import pytest

from chat_client.model.room_rights import (
    PINS,
    has_past,
    has_pins,
    has_settings,
    kinds_for,
    may_add,
    may_archive,
    may_continue,
    may_create,
    may_edit,
    may_pin,
    may_remove,
)
from chat_client.model.state import ClientState, ConnectionState, RoomState


def rights(role: str = "member", *, capable: bool = True, **values: Any) -> str:
    """Say which of edit, archive, add and remove somebody may do."""
    state = ClientState(role=role, connection=ConnectionState(capabilities=("rooms",) if capable else ()))
    room = RoomState("r", "R", **({"membership": "joined"} | values))
    acts = (may_edit, may_archive, may_add, may_remove)
    return "".join(letter for letter, may in zip("eapr", acts, strict=True) if may(state, room))


@pytest.mark.parametrize("kind", ["public", "moderated", "private"])
def test_owner_keeps_the_room(kind: str) -> None:
    """Who owns a room does everything; once it is archived, brings it back or removes people."""
    assert rights(kind=kind, owner=True) == "eapr"
    assert rights(kind=kind, owner=True, archived=True) == "ar"
    assert rights(kind=kind) == ""


def test_moderator_lets_in_and_puts_out() -> None:
    """A moderator adds and removes people in rooms that all see, and nothing else."""
    assert rights("moderator") == "pr"
    assert rights("moderator", archived=True) == ""
    assert rights("moderator", kind="private") == ""


def test_administrator_keeps_what_is_seen() -> None:
    """An administrator keeps public rooms, and private ones as a member alone."""
    assert rights("admin", membership="none") == "eapr"
    assert rights("admin", kind="private") == "eapr"
    assert rights("admin", kind="private", membership="none") == ""
    assert rights("admin", archived=True, membership="none") == ""


def test_nothing_is_offered_where_it_cannot_be_done() -> None:
    """Private conversations are nobody's, and an earlier server keeps no rooms of people."""
    assert rights("admin", kind="direct", owner=True) == ""
    assert rights("admin", owner=True, capable=False) == ""


def test_private_room_stays_private() -> None:
    """The kinds that a room may become; what was said in private stays so."""
    assert kinds_for(RoomState("r", "R", kind="private")) == ("private",)
    assert kinds_for(RoomState("r", "R", kind="public")) == ("public", "moderated", "private")


@pytest.mark.parametrize(
    ("values", "settings", "past"),
    [
        ({"membership": "joined", "last_seq": 1}, True, True),
        ({"membership": "joined", "last_seq": 0}, True, False),
        ({"membership": "none", "last_seq": 5}, False, False),
        ({"membership": "joined", "last_seq": 5, "kind": "direct"}, False, True),
    ],
)
def test_settings_and_past_are_those_of_members(values: dict[str, Any], settings: bool, past: bool) -> None:
    """A conversation has no settings, an empty room no past, and who is not in it sees neither."""
    room = RoomState("r", "R", **values)
    assert (has_settings(room), has_past(room)) == (settings, past)
    assert not has_settings(None)
    assert not has_past(None)


@pytest.mark.parametrize(
    ("role", "values", "has", "may"),
    [
        ("member", {}, True, False),
        ("member", {"owner": True}, True, True),
        ("moderator", {}, True, True),
        ("moderator", {"archived": True}, True, False),
        ("member", {"owner": True, "archived": True}, True, False),
        ("moderator", {"membership": "none"}, False, False),
        ("moderator", {"kind": "direct"}, False, False),
    ],
)
def test_owners_and_moderators_pin(role: str, values: dict[str, Any], has: bool, may: bool) -> None:
    """Where messages can be pinned: in rooms that one is in, until they are archived."""
    state = ClientState(role=role, connection=ConnectionState(capabilities=(PINS,)))
    room = RoomState("r", "R", **({"membership": "joined"} | values))
    assert (has_pins(state, room), may_pin(state, room)) == (has, may)
    state.connection.capabilities = ("rooms",)
    assert (has_pins(state, room), may_pin(state, room)) == (False, False)


@pytest.mark.parametrize(
    ("kinds", "create", "go_on"),
    [((), False, False), (("public",), True, False), (("private",), True, True)],
)
def test_rooms_are_made_where_the_server_lets_one(kinds: tuple[str, ...], create: bool, go_on: bool) -> None:
    """Of the kinds that it names; a conversation is continued in a private one."""
    state = ClientState(may_create=kinds, connection=ConnectionState(capabilities=("rooms",)))
    assert (may_create(state), may_continue(state)) == (create, go_on)
    state.connection.capabilities = ()
    assert (may_create(state), may_continue(state)) == (False, False)
