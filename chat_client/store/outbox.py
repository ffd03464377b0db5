"""What the user has said and the server has not yet stored, on disk and in order; it sends nothing.

An entry is written before it is shown as sent, and removed when its `ok` has come: a client that is killed in
between sends it again under the same nonce, and the server stores it once.
"""

import contextlib
import logging
import os
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from chat_client.store.files import NewerFileError, make_private_folder, set_aside
from chat_protocol.requests import Delete, Edit, React, Request, Send

_log = logging.getLogger("chat.client.outbox")

_ENTRIES = """
CREATE TABLE IF NOT EXISTS entries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL,
    nonce TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    room TEXT NOT NULL,
    body TEXT NOT NULL,
    seq INTEGER,
    emoji_on INTEGER NOT NULL,
    written_at INTEGER NOT NULL,
    error TEXT NOT NULL,
    detail TEXT NOT NULL
)
"""
_COLUMNS = "nonce, kind, room, body, seq, emoji_on, written_at, error, detail, room_id"
# Step n brings the file from version n to n + 1 (`PRAGMA user_version`). 1.0.0 wrote no version, which is 0:
# its table is the one of version 1. Version 2 keeps the id of the room, which 1.0.0 did not know.
_STEPS: Final = (_ENTRIES, "ALTER TABLE entries ADD COLUMN room_id TEXT NOT NULL DEFAULT ''")
OUTBOX_FILE: Final = "outbox.db"
BUSY_TIMEOUT_S: Final = 2.0  # another client of the same user may be writing


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to send.

    :param kind: `send`, `edit`, `delete` or `react`.
    :param room: the room's name, or `@username`, when it was written.
    :param room_id: the room's id; empty where the server had none for it. It decides where it is sent.
    :param seq: of a `send`: what it replies to; of the others: their target.
    :param body: the text; of a `react` the emoji.
    :param written_at: milliseconds since 1970 UTC.
    :param error: the code of the refusal; empty while it waits.
    """

    nonce: str
    kind: str
    room: str
    body: str
    seq: int | None = None
    on: bool = True
    written_at: int = 0
    error: str = ""
    detail: str = ""
    room_id: str = ""

    def request(self) -> Request:
        """Return the request that carries it."""
        target, room = self.seq or 0, self.room_id or self.room
        if self.kind == "edit":
            return Edit(room, target, self.body, self.nonce)
        if self.kind == "delete":
            return Delete(room, target, self.nonce)
        if self.kind == "react":
            return React(room, target, self.body, self.on, self.nonce)
        return Send(room, self.body, self.nonce, self.seq)


class Outbox:
    """The waiting and refused entries of one account, in the order in which they are to be stored.

    They are worked on in memory; the file follows each change, so that it is never a database that decides
    whether one can talk: when the disk refuses, the entry is sent all the same and the refusal is logged.

    :param path: the file; None keeps nothing.
    :param account: whose entries these are.
    """

    def __init__(self, path: Path | None, account: str) -> None:
        self.account = account
        self._entries: dict[str, Entry] = {}
        self._unsynced = False
        self._path = path
        self._unwritten: set[str] = set()  # nonces whose present state, or removal, is not in the file
        self._database = _open(path) if path is not None else None
        if self._database is not None:
            query = f"SELECT {_COLUMNS} FROM entries WHERE account = ? ORDER BY id"
            for row in self._database.execute(query, (account,)):
                nonce, kind, room, body, seq, on, written_at, error, detail, room_id = row
                self._entries[nonce] = Entry(
                    nonce, kind, room, body, seq, bool(on), written_at, error, detail, room_id
                )

    @property
    def failing(self) -> bool:
        """Whether the file does not hold what this does: the disk is full, or the folder not writable."""
        return bool(self._unwritten)

    def keeps(self, nonce: str) -> bool:
        """Say whether the file holds an entry as it is."""
        return nonce not in self._unwritten

    def write_again(self) -> None:
        """Try once more to write what the file has refused."""
        if self._database is None and self._path is not None:
            self._database = _open(self._path)
        kept = [entry for nonce, entry in self._entries.items() if nonce in self._unwritten]
        for nonce in self._unwritten - self._entries.keys():
            self._delete(nonce)
        for entry in kept:  # in their order
            self._insert(entry)

    def add(self, entry: Entry) -> None:
        """Put an entry at the end and write it."""
        self._entries[entry.nonce] = entry
        self._insert(entry)

    def _insert(self, entry: Entry) -> None:
        values = (entry.nonce, entry.kind, entry.room, entry.body, entry.seq, entry.on)
        values += (entry.written_at, entry.error, entry.detail)  # type: ignore[assignment]
        values += (entry.room_id, self.account)  # type: ignore[assignment]
        statement = f"INSERT OR REPLACE INTO entries ({_COLUMNS}, account) VALUES (?,?,?,?,?,?,?,?,?,?,?)"
        self._write(statement, values, entry.nonce)

    def _delete(self, nonce: str) -> None:
        # Were this lost with the power, the entry would be sent again, and the server know its nonce.
        self._write("DELETE FROM entries WHERE nonce = ?", (nonce,), nonce, dirty=False)

    def remove(self, nonce: str) -> None:
        """Drop an entry: it was stored, or the user does not want it any more."""
        if self._entries.pop(nonce, None) is not None:
            self._delete(nonce)

    def refuse(self, nonce: str, error: str, detail: str) -> None:
        """Keep an entry as refused: it is not sent again unless the user says so."""
        if nonce in self._entries:
            self._entries[nonce] = replace(self._entries[nonce], error=error, detail=detail)
            statement = "UPDATE entries SET error = ?, detail = ? WHERE nonce = ?"
            self._write(statement, (error, detail, nonce), nonce)

    def retry(self, nonce: str, room_id: str) -> None:
        """Put a refused entry at the end of those that wait, for the room in which the user sees it."""
        entry = self._entries.pop(nonce, None)
        if entry is not None:
            self._delete(nonce)
            self.add(replace(entry, error="", detail="", room_id=room_id))

    def rename_room(self, old: str, new: str, room_id: str) -> None:
        """Follow the renaming of a room.

        :param room_id: its id, or empty; entries for another room of the old name stay as they are.
        """
        for nonce, entry in self._entries.items():
            if entry.room == old and entry.room_id in ("", room_id):
                self._entries[nonce] = replace(entry, room=new)
        self._write(
            "UPDATE entries SET room = ? WHERE room = ? AND account = ? AND room_id IN ('', ?)",
            (new, old, self.account, room_id),
        )

    def get(self, nonce: str) -> Entry | None:
        """Return an entry by its nonce."""
        return self._entries.get(nonce)

    def all(self) -> list[Entry]:
        """Return all entries in order, the refused ones too."""
        return list(self._entries.values())

    def waiting(self) -> Iterable[Entry]:
        """Return the entries to send, in order."""
        return (entry for entry in self._entries.values() if not entry.error)

    def sync(self) -> None:
        """Make sure that what was added survives a loss of power, too; call it now and then.

        A change is in the system's hands at once (a killed program loses nothing). What this adds costs a
        wait for the disk, so one call covers all the changes since the last.
        """
        if self._unsynced and self._database is not None:
            self._unsynced = False
            self._write("PRAGMA wal_checkpoint(PASSIVE)", (), dirty=False)

    def close(self) -> None:
        """Close the file; entries stay for the next start."""
        self.sync()
        if self._database is not None:
            self._database.close()
            self._database = None

    def _write(
        self, statement: str, values: tuple[object, ...], nonce: str = "", *, dirty: bool = True
    ) -> None:
        """Run a statement on the file; one about an entry is remembered where the file refuses it."""
        if self._path is None:
            return
        written = False
        if self._database is not None:
            try:
                self._database.execute(statement, values).fetchall()
                self._unsynced = self._unsynced or dirty
                written = True
            except sqlite3.Error as error:
                _log.warning("the outbox file refuses a change: %s", error)
        if written:
            self._unwritten.discard(nonce)
        elif nonce:
            self._unwritten.add(nonce)


def _open(path: Path) -> sqlite3.Connection | None:
    """Open the file; one that is damaged is set aside, one of a later version is left as it is."""
    for attempt in (1, 2):
        try:
            return _connect(path)
        except NewerFileError as error:
            _log.warning("%s", error)
            return None
        except (sqlite3.Error, OSError) as error:
            _log.warning("cannot open %s: %s", path, error)
            if attempt == 1 and isinstance(error, sqlite3.DatabaseError) and path.exists():
                set_aside(path)
    return None


def _connect(path: Path) -> sqlite3.Connection:
    make_private_folder(path.parent)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    database = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
    try:
        # On a network drive the write-ahead log may be refused; the answer then names what is used instead.
        mode = database.execute("PRAGMA journal_mode=WAL").fetchone()[0]
        database.execute(f"PRAGMA synchronous={'NORMAL' if mode == 'wal' else 'FULL'}")
        _migrate(database, path)
        database.execute("SELECT count(*) FROM entries").fetchone()
    except (sqlite3.Error, NewerFileError):
        database.close()
        raise
    return database


def _migrate(database: sqlite3.Connection, path: Path) -> None:
    """Bring the file to the current version, in one transaction.

    :raises NewerFileError: when a later version has written it.
    """
    if _version(database) == len(_STEPS):
        return
    database.execute("BEGIN IMMEDIATE")
    try:
        version = _version(database)  # another client may have been faster
        if version > len(_STEPS):
            raise NewerFileError(path)
        for step in _STEPS[version:]:
            database.execute(step)
        database.execute(f"PRAGMA user_version = {len(_STEPS)}")
        database.execute("COMMIT")
    finally:
        if database.in_transaction:
            database.execute("ROLLBACK")


def _version(database: sqlite3.Connection) -> int:
    return int(database.execute("PRAGMA user_version").fetchone()[0])


def check_outbox(path: Path) -> None:
    """Refuse an outbox of a later version before anything is kept in memory only.

    :raises NewerFileError: when a later version has written it.
    """
    if not path.exists():
        return
    with contextlib.closing(sqlite3.connect(path, timeout=BUSY_TIMEOUT_S)) as database:
        try:
            version = _version(database)
        except sqlite3.Error:
            return  # damaged, or busy: opening it for an account says so
    if version > len(_STEPS):
        raise NewerFileError(path)
