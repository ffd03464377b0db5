"""The delivery thread: sends stored messages to their readers and each `ok` to its sender; it stores nothing.

Each message is encoded once per room and name of the room, each batch joined once per room; a reader costs
one write for all that a batch holds.
"""

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import permutations
from typing import Final

from chat_protocol.errors import ChatError
from chat_protocol.frames import encode_frame
from chat_server.limits import DELIVERIES_WAITING_MAX
from chat_server.live.directory import Conversation
from chat_server.live.rates import RightOfWay
from chat_server.live.registry import ConnectionRegistry, everyone_in
from chat_server.live.session import Sender, Session
from chat_server.measurements import Measurements
from chat_server.net.wire import message_frame, stored_frame
from chat_server.pipeline.batches import BatchQueue
from chat_server.pipeline.catch_up import Elsewhere, Frames
from chat_server.pipeline.commit import Batch, Result
from chat_server.services.messages.messages import Submission
from chat_server.storage.core.records import Stored

_log = logging.getLogger("chat.delivery")

Missing = Callable[[Conversation, int, int], Frames | None]
RANGE_MAX: Final = 500  # messages read at a time
BySender = Mapping[Sender, Sequence[int]]  # the places of a sender's own messages in the batch
Writes = Iterable[tuple[Sender, bytes]]


