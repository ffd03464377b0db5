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
    assert bench.server.take_all("members") == []
    bench.pass_s(4)
    assert [request["room"] for request in bench.server.take_all("members")] == ["Lobby"]
    bench.pass_s(10)
    assert bench.server.take_all("members") == []
