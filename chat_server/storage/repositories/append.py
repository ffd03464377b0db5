"""Stores batches of messages: each once, with a place in its room's order. It must not know who waits for it.

The commit thread calls it; two threads may, each batch is one transaction. The common case is one pass with
no look-up: a repeated nonce shows as a duplicate key, and only then are the nonces of the batch looked up.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from chat_server.storage.core.database import Database, TextRow, Transaction, chunks, placeholders
from chat_server.storage.core.errors import (
    DuplicateKey,
    NonceTaken,
    NoSuchTarget,
    OutcomeUnknown,
    StorageError,
    StorageUnavailable,
)
from chat_server.storage.core.records import NewMessage, Stored
from chat_server.storage.repositories.effects import apply_effect, insert_message
from chat_server.storage.repositories.file_rows import name_files

DUPLICATE_TRIES: Final = 3  # another server may store a nonce between the look-up and the insert
UNSETTLED_MAX: Final = 10_000

Result = Stored | StorageError
Key = tuple[int, str]  # author and nonce


class _First(NamedTuple):
    """The message that a nonce belongs to."""

    place: Stored
    kind: str
    target: int | None

    def is_repeated_by(self, message: NewMessage) -> bool:
        """Return whether a message with this nonce is the same one again."""
        return (self.place.room_id, self.kind, self.target) == (message.room_id, message.kind, message.target)


class Append:
    """Allocates each room's next seqs and stores the messages, in one transaction a batch."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.said: Callable[[Transaction, Sequence[Stored]], None] | None = None
        # Where the messages stand, if they stand, whose commit was sent and never answered. When one is
        # offered again and found there, this is its first answer: nobody was told of it, so it counts as new.
        self._unsettled: OrderedDict[Key, tuple[int, int]] = OrderedDict()
        self._lock = threading.Lock()  # guards _unsettled

    def store(self, batch: Sequence[NewMessage], now: int) -> list[Result]:
        """Store the messages in order and return, for each, where it stands or why it was refused.

        A message whose sender and nonce were stored before, in this batch or ever, is answered with the first
        one's place and `repeated`; with `NonceTaken` when this one is for another room, of another kind or
        about another target. A message that the database refuses for its own fault does not keep the others
        from being stored. Repeating a call is always safe.

        :param now: the time the messages are sent at, in milliseconds since 1970 UTC.
        :raises StorageUnavailable: when the database is down: nothing of the batch is known to be stored.
        """
        if not batch:
            return []
        try:
            return list(self._store_all(batch, now))
        except StorageUnavailable:
            raise
        except StorageError as error:
            if len(batch) == 1:
                return [error]
        return self._store_halves(batch, now)

    def _store_halves(self, batch: Sequence[NewMessage], now: int) -> list[Result]:
        middle = len(batch) // 2
        first = self.store(batch[:middle], now)
        try:
            return first + self.store(batch[middle:], now)
        except StorageUnavailable as error:
            # The first half's places must reach their senders all the same.
            return first + [error] * (len(batch) - middle)

    def _store_all(self, batch: Sequence[NewMessage], now: int) -> Sequence[Result]:
        try:
            return self._commit(batch, now)
        except DuplicateKey:
            pass
        for _ in range(DUPLICATE_TRIES):
            try:
                return self._store_new(batch, now)
            except DuplicateKey:
                continue
        raise StorageUnavailable("other servers keep storing the same messages")

    def _commit(self, batch: Sequence[NewMessage], now: int) -> list[Stored]:
        placed: list[Stored] = []

        def work(transaction: Transaction) -> list[Stored]:
            placed[:] = _place(transaction, batch, now)
            if self.said is not None:
                self.said(transaction, placed)
            return placed

        try:
            return self._database.write(work, urgent=True)
        except OutcomeUnknown:
            self._note_unsettled(batch, placed)
            raise

    def _store_new(self, batch: Sequence[NewMessage], now: int) -> list[Result]:
        keys = [(message.author_id, message.nonce) for message in batch]
        firsts = self._database.read(lambda transaction: _look_up(transaction, keys))
        for key, first in firsts.items():
            # What an earlier call committed without an answer is answered for the first time now.
            firsts[key] = first._replace(place=self._settled(key, first.place))
        new: dict[Key, NewMessage] = {}
        for key, message in zip(keys, batch, strict=True):
            if key not in firsts and not message.repeat:
                new.setdefault(key, message)
        fresh = self._commit(list(new.values()), now) if new else []
        for (key, message), place in zip(new.items(), fresh, strict=True):
            firsts[key] = _First(place, message.kind, message.target)
        results: list[Result] = []
        for key, message in zip(keys, batch, strict=True):
            known = firsts.get(key)
            if known is None:
                results.append(NoSuchTarget("what was stored before has gone meanwhile"))
            elif known.is_repeated_by(message):
                results.append(known.place)
                firsts[key] = known._replace(place=known.place._replace(repeated=True))
            else:
                results.append(NonceTaken(f"nonce {message.nonce} belongs to {known.place}"))
        return results

    def _note_unsettled(self, batch: Sequence[NewMessage], placed: Sequence[Stored]) -> None:
        with self._lock:
            for message, place in zip(batch, placed, strict=True):
                self._unsettled[message.author_id, message.nonce] = (place.room_id, place.seq)
            while len(self._unsettled) > UNSETTLED_MAX:
                self._unsettled.popitem(last=False)

    def _settled(self, key: Key, place: Stored) -> Stored:
        with self._lock:
            ours = self._unsettled.pop(key, None)
        return place._replace(repeated=False) if ours == (place.room_id, place.seq) else place