class Delivery:
    """Write each batch to whom it concerns.

    :param missing: returns the encoded messages of a room after one seq up to another, which were stored
        without passing through here: by another server, or by a commit whose answer was lost.
    :param measurements: where the time of each batch is counted.
    :param right_of_way: what messages have had since they waited for the commit; it ends here.
    """

    def __init__(
        self,
        registry: ConnectionRegistry,
        batches: BatchQueue[Batch | Elsewhere],
        missing: Missing,
        measurements: Measurements | None = None,
        right_of_way: RightOfWay | None = None,
    ) -> None:
        self._right_of_way = right_of_way or RightOfWay()
        self._measurements = measurements or Measurements()
        self._registry = registry
        self._batches = batches
        self._missing = missing
        #: Called with what could not be read; who sets it hands that in again later.
        self.on_unread: Callable[[Elsewhere], object] | None = None
        self.delivered = 0  # messages written to readers since the start; written by this thread alone
        self._thread = threading.Thread(target=self._run, name="delivery", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self, timeout: float) -> bool:
        """Wait, some seconds, for the end of the thread, which comes when the queue is closed and drained."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while batches := self._batches.take(DELIVERIES_WAITING_MAX):
            began = time.monotonic()
            for item in _joined(batches):  # what was committed meanwhile costs each reader no further write
                self._deliver_safely(item)
            self._measurements.delivery_s.observe(time.monotonic() - began)

    def _deliver_safely(self, item: Batch | Elsewhere) -> None:
        try:
            if isinstance(item, Batch):
                self.deliver(item)
            else:
                self._right_of_way.begin()
                self.deliver_elsewhere(item)
        except Exception:  # the thread survives anything: without it, nobody would hear anything again
            _log.exception("a batch could not be delivered whole")
        finally:
            self._right_of_way.end(len(item.submissions) if isinstance(item, Batch) else 1)

    def deliver_elsewhere(self, item: Elsewhere) -> None:
        """Write what another server stored to this one's readers, if it was not written yet.

        When it cannot be read now, it is handed in again.
        """
        room, upto = item.room, item.upto
        after = self._delivered(room, item.after)
        readers = [reader for reader in everyone_in(self._registry, room) if not reader.quiet]
        if not readers:
            room.delivered_seq = max(room.delivered_seq, upto)
        while readers and after < upto:
            last = min(upto, after + RANGE_MAX)
            frames = self._missing(room, after, last)
            if frames is None:
                if self.on_unread is not None:
                    self.on_unread(item)
                return
            introductions = {} if room.delivered_seq else self._introduce(room)
            for reader in readers:
                name = reader.user_id if room.is_direct else 0
                reader.connection.write(introductions.get(name, b"") + frames(name))
            self.delivered += len(readers) * (last - after)
            room.delivered_seq = after = last
            _note_told(readers, room)

    def deliver(self, batch: Batch) -> None:
        """Write one batch to its senders and readers.

        The senders come first: what they say next is decoded and stored while the readers are written to.
        """
        by_sender: dict[Sender, list[int]] = defaultdict(list)
        for index, submission in enumerate(batch.submissions):
            by_sender[submission.session].append(index)
        try:
            to_senders, to_readers = self._plan(batch, by_sender)
            for sender, frames in to_senders:
                sender.connection.write(frames)
        finally:
            for sender, own in by_sender.items():
                sender.answered(len(own))
        for reader, frames in to_readers:
            reader.connection.write(frames)

    def _plan(self, batch: Batch, by_sender: BySender) -> tuple[Writes, Writes]:
        """Return what to write to the senders and to the other readers."""
        by_room: dict[Conversation, list[int]] = defaultdict(list)
        for index, (submission, result) in enumerate(zip(batch.submissions, batch.results, strict=True)):
            if isinstance(result, Stored) and not result.repeated:
                by_room[submission.conversation].append(index)
        for room in list(by_room):
            by_room[room] = _contiguous_tail(batch, room, by_room[room])
            if not by_room[room]:
                del by_room[room]
        if len(by_room) == 1:
            room, indexes = next(iter(by_room.items()))
            if not room.is_direct and len(indexes) == len(batch.results):
                return self._plan_room(batch, room, by_sender)
        return self._plan_rooms(batch, by_room, by_sender)

    def _plan_room(self, batch: Batch, room: Conversation, by_sender: BySender) -> tuple[Writes, Writes]:
        """Plan the common batch, all in one room; `ok`s stand in the place of a sender's own messages."""
        indexes = range(len(batch.results))
        events = self._events(batch, indexes, room.head_json(0))
        missed = self._catch_up(batch, room, indexes)
        if missed is None:
            return self._plan_rooms(batch, {}, by_sender)
        ahead = missed(0)
        joined = b"".join((ahead, *events))
        readers = self._registry.in_room(room.id)
        self.delivered += len(readers) * len(events)
        to_senders = []
        for sender, own in by_sender.items():
            hears = room.id in sender.rooms and not sender.quiet
            stream = events.copy() if hears else [b""] * len(events)
            for index in own:
                stream[index] = _reply(batch.submissions[index], batch.results[index])
            to_senders.append((sender, b"".join((ahead if hears else b"", *stream))))
        others = (reader for reader in readers if reader not in by_sender and not reader.quiet)
        return to_senders, ((reader, joined) for reader in others)

    def _plan_rooms(
        self, batch: Batch, by_room: Mapping[Conversation, list[int]], by_sender: BySender
    ) -> tuple[Writes, Writes]:
        """Plan a batch of several rooms, or of private conversations, which have two names."""
        outgoing: dict[Sender, list[tuple[int, bytes]]] = defaultdict(list)  # (place in the batch, frames)
        for room, indexes in by_room.items():
            is_first = not room.delivered_seq
            missed = self._catch_up(batch, room, indexes)
            if missed is None:
                continue
            introductions = self._introduce(room) if is_first else {}
            frames: dict[
                int, list[bytes]
            ] = {}  # by the reader, where the room has a name for each; else by 0
            joined: dict[int, bytes] = {}
            readers = [reader for reader in everyone_in(self._registry, room) if not reader.quiet]
            _note_told(readers, room)
            for reader in readers:
                name = reader.user_id if room.is_direct else 0
                ahead = introductions.get(name, b"") + missed(name)
                if name not in frames:
                    frames[name] = self._events(batch, indexes, room.head_json(name))
                    joined[name] = ahead + b"".join(frames[name])
                if reader in by_sender:
                    own = set(by_sender[reader])
                    pairs = zip(indexes, frames[name], strict=True)
                    outgoing[reader] += [(-1, ahead), *(pair for pair in pairs if pair[0] not in own)]
                else:
                    outgoing[reader].append((indexes[0], joined[name]))
                self.delivered += len(indexes)
        to_senders = []
        for sender, own_indexes in by_sender.items():
            parts = outgoing.pop(sender, [])
            for index in own_indexes:
                parts.append((index, _reply(batch.submissions[index], batch.results[index])))
            to_senders.append((sender, b"".join([frame for _, frame in sorted(parts, key=_place)])))
        return to_senders, ((reader, _joined_parts(parts)) for reader, parts in outgoing.items())

    def _introduce(self, room: Conversation) -> Mapping[int, bytes]:
        """Return, by user, what goes ahead of a private conversation's first message."""
        if not room.introductions:
            return {}
        introductions, room.introductions = room.introductions, {}
        for one, other in permutations(room.names, 2):
            self._registry.add_partner(one, other, room.names[other])
        return {user_id: encode_frame(event.to_frame()) for user_id, event in introductions.items()}

    def _events(self, batch: Batch, indexes: Iterable[int], head: str) -> list[bytes]:
        events = []
        for index in indexes:
            submission, result = batch.submissions[index], batch.results[index]
            assert isinstance(result, Stored)
            author = submission.session.account.author_json
            events.append(message_frame(head, result.seq, author, submission.message, result.sent_at))
        return events

    def _catch_up(self, batch: Batch, room: Conversation, indexes: Sequence[int]) -> Frames | None:
        """Return what stands in the room between the last delivery and this one.

        :return: None when it cannot be read now: the readers get all of it, these messages too, when it is
            handed in again. Where nobody does that, they see the hole and ask.
        """
        first, last = batch.results[indexes[0]], batch.results[indexes[-1]]
        assert isinstance(first, Stored)
        assert isinstance(last, Stored)
        known = self._delivered(room, first.seq - 1)
        missed: Frames | None = _nothing
        if first.seq > known + 1:
            missed = self._missing(room, known, first.seq - 1)
            if missed is None and self.on_unread is not None:
                self.on_unread(Elsewhere(room, known, last.seq))
                return None
        room.delivered_seq = last.seq
        return missed or _nothing

    def _delivered(self, room: Conversation, otherwise: int) -> int:
        """Return up to which seq a room's readers have it.

        Of a private conversation that nobody has used here lately, that is what those who are here were told;
        one who is signing in just now is told more.

        :param otherwise: where nobody says.
        """
        if room.delivered_seq or not room.is_direct:
            return room.delivered_seq
        readers = [reader for reader in everyone_in(self._registry, room) if not reader.quiet]
        told = [each.direct_seqs.get(room.id, 0) for each in readers if each.direct_seqs is not None]
        return min(told, default=otherwise)


