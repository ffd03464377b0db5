"""A return to many rooms: one request for all that was missed, pages only for what it leaves out."""

from chat_client.model.model import SYNC_ROOMS_MAX
from chat_protocol.frames import encode_frame
from chat_protocol.limits import FRAME_MAX_BYTES, SEQ_MAX
from chat_protocol.requests import Sync
from tests.chat_client.fakes import Bench, a_message, a_room, live, seqs

COUNT = 40


def _rooms(last_seq: int) -> list[dict[str, object]]:
    return [
        a_room(f"Room {n}", last_seq=last_seq, read_seq=min(1, last_seq), id=f"x,{n}") for n in range(COUNT)
    ]


def _missed(bench: Bench, number: int, first: int, last: int, *, more: bool = False) -> None:
    room = a_room(f"Room {number}", last_seq=last, read_seq=1, id=f"x,{number}", unread=last - 1, mentions=0)
    messages = [a_message(f"Room {number}", seq) for seq in range(first, last + 1)]
    bench.server.say({"type": "sync", **room, "messages": messages, "more": more})


def _away(bench: Bench) -> None:
    """Sign in to a server that knows `sync`, hear one message in each room, and lose the connection."""
    bench.capabilities = ["sync"]
    bench.sign_in(*_rooms(0))
    for number in range(COUNT):
        live(bench, f"Room {number}", 1)
    bench.poll()
    bench.drop()


def test_return_to_many_rooms_is_one_request(bench: Bench) -> None:
    """What was missed in forty rooms comes in answer to one `sync`; nothing else is asked."""
    _away(bench)
    bench.come_back(*_rooms(3))
    bench.poll()
    request = bench.server.take("sync")
    assert request["rooms"] == {f"x,{number}": 1 for number in range(COUNT)}
    assert bench.server.take_all("history") == []
    for number in range(COUNT):
        _missed(bench, number, 2, 3)
    bench.server.ok(request, rooms=COUNT)
    bench.poll()
    bench.poll()
    assert all(seqs(bench, f"room {number}") == [1, 2, 3] for number in range(COUNT))
    assert all(room.unread == 2 for room in bench.state.rooms.values())
    assert bench.server.take_all("history") == []


def test_gap_that_the_sync_leaves_is_filled_by_a_page(bench: Bench) -> None:
    """Of a room with very much to read only the newest come; the others are asked for."""
    _away(bench)
    bench.come_back(*_rooms(300))
    bench.poll()
    request = bench.server.take("sync")
    for number in range(1, COUNT):
        _missed(bench, number, 2, 300)
    _missed(bench, 0, 101, 300, more=True)
    live(bench, "Room 0", 301)
    bench.poll()
    assert bench.server.take_all("history") == []
    bench.server.ok(request, rooms=COUNT)
    bench.poll()
    (page,) = bench.server.take_all("history")
    assert (page["room"], page["after"]) == ("x,0", 1)
    assert seqs(bench, "room 0") == [1, *range(101, 302)]


def test_refused_sync_is_made_up_by_pages(bench: Bench) -> None:
    """Where the server refuses, or is of the first release, each room is asked for."""
    _away(bench)
    bench.come_back(*_rooms(3))
    bench.poll()
    bench.server.error(bench.server.take("sync"), "unavailable")
    bench.poll()
    assert bench.server.take_all("history")
    bench.drop()
    bench.capabilities = None
    bench.come_back(*_rooms(3))
    bench.poll()
    assert bench.server.take_all("sync") == []
    assert bench.server.take_all("history")


def test_all_is_asked_after_a_one_time_password_was_changed(bench: Bench) -> None:
    """Until then the server tells of no message: whatever was said meanwhile comes in answer to a `sync`."""
    bench.capabilities = ["sync"]
    bench.sign_in(a_room("Lobby", last_seq=5, read_seq=5, id="x,1"), must_change_password=True)
    bench.client.session.change_password("a password", "another password")
    bench.server.ok(bench.server.take("password"), token="t2")
    bench.poll()
    bench.poll()
    assert bench.server.take("sync")["rooms"] == {"x,1": 5}


def test_sync_of_very_many_rooms_fits_in_a_frame(bench: Bench) -> None:
    """As many as are asked for at once fit, with the longest ids and seqs; of more, each is asked for."""
    held = {f"{'f' * 10},{10**9 + number}": SEQ_MAX for number in range(SYNC_ROOMS_MAX)}
    assert len(encode_frame(Sync(held, 200).to_frame(10**9))) <= FRAME_MAX_BYTES
    bench.capabilities = ["sync"]
    bench.sign_in(*[a_room(f"R{n}", last_seq=1, id=f"x,{n}") for n in range(SYNC_ROOMS_MAX + 1)])
    assert bench.client._core.model.sync_request(always=True) is None
