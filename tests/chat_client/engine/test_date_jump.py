"""Going to a day: the history is halved until the first message of the day is found."""

from math import ceil, log2
from pathlib import Path

import pytest

from chat_client.model.changes import JumpReady, RequestFailed
from tests.chat_client.fakes import Bench, Frame, a_message, a_room

MESSAGES = 1000
START = 1_700_000_000_000  # what a_message begins with: one millisecond more for each seq


def jumped(bench: Bench, at_ms: int, kinds: dict[int, str] | None = None) -> tuple[int | None, int]:
    """Go to a time, as the server answers; return where that led, and how many single messages it took."""
    bench.client.dates.go("lobby", at_ms)
    changes, singles = bench.poll(), 0
    while asked := bench.server.take_all("history"):
        for request in asked:
            before = request.get("before", 0) - request["limit"] - 1
            after = request.get("after", max(0, before))
            last = min(MESSAGES, after + request["limit"])
            messages = []
            for seq in range(after + 1, last + 1):
                change: Frame = {"kind": kinds[seq], "target": 1} if kinds and seq in kinds else {}
                messages.append(a_message("Lobby", seq) | change)
            bench.server.ok(request, room="Lobby", messages=messages, more=True)
            singles += request["limit"] == 1
        changes += bench.poll()
    return next((change.seq for change in changes if isinstance(change, JumpReady)), None), singles


@pytest.fixture
def bench(bench: Bench) -> Bench:
    """Somebody in a room with a long history, of which nothing is loaded."""
    bench.sign_in(a_room("Lobby", last_seq=MESSAGES, read_seq=MESSAGES))
    bench.server.take_all("history")
    return bench


@pytest.mark.parametrize("seq", [1, 2, 499, 500, 501, 999, 1000])
def test_first_message_of_the_day_is_found(bench: Bench, seq: int) -> None:
    """Wherever it stands, by about as many answers as the number of messages has binary digits."""
    found, singles = jumped(bench, START + seq)
    assert found == seq
    assert 1 <= singles <= ceil(log2(MESSAGES))


def test_before_all_and_after_all(bench: Bench) -> None:
    """A day before the first message leads to it, and one in the future to the last."""
    assert jumped(bench, 0)[0] == 1
    assert jumped(bench, START * 2)[0] == MESSAGES


def test_changes_have_no_place(bench: Bench) -> None:
    """Where the day begins with a reaction and an edit, the first text is shown."""
    assert jumped(bench, START + 500, {500: "react", 501: "edit"})[0] == 502


def test_refusal_is_told(bench: Bench) -> None:
    """Who may not read any more is told so, and nothing moves."""
    bench.client.dates.go("lobby", START + 500)
    bench.server.error(bench.server.take("history"), "not_a_member")
    assert [change.code for change in bench.poll() if isinstance(change, RequestFailed)] == ["not_a_member"]
    assert bench.server.take_all("history") == []


def test_of_two_jumps_the_later_holds(bench: Bench) -> None:
    """An answer to the first one is of no use any more."""
    bench.client.dates.go("lobby", START + 900)
    old = bench.server.take("history")
    bench.client.dates.go("lobby", START + 10)
    bench.server.take_all("history")
    bench.server.ok(old, room="Lobby", messages=[a_message("Lobby", 501)], more=True)
    bench.poll()
    assert bench.server.take_all("history") == []


@pytest.mark.parametrize(
    ("room", "asked"),
    [
        (a_room("Lobby", last_seq=1, read_seq=1), True),
        (a_room("Lobby"), False),
        (a_room("Lobby", last_seq=9, membership="none"), False),
        (a_room("Board", last_seq=9), False),
    ],
)
def test_room_without_a_message_to_read_is_not_asked(tmp_path: Path, room: Frame, asked: bool) -> None:
    """An empty one, one that the user is not in, and one that is gone."""
    other = Bench(tmp_path / "other")
    other.sign_in(room)
    other.server.take_all("history")
    other.client.dates.go("lobby", START)
    assert bool(other.server.take_all("history")) == asked
    other.client.close()
