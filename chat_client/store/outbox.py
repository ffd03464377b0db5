"""What the user has said and the server has not yet stored, on disk and in order; it sends nothing.

An entry is written before it is shown as sent, and removed when its `ok` has come: a client that is killed in
between sends it again under the same nonce, and the server stores it once.
"""

import contextlib
import json
import logging
import os
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from chat_client.store.attachments import Attachment
from chat_client.store.files import NewerFileError, make_private_folder, set_aside
from chat_protocol.objects import File
from chat_protocol.request import Request
from chat_protocol.requests import Delete, Edit, React, Send

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
_COLUMNS = "nonce, kind, room, body, seq, emoji_on, written_at, error, detail, room_id, files"
# Step n brings the file from version n to n + 1 (`PRAGMA user_version`). 1.0.0 wrote no version, which is 0:
# its table is the one of version 1. Version 2 keeps the id of the room, which 1.0.0 did not know.
# Version 3 keeps the files of a message, as JSON.
_STEPS: Final = (
    _ENTRIES,
    "ALTER TABLE entries ADD COLUMN room_id TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE entries ADD COLUMN files TEXT NOT NULL DEFAULT ''",
)
OUTBOX_FILE: Final = "outbox.db"
BUSY_TIMEOUT_S: Final = 2.0  # another client of the same user may be writing
# No database, a torn one, or one without the table.
_DAMAGED: Final = frozenset({sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_ERROR})


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
    :param files: what it brings; it is not sent before all of them were uploaded.
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
    files: tuple[Attachment, ...] = ()

    @property
    def uploaded(self) -> bool:
        """Whether the server has all of its files."""
        return all(attachment.file.id for attachment in self.files)

    def request(self) -> Request:
        """Return the request that carries it."""
        target, room = self.seq or 0, self.room_id or self.room
        if self.kind == "edit":
            return Edit(room, target, self.body, self.nonce)
        if self.kind == "delete":
            return Delete(room, target, self.nonce)
        if self.kind == "react":
            return React(room, target, self.body, self.on, self.nonce)
        ids = tuple(attachment.file.id for attachment in self.files)
        return Send(room, self.body, self.nonce, self.seq, ids)


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
                nonce, kind, room, body, seq, on, written_at, error, detail, room_id, files = row
                self._entries[nonce] = Entry(
                    nonce, kind, room, body, seq, bool(on), written_at, error, detail, room_id, _files(files)
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
        values: tuple[object, ...] = (entry.nonce, entry.kind, entry.room, entry.body, entry.seq, entry.on)
        values += (entry.written_at, entry.error, entry.detail)
        values += (entry.room_id, _kept_files(entry), self.account)
        statement = f"INSERT OR REPLACE INTO entries ({_COLUMNS}, account) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)"
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
        """Return the entries to send, in order; those whose files are not there yet hold up no other."""
        return (entry for entry in self._entries.values() if not entry.error and entry.uploaded)

    def to_upload(self) -> Iterable[tuple[Entry, Attachment]]:
        """Return the files to bring to the server, in order."""
        for entry in self._entries.values():
            if not entry.error:
                yield from ((entry, file) for file in entry.files if not file.file.id)

    def note_upload(self, nonce: str, attachment: str, file: File | None) -> None:
        """Keep what the server calls a file; None: it has it no more, and the file is brought again."""
        entry = self._entries.get(nonce)
        if entry is None:
            return
        files = tuple(
            replace(kept, file=file or replace(kept.file, id="")) if kept.nonce == attachment else kept
            for kept in entry.files
        )
        self._entries[nonce] = entry = replace(entry, files=files)
        self._write("UPDATE entries SET files = ? WHERE nonce = ?", (_kept_files(entry), nonce), nonce)

    def named_files(self) -> set[str]:
        """Return the nonces of all files that wait, those of other accounts too."""
        entries = {file.nonce for entry in self._entries.values() for file in entry.files}
        if self._database is not None:
            for (files,) in self._database.execute("SELECT files FROM entries WHERE files != ''"):
                entries |= {file.nonce for file in _files(files)}
        return entries

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


def _kept_files(entry: Entry) -> str:
    kept = [attachment.to_json() for attachment in entry.files]
    return json.dumps(kept) if kept else ""


def _files(kept: str) -> tuple[Attachment, ...]:
    return tuple(Attachment.from_json(one) for one in json.loads(kept)) if kept else ()


def _open(path: Path) -> sqlite3.Connection | None:
    """Open the file; one that is damaged is set aside, one of a later version is left as it is."""
    for first in (True, False):
        try:
            return _connect(path)
        except NewerFileError as error:
            _log.warning("%s", error)
            return None
        except (sqlite3.Error, OSError) as error:
            _log.warning("cannot open %s: %s", path, error)
            if not (first and _is_damage(error)):
                break
            set_aside(path)
    return None


def _is_damage(error: Exception) -> bool:
    """Say whether the file itself is at fault, and not who has it open or the disk."""
    return getattr(error, "sqlite_errorcode", None) in _DAMAGED


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
