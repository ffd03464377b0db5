"""People who are looked up: page by page, with their pictures, and the members of a room."""

from typing import Any

from chat_client.model.changes import FoundPeopleChanged, ListChanged
from tests.chat_client.fakes import Bench, a_room

NAME = "ab" * 16


def _listed(bench: Bench, names: list[str], **answer: Any) -> Any:
    """Answer the request for the directory, and return it."""
    request = bench.server.take("users")
    users = [{"username": name, "status": "online", "avatar": NAME} for name in names]
    bench.server.ok(request, users=users, **answer)
    assert ListChanged("directory") in bench.poll()
    return request


def test_directory_that_is_asked_for_anew_begins_at_the_beginning(bench: Bench) -> None:
    """Though there was more; what it says of pictures is known then, without another question."""
    bench.capabilities = ["avatars"]
    bench.sign_in()
    people = bench.client.people
    for more, names, after in (
        (False, ["ann", "bob"], None),
        (True, ["cleo"], "bob"),
        (False, ["ann"], None),
    ):
        people.directory(more=more)
        request = _listed(bench, names, more=True)
        assert (request.get("after_username"), request["limit"]) == (after, 100)
    assert bench.client.avatars.named("cleo") == NAME
    bench.poll()
    assert bench.server.take_all("avatar") == []


def test_page_that_is_the_last_or_empty_has_none_behind_it(bench: Bench) -> None:
    """Whatever the server says of more."""
    bench.sign_in()
    for names, more in ((["ann"], False), ([], True)):
        bench.client.people.directory()
        _listed(bench, names, more=more)
        assert bench.state.lists.directory.next is None


def test_members_are_counted_where_the_server_does_not(bench: Bench) -> None:
    """The total is what the server says of a large room, of which it lists some."""
    bench.sign_in(a_room("Lobby"))
    members = [{"username": name, "display_name": name, "status": "online"} for name in ("ann", "bob")]
    for told, total in (({}, 2), ({"total": 900}, 900)):
        bench.client.people.refresh_members("lobby")
        bench.server.ok(bench.server.take("members"), room="Lobby", members=members, online=2, **told)
        bench.poll()
        room = bench.state.rooms["lobby"]
        assert (room.members, room.total, room.online) == (["ann", "bob"], total, 2)


def test_people_that_were_found_are_told(bench: Bench) -> None:
    """Twenty at most, in the order of the server."""
    bench.sign_in()
    bench.client.people.find("a")
    request = bench.server.take("users")
    assert (request["prefix"], request["limit"]) == ("a", 20)
    users = [{"username": name, "display_name": name.upper()} for name in ("ann", "abe")]
    bench.server.ok(request, users=users)
    assert FoundPeopleChanged() in bench.poll()
    assert [person.display_name for person in bench.state.found_people] == ["ANN", "ABE"]
