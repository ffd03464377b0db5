"""The delivery thread: sends stored messages to their readers and `ok`s to their senders; it stores nothing.

Each message is encoded once per room and name of the room, each batch joined once per room; a reader costs
one write for all that a batch holds.
"""

import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from chat_protocol.errors import ChatError
from chat_protocol.frames import encode_frame
from chat_server.directory import Conversation
from chat_server.pipeline.batches import BatchQueue
from chat_server.pipeline.commit import Batch, Result
from chat_server.pipeline.wire import message_frame, stored_frame
from chat_server.registry import ConnectionRegistry
from chat_server.services.messages import Submission, everyone_in
from chat_server.session import Session
from chat_server.storage.records import Stored

_log = logging.getLogger("chat.delivery")

Missing = Callable[[Conversation, int, int], Sequence[bytes]]


class Delivery:
    """Write each batch to whom it concerns.

    :param missing: returns the encoded messages of a room after one seq up to another, which were stored
        without passing through here: by another server, or by a commit whose answer was lost.
    """

    def __init__(self, registry: ConnectionRegistry, batches: BatchQueue[Batch], missing: Missing) -> None:
        self._registry = registry
        self._batches = batches
        self._missing = missing
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
        while batches := self._batches.take(1):
            try:
                self.deliver(batches[0])
            except Exception:  # the thread survives anything: without it, nobody would hear anything again
                _log.exception("a batch could not be delivered whole")
            finally:
                _count_answers(batches[0].submissions)

    def deliver(self, batch: Batch) -> None:
        """Write one batch to its readers and senders."""
        by_room: dict[Conversation, list[int]] = defaultdict(list)
        by_sender: dict[Session, list[int]] = defaultdict(list)
        for index, (submission, result) in enumerate(zip(batch.submissions, batch.results, strict=True)):
            by_sender[submission.session].append(index)
            if isinstance(result, Stored) and not result.repeated:
                by_room[submission.conversation].append(index)
        if len(by_room) == 1 and not next(iter(by_room)).is_direct:
            self._deliver_room(batch, *next(iter(by_room.items())), by_sender)
        else:
            self._deliver_rooms(batch, by_room, by_sender)

    def _deliver_room(
        self, batch: Batch, room: Conversation, indexes: list[int], by_sender: dict[Session, list[int]]
    ) -> None:
        """Deliver the common batch, all in one room; `ok`s stand in the place of a sender's own messages."""
        events = self._events(batch, room, indexes, room.label_json(0))
        ahead = self._catch_up(batch, room, indexes)
        joined = b"".join((*ahead, *events))
        place = {index: number for number, index in enumerate(indexes)}
        readers = self._registry.in_room(room.id)
        for reader in readers:
            if reader not in by_sender:
                reader.connection.write(joined)
        for sender, own in by_sender.items():
            stream = [*ahead, *events] if room.id in sender.rooms else [b""] * (len(ahead) + len(events))
            extra = []
            for index in own:
                reply = _reply(batch.submissions[index], batch.results[index])
                if index in place:
                    stream[len(ahead) + place[index]] = reply
                else:
                    extra.append((index, reply))
            sender.connection.write(
                b"".join(_merged(stream, extra, indexes, len(ahead)) if extra else stream)
            )
        self.delivered += len(readers) * len(events)

    def _deliver_rooms(
        self, batch: Batch, by_room: dict[Conversation, list[int]], by_sender: dict[Session, list[int]]
    ) -> None:
        """Deliver a batch of several rooms, or of private conversations, which have two names."""
        outgoing: dict[Session, list[tuple[int, bytes]]] = defaultdict(list)  # (place in the batch, frames)
        for room, indexes in by_room.items():
            ahead = b"".join(self._catch_up(batch, room, indexes))
            frames: dict[
                int, list[bytes]
            ] = {}  # by the reader, where the room has a name for each; else by 0
            joined: dict[int, bytes] = {}
            for reader in everyone_in(self._registry, room):
                name = reader.user_id if room.is_direct else 0
                if name not in frames:
                    frames[name] = self._events(batch, room, indexes, room.label_json(name))
                    joined[name] = ahead + b"".join(frames[name])
                if reader in by_sender:
                    own = set(by_sender[reader])
                    pairs = zip(indexes, frames[name], strict=True)
                    outgoing[reader] += [
                        (-1, ahead),
                        *((index, frame) for index, frame in pairs if index not in own),
                    ]
                else:
                    outgoing[reader].append((indexes[0], joined[name]))
                self.delivered += len(indexes)
        for sender, own_indexes in by_sender.items():
            for index in own_indexes:
                outgoing[sender].append((index, _reply(batch.submissions[index], batch.results[index])))
            outgoing[sender].sort(key=_place)
        for reader, parts in outgoing.items():
            reader.connection.write(
                parts[0][1] if len(parts) == 1 else b"".join([frames for _, frames in parts])
            )

    def _events(self, batch: Batch, room: Conversation, indexes: Iterable[int], label: str) -> list[bytes]:
        events = []
        for index in indexes:
            submission, result = batch.submissions[index], batch.results[index]
            assert isinstance(result, Stored)
            sender = submission.session.account.username_json
            events.append(message_frame(label, result.seq, sender, submission.message, result.sent_at))
        return events

    def _catch_up(self, batch: Batch, room: Conversation, indexes: Sequence[int]) -> Sequence[bytes]:
        """Return what stands in the room between the last delivery and this one."""
        first, last = batch.results[indexes[0]], batch.results[indexes[-1]]
        assert isinstance(first, Stored)
        assert isinstance(last, Stored)
        known, room.delivered_seq = room.delivered_seq, last.seq
        if known and first.seq > known + 1:
            return self._missing(room, known, first.seq - 1)
        return ()


def _place(part: tuple[int, bytes]) -> int:
    return part[0]


def _merged(
    stream: list[bytes], extra: list[tuple[int, bytes]], indexes: list[int], offset: int
) -> Iterable[bytes]:
    """Put replies of messages that were not stored anew where their requests stood among the others."""
    parts = (
        [(-1, frame) for frame in stream[:offset]] + list(zip(indexes, stream[offset:], strict=True)) + extra
    )
    return [frame for _, frame in sorted(parts, key=_place)]


def _reply(submission: Submission, result: Result) -> bytes:
    if isinstance(result, ChatError):
        return encode_frame(result.to_frame(submission.ref))
    label = submission.conversation.label_json(submission.session.user_id)
    return stored_frame(label, result.seq, submission.ref, submission.message.target, result.sent_at)


def _count_answers(submissions: Iterable[Submission]) -> None:
    counts: dict[Session, int] = defaultdict(int)
    for submission in submissions:
        counts[submission.session] += 1
    for session, count in counts.items():
        session.answered(count)
