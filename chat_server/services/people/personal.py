"""Personal data: all that is kept about one user, in a file for that user; it must not know SQL.

Runs on the thread of whoever acts.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from chat_protocol.printable import escape_json
from chat_protocol.times import to_rfc3339
from chat_server.files.store import BlobStore, pieces
from chat_server.services.moderation.audit import Audit
from chat_server.services.people.new_file import new_file
from chat_server.services.rooms.directs import FORMER_MEMBER
from chat_server.services.vocabulary.actors import Actor, require
from chat_server.storage import Storage
from chat_server.storage.core.records import FileRecord, RoomRecord, UserRecord

AUDIT_MAX: Final = 100_000
FILES_A_PAGE: Final = 100
_FILE_FIELDS: Final = ("public_id", "name", "size", "type", "digest", "created_at", "seq")
_SECRET: Final = ("password_hash", "username_key", "erased", "avatar")


class PersonalData:
    """Write what is kept about a user."""

    def __init__(self, storage: Storage, audit: Audit, store: BlobStore | None = None) -> None:
        """Write it from here.

        :param store: has the bytes of files; None where there are none.
        """
        self._storage = storage
        self._store = store
        self._audit = audit

    def export(self, actor: Actor, user: UserRecord, path: Path) -> int:
        """Write all about a user into a new JSON file, which only its owner may read.

        The user's files are copied into a folder beside it, of its name and `.files`.

        :return: how many messages it holds.
        :raises ChatError: `forbidden`; `bad_request` when the file is there already or cannot be written.
        """
        with self._audit.act(actor, "export user", user.username, str(path)) as act:
            require(actor, "admin")
            count = 0
            with new_file(path) as file:
                file.write("{\n")
                for name, value in self._about(user):
                    file.write(f"{_json(name)}: {_json(value)},\n")
                file.write(f'"files": {_json(self._files(user, path.with_name(f"{path.name}.files")))},\n')
                file.write('"messages": [')
                for message in self._messages(user):
                    file.write(f"{',' if count else ''}\n{_json(message)}")
                    count += 1
                file.write("\n]\n}\n")
            act.note(f"{count} messages")
        return count

    def _about(self, user: UserRecord) -> Iterator[tuple[str, Any]]:
        personal = self._storage.personal
        names = {room.id: self._room_name(room, user) for room in personal.rooms(user.id)}
        account = {name: value for name, value in asdict(user).items() if name not in _SECRET}
        yield "account", _with_times(account)
        shown = self._storage.avatars.of_user(user.id)
        yield "avatar", None if shown is None else {"base64": shown[1]}
        yield "addresses", [_with_times(fields) for fields in personal.addresses(user.id)]
        yield "devices", [_with_times(fields) for fields in personal.tokens(user.id)]
        for key, rows in (
            ("memberships", personal.memberships(user.id)),
            ("settings", personal.settings(user.id)),
            ("saved", personal.saved(user.id)),
            ("pinned", personal.pinned(user.id)),
        ):
            yield (
                key,
                [_with_times({"room": names.get(fields.pop("room_id"), ""), **fields}) for fields in rows],
            )
        yield (
            "sanctions",
            [
                _with_times({**asdict(record), "room": names.get(record.room_id or 0)})
                for record in self._storage.sanctions.of_user(user.id)
            ],
        )
        for key, entries in (
            ("audit_by", self._storage.audit.listing(by=user.username, limit=AUDIT_MAX)),
            ("audit_on", self._storage.audit.listing(on=user.username, limit=AUDIT_MAX)),
        ):
            yield key, [_with_times(asdict(entry)) for entry in entries]

    def _files(self, user: UserRecord, folder: Path) -> list[dict[str, Any]]:
        """Copy the user's files and return what is known of each."""
        found: list[dict[str, Any]] = []
        after = 0
        while files := self._storage.files.of_user(user.id, after, FILES_A_PAGE):
            after = files[-1].id
            for file in files:
                folder.mkdir(mode=0o700, exist_ok=True)
                about = {name: value for name, value in asdict(file).items() if name in _FILE_FIELDS}
                copied = self._copy(file, folder)
                found.append(_with_times(about) | {"copied_to": copied and f"{folder.name}/{copied}"})
        return found

    def _copy(self, file: FileRecord, folder: Path) -> str:
        """Copy a file under its id, a name that any system takes; return that, or nothing without bytes."""
        if self._store is None:
            return ""
        try:
            with self._store.open(file.digest) as source, (folder / file.public_id).open("xb") as copy:
                for piece in pieces(source, file.size):
                    copy.write(piece)
        except FileNotFoundError:
            return ""
        return file.public_id

    def _messages(self, user: UserRecord) -> Iterator[dict[str, Any]]:
        personal = self._storage.personal
        for room in personal.rooms(user.id):
            name = self._room_name(room, user)
            for fields in personal.messages(user.id, room):
                versions = [_with_times(version) for version in fields.pop("former_versions", ())]
                extra = {"former_versions": versions} if versions else {}
                yield _with_times({"room": name, **fields}) | extra

    def _room_name(self, room: RoomRecord, user: UserRecord) -> str:
        if room.kind != "direct":
            return room.name
        other_id = room.user_b if room.user_a == user.id else room.user_a
        other = self._storage.users.by_id(other_id or 0)
        return FORMER_MEMBER if other is None or other.erased else f"@{other.username}"


def _json(value: object) -> str:
    return escape_json(json.dumps(value, ensure_ascii=False))


def _with_times(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Write the times as people and other programs read them."""
    return {
        name: to_rfc3339(value) if isinstance(value, int) and _is_time(name) else value
        for name, value in fields.items()
    }


def _is_time(name: str) -> bool:
    return name.endswith("_at") or name in ("at", "until")
