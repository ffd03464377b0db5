"""Commands about the files that users have sent; it must not know where their bytes are.

Runs on the thread that reads the lines.
"""

from typing import Final

from chat_server.console.shell.base import Commands, command
from chat_server.console.shell.replies import Column, Facts, Listing, Reply, Report, Row, Said
from chat_server.services.files.administration import shown_mib
from chat_server.storage.core.records import FileRecord, RoomRecord, UserRecord

LARGEST_SHOWN: Final = 20
TOTALS: Final = (Column("files", "Files", "number"), Column("bytes", "Together", "size"))
FILES: Final = (
    Column("id", "File"),
    Column("name", "Name"),
    Column("size", "Size", "size"),
    Column("type", "Type"),
    Column("username", "User"),
    Column("room", "Room"),
    Column("seq", "Message", "number"),
    Column("created_at", "Sent", "time"),
)
PRIVATE: Final = "(private conversation)"


class FileCommands(Commands):
    """Look at files, remove them, and say how much a user may have."""

    @command("records")
    def do_files(self, place: RoomRecord | UserRecord | None) -> Reply:
        """files [room|@user]

        Show how many files there are, how much space they take, and the largest: all of them, those of a
        room, or those of a user.
        """
        user_id = place.id if isinstance(place, UserRecord) else None
        room_id = place.id if isinstance(place, RoomRecord) else None
        usage = self.parts.file_administration.usage(user_id, room_id)
        largest = self.parts.file_administration.largest(LARGEST_SHOWN, user_id, room_id)
        facts: Row = {"files": usage.files, "bytes": usage.bytes}
        rows = [self._file_row(file) for file in largest]
        return Report([Facts(TOTALS, facts), Listing("largest", FILES, rows, "There is no file.")])

    @command("records")
    def do_remove_file(self, file: str) -> Reply:
        """remove file <id>

        Take a file, by its id, from everybody, after a question. The message that names it stays without it.
        """
        self.confirm(f"{self.parts.file_administration.find(file).name} would be removed for good")
        removed = self.parts.file_administration.remove(self.actor, file)
        said = f"{removed.name} is removed."
        return Said(said, {"file": removed.public_id, "name": removed.name, "size": removed.size})

    @command("people")
    def do_quota_user(self, user: UserRecord, mib: int | None) -> Reply:
        """quota user <user> [number]

        Show how much space a user's files take and may take, or say how many MiB they may; 0 is what
        everybody has.
        """
        administration = self.parts.file_administration
        quota = administration.quota(user) if mib is None else administration.set_quota(self.actor, user, mib)
        used = administration.usage(user.id).bytes
        said = f"The files of {user.username} take {shown_mib(used)} and may take {shown_mib(quota)}."
        return Said(said, {"username": user.username, "used_bytes": used, "quota_bytes": quota})

    def _file_row(self, file: FileRecord) -> Row:
        user = self.parts.storage.users.by_id(file.user_id)
        room = self.parts.directory.by_id(file.room_id)
        return {
            "id": file.public_id,
            "name": file.name,
            "size": file.size,
            "type": file.type,
            "username": user.username if user else "",
            "room": room.name if room else PRIVATE,
            "seq": file.seq,
            "created_at": file.created_at,
        }
