"""Tests of the commit thread's decisions, with a storage that fails when the test says so."""

from collections.abc import Sequence
from typing import Any, cast

import pytest

from chat_protocol.errors import ChatError
from chat_server.limits import STORE_RETRY_S
from chat_server.live.session import Session
from chat_server.pipeline.commit import Batch, Committer, make_queues
from chat_server.services.messages.messages import Submission
from chat_server.storage.core.errors import (
    NonceTaken,
    NoSuchFile,
    NoSuchTarget,
    StorageError,
    StorageUnavailable,
)
from chat_server.storage.core.records import NewMessage, Stored
from tests.chat_server.fakes import make_room, make_session, make_submission


class StorageFake:
    """Answers `append` with what the test has prepared; each pause lets time pass."""

    def __init__(self, *answers: Exception | list[Stored | StorageError]) -> None:
        self.messages = self
        self.answers = list(answers)
        self.calls = 0
        self.now = 0.0

    def append(self, batch: Sequence[NewMessage], now: int) -> list[Stored | StorageError]:
        self.calls += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def pause(self, seconds: float) -> None:
        self.now += seconds


def _committer(storage: StorageFake) -> Committer:
    queues = make_queues(100)
    return Committer(
        cast(Any, storage), *queues, lambda: 0, monotonic=lambda: storage.now, pause=storage.pause
    )


def _submissions(count: int) -> list[Any]:
    return [make_submission(make_session(1, "Alice"), make_room(1), ref) for ref in range(count)]


def test_stored_messages_keep_their_places() -> None:
    """The result of each message is what the storage said."""
    places: list[Stored | StorageError] = [Stored(1, 1, 5, False), Stored(1, 2, 5, False)]
    assert _committer(StorageFake(places)).commit(_submissions(2)).results == places


def test_short_outage_is_not_noticed_by_the_sender() -> None:
    """A database that comes back within the time of patience stores the batch, and nobody is told of it."""
    storage = StorageFake(StorageUnavailable("gone"), StorageUnavailable("gone"), [Stored(1, 1, 5, False)])
    assert _committer(storage).commit(_submissions(1)).results == [Stored(1, 1, 5, False)]
    assert storage.calls == 3


def test_long_outage_is_answered_and_later_batches_do_not_wait() -> None:
    """The first batch of an outage is tried for a while, those after it once, until one succeeds."""
    storage = StorageFake(StorageUnavailable("gone"))
    committer = _committer(storage)
    (result,) = committer.commit(_submissions(1)).results
    assert isinstance(result, ChatError)
    assert result.code == "unavailable"
    assert storage.now == pytest.approx(STORE_RETRY_S, abs=0.2)
    calls = storage.calls
    committer.commit(_submissions(5))
    assert storage.calls == calls + 1
    storage.answers = [[Stored(1, 1, 5, False)], StorageUnavailable("gone"), [Stored(1, 2, 5, False)]]
    assert committer.commit(_submissions(1)).results == [Stored(1, 1, 5, False)]
    assert committer.commit(_submissions(1)).results == [
        Stored(1, 2, 5, False)
    ]  # another outage, a short one


@pytest.mark.logged_errors
def test_refused_message_does_not_touch_the_others() -> None:
    """One message's fault is that message's error; a missing target has a code of its own."""
    storage = StorageFake([Stored(1, 1, 5, False), StorageError("poison"), NoSuchTarget("gone")])
    first, second, third = _committer(storage).commit(_submissions(3)).results
    assert first == Stored(1, 1, 5, False)
    assert isinstance(second, ChatError)
    assert isinstance(third, ChatError)
    assert (second.code, third.code) == ("internal", "no_such_message")


@pytest.mark.logged_errors
def test_unexpected_failure_is_answered_and_survived() -> None:
    """A bug in the storage costs one batch an error, not everybody the thread."""
    storage = StorageFake(ZeroDivisionError(), [Stored(1, 1, 5, False)])
    committer = _committer(storage)
    (result,) = committer.commit(_submissions(1)).results
    assert isinstance(result, ChatError)
    assert committer.commit(_submissions(1)).results == [Stored(1, 1, 5, False)]


@pytest.mark.logged_errors
def test_batch_that_raises_is_answered_message_by_message() -> None:
    """Whatever goes wrong, each sender is told, and the thread survives."""
    results = _committer(StorageFake(ZeroDivisionError())).commit(_submissions(2)).results
    assert [result.code for result in results if isinstance(result, ChatError)] == ["internal", "internal"]


def test_outage_in_the_middle_of_a_batch_is_a_reason_to_send_again() -> None:
    """A message that the database went away from is `unavailable`, not refused for good."""
    storage = StorageFake([Stored(1, 1, 5, False), StorageUnavailable("gone")])
    committer = _committer(storage)
    _, second = committer.commit(_submissions(2)).results
    assert isinstance(second, ChatError)
    assert second.code == "unavailable"
    assert committer.stored == 2


