"""The list of rooms: its sections, their order, and what fits a filter."""

from typing import Any

import pytest

from chat_client.model.room_sections import sections
from chat_client.model.state import ClientState, RoomState


@pytest.fixture
def state() -> ClientState:
    """Somebody with rooms of each kind."""
    made = ClientState(username="zoe")
    rooms: dict[str, dict[str, Any]] = {
        "Général": {},
        "Fête d’été": {"unread": 2},
        "Équipe": {"id": "7,1"},
        "Vieux": {"archived": True},
        "Cantine": {"membership": "none"},
        "@jules": {"kind": "direct", "display_name": "Jules Martin"},
    }
    for name, values in rooms.items():
        given: dict[str, Any] = {"membership": "joined", **values}
        made.rooms[name.lower()] = RoomState(name.lower(), name, **given)
    return made


def listed(state: ClientState, **options: Any) -> dict[str, list[str]]:
    return {each.id: [room.name for room in each.rooms] for each in sections(state, **options)}


def test_sections_in_order(state: ClientState) -> None:
    """Rooms one is in, private conversations, those to join, archived ones; an empty section is none."""
    assert listed(state) == {
        "joined": ["Fête d’été", "Général", "Équipe"],
        "direct": ["@jules"],
        "other": ["Cantine"],
        "archived": ["Vieux"],
    }


def test_favourites_stand_first_and_once(state: ClientState) -> None:
    """A favourite has left its own section; it is known by its id, where it has one."""
    found = listed(state, favourites={"7,1", "@jules"})
    assert next(iter(found.items())) == ("favourites", ["Équipe", "@jules"])
    assert found["joined"] == ["Fête d’été", "Général"]
    assert "direct" not in found


def test_unread_first(state: ClientState) -> None:
    """What is unread comes first, and the rest stays in its order."""
    state.rooms["général"].unread, state.rooms["fête d’été"].unread = 1, 0
    assert listed(state, unread_first=True)["joined"] == ["Général", "Fête d’été", "Équipe"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("eq", {"joined": ["Équipe"]}),
        ("MAR", {"direct": ["@jules"]}),
        ("jul", {"direct": ["@jules"]}),
        ("ete", {}),
        ("d’ete", {"joined": ["Fête d’été"]}),
        ("antine", {}),
    ],
)
def test_filter(state: ClientState, query: str, found: dict[str, list[str]]) -> None:
    """A name fits by its beginning or that of a word, without accents and case."""
    assert listed(state, query=query) == found


def test_folded_heading_tells_what_is_unread(state: ClientState) -> None:
    """The sum of a section, without rooms that one is not in."""
    state.rooms["cantine"].unread = 9
    assert {each.id: each.unread for each in sections(state)} == {
        "joined": 2, "direct": 0, "other": 0, "archived": 0
    }  # fmt: skip
