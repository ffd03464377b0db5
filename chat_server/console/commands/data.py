"""Commands about what is kept and for how long: retention, and all about one user in a file; it must not know
how either is stored.

Runs on the thread that reads the lines.
"""

from pathlib import Path
from typing import Final

from chat_server.console.shell.base import Commands, command
from chat_server.console.shell.grammar import UsageError
from chat_server.console.shell.replies import Column, Listing, Reply, Row, Said, count
from chat_server.services.people.importing import Newcomer
from chat_server.services.vocabulary.durations import format_duration
from chat_server.storage.core.records import RoomRecord, UserRecord

RULES: Final = (Column("room", "Room"), Column("kept", "Messages are kept"))
PREVIEW: Final = (Column("room", "Room"), Column("messages", "Would be removed", "number"))
NEWCOMERS: Final = (
    Column("username", "User"),
    Column("display_name", "Name"),
    Column("role", "Role"),
    Column("rooms", "Rooms", "list"),
)
EVERYWHERE: Final = "all"
PRIVATE: Final = "(private conversations)"


class DataCommands(Commands):
    """Say how long messages are kept, and hand out personal data."""

    @command("records")
    def do_retention(self, place: RoomRecord | str | None, keep_ms: int | None, *, dry_run: bool) -> Reply:
        """retention [room or all] [duration or forever] [--dry-run]

        Say for how long a room's messages are kept, or those of all rooms without a rule of their own,
        private conversations included. What is older is removed for good, a little at a time: the history
        starts later. Alone, show the rules. With --dry-run, show what would be removed now.
        `retention all 1y`, `retention Blabla 30d --dry-run`, `retention all forever`. A room that is set to
        forever keeps its messages whatever holds for `all`.
        """
        room = place if isinstance(place, RoomRecord) else None
        if keep_ms is None:
            return self._rules(room)
        if dry_run:
            return self._preview(room, keep_ms)
        where = room.name if room else "all rooms without a rule of their own"
        if keep_ms:
            affected = sum(messages for _, messages in self.parts.retention.preview(room, keep_ms))
            if affected:
                self.confirm(f"{count(affected, 'message')} would be removed for good from {where}")
        self.parts.retention.set_rule(self.actor, room, keep_ms or None)
        kept = format_duration(keep_ms or None)
        return Said(f"Messages of {where} are kept: {kept}.", {"room": _name(room), "kept": kept})

    @command("people")
    def do_export_user(self, user: UserRecord, file: Path) -> Reply:
        """export user <user> <file>

        Write all that is kept about a user into a new JSON file on the server's machine: account, addresses,
        memberships, sanctions, the audit, and every message.
        """
        messages = self.parts.personal.export(self.actor, user, file)
        said = f"All about {user.username}, with {count(messages, 'message')}, is in {file}."
        return Said(said, {"username": user.username, "file": str(file), "messages": messages})

    @command("people")
    def do_import_users(self, file: Path, passwords: Path | None, *, dry_run: bool) -> Reply:
        """import users <file> [passwords] [--dry-run]

        Make an account for each line of a CSV file on the server's machine. Its first line names the columns:
        `username`, and any of `display_name`, `role` and `rooms` (with `|` between them). The one-time
        passwords go into a new file, which only the server's user may read. Whoever has an account already is
        left out: the command can be repeated. With --dry-run, say what would be done.
        """
        table = self.parts.importing.read(file)
        rows: list[Row] = [_newcomer_row(newcomer) for newcomer in table.newcomers]
        left_out = f" Left out, they have an account: {', '.join(table.known)}." if table.known else ""
        if dry_run:
            note = f"{count(len(rows), 'account')} would be made.{left_out}"
            return Listing("newcomers", NEWCOMERS, rows, f"No account would be made.{left_out}", note)
        if passwords is None:
            raise UsageError("Say which file the one-time passwords go to.")
        self.confirm(f"{count(len(rows), 'account')} would be made")
        made = self.parts.importing.make(self.actor, table.newcomers, passwords)
        said = f"{count(made, 'account')} made; the one-time passwords are in {passwords}.{left_out}"
        return Said(said, {"made": made, "file": str(passwords), "known": table.known})

    def _rules(self, room: RoomRecord | None) -> Listing:
        rules = self.parts.retention.rules()
        names = {each.id: each.name for each in self.parts.directory.all()}
        if room is not None:
            rows: list[Row] = [{"room": room.name, "kept": format_duration(rules.of(room.id))}]
            return Listing("retention", RULES, rows, "")
        rows = [
            {"room": names[room_id], "kept": format_duration(keep_ms)}
            for room_id, keep_ms in rules.rooms.items()
            if room_id in names
        ]
        if rules.everywhere is not None:
            rows.insert(0, {"room": EVERYWHERE, "kept": format_duration(rules.everywhere)})
        return Listing("retention", RULES, rows, "Messages are kept for good in every room.")

    def _preview(self, room: RoomRecord | None, keep_ms: int) -> Listing:
        totals: dict[str, int] = {}
        for record, messages in self.parts.retention.preview(room, keep_ms) if keep_ms else ():
            name = PRIVATE if record.kind == "direct" else record.name
            totals[name] = totals.get(name, 0) + messages
        rows: list[Row] = [{"room": name, "messages": messages} for name, messages in totals.items()]
        note = f"{count(sum(totals.values()), 'message')} in all. Nothing was removed."
        return Listing("would_be_removed", PREVIEW, rows, "Nothing would be removed.", note)


def _newcomer_row(newcomer: Newcomer) -> Row:
    rooms = [room.name for room in newcomer.rooms]
    return {
        "username": newcomer.username,
        "display_name": newcomer.display_name,
        "role": newcomer.role,
        "rooms": rooms,
    }


def _name(room: RoomRecord | None) -> str:
    return room.name if room else EVERYWHERE
