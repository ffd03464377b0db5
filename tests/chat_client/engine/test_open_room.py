"""The open room: its members are asked for again when somebody new joined, and not more often than needed."""

from tests.chat_client.fakes import Bench, a_room


def _join(bench: Bench, name: str) -> None:
    bench.server.say({"type": "member", "room": "Lobby", "username": name, "change": "joined"})
    bench.poll()


def test_newcomer_has_the_members_asked_for_again(bench: Bench) -> None:
    """One request at the opening, one for a newcomer; several within three seconds cost one together."""
    bench.sign_in(a_room("Lobby"))
    bench.client.rooms.open("lobby")
    bench.pass_s(10)
    assert len(bench.server.take_all("members")) == 1
    _join(bench, "jules")
    assert len(bench.server.take_all("members")) == 1
    _join(bench, "zelda")
    _join(bench, "adam")
    bench.pass_s(2.9)
    assert bench.server.take_all("members") == []
    bench.pass_s(0.2)
    assert [request["room"] for request in bench.server.take_all("members")] == ["Lobby"]
    bench.pass_s(10)
    assert bench.server.take_all("members") == []


def test_room_that_is_not_the_users_is_not_watched(bench: Bench) -> None:
    """Nothing is asked about it but to watch none; once it is joined, its members and its newest messages."""
    bench.sign_in(a_room("Board", membership="none", last_seq=5))
    bench.client.rooms.open("board")
    bench.pass_s(10)
    assert [(request["type"], request["room"]) for request in bench.server.sent] == [("watch", None)]
    bench.server.sent.clear()
    bench.server.say({"type": "membership", "room": "Board", "membership": "joined"})
    bench.pass_s(1)
    assert {request["type"] for request in bench.server.sent} >= {"watch", "members", "history"}
