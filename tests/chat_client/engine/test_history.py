"""When pages and reading marks go out, and what a refusal makes of them."""

import pytest

from tests.chat_client.fakes import Bench, a_room, live


def _read(bench: Bench, seq: int) -> None:
    """Hear a message and read it."""
    live(bench, "Lobby", seq)
    bench.poll()
    bench.client.history.mark_read("lobby")


def test_reading_mark_goes_out_three_quarters_of_a_second_after_the_last(bench: Bench) -> None:
    """The first one at once; one that says nothing new not at all."""
    bench.sign_in(a_room("Lobby"))
    _read(bench, 1)
    bench.poll()
    assert bench.server.take("read")["seq"] == 1
    _read(bench, 2)
    bench.pass_s(0.5)
    assert bench.server.take_all("read") == []
    bench.pass_s(0.25)
    assert bench.server.take("read")["seq"] == 2
    bench.client.history.mark_read("lobby", 1)
    bench.client.history.mark_read("lobby", 2)
    bench.pass_s(2)
    assert bench.server.take_all("read") == []


@pytest.mark.parametrize(
    ("code", "again"), [("unavailable", True), ("rate_limited", True), ("no_such_room", False)]
)
def test_reading_mark_that_is_refused_for_now_goes_out_again(bench: Bench, code: str, again: bool) -> None:
    """With what it asked for: how much is unread of what is not loaded."""
    bench.sign_in(a_room("Lobby", last_seq=9, read_seq=1, unread=8, mentions=1))
    bench.client.history.mark_read("lobby", 5)
    room = bench.state.rooms["lobby"]
    for counts in (True, None):
        room.counts_wanted = bool(counts)
        bench.client.history._untold_reads.add("lobby")
        bench.pass_s(1)
        request = bench.server.take("read")
        assert (request["seq"], request.get("counts")) == (5, counts)
        bench.server.error(request, code)
        bench.pass_s(2)
        requests = [(one["seq"], one.get("counts")) for one in bench.server.take_all("read")]
        assert requests == [(5, counts)] * again


@pytest.mark.parametrize(("told", "wait_s"), [({}, 2.0), ({"retry_after": 5}, 5.0)])
def test_page_that_is_refused_for_now_is_asked_for_again(
    bench: Bench, told: dict[str, int], wait_s: float
) -> None:
    """After the time that the server names, or two seconds; at once after another sign-in."""
    bench.sign_in(a_room("Lobby", last_seq=90))
    bench.client.rooms.open("lobby")
    bench.poll()
    bench.server.error(bench.server.take("history"), "rate_limited", **told)
    bench.poll()
    bench.pass_s(wait_s - 0.5)
    assert bench.server.take_all("history") == []
    bench.pass_s(0.5)
    bench.server.error(bench.server.take("history"), "rate_limited", retry_after=600)
    bench.poll()
    bench.drop()
    bench.come_back(a_room("Lobby", last_seq=90))
    bench.poll()
    assert bench.server.take("history")


def test_all_is_asked_once_after_a_one_time_password(bench: Bench) -> None:
    """A return in which nothing was missed asks for nothing, then."""
    rooms = [a_room(name, last_seq=5, read_seq=5, id=f"x,{name}") for name in ("Lobby", "Board")]
    bench.capabilities = ["sync"]
    bench.sign_in(*rooms, must_change_password=True)
    bench.client.session.change_password("a password", "another password")
    bench.server.ok(bench.server.take("password"), token="t2")
    bench.poll()
    bench.poll()
    bench.server.ok(bench.server.take("sync"), rooms=2)
    bench.poll()
    bench.drop()
    bench.come_back(*rooms)
    bench.poll()
    assert bench.server.take_all("sync") == []


def test_older_pages_are_asked_for_one_at_a_time_and_only_where_they_may_be_read(bench: Bench) -> None:
    """While one is under way, or the user is not in the room, nothing is asked."""
    bench.sign_in(
        a_room("Lobby", last_seq=900, read_seq=900), a_room("Board", last_seq=900, membership="none")
    )
    bench.poll()
    for request in bench.server.take_all("history"):
        bench.server.error(request, "no_such_room")
    bench.poll()
    bench.server.take_all("history")
    loader = bench.client.history
    for ask in (loader.load_older, lambda room: loader.load_before(room, 500)):
        ask("board")
        bench.poll()
        assert bench.server.take_all("history") == []
        for _again in range(2):
            ask("lobby")
            bench.poll()
        (request,) = bench.server.take_all("history")
        bench.server.error(request, "no_such_room")
        bench.poll()
        bench.server.take_all("history")
