"""Where a search looks, and where a page of it ends: never between two messages of one time."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest

from chat_protocol.requests import Search as SearchRequest
from chat_server.services.messages.search import Search, _page_end
from chat_server.storage.core.records import MessageRecord
from tests.chat_server.building import Building


@pytest.mark.parametrize(
    ("times", "most", "end"),
    [([5, 4, 3], 3, 3), ([5, 4, 3, 2], 3, 3), ([5, 4, 3, 3], 3, 2), ([5, 4, 4, 4], 3, 1), ([4, 4, 4], 2, 2)],
)
def test_page_ends_between_two_times(times: list[int], most: int, end: int) -> None:
    """Messages of one time stay on one page, unless it holds nothing else."""
    found = [cast(MessageRecord, SimpleNamespace(sent_at=time)) for time in times]
    assert _page_end(found, most) == end


@pytest.fixture
def told(building: Building) -> Callable[..., list[tuple[str, str]]]:
    """A function that searches as Ada, who is in two rooms and two conversations; gives rooms and texts."""
    ada, bob, cleo = (building.user(name) for name in ("Ada", "Bob", "Cleo"))
    session = building.sign_in(ada)
    for name in ("Plaza", "Board"):
        room = building.room(name)
        building.services.rooms.join(session, name, "")
        building.say(room, bob, f"soup in {name}")
    building.say(building.room("Elsewhere"), bob, "soup in Elsewhere")
    for other in (bob, cleo):
        room = building.storage.rooms.direct(ada.id, other.id, building.server.parts.clock())
        building.say(room, other, f"soup with {other.username}")
    building.index()
    search = Search(building.storage, building.server.parts.directory, building.services.rooms)

    def found(query: str, **fields: Any) -> list[tuple[str, str]]:
        page = search.search(session, SearchRequest(query, **fields))
        return sorted((message.room, message.body) for message in page.messages)

    return found


def test_search_looks_where_the_query_says(told: Callable[..., list[tuple[str, str]]]) -> None:
    """In all that the user is in; in the rooms and conversations that are named, in any case."""
    plaza, board = ("Plaza", "soup in Plaza"), ("Board", "soup in Board")
    bob, cleo = ("@Bob", "soup with Bob"), ("@Cleo", "soup with Cleo")
    assert told("soup") == sorted([plaza, board, bob, cleo])
    assert told("soup in:@bob") == [bob]
    assert told("in:@BOB soup in:plaza") == sorted([bob, plaza])
    assert told("soup in:@nobody") == told("soup in:elsewhere") == told("soup in:nowhere") == []
    assert told("soup", room="@cleo") == [cleo]
    assert told("soup in:@bob", room="@cleo") == []
    assert told("soup from:cleo") == [cleo]
    assert told("") == told("   ") == []


def test_search_finds_who_is_shown_under_a_name(
    building: Building, told: Callable[..., list[tuple[str, str]]]
) -> None:
    """All whose display name it is, in any case, and nobody whose name only begins so."""
    plaza = building.services.directory.find("Plaza")
    for username, shown in (("mb1", "Mr Brown"), ("mb2", "MR BROWN"), ("mb3", "Mr Browning")):
        user = building.storage.users.create(username, username, shown, "", building.server.parts.clock())
        building.say(plaza, user, f"stew by {username}")
    building.index()
    assert told('stew from:"mr brown"') == [("Plaza", "stew by mb1"), ("Plaza", "stew by mb2")]
    assert told("stew from:mb3") == [("Plaza", "stew by mb3")]


def test_search_for_nothing_has_one_page(building: Building) -> None:
    """It is not asked for again and again."""
    session = building.sign_in(building.user("Ada"))
    search = Search(building.storage, building.server.parts.directory, building.services.rooms)
    page = search.search(session, SearchRequest("  "))
    assert (page.messages, page.more, page.incomplete) == ((), False, None)
