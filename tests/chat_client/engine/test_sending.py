"""What the user says reaches the server once and in order, whatever happens on the way."""

from pathlib import Path

import pytest

from chat_client.engine.sending import WRITE_AGAIN_S
from chat_client.model.changes import PendingChanged, RequestDone, RequestFailed
from chat_client.model.state import Status
from chat_client.store.attachments import Attachment
from chat_protocol.errors import ChatError
from chat_protocol.objects import File
from chat_protocol.times import to_rfc3339
from tests.chat_client.fakes import Bench, Frame, a_message, a_room

AT = to_rfc3339(1_700_000_000_000)


class Store:
    """Answers sends as the server does: once per nonce, in order."""

    def __init__(self) -> None:
        self.seqs: dict[str, int] = {}
        self.bodies: list[str] = []

    def answer(self, bench: Bench) -> int:
        """Answer all that was sent; return how many there were."""
        requests = bench.server.take_all("send")
        for request in requests:
            if request["nonce"] not in self.seqs:
                self.bodies.append(request["body"])
                self.seqs[request["nonce"]] = len(self.bodies)
            bench.server.ok(request, room="Lobby", seq=self.seqs[request["nonce"]], sent_at=AT)
        return len(requests)


def bodies(requests: list[Frame]) -> list[str]:
    return [request["body"] for request in requests]


def test_send_shows_the_message_at_once_and_stores_it_with_its_ok(bench: Bench) -> None:
    """One's own message waits in `pending` and becomes a stored one."""
    bench.sign_in(a_room("Lobby"))
    nonce = bench.client.outbox.send("lobby", "hello")
    assert PendingChanged("lobby") in bench.poll()
    room = bench.state.rooms["lobby"]
    (shown,) = room.pending
    assert (shown.nonce, shown.status, shown.body) == (nonce, Status.PENDING, "hello")
    assert (shown.seq, shown.author, shown.mine, shown.kept, shown.error) == (None, "zoe", True, True, None)
    assert shown.sent_at == bench.client._core.now_ms()
    bench.server.ok(bench.server.take("send"), room="Lobby", seq=1, sent_at=AT)
    bench.poll()
    assert not room.pending
    assert [(m.seq, m.author, m.mine, m.status) for m in room.messages] == [(1, "zoe", True, Status.STORED)]
    assert room.unread == 0


def test_send_two_hundred_at_once_arrive_once_and_in_order(bench: Bench) -> None:
    """A paste of 200 messages is stored in order, at most 32 on the way at a time."""
    bench.sign_in(a_room("Lobby"))
    store = Store()
    for number in range(200):
        bench.client.outbox.send("lobby", f"line {number}")
    for _ in range(30):
        bench.poll()
        assert store.answer(bench) <= 32
    bench.poll()
    assert store.bodies == [f"line {number}" for number in range(200)]
    assert [m.body for m in bench.state.rooms["lobby"].messages] == store.bodies


def test_send_without_connection_goes_out_after_the_reconnection(bench: Bench) -> None:
    """What is said while offline waits, and is sent when the server is back."""
    bench.sign_in(a_room("Lobby"))
    bench.drop()
    bench.client.outbox.send("lobby", "later")
    bench.poll()
    bench.come_back(a_room("Lobby"))
    bench.poll()
    assert bench.server.take("send")["body"] == "later"


def test_send_repeats_the_nonce_when_the_answer_was_lost(bench: Bench) -> None:
    """A message whose ok never came is sent again under the same nonce."""
    bench.sign_in(a_room("Lobby"))
    nonce = bench.client.outbox.send("lobby", "once")
    bench.poll()
    assert bench.server.take("send")["nonce"] == nonce
    bench.drop()
    bench.come_back(a_room("Lobby", last_seq=1))
    bench.poll()
    request = bench.server.take("send")
    assert request["nonce"] == nonce
    history = bench.server.take("history")
    bench.server.ok(history, room="Lobby", messages=[a_message("Lobby", 1, "zoe", "once")], more=False)
    bench.server.ok(request, room="Lobby", seq=1, sent_at=AT)
    bench.poll()
    assert [m.body for m in bench.state.rooms["lobby"].messages] == ["once"]
    assert not bench.state.rooms["lobby"].pending


def test_outbox_survives_a_killed_program(bench: Bench) -> None:
    """What was not stored when the program died is sent at the next start, in order."""
    bench.sign_in(a_room("Lobby"))
    bench.drop()
    for body in ("one", "two"):
        bench.client.outbox.send("lobby", body)
    bench.restart()
    bench.client.session.resume(bench.client.accounts.all()[0].id)
    bench.let_in(a_room("Lobby"))
    assert [m.body for m in bench.state.rooms["lobby"].pending] == ["one", "two"]
    store = Store()
    for _ in range(4):
        bench.poll()
        store.answer(bench)
    assert store.bodies == ["one", "two"]


