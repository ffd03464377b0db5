"""How many messages are on their way at once, and how long they wait after a refusal for now."""

from typing import Any

import pytest

from chat_client.engine.sending import WRITE_AGAIN_S
from chat_client.model.changes import ConnectionChanged, PendingChanged, RequestDone
from chat_client.model.state import Status
from chat_protocol.times import to_rfc3339
from tests.chat_client.fakes import Bench, Frame, a_room

AT = to_rfc3339(1_700_000_000_000)


def _sent(bench: Bench) -> list[Frame]:
    bench.poll()
    return bench.server.take_all("send")


def _stored(bench: Bench, requests: list[Frame], first: int = 1) -> None:
    for seq, request in enumerate(requests, first):
        bench.server.ok(request, room="Lobby", seq=seq, sent_at=AT)
    bench.poll()


def _say(bench: Bench, count: int) -> None:
    for number in range(count):
        bench.client.outbox.send("lobby", f"line {number}")


def test_bursts_grow_while_all_goes_well(bench: Bench) -> None:
    """Each is twice the last, up to thirty-two; the next one goes when all of it is answered."""
    bench.sign_in(a_room("Lobby"))
    _say(bench, 130)
    sizes, seq = [], 1
    for _burst in range(8):
        requests = _sent(bench)
        sizes.append(len(requests))
        _stored(bench, requests[:-1], seq)
        if len(requests) > 1:
            assert _sent(bench) == []
        _stored(bench, requests[-1:], seq + len(requests) - 1)
        seq += len(requests)
    assert sizes == [1, 2, 4, 8, 16, 32, 32, 32]


@pytest.mark.parametrize("lost", [False, True])
def test_burst_begins_again_with_one(bench: Bench, lost: bool) -> None:
    """After a refusal for now, and with another connection."""
    bench.sign_in(a_room("Lobby"))
    _say(bench, 20)
    _stored(bench, _sent(bench))
    first, second = _sent(bench)
    if lost:
        bench.drop()
        bench.come_back(a_room("Lobby"))
    else:
        bench.server.error(first, "rate_limited", retry_after=1)
        bench.server.error(second, "rate_limited", retry_after=1)
        bench.poll()
        bench.pass_s(1)
    assert [request["nonce"] for request in _sent(bench)] == [first["nonce"]]


def test_failed_burst_does_not_hold_the_next_ones_down(bench: Bench) -> None:
    """They grow again as soon as one has passed."""
    bench.sign_in(a_room("Lobby"))
    _say(bench, 20)
    bench.server.error(_sent(bench)[0], "rate_limited", retry_after=1)
    bench.poll()
    bench.pass_s(1)
    _stored(bench, bench.server.take_all("send"))
    assert len(_sent(bench)) == 2


@pytest.mark.parametrize(
    ("answers", "wait_s"),
    [([{}], 2), ([{"retry_after": 4}], 4), ([{"retry_after": 4}, {"retry_after": 1}], 4)],
)
def test_refusal_for_now_is_waited_out(bench: Bench, answers: list[dict[str, int]], wait_s: int) -> None:
    """As long as the server says, or two seconds; of several the longest; another connection for none."""
    bench.sign_in(a_room("Lobby"))
    _say(bench, 3)
    _stored(bench, _sent(bench))
    requests = _sent(bench)
    for request, told in zip(requests, [*answers, answers[0]][:2], strict=True):
        bench.server.error(request, "unavailable", **told)
    bench.poll()
    bench.pass_s(wait_s - 0.5)
    assert _sent(bench) == []
    bench.pass_s(0.5)
    (request,) = _sent(bench)
    bench.server.error(request, "unavailable", retry_after=600)
    bench.poll()
    bench.drop()
    bench.come_back(a_room("Lobby"))
    assert len(_sent(bench)) == 1