def test_thread_hands_on_in_order_tells_the_indexer_and_ends() -> None:
    """What waits is stored and handed on, the indexer hears of it, and the next queue is closed."""
    storage = StorageFake([Stored(1, 1, 5, False), Stored(1, 2, 5, False)])
    waiting, deliveries = make_queues(100)
    followed: list[tuple[set[int], int]] = []
    committer = Committer(
        cast(Any, storage),
        waiting,
        deliveries,
        lambda: 0,
        follow=lambda rooms, count: followed.append((rooms, count)),
    )
    handed_on: list[tuple[Batch, int, object]] = []
    committer.on_handed_on = lambda batch: handed_on.append((batch, len(deliveries), committer.rooms_in_hand))
    submissions = _submissions(2)
    waiting.put(submissions)
    committer.start()
    assert committer.stop(5)
    assert [(count, rooms) for _, count, rooms in handed_on] == [(1, ())]
    (batch,) = deliveries.take(10)
    assert isinstance(batch, Batch)
    assert list(batch.submissions) == submissions
    assert batch is handed_on[0][0]
    assert deliveries.take(10) == []
    assert followed == [({1}, 2)]


def test_store_is_tried_again_after_a_pause_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as the time to try is not over; the attempts that failed are counted."""
    storage = StorageFake(StorageUnavailable("down"))
    committer = _committer(storage)
    (result,) = committer.commit(_submissions(1)).results
    assert isinstance(result, ChatError)
    assert result.code == "unavailable"
    assert storage.now >= STORE_RETRY_S
    assert storage.now - STORE_RETRY_S < storage.now / (storage.calls - 1)
    failed = committer._measurements.database_errors.read()
    assert failed == {"commit": storage.calls}
    assert committer.stored == 0


@pytest.mark.logged_errors
@pytest.mark.parametrize(
    ("error", "code"),
    [
        (StorageUnavailable("gone"), "unavailable"),
        (NoSuchTarget("no"), "no_such_message"),
        (NoSuchFile("no"), "no_such_file"),
        (NonceTaken("no"), "bad_request"),
        (StorageError("no"), "internal"),
    ],
)
def test_each_refusal_has_its_code(error: StorageError, code: str) -> None:
    """And names the field that is wrong, where one is."""
    committer = _committer(StorageFake([error]))
    (result,) = committer.commit(_submissions(1)).results
    assert isinstance(result, ChatError)
    assert result.code == code
    field = {"no_such_message": "seq", "no_such_file": "files", "bad_request": "nonce"}.get(code)
    assert result.extra.get("field") == field


def test_batches_are_measured() -> None:
    """How long each took and how many messages it had."""
    storage = StorageFake([Stored(1, 1, 5, False), Stored(1, 2, 5, False)])
    waiting, deliveries = make_queues(100)
    times = iter([10.0, 10.0, 10.5, 10.5])
    committer = Committer(cast(Any, storage), waiting, deliveries, lambda: 0, monotonic=lambda: next(times))
    waiting.put(_submissions(2))
    waiting.close()
    committer._run()
    measured = committer._measurements
    assert (measured.commit_s.read().sum, measured.batch_messages.read().sum) == (0.5, 2)
    assert deliveries.take(1)
    assert deliveries.take(1) == []


class WaitingFake:
    """Gives out what the test has prepared, and remembers how long it was asked to wait for it."""

    def __init__(self, *takes: list[Submission]) -> None:
        self.takes = list(takes)
        self.timeouts: list[float | None] = []

    def take(self, _most: int, timeout: float | None = None) -> list[Submission]:
        self.timeouts.append(timeout)
        return self.takes.pop(0) if self.takes else []


class SlowStorageFake(StorageFake):
    """Stores each batch, and takes 4 ms for it."""

    def __init__(self) -> None:
        super().__init__([])

    def append(self, batch: Sequence[NewMessage], now: int) -> list[Stored | StorageError]:
        self.now += 0.004
        return [Stored(1, seq, now, False) for seq in range(1, len(batch) + 1)]


def _sizes(waiting: WaitingFake) -> list[int]:
    """Run the commit thread's loop over what waits; return the sizes of the batches that it hands on."""
    storage = SlowStorageFake()
    _, deliveries = make_queues(100)
    committer = Committer(
        cast(Any, storage), cast(Any, waiting), deliveries, lambda: 0, monotonic=lambda: storage.now
    )
    committer._run()
    return [len(batch.submissions) for batch in deliveries.take(10) if isinstance(batch, Batch)]


def _of(session: Session, count: int) -> list[Submission]:
    return [make_submission(session, make_room(1), ref) for ref in range(count)]


def test_batch_waits_for_the_senders_just_answered() -> None:
    """Half of those who send much do not leave without the other half, for as long as a batch takes."""
    zoe, jules = make_session(1, "zoe"), make_session(2, "jules")
    waiting = WaitingFake(_of(zoe, 2) + _of(jules, 2), _of(jules, 2), _of(zoe, 2))
    assert _sizes(waiting) == [4, 4]
    assert waiting.timeouts == [None, None, pytest.approx(0.004), None, pytest.approx(0.004)]


def test_batch_leaves_without_senders_who_stay_away() -> None:
    """A sender who says no more holds up one batch, once."""
    zoe, jules = make_session(1, "zoe"), make_session(2, "jules")
    waiting = WaitingFake(_of(zoe, 2) + _of(jules, 2), _of(jules, 2), [], _of(jules, 2))
    assert _sizes(waiting) == [4, 2, 2]
    assert waiting.timeouts[:5] == [None, None, pytest.approx(0.004), None, None]


def test_single_messages_do_not_make_others_wait() -> None:
    """Who sends one message at a time, as people do, is not waited for."""
    zoe, jules = make_session(1, "zoe"), make_session(2, "jules")
    waiting = WaitingFake(_of(zoe, 1) + _of(jules, 1), _of(jules, 1), _of(zoe, 1))
    assert _sizes(waiting) == [2, 1, 1]
    assert set(waiting.timeouts) == {None}
