"""The commit thread: takes all messages that wait and stores them in one transaction; it writes to no client.

A batch that fails for the database's fault is tried again, because nonces make that safe; after
`retry_s` its senders are told `unavailable`. From then on each batch is tried once, until one succeeds.
"""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from chat_protocol.errors import ChatError, ErrorCode, bad_request
from chat_server.limits import BATCH_MAX, DELIVERIES_WAITING_MAX, SENDERS_WAIT_MAX_S, STORE_RETRY_S
from chat_server.live.rates import RightOfWay
from chat_server.live.session import Sender
from chat_server.measurements import Measurements
from chat_server.pipeline.batches import BatchQueue
from chat_server.pipeline.catch_up import Elsewhere
from chat_server.services.messages.messages import Submission
from chat_server.storage import Storage
from chat_server.storage.core.errors import (
    NonceTaken,
    NoSuchFile,
    NoSuchTarget,
    StorageError,
    StorageUnavailable,
)
from chat_server.storage.core.records import Stored

_log = logging.getLogger("chat.commit")
_RETRY_PAUSE_S = 0.1

Result = Stored | ChatError


@dataclass(frozen=True, slots=True)
class Batch:
    """Messages whose fate is decided, in the order in which they were submitted."""

    submissions: Sequence[Submission]
    results: Sequence[Result]

    def last_seqs(self) -> dict[int, int]:
        """Return up to which seq it filled its rooms; 0 where nothing was stored."""
        found = dict.fromkeys((each.message.room_id for each in self.submissions), 0)
        for result in self.results:
            if isinstance(result, Stored):
                found[result.room_id] = max(found[result.room_id], result.seq)
        return found


class Committer:
    """Store what the clients' threads submit.

    :param waiting: what the clients' threads have put in.
    :param deliveries: where stored batches go; it is bounded, and so this thread waits for slow deliveries.
    :param clock: milliseconds since 1970 UTC.
    :param follow: hears, after each batch was handed on, of the rooms in it and its size.
    :param pause: sleeps some seconds between two tries.
    :param retry_s: how long a batch that the database does not take is tried again, in seconds.
    :param measurements: where sizes, times and failures of batches are counted.
    """

    def __init__(
        self,
        storage: Storage,
        waiting: BatchQueue[Submission],
        deliveries: "BatchQueue[Batch | Elsewhere]",
        clock: Callable[[], int],
        *,
        follow: Callable[[set[int], int], None] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
        measurements: Measurements | None = None,
        retry_s: float = STORE_RETRY_S,
    ) -> None:
        self._measurements = measurements or Measurements()
        self._storage = storage
        self._waiting = waiting
        self._deliveries = deliveries
        self._clock = clock
        self._follow = follow
        self._retry_s = retry_s
        self._monotonic = monotonic
        self._pause = pause
        # Rooms of the batch that is being stored, or was and is not yet handed on: what their last seqs say
        # is not all another server's. Replaced whole by this thread alone.
        self.rooms_in_hand: Collection[int] = ()
        #: Called with each batch after it was handed on.
        self.on_handed_on: Callable[[Batch], object] = lambda _batch: None
        self.stored = 0  # since the start; written by this thread alone, as the next one
        self._down = False
        self._returning: set[Sender] = set()  # whom the next batch waits for, and until when
        self._wait_until = 0.0
        self._thread = threading.Thread(target=self._run, name="commit", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self, timeout: float) -> bool:
        """Store what waits, then end the thread; return whether it ended in time (seconds)."""
        self._waiting.close()
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while submissions := self._gather():
            began = self._monotonic()
            room_ids = self.rooms_in_hand = {item.message.room_id for item in submissions}
            batch = self.commit(submissions)
            took = self._monotonic() - began
            self._measurements.commit_s.observe(took)
            self._measurements.batch_messages.observe(len(submissions))
            self._deliveries.put([batch])
            self.rooms_in_hand = ()
            self.on_handed_on(batch)
            self._await_senders(submissions, took)
            if self._follow is not None:
                self._follow(room_ids, len(submissions))
        self._deliveries.close()

    def _gather(self) -> list[Submission]:
        """Take what waits, with what the senders whom the last batch answered are about to send."""
        submissions = self._waiting.take(BATCH_MAX)
        missing = self._returning.difference(item.session for item in submissions)
        while missing and (left_s := self._wait_until - self._monotonic()) > 0:
            more = self._waiting.take(BATCH_MAX, left_s)
            if not more:
                break
            submissions += more
            missing.difference_update(item.session for item in more)
        return submissions

    def _await_senders(self, submissions: Sequence[Submission], took: float) -> None:
        """Let the next batch wait for this one's senders, as long as this one took (seconds).

        Without that, some senders' messages would be stored while others' are delivered, in half batches for
        ever, though a batch costs the disk and each reader the same whatever its size. Only those who send
        several messages at a time are waited for: people do not.
        """
        counts = Counter(item.session for item in submissions)
        self._returning = {session for session, count in counts.items() if count > 1}
        self._wait_until = self._monotonic() + min(took, SENDERS_WAIT_MAX_S)

    def commit(self, submissions: Sequence[Submission]) -> Batch:
        """Store a batch and return what became of each message; never raise."""
        try:
            results = self._store(submissions)
        except Exception:  # the thread survives anything: without it, nobody could ever speak again
            _log.exception("a batch of %d messages failed", len(submissions))
            results = [ChatError(ErrorCode.INTERNAL, "The message could not be stored.")] * len(submissions)
        return Batch(submissions, results)

    def _store(self, submissions: Sequence[Submission]) -> list[Result]:
        messages = [submission.message for submission in submissions]
        give_up_at = self._monotonic() + (0 if self._down else self._retry_s)
        while True:
            try:
                results = self._storage.messages.append(messages, self._clock())
            except StorageUnavailable:
                self._measurements.database_errors.add("commit")
                if self._monotonic() >= give_up_at:
                    self._down = True
                    return [_UNAVAILABLE] * len(submissions)
                self._pause(_RETRY_PAUSE_S)
                continue
            self._down = False
            self.stored += len(results)
            return [_refusal(result) if isinstance(result, StorageError) else result for result in results]


_UNAVAILABLE = ChatError(
    ErrorCode.UNAVAILABLE, "The server cannot store messages just now; nothing was lost, send it again."
)


def _refusal(error: StorageError) -> ChatError:
    if isinstance(error, StorageUnavailable):  # the database went away between two parts of the batch
        return _UNAVAILABLE
    if isinstance(error, NoSuchTarget):
        return ChatError(ErrorCode.NO_SUCH_MESSAGE, "There is no such message any more.", field="seq")
    if isinstance(error, NoSuchFile):
        return ChatError(
            ErrorCode.NO_SUCH_FILE, "One of the files is gone, or was sent already.", field="files"
        )
    if isinstance(error, NonceTaken):
        return bad_request("nonce", "You have used this nonce for another message; choose a new one.")
    _log.error("a message was refused by the database: %s", error)
    return ChatError(ErrorCode.INTERNAL, "The database refused this message.")


def make_queues(
    waiting_max: int, right_of_way: RightOfWay | None = None
) -> tuple[BatchQueue[Submission], BatchQueue[Batch | Elsewhere]]:
    """Return the queues before and after the commit thread.

    :param right_of_way: what messages have from now until they are delivered.
    """
    waiting = BatchQueue[Submission](waiting_max, on_put=(right_of_way or RightOfWay()).begin)
    return waiting, BatchQueue(DELIVERIES_WAITING_MAX)