def test_send_rate_limited_waits_and_keeps_the_order(bench: Bench) -> None:
    """A message refused for now is sent again after `retry_after`, before the ones behind it."""
    bench.sign_in(a_room("Lobby"))
    for body in ("a", "b", "c"):
        bench.client.outbox.send("lobby", body)
    bench.poll()
    (first,) = bench.server.take_all("send")
    bench.server.error(first, "rate_limited", retry_after=3.0)
    bench.poll()
    bench.pass_s(2.5)
    assert bench.server.take_all("send") == []
    bench.pass_s(1.0)
    assert bodies(bench.server.take_all("send")) == ["a"]
    assert bench.state.rooms["lobby"].pending[0].status == Status.PENDING


def test_send_unavailable_is_retried_and_shown_in_the_status(bench: Bench) -> None:
    """While the database does not answer, the status line says so and the message stays."""
    bench.sign_in(a_room("Lobby"))
    bench.client.outbox.send("lobby", "patience")
    bench.poll()
    bench.server.error(bench.server.take("send"), "unavailable")
    bench.poll()
    assert not bench.state.connection.storing_ok
    bench.pass_s(3.0)
    bench.server.ok(bench.server.take("send"), room="Lobby", seq=1, sent_at=AT)
    bench.poll()
    assert bench.state.connection.storing_ok
    assert [m.body for m in bench.state.rooms["lobby"].messages] == ["patience"]


@pytest.mark.parametrize("code", ["not_a_member", "muted", "body_too_long", "forbidden", "internal"])
def test_send_refused_is_marked_and_lets_the_next_one_pass(bench: Bench, code: str) -> None:
    """A refusal marks its message, with its code, and holds up nothing."""
    bench.sign_in(a_room("Lobby"))
    nonce = bench.client.outbox.send("lobby", "no")
    bench.client.outbox.send("lobby", "yes")
    bench.poll()
    bench.server.error(bench.server.take("send"), code)
    bench.poll()
    refused = bench.state.rooms["lobby"].pending[0]
    assert (refused.nonce, refused.status, refused.error) == (nonce, Status.REFUSED, code)
    assert bench.server.take("send")["body"] == "yes"


def test_retry_sends_a_refused_message_again_after_a_restart_too(bench: Bench) -> None:
    """A refused message stays refused on disk, until the user retries or discards it."""
    bench.sign_in(a_room("Lobby"))
    nonce = bench.client.outbox.send("lobby", "no")
    bench.poll()
    bench.server.error(bench.server.take("send"), "muted")
    bench.poll()
    bench.restart()
    bench.sign_in(a_room("Lobby"))
    bench.poll()
    assert bench.state.rooms["lobby"].pending[0].error == "muted"
    assert bench.server.take_all("send") == []
    bench.client.outbox.retry(nonce)
    bench.poll()
    assert bench.server.take("send")["nonce"] == nonce
    assert bench.state.rooms["lobby"].pending[0].status == Status.PENDING


def test_discard_drops_a_refused_message_for_good(bench: Bench) -> None:
    """A discarded message is neither shown nor sent any more."""
    bench.sign_in(a_room("Lobby"))
    nonce = bench.client.outbox.send("lobby", "no")
    bench.poll()
    bench.server.error(bench.server.take("send"), "muted")
    bench.poll()
    bench.client.outbox.discard(nonce)
    assert bench.state.rooms["lobby"].pending == []
    bench.restart()
    bench.sign_in(a_room("Lobby"))
    assert bench.state.rooms["lobby"].pending == []


@pytest.mark.parametrize(
    ("body", "code"), [("", "bad_request"), (" \n", "bad_request"), ("x" * 4001, "body_too_long")]
)
def test_send_refuses_what_the_server_would_refuse(bench: Bench, body: str, code: str) -> None:
    """An empty or endless text does not get into the outbox."""
    bench.sign_in(a_room("Lobby"))
    with pytest.raises(ChatError) as refused:
        bench.client.outbox.send("lobby", body)
    assert refused.value.code == code
    assert bench.state.rooms["lobby"].pending == []


def test_send_joins_the_halves_of_a_surrogate_pair(bench: Bench) -> None:
    """What some systems' Tk hands over for an emoji is sent as the emoji; a lone half is replaced."""
    bench.sign_in(a_room("Lobby"))
    bench.client.outbox.send("lobby", "\ud83d\ude00 \ud83d")
    bench.poll()
    assert bench.server.take("send")["body"] == "😀 \ufffd"


def test_edit_delete_react_are_repeated_with_their_nonce(bench: Bench) -> None:
    """Changes go through the outbox like messages, and are applied with their ok."""
    bench.sign_in(a_room("Lobby"))
    bench.server.say({"type": "message", **a_message("Lobby", 1, "zoe", "helo")})
    bench.poll()
    bench.client.outbox.edit("lobby", 1, "hello")
    bench.poll()
    nonce = bench.server.take("edit")["nonce"]
    bench.drop()
    bench.come_back(a_room("Lobby", last_seq=1))
    bench.poll()
    request = bench.server.take("edit")
    assert request["nonce"] == nonce
    bench.server.ok(request, room="Lobby", seq=2, target=1, sent_at=AT)
    assert RequestDone("edit", "lobby") in bench.poll()
    assert bench.state.rooms["lobby"].messages[0].body == "hello"