def test_server_that_stores_nothing_is_told_once_and_that_it_does_again(bench: Bench) -> None:
    """By the first refusal, and by the first message that is stored."""
    bench.sign_in(a_room("Lobby"))
    _say(bench, 2)
    for expected in (1, 0):
        bench.server.error(_sent(bench)[0], "unavailable", retry_after=1)
        assert bench.poll().count(ConnectionChanged()) == expected
        assert not bench.state.connection.storing_ok
        bench.pass_s(1)
    for seq, expected in ((1, 1), (2, 0)):
        (request,) = _sent(bench)
        bench.server.ok(request, room="Lobby", seq=seq, sent_at=AT)
        assert bench.poll().count(ConnectionChanged()) == expected
        assert bench.state.connection.storing_ok


def test_rate_limit_is_no_fault_of_the_store(bench: Bench) -> None:
    """Only what the server cannot keep is."""
    bench.sign_in(a_room("Lobby"))
    _say(bench, 1)
    bench.server.error(_sent(bench)[0], "rate_limited", retry_after=1)
    assert ConnectionChanged() not in bench.poll()
    assert bench.state.connection.storing_ok


@pytest.mark.parametrize(
    ("act", "kind", "fields"),
    [
        (lambda outbox: outbox.edit("lobby", 3, "better"), "edit", {"seq": 3, "body": "better"}),
        (lambda outbox: outbox.delete("lobby", 3), "delete", {"seq": 3}),
        (lambda outbox: outbox.react("lobby", 3, "👍"), "react", {"seq": 3, "emoji": "👍", "on": True}),
        (lambda outbox: outbox.react("lobby", 3, "👍", False), "react", {"seq": 3, "on": False}),
    ],
)
def test_change_of_a_message_is_done_when_it_is_stored(
    bench: Bench, act: Any, kind: str, fields: dict[str, object]
) -> None:
    """It is shown as nothing that waits; for a room that is gone nothing is sent."""
    bench.sign_in(a_room("Lobby", last_seq=3))
    act(bench.client.outbox)
    bench.poll()
    request = bench.server.take(kind)
    assert {name: request[name] for name in fields} == fields
    assert bench.state.rooms["lobby"].pending == []
    bench.server.ok(request, room="Lobby", seq=4, sent_at=AT)
    assert RequestDone(kind, "lobby") in bench.poll()


def test_retry_and_discard_of_what_is_not_refused_or_gone_do_nothing(bench: Bench) -> None:
    """A message that waits stays where it is; one that is gone stays gone."""
    bench.sign_in(a_room("Lobby"))
    bench.drop()
    _say(bench, 2)
    bench.poll()
    first, second = (message.nonce for message in bench.state.rooms["lobby"].pending)
    bench.client.outbox.retry(first)
    bench.client.outbox.retry("gone")
    bench.client.outbox.discard("gone")
    assert bench.poll() == []
    assert [entry.nonce for entry in bench.client.outbox.stored.all()] == [first, second]
    bench.client.outbox.discard(first)
    assert PendingChanged("lobby") in bench.poll()
    assert [message.nonce for message in bench.state.rooms["lobby"].pending] == [second]


def test_retried_message_waits_at_the_end(bench: Bench) -> None:
    """As one that waits, behind what was said since."""
    bench.sign_in(a_room("Lobby"))
    _say(bench, 1)
    bench.server.error(_sent(bench)[0], "muted")
    bench.poll()
    bench.drop()
    bench.client.outbox.send("lobby", "since")
    (refused,) = (one for one in bench.state.rooms["lobby"].pending if one.status == Status.REFUSED)
    bench.client.outbox.retry(refused.nonce)
    shown = [(one.body, one.status, one.error) for one in bench.state.rooms["lobby"].pending]
    assert shown == [("since", Status.PENDING, None), ("line 0", Status.PENDING, None)]


def test_disk_is_tried_again_every_five_seconds(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """And not at each poll."""
    bench.sign_in(a_room("Lobby"))
    tried: list[float] = []
    stored = bench.client.outbox.stored
    monkeypatch.setattr(type(stored), "failing", property(lambda _outbox: True))
    monkeypatch.setattr(stored, "write_again", lambda: tried.append(bench.steady.now))
    begun = bench.steady.now
    bench.poll()
    bench.pass_s(2 * WRITE_AGAIN_S)
    assert tried == [begun, begun + WRITE_AGAIN_S, begun + 2 * WRITE_AGAIN_S]
