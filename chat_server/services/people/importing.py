"""Accounts for many people at once, from a table; it must not know any SQL.

Runs on the thread of whoever acts.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.names import clean_username, username_key
from chat_server.live.directory import RoomDirectory
from chat_server.services.accounts.passwords import hash_password
from chat_server.services.moderation.audit import Audit
from chat_server.services.people.new_file import new_file
from chat_server.services.people.people import clean_display_name
from chat_server.services.people.roles import make_password
from chat_server.services.vocabulary.actors import ROLES, Actor, require
from chat_server.storage import Storage
from chat_server.storage.core.errors import DuplicateKey
from chat_server.storage.core.records import RoomRecord

COLUMNS: Final = ("username", "display_name", "role", "rooms")
ROOMS_SEPARATOR: Final = "|"
BYTES_MAX: Final = 4 * 1024 * 1024
MISTAKES_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A line of the table that is right.

    :param rooms: to be joined, beside those that everybody arrives in.
    """

    username: str
    display_name: str
    role: str
    rooms: tuple[RoomRecord, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Who is to get an account, and the names of those who have one already."""

    newcomers: list[Newcomer]
    known: list[str]


class Importing:
    """Read a table of people, and make their accounts with one-time passwords.

    :param clock: milliseconds since 1970 UTC.
    """

    def __init__(
        self, storage: Storage, directory: RoomDirectory, audit: Audit, clock: Callable[[], int]
    ) -> None:
        self._storage = storage
        self._directory = directory
        self._audit = audit
        self._clock = clock

    def read(self, path: Path) -> Table:
        """Read a table (CSV, with commas or semicolons, UTF-8) whose first line names its columns.

        `username` is needed; `display_name`, `role` and `rooms` (with `|` between them) may be there.

        :raises ChatError: `bad_request`, with all that is wrong, line by line.
        """
        mistakes: list[str] = []
        newcomers: dict[str, Newcomer] = {}
        known: list[str] = []
        for number, fields in _lines(path):
            try:
                newcomer = self._newcomer(fields)
            except ChatError as error:
                mistakes.append(f"line {number}: {error.message}")
                continue
            key = username_key(newcomer.username)
            if key in newcomers:
                mistakes.append(f"line {number}: {newcomer.username} stands there twice.")
            elif self._storage.users.by_key(key) is not None:
                known.append(newcomer.username)
            else:
                newcomers[key] = newcomer
        if mistakes:
            more = len(mistakes) - MISTAKES_SHOWN
            said = mistakes[:MISTAKES_SHOWN] + ([f"and {more} more"] if more > 0 else [])
            raise _bad("Nothing was done. " + "\n".join(said))
        return Table(list(newcomers.values()), known)

    def make(self, actor: Actor, newcomers: Iterable[Newcomer], passwords: Path) -> int:
        """Make the accounts, and write their one-time passwords into a new CSV file.

        :return: how many were made. A name that somebody took meanwhile is left out.
        :raises ChatError: `forbidden`; `bad_request` when the file is there already or cannot be written.
        """
        with self._audit.act(actor, "import users", str(passwords)) as act:
            require(actor, "admin")
            made = 0
            with new_file(passwords) as file:
                table = csv.writer(file)
                table.writerow(("username", "display_name", "one_time_password"))
                for newcomer in newcomers:
                    password = make_password()
                    if self._make(newcomer, password):
                        table.writerow((newcomer.username, newcomer.display_name, password))
                        made += 1
            act.note(f"{made} accounts")
        return made

    def _make(self, newcomer: Newcomer, password: str) -> bool:
        users, hashed = self._storage.users, hash_password(password)
        try:
            user = users.create(
                newcomer.username,
                username_key(newcomer.username),
                newcomer.display_name,
                hashed,
                self._clock(),
                newcomer.role,
            )
        except DuplicateKey:
            return False
        users.set_password(user.id, hashed, one_time=True)
        for room in newcomer.rooms:
            self._storage.members.join(room.id, user.id)
        return True

    def _newcomer(self, fields: Mapping[str, str]) -> Newcomer:
        username = clean_username(fields["username"])
        display_name = fields.get("display_name", "")
        role = fields.get("role", "").lower() or "member"
        if role not in ROLES:
            raise _bad(f"A role is one of {', '.join(ROLES)}, not “{role}”.")
        names = (name.strip() for name in fields.get("rooms", "").split(ROOMS_SEPARATOR))
        rooms = tuple(self._directory.find(name) for name in names if name)
        return Newcomer(username, clean_display_name(display_name) if display_name else username, role, rooms)


def _lines(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield each line's number and its fields by column.

    :raises ChatError: `bad_request` when the file cannot be read, or its first line is not understood.
    """
    try:
        if path.stat().st_size > BYTES_MAX:
            raise _bad(f"{path} is larger than {BYTES_MAX >> 20} MiB.")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise _bad(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise _bad(f"{path} is not UTF-8; save it as “CSV UTF-8”.") from error
    head = text.partition("\n")[0]
    rows = csv.reader(text.splitlines(), delimiter=";" if ";" in head else ",")
    try:
        columns = [column.strip().lower() for column in next(rows, [])]
        if "username" not in columns or not set(columns) <= set(COLUMNS):
            raise _bad(f"The first line must name the columns: username; maybe {', '.join(COLUMNS[1:])}.")
        for row in rows:
            if any(field.strip() for field in row):
                yield (
                    rows.line_num,
                    {column: field.strip() for column, field in zip(columns, row, strict=False)},
                )
    except csv.Error as error:
        raise _bad(f"line {rows.line_num}: {error}.") from error


def _bad(message: str) -> ChatError:
    return ChatError(ErrorCode.BAD_REQUEST, message)
