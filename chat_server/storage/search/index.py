"""Fills the search index behind the commit, from each room's position on; it must not know the databases.

The indexer thread calls it. A position moves in the transaction that indexes the messages up to it: whatever
happens, each message is indexed once. A room with much to index gets a hole: the newest messages are indexed
first, then the hole is filled from its end backwards, so that what was said today is found at once.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from chat_server.storage.core.database import Database, Row, Transaction, chunks, placeholders
from chat_server.storage.core.errors import StorageError
from chat_server.storage.repositories.file_rows import files_of
from chat_server.storage.repositories.settings import Settings
from chat_server.storage.search.records import ID_MASK, ID_SHIFT, SAMPLE, Entry, Place, SearchTables
from chat_server.storage.search.words import GAP, index_text

VERSION: Final = "1"  # of the tables' contents: another one makes the index be rebuilt
SETTING: Final = "search_index"
STALE: Final = "stale"
KNOWN_WORDS_MAX: Final = 100_000
HOLE_FROM: Final = 2_000  # messages that are not in the index: with more of them the newest come first
NEWEST: Final = 1_000  # so many, before a hole is filled
ROOM_STEP: Final = 40_503  # keeps rooms that are written to in the same millisecond apart

_TEXT = "seq, kind, target, sender_id, body, sent_at, deleted, files"


class _Overtaken(StorageError):
    """Another server has indexed the same messages meanwhile."""


@dataclass(frozen=True, slots=True)
class _Room:
    """A room that is not wholly in the index.

    Messages after `seq` are not in it, nor those from `hole_first` to `hole_last` (0 and 0: no hole); some
    before `first_seq` are.
    """

    id: int
    last_seq: int
    first_seq: int
    seq: int
    known_first_seq: int
    hole_first: int
    hole_last: int

    @property
    def forward(self) -> bool:
        """Whether something is to be done besides filling the hole."""
        return self.last_seq > self.seq or self.first_seq > self.known_first_seq

    def holds(self, seq: int) -> bool:
        """Whether a message is in the index."""
        return seq <= self.seq and not self.hole_first <= seq <= self.hole_last

    def with_newest_first(self) -> "_Room":
        """Return the room as it is, or where much is to be indexed, near its end with a hole before that."""
        if self.hole_last or self.last_seq - self.seq <= HOLE_FROM:
            return self
        start = self.last_seq - NEWEST
        return replace(self, seq=start, hole_first=self.seq + 1, hole_last=start)


@dataclass(slots=True)
class _Changes:
    """What one transaction is to do."""

    rooms: list[tuple[_Room, _Room]] = field(default_factory=list)  # as it is, and as it becomes
    texts: dict[Place, Row] = field(default_factory=dict)
    file_names: dict[Place, list[str]] = field(default_factory=dict)
    changed: set[Place] = field(default_factory=set)  # in the index with what they said before
    unfinished: set[int] = field(default_factory=set)
    messages: int = 0


class SearchIndex:
    """The follower's side of the search."""

    def __init__(self, database: Database, tables: SearchTables) -> None:
        self._database = database
        self._tables = tables
        self._settings = Settings(database)
        self._known_words: set[str] = set()

    def make_stale(self) -> None:
        """Have the index rebuilt; :meth:`prepare` empties it."""
        self._settings.set(SETTING, STALE)

    def prepare(self) -> bool:
        """Empty the index, some of it at a time, when it is stale or of another version.

        :return: whether it was ready to be filled, with nothing to empty; call again when it was not.
        """
        if self._settings.get(SETTING) == VERSION:
            return True
        if self._tables.clear_some():
            self._known_words.clear()
            self._settings.set(SETTING, VERSION)
        return False

    def behind(self) -> set[int]:
        """Return the rooms that are not wholly in the index."""
        rows = self._database.rows(
            "SELECT r.id FROM rooms r LEFT JOIN search_positions p ON p.room_id = r.id"
            " WHERE r.last_seq > COALESCE(p.seq, 0) OR r.first_seq > COALESCE(p.first_seq, 1)"
            " OR COALESCE(p.hole_last, 0) > 0"
        )
        return {row[0] for row in rows}

    def is_complete(self, room_ids: Sequence[int]) -> bool:
        """Return whether the index has all of these rooms, but for what was stored in the last seconds."""
        if self._settings.get(SETTING) != VERSION:
            return False
        for part in chunks(room_ids):
            lacks = self._database.row(
                "SELECT r.id FROM rooms r LEFT JOIN search_positions p ON p.room_id = r.id"
                f" WHERE r.id IN ({placeholders(part)})"
                " AND (COALESCE(p.hole_last, 0) > 0 OR r.last_seq - COALESCE(p.seq, 0) > ?) LIMIT 1",
                (*part, HOLE_FROM),
            )
            if lacks:
                return False
        return True

    def advance(self, room_ids: Iterable[int], limit: int) -> set[int]:
        """Index up to `limit` messages of these rooms; return the rooms that need more."""
        wanted = sorted(room_ids)
        changes = self._database.read(lambda transaction: _read(transaction, wanted, limit))
        if changes.rooms:
            entries = [
                _entry(place, row, changes.file_names.get(place, ())) for place, row in changes.texts.items()
            ]
            words = self._words(entries)
            try:
                self._database.write(
                    lambda transaction: self._write(transaction, changes, entries, words, limit),
                    durable=False,
                )
            except _Overtaken:
                return set(wanted)
            self._remember(words)
        return changes.unfinished

    def _write(
        self,
        transaction: Transaction,
        changes: _Changes,
        entries: Sequence[Entry],
        words: Counter[str],
        limit: int,
    ) -> None:
        for room, moved in changes.rooms:
            _move(transaction, room, moved)
            if room.first_seq > room.known_first_seq:
                old = _entries(
                    transaction,
                    "room_id = ? AND seq < ? ORDER BY seq LIMIT ?",
                    room.id,
                    room.first_seq,
                    limit,
                )
                self._tables.remove(transaction, old)
                if len(old) < limit:
                    transaction.run(
                        "UPDATE search_positions SET first_seq = ? WHERE room_id = ?",
                        (room.first_seq, room.id),
                    )
        for place in changes.changed:
            self._tables.remove(transaction, _entries(transaction, "room_id = ? AND seq = ?", *place))
        self._tables.add(transaction, _with_ids(transaction, entries))
        self._tables.count_words(transaction, sorted(words.items()))

    def _words(self, entries: Sequence[Entry]) -> Counter[str]:
        """Return the words that are new, and those of the sample with their number."""
        words: Counter[str] = Counter()
        for entry in entries:
            found = set(entry.text.split())
            found.discard(GAP)
            if entry.seq % SAMPLE == 0:
                words.update(found)
            else:
                words.update(dict.fromkeys(found - self._known_words, 0))
        return words

    def _remember(self, words: Iterable[str]) -> None:
        if len(self._known_words) > KNOWN_WORDS_MAX:
            self._known_words.clear()
        self._known_words.update(words)


