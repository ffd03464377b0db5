"""What administrators see and decide of files: lists, totals, removal, quotas; it knows not their bytes."""

from collections.abc import Sequence

from chat_protocol.errors import ChatError, ErrorCode
from chat_server.services.files.space import MIB, Space
from chat_server.services.moderation.audit import Audit
from chat_server.services.vocabulary.actors import Actor, require
from chat_server.storage import Storage
from chat_server.storage.core.records import FileRecord, UserRecord
from chat_server.storage.repositories.files import Usage


class FileAdministration:
    """Look at files and remove them."""

    def __init__(self, storage: Storage, space: Space, audit: Audit) -> None:
        self._storage = storage
        self._space = space
        self._audit = audit

    def usage(self, user_id: int | None = None, room_id: int | None = None) -> Usage:
        """Return how much there is: of one user, in one room, or all."""
        return self._storage.files.usage(user_id, room_id)

    def largest(
        self, limit: int, user_id: int | None = None, room_id: int | None = None
    ) -> Sequence[FileRecord]:
        """Return the largest files: of one user, in one room, or all."""
        return self._storage.files.largest(limit, user_id, room_id)

    def find(self, public_id: str) -> FileRecord:
        """Return a file.

        :raises ChatError: `no_such_file`.
        """
        file = self._storage.files.by_id(public_id)
        if file is None:
            raise ChatError(ErrorCode.NO_SUCH_FILE, f"There is no file “{public_id}”.")
        return file

    def remove(self, actor: Actor, public_id: str) -> FileRecord:
        """Take a file from everybody; its message stays without it.

        :raises ChatError: `forbidden` or `no_such_file`.
        """
        with self._audit.act(actor, "remove file", public_id) as act:
            require(actor, "admin")
            file = self.find(public_id)
            self._storage.files.give_up(file)
            act.note(f"{file.name}, {file.size} bytes")
        return file

    def quota(self, user: UserRecord) -> int:
        """Return how many bytes the files of a user may take."""
        return self._space.quota(user.id)

    def set_quota(self, actor: Actor, user: UserRecord, mib: int) -> int:
        """Let a user have so many MiB of files, or with 0 as many as everybody; return the bytes.

        :raises ChatError: `forbidden`.
        """
        with self._audit.act(actor, "quota user", user.username, f"{mib} MiB" if mib else "as everybody"):
            require(actor, "admin")
            self._space.set_quota(user.id, mib or None)
        return self._space.quota(user.id)


def shown_mib(count: int) -> str:
    """Return bytes in MiB, for a sentence."""
    return f"{count / MIB:,.1f} MiB"
