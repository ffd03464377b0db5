"""The open room: its members are asked for again when somebody new joined, and not more often than needed."""

from tests.chat_client.fakes import Bench, a_room, live, page, seqs


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
    bench.pass_s(2.5)
    assert bench.server.take_all("members") == []
    bench.pass_s(0.5)
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


def test_room_that_is_followed_has_nothing_missing(bench: Bench) -> None:
    """All since a seq is asked for, page by page, and after an absence, too."""
    bench.sign_in(a_room("Lobby", last_seq=1_000, read_seq=1_000))
    bench.poll()
    assert bench.server.take_all("history") == []
    bench.client.history.follow("lobby", 600)
    bench.client.history.follow("gone", 0)
    asked = []
    for _ in range(10):
        bench.poll()
        for request in bench.server.take_all("history"):
            first, last = request.get("after", 0) + 1, request.get("before", 1_001) - 1
            first = max(first, last - request["limit"] + 1) if "before" in request else first
            last = min(last, first + request["limit"] - 1)
            asked.append((first, last))
            page(bench, request, "Lobby", first, last, more=first > 1)
    assert bench.state.rooms["lobby"].covered.missing(601, 1_000) == 0
    assert min(first for first, _ in asked) > 400


def test_messages_that_are_let_go_are_not_loaded_again(bench: Bench) -> None:
    """What stands before a seq, with what was known of its changes."""
    bench.sign_in(a_room("Lobby"))
    for seq in range(1, 6):
        live(bench, "Lobby", seq)
    bench.poll()
    bench.client.history.forget_before("gone", 3)
    bench.client.history.forget_before("lobby", 3)
    bench.poll()
    assert seqs(bench, "lobby") == [3, 4, 5]
    assert bench.server.take_all("history") == []


def test_room_is_being_joined_until_its_first_page_has_come(bench: Bench) -> None:
    """Until then it is not known how far it counts as read."""
    bench.sign_in(a_room("Board", last_seq=5, membership="none"))
    assert not bench.client.history.is_joining("board")
    bench.server.say({"type": "membership", "room": "Board", "membership": "joined"})
    bench.poll()
    assert bench.client.history.is_joining("board")
    page(bench, bench.server.take("history"), "Board", 1, 5, more=False)
    bench.poll()
    assert not bench.client.history.is_joining("board")
    assert not bench.client.history.is_joining("gone")