def _read(transaction: Transaction, room_ids: Sequence[int], limit: int) -> _Changes:
    changes = _Changes()
    rooms = [room for part in chunks(room_ids) for room in _rooms(transaction, part)]
    # What is new anywhere goes before what has been lacking for long.
    for room in sorted(rooms, key=lambda room: not room.forward):
        if changes.messages >= limit:
            changes.unfinished.add(room.id)
        elif room.forward:
            _read_forward(transaction, room, changes, limit - changes.messages)
        elif room.hole_last:
            _read_hole(transaction, room, changes, limit - changes.messages)
    return changes


def _rooms(transaction: Transaction, room_ids: Sequence[int]) -> list[_Room]:
    rows = transaction.rows(
        "SELECT r.id, r.last_seq, r.first_seq, COALESCE(p.seq, 0), COALESCE(p.first_seq, 1),"
        " COALESCE(p.hole_first, 0), COALESCE(p.hole_last, 0)"
        " FROM rooms r LEFT JOIN search_positions p ON p.room_id = r.id"
        f" WHERE r.id IN ({placeholders(room_ids)})",
        room_ids,
    )
    return [_Room(*row) for row in rows]


def _read_forward(transaction: Transaction, room: _Room, changes: _Changes, limit: int) -> None:
    """Read on from the room's position, or from near its end."""
    start = room.with_newest_first()
    rows = transaction.rows(
        f"SELECT {_TEXT} FROM messages WHERE room_id = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?",
        (room.id, start.seq, room.last_seq, limit),
    )
    reached = rows[-1][0] if len(rows) == limit else room.last_seq
    _take(transaction, rows, room, replace(start, seq=reached), changes)