def _note_told(readers: Iterable[Session], room: Conversation) -> None:
    """Write down up to where each has a private conversation, which may be forgotten and found again."""
    if room.is_direct:
        for reader in readers:
            if reader.direct_seqs is not None:
                reader.direct_seqs[room.id] = room.delivered_seq


def _nothing(_reader: int) -> bytes:
    return b""


def _contiguous_tail(batch: Batch, room: Conversation, indexes: list[int]) -> list[int]:
    """Return those messages, from the last backwards, that stand side by side and are not yet delivered.

    They are all, but for messages whose commit's answer was lost and that are answered now: their place lies
    before what was stored since. Whoever delivers what is behind them reads them from the storage first.
    """
    seqs = [batch.results[index].seq for index in indexes]  # type: ignore[union-attr]  # stored, all
    newest, start = seqs[-1], len(seqs)
    if seqs[0] > room.delivered_seq and seqs == list(range(seqs[0], newest + 1)):
        return indexes
    while start and room.delivered_seq < seqs[start - 1] == newest - (len(seqs) - start):
        start -= 1
    return indexes[start:]


def _joined(items: Sequence[Batch | Elsewhere]) -> list[Batch | Elsewhere]:
    """Make one batch of those that stand side by side."""
    found: list[Batch | Elsewhere] = []
    batches: list[Batch] = []
    for item in items:
        if isinstance(item, Batch):
            batches.append(item)
            continue
        if batches:
            found.append(_one(batches))
            batches = []
        found.append(item)
    return [*found, _one(batches)] if batches else found


def _one(batches: Sequence[Batch]) -> Batch:
    if len(batches) == 1:
        return batches[0]
    submissions = [submission for batch in batches for submission in batch.submissions]
    return Batch(submissions, [result for batch in batches for result in batch.results])


def _place(part: tuple[int, bytes]) -> int:
    return part[0]


def _joined_parts(parts: Sequence[tuple[int, bytes]]) -> bytes:
    return parts[0][1] if len(parts) == 1 else b"".join([frames for _, frames in parts])


def _reply(submission: Submission, result: Result) -> bytes:
    if isinstance(result, ChatError):
        return encode_frame(result.to_frame(submission.ref))
    label = submission.conversation.label_json(submission.session.user_id)
    return stored_frame(label, result.seq, submission.ref, submission.message.target, result.sent_at)
