"""Saved messages: listed page by page, saved and taken off, here and on another device."""

from chat_client.model.changes import RequestFailed, SavedChanged
from tests.chat_client.fakes import Bench, a_message, a_room

ROOM = a_room("Général", last_seq=9, id="db,1")


def _bodies(bench: Bench) -> list[str]:
    return [message.body for message in bench.state.saved or ()]


def _listed(bench: Bench, *seqs: int, **fields: object) -> None:
    """Answer the request for the list."""
    messages = [a_message("Général", seq, room_id="db,1") for seq in seqs]
    bench.server.ok(bench.server.take("saved"), messages=messages, **fields)
    assert SavedChanged() in bench.poll()


def test_pages(bench: Bench) -> None:
    """The next page is asked for by the mark of the one before, and put behind it."""
    bench.sign_in(ROOM)
    bench.client.saved.refresh()
    _listed(bench, 7, 3, next=12)
    assert bench.client.saved.more
    bench.client.saved.load_more()
    assert bench.server.sent[-1]["before"] == 12
    _listed(bench, 1)
    assert _bodies(bench) == ["message 7", "message 3", "message 1"]
    assert not bench.client.saved.more


def test_taken_off_here_and_elsewhere(bench: Bench) -> None:
    """A message that is taken off goes from the list, whichever device has done it; no list is asked for."""
    bench.sign_in(ROOM)
    bench.client.saved.refresh()
    _listed(bench, 7, 3, 1)
    bench.client.saved.save("general", 3, on=False)
    request = bench.server.take("save")
    assert (request["room"], request["seq"], request["on"]) == ("db,1", 3, False)
    bench.server.ok(request)
    bench.server.say({"type": "saved", "room": "db,1", "seq": 7, "on": False})
    bench.poll()
    assert _bodies(bench) == ["message 1"]
    assert bench.server.take_all("saved") == []


def test_saved_elsewhere(bench: Bench) -> None:
    """What another device saves is asked for where a list is shown, and not before."""
    bench.sign_in(ROOM)
    bench.server.say({"type": "saved", "room": "db,1", "seq": 7, "on": True})
    bench.poll()
    assert bench.server.take_all("saved") == []
    bench.client.saved.refresh()
    _listed(bench)
    bench.server.say({"type": "saved", "room": "db,1", "seq": 7, "on": True})
    bench.poll()
    _listed(bench, 7)
    assert _bodies(bench) == ["message 7"]


def test_refused(bench: Bench) -> None:
    """A refusal is told."""
    bench.sign_in(ROOM)
    bench.client.saved.save("general", 7)
    bench.server.error(bench.server.take("save"), "no_such_message")
    assert any(isinstance(change, RequestFailed) for change in bench.poll())
