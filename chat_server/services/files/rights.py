"""Who may read a file, now; it must not know its bytes."""

from chat_server.live.session import Session
from chat_server.storage import Storage
from chat_server.storage.core.records import FileRecord


class Rights:
    """Look whether a user may read files."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def may_read(self, session: Session, file: FileRecord) -> bool:
        """Return whether the user is in the file's room and a message names it, or it is the user's."""
        if file.seq is None and file.user_id != session.user_id:
            return False
        if file.room_id in session.rooms:
            return True
        room = self._storage.rooms.by_id(file.room_id)
        return room is not None and room.kind == "direct" and session.user_id in (room.user_a, room.user_b)

    def still(self, session: Session, file: FileRecord) -> bool:
        """Return whether a user who could read a file still can, and it is still there."""
        found = self._storage.files.by_id(file.public_id)
        return found is not None and self.may_read(session, found)
