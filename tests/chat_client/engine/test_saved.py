"""Saved messages: listed page by page, saved and taken off, here and on another device."""

from chat_client.model.changes import RequestDone, RequestFailed, SavedChanged
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
    assert bench.poll().count(SavedChanged()) == 2
    assert _bodies(bench) == ["message 1"]
    assert bench.server.take_all("saved") == []


def test_saved_elsewhere(bench: Bench) -> None:
    """What another device saves is asked for where a list is shown, and not before."""
    bench.capabilities = ["saved"]
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
    assert _places(bench) == []


def _places(bench: Bench) -> list[tuple[str, int, bool]]:
    """Take the choices that the client sends now."""
    bench.poll()
    return [(one["room"], one["seq"], one["on"]) for one in bench.server.take_all("save")]


def test_choice_without_a_connection_is_kept_and_sent_later(bench: Bench) -> None:
    """It is promised at once, also over a restart; the last choice about a message is sent, once."""
    bench.sign_in(ROOM)
    bench.drop()
    bench.client.saved.save("general", 7)
    assert RequestDone("save") in bench.poll()
    bench.client.saved.save("general", 3)
    bench.client.saved.save("general", 3, on=False)
    bench.restart()
    bench.sign_in(ROOM)
    bench.poll()
    requests = bench.server.take_all("save")
    assert {(one["room"], one["seq"], one["on"]) for one in requests} == {
        ("db,1", 7, True),
        ("db,1", 3, False),
    }
    for request in requests:
        bench.server.ok(request)
    bench.poll()
    assert _places(bench) == []
    bench.drop()
    bench.come_back(ROOM)
    assert _places(bench) == []


def test_choice_whose_answer_was_lost_is_sent_again(bench: Bench) -> None:
    """Saving twice is saving once."""
    bench.sign_in(ROOM)
    bench.client.saved.save("general", 7)
    assert _places(bench) == [("db,1", 7, True)]
    bench.drop()
    bench.come_back(ROOM)
    assert _places(bench) == [("db,1", 7, True)]


def test_next_choice_about_a_message_waits_for_the_answer(bench: Bench) -> None:
    """Two choices in quick succession reach the server in their order, and the second one holds."""
    bench.sign_in(ROOM)
    bench.client.saved.save("general", 7)
    request = bench.server.take("save")
    bench.client.saved.save("general", 7, on=False)
    assert _places(bench) == []
    bench.server.ok(request)
    bench.poll()
    assert _places(bench) == [("db,1", 7, False)]


def test_refusal_of_the_moment_is_tried_again(bench: Bench) -> None:
    """Nothing is told of it."""
    bench.sign_in(ROOM)
    bench.client.saved.save("general", 7)
    bench.server.error(bench.server.take("save"), "rate_limited", retry_after=2)
    assert not any(isinstance(change, RequestFailed) for change in bench.poll())
    bench.pass_s(3)
    assert _places(bench) == [("db,1", 7, True)]


def test_list_is_asked_for_again_after_a_loss(bench: Bench) -> None:
    """What other devices saved meanwhile was told to nobody here."""
    bench.sign_in(ROOM)
    bench.capabilities = ["saved"]
    bench.client.saved.refresh()
    _listed(bench, 7)
    bench.drop()
    bench.come_back(ROOM)
    _listed(bench, 3)
    assert _bodies(bench) == ["message 3"]


def test_page_behind_a_list_that_was_asked_for_again_is_not_shown(bench: Bench) -> None:
    """It belongs to what was there before; without a list, or a page behind it, nothing is asked."""
    bench.sign_in(ROOM)
    bench.client.saved.load_more()
    assert bench.server.take_all("saved") == []
    bench.client.saved.refresh()
    _listed(bench, 7, next=12)
    bench.client.saved.load_more()
    late = bench.server.take("saved")
    bench.client.saved.refresh()
    _listed(bench, 9, next=20)
    bench.server.ok(late, messages=[a_message("Général", 1, room_id="db,1")])
    bench.poll()
    assert (_bodies(bench), bench.client.saved.more) == (["message 9"], True)


def test_many_choices_are_sent_in_parts(bench: Bench) -> None:
    """Twenty at a time; each is told as done when the server has it, unless it was promised before."""
    bench.sign_in(ROOM)
    for seq in range(1, 26):
        bench.client.saved.save("general", seq)
    requests = bench.server.take_all("save")
    assert len(requests) == 20
    for request in requests:
        bench.server.ok(request)
    assert bench.poll().count(RequestDone("save")) == 20
    bench.drop()
    bench.client.saved.save("general", 26)
    assert bench.poll().count(RequestDone("save")) == 1
    bench.come_back(ROOM)
    bench.poll()
    requests = bench.server.take_all("save")
    assert len(requests) == 6
    for request in requests:
        bench.server.ok(request)
    assert bench.poll().count(RequestDone("save")) == 5
    bench.client.saved.save("general", 26, on=False)
    bench.server.ok(bench.server.take("save"))
    assert bench.poll().count(RequestDone("save")) == 1
    bench.restart()
    bench.sign_in(ROOM)
    assert _places(bench) == []


def test_message_that_is_taken_off_without_a_connection_goes_at_once(bench: Bench) -> None:
    """From a list that is shown; the one of the same seq in another room stays."""
    bench.sign_in(ROOM, a_room("Hall", last_seq=9, id="db,2"))
    bench.client.saved.refresh()
    messages = [a_message("Général", 7, room_id="db,1"), a_message("Hall", 7, room_id="db,2")]
    bench.server.ok(bench.server.take("saved"), messages=messages)
    bench.poll()
    bench.drop()
    bench.client.saved.save("general", 7, on=False)
    assert SavedChanged() in bench.poll()
    assert [one.room_id for one in bench.state.saved] == ["db,2"]
    bench.client.saved.save("gone", 7)
    assert bench.poll() == []


def test_refusal_of_the_moment_waits_as_long_as_the_server_says(bench: Bench) -> None:
    """Five seconds where it names no time."""
    bench.sign_in(ROOM)
    for told, wait_s in (({"retry_after": 2}, 2), ({}, 5)):
        bench.client.saved.save("general", 7 + wait_s)
        bench.server.error(bench.server.take("save"), "unavailable", **told)
        bench.poll()
        bench.pass_s(wait_s - 0.5)
        assert _places(bench) == []
        bench.pass_s(0.5)
        (request,) = bench.server.take_all("save")
        bench.server.ok(request)
        bench.poll()


def test_promise_to_one_account_is_none_to_the_next(bench: Bench) -> None:
    """What ada saves is told as done when the server has it, whatever zoe was promised."""
    bench.sign_in(ROOM)
    bench.drop()
    bench.client.saved.save("general", 7)
    bench.sign_in(ROOM, user="ada")
    bench.client.saved.save("general", 7)
    bench.server.ok(bench.server.take("save"))
    assert RequestDone("save") in bench.poll()