def _place(transaction: Transaction, batch: Sequence[NewMessage], now: int) -> list[Stored]:
    """Give each message the next seq of its room and insert it."""
    counts: dict[int, int] = {}
    for message in batch:
        counts[message.room_id] = counts.get(message.room_id, 0) + 1
    last_seqs = transaction.raise_last_seq(counts)
    if len(last_seqs) < len(counts):
        raise StorageError(f"there are no rooms {sorted(counts.keys() - last_seqs.keys())}")
    seqs = {room_id: last - counts[room_id] for room_id, last in last_seqs.items()}
    placed: list[Stored] = []
    texts: list[TextRow] = []
    others: list[tuple[NewMessage, int]] = []
    for message in batch:
        room_id, author_id, body, nonce, kind, _, reply_to, _, files, repeat = message
        if repeat:
            raise DuplicateKey("to be looked up")
        seqs[room_id] = seq = seqs[room_id] + 1
        placed.append(Stored(room_id, seq, now, False))
        if kind == "text" and reply_to is None and not files:
            texts.append((room_id, seq, author_id, body, nonce, now))
        else:
            others.append((message, seq))
    if texts:
        transaction.insert_texts(texts)
    for message, seq in others:
        insert_message(transaction, message, seq, now)
        if message.files:
            name_files(transaction, message, seq)
    for message, seq in others:
        apply_effect(transaction, message, seq, now)
    return placed


def _look_up(transaction: Transaction, keys: Iterable[Key]) -> dict[Key, _First]:
    """Find the messages that were stored before with these nonces."""
    nonces: dict[int, set[str]] = {}
    for author_id, nonce in keys:
        nonces.setdefault(author_id, set()).add(nonce)
    found = {}
    for author_id, of_sender in nonces.items():
        for part in chunks(sorted(of_sender)):
            for nonce, room_id, seq, sent_at, kind, target in transaction.rows(
                "SELECT nonce, room_id, seq, sent_at, kind, target FROM messages"
                f" WHERE sender_id = ? AND nonce IN ({placeholders(part)})",
                (author_id, *part),
            ):
                text = nonce if isinstance(nonce, str) else bytes(nonce).decode()
                found[author_id, text] = _First(Stored(room_id, seq, sent_at, True), kind, target)
    return found
