"""Commands that read what was said and what was done; nothing here changes either.

Runs on the thread that reads the lines.
"""

from collections.abc import Iterable
from typing import Final

from chat_server.console.shell.base import Commands, command
from chat_server.console.shell.replies import Column, Listing, Reply, Row
from chat_server.storage.core.records import MessageRecord, RoomRecord, UserRecord

MESSAGES_MAX: Final = 5_000
DAY_MS: Final = 86_400_000

MESSAGES: Final = (
    Column("sent_at", "Time", "time"),
    Column("room", "Room"),
    Column("seq", "No."),
    Column("from", "From"),
    Column("text", "Text"),
)
VERSIONS: Final = (
    Column("replaced_at", "Until", "time"),
    Column("by", "Replaced by"),
    Column("body", "Text"),
)
AUDIT: Final = (
    Column("at", "Time", "time"),
    Column("actor", "By"),
    Column("origin", "From"),
    Column("action", "Did"),
    Column("target", "On"),
    Column("allowed", "Done", "flag"),
    Column("detail", "Detail"),
)


class RecordCommands(Commands):
    """Read messages and the audit."""

    @command("records")
    def do_messages(
        self, since: int, where: RoomRecord | UserRecord | None, *, user: UserRecord | None
    ) -> Reply:
        """messages <time> [room|@user] [--user U]

        Show what was said since a time: `messages 2h`, `messages 14:30 Blabla`, `messages yesterday --user
        jules`. With @jules, the private conversations of jules, with a private room what was said there,
        which is noted in the audit; otherwise private ones are left out.
        """
        author_id = user.id if user else None
        if isinstance(where, UserRecord):
            found, names = self._private(where, since, author_id)
        else:
            room_id = where.id if where else None
            if where is not None and where.kind == "private":
                self.parts.audit.record(self.actor, "messages", where.name, "private room")
            found = self.parts.storage.messages.since(since, room_id, author_id, MESSAGES_MAX)
            rooms = self.parts.directory.all()
            names = {room.id: room.name for room in rooms if room.kind != "private" or where is not None}
        rows = [_message_row(record, names) for record in found if record.room_id in names]
        note = f"Only the last {MESSAGES_MAX:,} were read." if len(found) >= MESSAGES_MAX else ""
        return Listing("messages", MESSAGES, rows, "Nothing was said.", note)

    @command("records")
    def do_versions(self, room: RoomRecord, seq: int) -> Reply:
        """versions <room> <number>

        Show what a message said before it was edited or deleted.
        """
        with self.parts.audit.act(self.actor, "versions", room.name, f"message {seq}"):
            found = self.parts.storage.messages.versions(room.id, seq)
        rows: list[Row] = [
            {"replaced_at": one.replaced_at, "by": one.replaced_by, "body": one.body} for one in found
        ]
        return Listing("versions", VERSIONS, rows, "That message was never changed.")

    @command("records")
    def do_audit(self, since: int | None, *, by: str | None, on: str | None) -> Reply:
        """audit [time] [--by NAME] [--on NAME]

        Show who did what, when, from where, on whom and why, refused attempts included; of the last day where
        no time is given. No command changes or removes an entry.
        """
        start = self.parts.clock() - DAY_MS if since is None else since
        entries = self.parts.audit.entries(start, _bare(by), _bare(on))
        rows: list[Row] = [{column.key: getattr(entry, column.key) for column in AUDIT} for entry in entries]
        return Listing("audit", AUDIT, rows, "Nothing was done.")

    def _private(
        self, user: UserRecord, since: int, author_id: int | None
    ) -> tuple[list[MessageRecord], dict[int, str]]:
        """Return what was said in a user's private conversations, and the names of these."""
        with self.parts.audit.act(self.actor, "messages", user.username, "private conversations"):
            names = {
                room.id: f"@{user.username} @{other.username}"
                for room, other in self.parts.storage.rooms.directs_of(user.id)
            }
            found: list[MessageRecord] = []
            for room_id in names:
                found += self.parts.storage.messages.since(since, room_id, author_id, MESSAGES_MAX)
        found.sort(key=lambda record: (record.sent_at, record.room_id, record.seq))
        return found[-MESSAGES_MAX:], names


def _message_row(record: MessageRecord, names: dict[int, str]) -> Row:
    return {
        "sent_at": record.sent_at,
        "room": names[record.room_id],
        "seq": record.seq,
        "from": record.author or "(former member)",
        "text": _message_text(record),
    }


def _message_text(record: MessageRecord) -> str:
    if record.kind == "edit":
        return f"(edits {record.target}) {record.body}"
    if record.kind == "delete":
        return f"(deletes {record.target})"
    if record.kind == "react":
        return f"({'reacts to' if record.on else 'takes back from'} {record.target}) {record.body}"
    if record.deleted:
        return "(deleted)"
    return "".join(_marks(record)) + record.body


def _marks(record: MessageRecord) -> Iterable[str]:
    if record.reply_to is not None:
        yield f"(replies to {record.reply_to}) "
    if record.edited_at is not None:
        yield "(edited) "


def _bare(name: str | None) -> str | None:
    return name.removeprefix("@") if name else None