def test_edit_refused_is_told_and_forgotten(bench: Bench) -> None:
    """A refused change is reported, and not tried again."""
    bench.sign_in(a_room("Lobby"))
    bench.client.outbox.edit("lobby", 7, "hello")
    bench.poll()
    bench.server.error(bench.server.take("edit"), "no_such_message")
    changes = bench.poll()
    assert RequestFailed("edit", "no_such_message", "no_such_message", "lobby") in changes
    bench.pass_s(5)
    assert bench.server.take_all("edit") == []


def test_message_for_a_room_that_was_made_again_waits_for_the_user(bench: Bench) -> None:
    """It goes to the room it was written in, and to another of that name only when the user says so."""
    bench.sign_in(a_room("Lobby", id="x,1"))
    bench.drop()
    nonce = bench.client.outbox.send("lobby", "for those of the first")
    bench.come_back(a_room("Lobby", id="x,2"))
    bench.poll()
    request = bench.server.take("send")
    assert request["room"] == "x,1"
    bench.server.error(request, "no_such_room")
    bench.poll()
    (shown,) = bench.state.rooms["lobby"].pending
    assert (shown.nonce, shown.status, shown.error) == (nonce, Status.REFUSED, "no_such_room")
    bench.client.outbox.retry(nonce)
    bench.poll()
    assert bench.server.take("send")["room"] == "x,2"


def test_message_for_a_renamed_room_goes_to_it(bench: Bench) -> None:
    """A room that was renamed while the user was away gets what was written for it."""
    bench.sign_in(a_room("Lobby", id="x,1"))
    bench.drop()
    bench.client.outbox.send("lobby", "hello")
    bench.come_back(a_room("Hall", id="x,1"), a_room("Lobby", id="x,2"))
    bench.poll()
    assert bench.server.take("send")["room"] == "x,1"
    assert [message.body for message in bench.state.rooms["hall"].pending] == ["hello"]
    assert not bench.state.rooms["lobby"].pending


def test_discard_leaves_what_is_on_its_way(bench: Bench) -> None:
    """It may be stored already: the answer decides. A name that is not known is no error."""
    bench.sign_in(a_room("Lobby"))
    nonce = bench.client.outbox.send("lobby", "too late")
    bench.poll()
    bench.client.outbox.discard(nonce)
    bench.client.outbox.discard("unknown")
    assert [message.nonce for message in bench.state.rooms["lobby"].pending] == [nonce]
    assert [entry.nonce for entry in bench.client.outbox.stored.all()] == [nonce]


def refuse(bench: Bench, *, on: bool) -> None:
    """Let the file of the outbox take nothing, as on a full disk, or everything again."""
    database = bench.client.outbox.stored._database
    assert database is not None
    database.execute(f"PRAGMA query_only={'ON' if on else 'OFF'}")


def test_message_that_the_disk_refused_is_kept_once_it_takes_it(bench: Bench) -> None:
    """It is shown as not kept meanwhile; the disk is tried again every five seconds."""
    bench.sign_in(a_room("Lobby"))
    bench.drop()
    refuse(bench, on=True)
    bench.client.outbox.send("lobby", "hello")
    bench.pass_s(2)
    (message,) = bench.state.rooms["lobby"].pending
    assert (message.kept, bench.state.connection.keeping_ok) == (False, False)
    refuse(bench, on=False)
    bench.pass_s(WRITE_AGAIN_S - 3)
    assert not message.kept
    assert PendingChanged("lobby") in bench.pass_s(3)
    assert (message.kept, bench.state.connection.keeping_ok) == (True, True)
    assert PendingChanged("lobby") not in bench.pass_s(2 * WRITE_AGAIN_S)
    bench.restart()
    bench.client.session.resume(bench.client.accounts.all()[0].id)
    bench.let_in(a_room("Lobby"))
    assert [each.body for each in bench.state.rooms["lobby"].pending] == ["hello"]


def test_message_whose_files_are_gone_brings_them_again(bench: Bench, tmp_path: Path) -> None:
    """It had waited too long: a retry uploads before it sends."""
    bench.sign_in(a_room("Lobby"))
    attachment = Attachment("u1", "00" * 32, 5, File("f1", "a.txt", 5))
    bench.client.outbox.send_files("lobby", "look", (attachment,))
    bench.poll()
    bench.server.error(bench.server.take("send"), "no_such_file")
    bench.poll()
    (waiting,) = bench.client.outbox.stored.all()
    assert (waiting.error, waiting.files[0].file.id) == ("no_such_file", "")


def test_mute_is_known_from_a_refusal(bench: Bench) -> None:
    """With its end and its reason: the composer says so before the next try."""
    bench.sign_in(a_room("Lobby"))
    bench.client.outbox.send("lobby", "hello")
    bench.poll()
    request = bench.server.take("send")
    bench.server.error(request, "muted", reason="spam", until="2026-03-01T10:00:00.000Z")
    bench.poll()
    assert bench.state.mutes["lobby"].reason == "spam"
    assert bench.state.mutes["lobby"].until == 1_772_359_200_000
