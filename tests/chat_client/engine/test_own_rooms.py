"""Rooms of the user's own: made, and told of as soon as they are there."""

from tests.chat_client.fakes import Bench, a_room


def test_room_is_made_with_what_was_given(bench: Bench) -> None:
    """What is left out is not sent; the room is known when its maker is told of it."""
    bench.sign_in()
    made: list[str] = []
    bench.client.own_rooms.create("Plan", "public", ["ida"], "what next", made=made.append)
    request = bench.server.take("room.create")
    assert [request[name] for name in ("name", "kind", "people", "topic")] == [
        "Plan",
        "public",
        ["ida"],
        "what next",
    ]
    bench.server.ok(request, **a_room("Plan", id="db,7"))
    bench.poll()
    assert made == [key for key in bench.state.rooms if bench.state.rooms[key].id == "db,7"] != []
    bench.client.own_rooms.create("Other")
    request = bench.server.take("room.create")
    assert (request["kind"], request.get("topic")) == ("private", None)


def test_answer_without_a_room_tells_of_none(bench: Bench) -> None:
    """A server may answer so; an event tells of the room, then."""
    bench.sign_in()
    made: list[str] = []
    bench.client.own_rooms.create("Plan", made=made.append)
    bench.server.ok(bench.server.take("room.create"), room="Plan", membership="joined")
    bench.poll()
    assert made == []
