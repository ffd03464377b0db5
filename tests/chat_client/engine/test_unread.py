"""Unread messages that are not loaded: counted by the server, and kept exact by the client."""

from tests.chat_client.fakes import Bench, a_room, live, page


def a_long_room(**fields: object) -> dict[str, object]:
    """A room with 1,000 seqs to read, of which 600 are others' messages."""
    return a_room("Lobby", last_seq=1000, read_seq=0, unread=600, mentions=4, **fields)


def test_server_counts_what_is_not_loaded(bench: Bench) -> None:
    """The numbers of the sign-in are shown without a page of history."""
    bench.sign_in(a_long_room())
    room = bench.state.rooms["lobby"]
    assert (room.unread, room.mentions) == (600, 4)
    assert bench.server.take_all("history") == []


def test_loading_changes_no_count(bench: Bench) -> None:
    """What is loaded is counted once, as loaded."""
    bench.sign_in(a_long_room())
    bench.client.rooms.open("lobby")
    bench.poll()
    for _ in ("the newest", "around the first unread"):
        request = bench.server.take("history")
        last = request.get("before", 1001) - 1
        page(bench, request, "Lobby", max(1, last - 40), last, more=True)
        bench.poll()
    room = bench.state.rooms["lobby"]
    assert len(room.messages) > 50
    assert (room.unread, room.mentions) == (600, 4)


def test_live_messages_add_to_the_count(bench: Bench) -> None:
    """What arrives counts beside what is not loaded; reactions to it do not."""
    bench.sign_in(a_long_room())
    live(bench, "Lobby", 1001, body="hello @Zoé")
    live(bench, "Lobby", 1002, kind="react", target=3, body="👍")
    live(bench, "Lobby", 1003, sender="zoe", body="mine")
    bench.poll()
    room = bench.state.rooms["lobby"]
    assert (room.unread, room.mentions) == (601, 5)


def test_deletion_of_what_is_not_loaded_is_asked(bench: Bench) -> None:
    """Whether a deleted message was unread only the server knows: it is asked, and its answer shown."""
    bench.sign_in(a_long_room())
    live(bench, "Lobby", 1001, kind="delete", target=500, body="")
    bench.pass_s(1)
    request = bench.server.take("read")
    assert (request["seq"], request["counts"]) == (0, True)
    bench.server.ok(request, room="Lobby", read_seq=0, last_seq=1001, unread=599, mentions=3)
    bench.poll()
    room = bench.state.rooms["lobby"]
    assert (room.unread, room.mentions) == (599, 3)


def test_reading_on_elsewhere_is_asked(bench: Bench) -> None:
    """After another device has read into what is not loaded here, the server says what is left."""
    bench.sign_in(a_long_room())
    bench.server.say({"type": "read", "room": "Lobby", "read_seq": 900})
    bench.poll()
    bench.pass_s(1)
    request = bench.server.take("read")
    assert (request["seq"], request["counts"]) == (900, True)
    bench.server.ok(request, room="Lobby", read_seq=900, last_seq=1000, unread=40, mentions=0)
    bench.poll()
    room = bench.state.rooms["lobby"]
    assert (room.unread, room.mentions) == (40, 0)


def test_reading_to_the_end_empties_the_count(bench: Bench) -> None:
    """Nothing is left after the end was reached, whatever was not loaded."""
    bench.sign_in(a_long_room())
    bench.client.history.mark_read("lobby")
    bench.poll()
    room = bench.state.rooms["lobby"]
    assert (room.unread, room.mentions) == (0, 0)


def test_older_server_counts_nothing(bench: Bench) -> None:
    """Without numbers each seq that is not loaded counts, as before; the question is asked once."""
    bench.sign_in(a_room("Lobby", last_seq=1000, read_seq=0))
    bench.pass_s(1)
    request = bench.server.take("read")
    bench.server.ok(request, room="Lobby", read_seq=0)
    bench.pass_s(5)
    assert bench.server.take_all("read") == []
    assert bench.state.rooms["lobby"].unread == 1000


def test_conversations_know_their_order_at_the_start(bench: Bench) -> None:
    """Private conversations come in the order of their last messages before any is loaded."""
    bench.sign_in(
        a_room("@adele", kind="direct", last_seq=1, read_seq=1, last_at="2026-11-20T10:00:00.000Z"),
        a_room("@bruno", kind="direct", last_seq=1, read_seq=1, last_at="2026-11-22T10:00:00.000Z"),
        a_room("@carla", kind="direct", last_seq=1, read_seq=1, last_at="2026-11-21T10:00:00.000Z"),
    )
    assert [room.name for room in bench.state.conversations()] == ["@bruno", "@carla", "@adele"]
