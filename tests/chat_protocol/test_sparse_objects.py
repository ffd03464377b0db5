"""What a server leaves out of a room, a message, a person, a device or a file has always meant the same."""

from typing import Any

import pytest

from chat_protocol.objects import Device, File, Member, Message, Room, User

AT = "2026-03-01T10:00:00.000Z"
MS = 1_772_359_200_000


@pytest.mark.parametrize(
    ("kind", "frame", "expected"),
    [
        (Room, {"room": "Lobby", "kind": "public"}, Room("Lobby", "public", "", "none", 0, 0, 1)),
        (
            Message,
            {"room": "Lobby", "seq": 1, "from": "zoe", "body": "hi", "sent_at": AT},
            Message("Lobby", 1, "zoe", "hi", MS),
        ),
        (Member, {"username": "zoe"}, Member("zoe", "zoe", "offline")),
        (User, {"username": "zoe", "display_name": "Zoé"}, User("zoe", "Zoé", "member")),
        (
            Device,
            {"id": "d1", "created_at": AT, "last_used_at": AT},
            Device("d1", MS, MS, False, "", ""),
        ),
        (
            File,
            {"id": "f1", "name": "a", "size": 5},
            File("f1", "a", 5, "application/octet-stream", None, None, False),
        ),
    ],
)
def test_object_with_the_least_that_it_has(kind: Any, frame: dict[str, Any], expected: object) -> None:
    """A client of any version reads it so."""
    assert kind.from_frame(frame) == expected


def test_room_begins_with_its_first_message() -> None:
    """Unless it is said that earlier ones were removed."""
    assert Room("Lobby", "public") == Room("Lobby", "public", "", "none", 0, 0, 1)