def _read_hole(transaction: Transaction, room: _Room, changes: _Changes, limit: int) -> None:
    """Read the end of the hole, so that the newer is found before the older."""
    first = max(room.hole_first, room.first_seq)
    rows = transaction.rows(
        f"SELECT {_TEXT} FROM messages WHERE room_id = ? AND seq >= ? AND seq <= ? ORDER BY seq DESC LIMIT ?",
        (room.id, first, room.hole_last, limit),
    )
    last = rows[-1][0] - 1 if len(rows) == limit else 0
    hole = (room.hole_first, last) if last >= first else (0, 0)
    _take(transaction, rows, room, replace(room, hole_first=hole[0], hole_last=hole[1]), changes)


def _take(transaction: Transaction, rows: list[Row], room: _Room, moved: _Room, changes: _Changes) -> None:
    """Note what the rows of one room mean to the index, and where the room stands then."""
    # What is changed in the same stretch was read in its present state, and what is in the hole will be.
    targets = sorted({row[2] for row in rows if row[1] in ("edit", "delete") and room.holds(row[2])})
    for part in chunks(targets):
        rows += transaction.rows(
            f"SELECT {_TEXT} FROM messages WHERE room_id = ? AND seq IN ({placeholders(part)})",
            (room.id, *part),
        )
    changes.texts.update(((room.id, row[0]), row) for row in rows if row[1] == "text" and not row[6])
    with_files = [(room.id, row[0]) for row in rows if row[-1]]
    for place, files in files_of(transaction, with_files).items():
        changes.file_names[place] = [file.name for file in files]
    changes.changed.update((room.id, target) for target in targets)
    changes.rooms.append((room, moved))
    changes.messages += len(rows)
    if moved.forward or moved.hole_last:
        changes.unfinished.add(room.id)


def _move(transaction: Transaction, room: _Room, moved: _Room) -> None:
    position = {"seq": moved.seq, "hole_first": moved.hole_first, "hole_last": moved.hole_last}
    done = transaction.run(
        "UPDATE search_positions SET seq = ?, hole_first = ?, hole_last = ?"
        " WHERE room_id = ? AND seq = ? AND hole_last = ?",
        (*position.values(), room.id, room.seq, room.hole_last),
    )
    first = {"room_id": room.id, "first_seq": 1, **position}
    if not done and (room.seq or room.hole_last or not transaction.insert_new("search_positions", first)):
        raise _Overtaken(f"room {room.id} was indexed by another server")


def _entries(transaction: Transaction, condition: str, *parameters: object) -> list[Entry]:
    sql = f"SELECT id, room_id, seq, sender_id, text FROM search_entries WHERE {condition}"
    return [Entry(*row) for row in transaction.rows(sql, parameters)]


def _entry(place: Place, row: Row, file_names: Sequence[str]) -> Entry:
    room_id, seq = place
    _, _, _, author_id, body, sent_at, _, _ = row
    row_id = sent_at << ID_SHIFT | (seq + room_id * ROOM_STEP) & ID_MASK
    return Entry(row_id, room_id, seq, author_id, index_text(body, file_names))


def _with_ids(transaction: Transaction, entries: Iterable[Entry]) -> list[Entry]:
    """Give the entries ids that nobody has, and put them in their order."""
    entries = list(entries)
    taken = _taken(transaction, [entry.id for entry in entries])
    placed = []
    for entry in entries:
        row_id = entry.id
        while row_id in taken or (row_id != entry.id and _taken(transaction, [row_id])):
            row_id = row_id & ~ID_MASK | (row_id + 1) & ID_MASK
        taken.add(row_id)
        placed.append(entry._replace(id=row_id))
    return sorted(placed)


def _taken(transaction: Transaction, row_ids: Sequence[int]) -> set[int]:
    newest = transaction.row("SELECT MAX(id) FROM search_entries")
    if newest is None or newest[0] is None:
        return set()
    found: set[int] = set()
    for part in chunks([row_id for row_id in row_ids if row_id <= newest[0]]):
        rows = transaction.rows(f"SELECT id FROM search_entries WHERE id IN ({placeholders(part)})", part)
        found.update(row[0] for row in rows)
    return found
