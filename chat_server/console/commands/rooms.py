"""Commands about rooms and who may enter them; it must not know how members are told.

Runs on the thread that reads the lines.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeVar

from chat_protocol.errors import ChatError, ErrorCode
from chat_server.console.shell.base import Commands, command
from chat_server.console.shell.replies import Column, Facts, Listing, Reply, Report, Said, count
from chat_server.live.directory import Conversation
from chat_server.services.vocabulary.actors import Role
from chat_server.storage.core.records import PendingRecord, RoomRecord, UserRecord

T = TypeVar("T")

MEMBERS_SHOWN_MAX: Final = 500

ROOMS: Final = (
    Column("room", "Room"),
    Column("kind", "Kind"),
    Column("members", "Members", "number"),
    Column("connected", "Connected", "number"),
    Column("pending", "Requests", "number"),
    Column("last_seq", "Messages", "number"),
    Column("archived", "Archived", "flag"),
    Column("topic", "Topic"),
)
ROOM: Final = (
    *ROOMS,
    Column("description", "Description"),
    Column("arrival", "Everyone joins", "flag"),
    Column("created_at", "Created", "time"),
)
MEMBERS: Final = (
    Column("username", "User"),
    Column("display_name", "Name"),
    Column("role", "Role"),
    Column("owner", "Owner", "flag"),
    Column("connected", "Connected", "flag"),
)
PENDING: Final = (
    Column("username", "User"),
    Column("display_name", "Name"),
    Column("room", "Room"),
    Column("requested_at", "Asked", "time"),
    Column("age", "Ago", "duration"),
    Column("reason", "Reason"),
)


class RoomCommands(Commands):
    """Look at rooms, make and change them, and decide who enters."""

    @command("rooms")
    def do_rooms(self) -> Reply:
        """rooms

        List the rooms: `public` ones are open to all, `moderated` ones need a decision, `private` ones are
        seen by their members alone, though what is said there is in the database like everything.
        """
        pending = self.parts.storage.members.pending()
        rooms = self.parts.directory.all()
        last_seqs = self.parts.storage.messages.last_seqs([room.id for room in rooms])
        rows = [self._row(room, pending, last_seqs) for room in rooms]
        return Listing("rooms", ROOMS, rows, "There is no room.")

    @command("rooms")
    def do_room(self, room: RoomRecord) -> Reply:
        """room <room>

        Show all about one room: its members, and who asks to enter.
        """
        pending = [one for one in self.parts.storage.members.pending() if one.room.id == room.id]
        last_seqs = self.parts.storage.messages.last_seqs([room.id])
        facts = self._row(room, pending, last_seqs) | {
            "arrival": room.arrival,
            "created_at": room.created_at,
            "description": room.description,
        }
        members = self.parts.storage.members.of_room(room.id, MEMBERS_SHOWN_MAX)
        owners = self.parts.storage.members.owners(room.id)
        rows = [self._member_row(member) | {"owner": member.id in owners} for member in members]
        return Report(
            [
                Facts(ROOM, facts),
                Listing("members_list", MEMBERS, rows, "Nobody is a member."),
                self._pending_listing(pending, "Nobody asks to enter."),
            ]
        )

    @command("rooms")
    def do_add_room(self, names: list[str], *, moderated: bool, private: bool, topic: str | None) -> Reply:
        """add room <a,b> [--moderated] [--private] [--topic T]

        Add one room or several. With --moderated, entering needs a decision; with --private, only its members
        see it, and `add member` lets the first of them in, who then owns it.
        `add room "Salle de pause",Sport --topic "After work"`
        """
        if moderated and private:
            raise ChatError(ErrorCode.BAD_REQUEST, "A room is moderated or private, not both.")
        kind = "moderated" if moderated else "private" if private else "public"
        added: list[str] = []

        def add(name: str) -> None:
            added.append(self.parts.room_admin.add(self.actor, name, kind, topic or "").name)

        _, failed = _each(names, add)
        return _outcome([f"{name} is there, {kind}." for name in added], failed, {"added": added})

    @command("rooms")
    def do_rename_room(self, room: RoomRecord, name: str) -> Reply:
        """rename room <room> <new name>

        Give a room another name. Members and messages stay. Names with spaces stand in quotes.
        """
        self.parts.room_admin.rename(self.actor, room, name)
        renamed = self.parts.directory.by_id(room.id) or room  # a private one has a mark behind its name
        return Said(f"{room.name} is now {renamed.name}.", {"room": renamed.name, "was": room.name})

    @command("rooms")
    def do_topic(self, room: RoomRecord, text: str) -> Reply:
        """topic <room> [text]

        Show a room's topic, or set it. `topic Sport none` removes it.
        """
        if not text:
            return Said(room.topic or f"{room.name} has no topic.", {"room": room.name, "topic": room.topic})
        topic = "" if text.lower() == "none" else text
        self.parts.room_admin.set_topic(self.actor, room, topic)
        return Said(f"The topic of {room.name} is {'set' if topic else 'removed'}.", {"topic": topic})

    @command("rooms")
    def do_remove_room(self, room: RoomRecord) -> Reply:
        """remove room <room>

        Remove a room, after a question. Its messages are kept in the database.
        """
        members = count(self.parts.storage.members.count(room.id), "member")
        self.confirm(f"The room {room.name} with its {members} would be removed (its messages are kept)")
        self.parts.room_admin.archive(self.actor, room)
        return Said(f"{room.name} is removed; its messages are kept.", {"room": room.name})

    @command("rooms")
    def do_archive_room(self, room: RoomRecord) -> Reply:
        """archive room <room>

        Make a room read-only and leave it out of the lists; its members still read and search it.
        """
        self.parts.services.room_owners.archive(self.actor, self._conversation(room), on=True)
        return Said(f"{room.name} is archived.", {"room": room.name, "archived": True})

    @command("rooms")
    def do_unarchive_room(self, room: RoomRecord) -> Reply:
        """unarchive room <room>

        Bring an archived room back.
        """
        self.parts.services.room_owners.archive(self.actor, self._conversation(room), on=False)
        return Said(f"{room.name} is back.", {"room": room.name, "archived": False})

    @command("rooms")
    def do_add_member(self, user: UserRecord, room: RoomRecord, *, owner: bool) -> Reply:
        """add member <user> <room> [--owner]

        Let a user into a room of any kind; with --owner, the user owns it, as a private room's first member
        does in any case.
        """
        people = self.parts.services.room_people
        people.add(self.actor, self._conversation(room), [user.username], True if owner else None)
        role = "an owner" if owner else "a member"
        return Said(
            f"{user.username} is {role} of {room.name}.", {"username": user.username, "room": room.name}
        )

    @command("rooms")
    def do_policy(self, what: str, kind: str | None, role: Role | None) -> Reply:
        """policy <create-rooms> [public|moderated|private] [member|moderator|admin]

        Show which role it takes to make rooms of each kind, or choose it for one kind.
        `policy create-rooms private moderator`
        """
        policy = self.parts.creation_policy
        if kind is not None and role is not None:
            policy.change(self.actor, kind, role)
        roles = policy.roles()
        shown = roles if kind is None else {kind: roles[kind]}
        lines = [f"{one} rooms: {least} and above" for one, least in shown.items()]
        return Said("\n".join(lines), {what: dict(shown)})

    @command("rooms")
    def do_pending_rooms(self, user: UserRecord | None) -> Reply:
        """pending rooms [user]

        List who asks to enter which room, why, and since when.
        """
        found = self.parts.storage.members.pending(user.id if user else None)
        return self._pending_listing(found, "No request waits.")

    @command("rooms")
    def do_accept_pending(self, user: UserRecord, rooms: list[RoomRecord] | None) -> Reply:
        """accept pending <user> <rooms|all>

        Let a user into the rooms asked for. The user is told at once, or at the next sign-in.
        `accept pending jules Marketing,Informatique`
        """
        accepted, failed = _each(
            self._asked_for(user, rooms), lambda room: self._decide(user, room, True, "")
        )
        lines = [f"{user.username} is now a member of {room.name}." for room in accepted]
        return _outcome(
            lines, failed, {"username": user.username, "accepted": [room.name for room in accepted]}
        )

    @command("rooms")
    def do_refuse_pending(self, user: UserRecord, rooms: list[RoomRecord] | None, reason: str) -> Reply:
        """refuse pending <user> <rooms|all> [reason]

        Refuse a user's requests, with a reason where there is one. The user is told at once, or at the next
        sign-in.
        """
        asked = self._asked_for(user, rooms)
        refused, failed = _each(asked, lambda room: self._decide(user, room, False, reason))
        lines = [f"The request of {user.username} for {room.name} is refused." for room in refused]
        return _outcome(
            lines, failed, {"username": user.username, "refused": [room.name for room in refused]}
        )

    @command("rooms")
    def do_remove(self, user: UserRecord, room: RoomRecord) -> Reply:
        """remove <user> <room>

        Remove a user from a room. The user may ask to enter again.
        """
        self.parts.room_admin.remove_member(self.actor, user, room, "")
        sentence = f"{user.username} is no longer a member of {room.name}."
        return Said(sentence, {"username": user.username, "room": room.name})

    def _conversation(self, room: RoomRecord) -> Conversation:
        return self.parts.directory.conversation(room.public_id)

    def _decide(self, user: UserRecord, room: RoomRecord, accept: bool, reason: str) -> None:
        self.parts.room_admin.decide(self.actor, user.username, room.name, accept, reason)

    def _asked_for(self, user: UserRecord, rooms: list[RoomRecord] | None) -> Sequence[RoomRecord]:
        """Return the rooms given, or all that the user has asked for."""
        if rooms is not None:
            return rooms
        found = [pending.room for pending in self.parts.storage.members.pending(user.id)]
        if not found:
            raise ChatError(ErrorCode.BAD_REQUEST, f"{user.username} has asked for no room.")
        return found

    def _row(
        self, room: RoomRecord, pending: Iterable[PendingRecord], last_seqs: dict[int, int]
    ) -> dict[str, object]:
        return {
            "room": room.name,
            "kind": room.kind,
            "members": self.parts.storage.members.count(room.id),
            "connected": len(self.parts.registry.in_room(room.id)),
            "pending": sum(one.room.id == room.id for one in pending),
            "last_seq": last_seqs.get(room.id, 0),
            "archived": room.read_only,
            "topic": room.topic,
        }

    def _member_row(self, user: UserRecord) -> dict[str, object]:
        return {
            "username": user.username,
            "display_name": user.display_name,
            "role": user.role,
            "connected": self.parts.registry.is_online(user.id),
        }

    def _pending_listing(self, found: Iterable[PendingRecord], empty: str) -> Listing:
        now = self.parts.clock()
        rows = [
            {
                "username": one.user.username,
                "display_name": one.user.display_name,
                "room": one.room.name,
                "requested_at": one.requested_at,
                "age": max(0, now - one.requested_at),
                "reason": one.reason,
            }
            for one in found
        ]
        return Listing("requests", PENDING, rows, empty)


def _each(items: Sequence[T], act: Callable[[T], object]) -> tuple[list[T], list[ChatError]]:
    """Do something with each item; one that is refused does not keep the others from being done."""
    done: list[T] = []
    failed: list[ChatError] = []
    for item in items:
        try:
            act(item)
        except ChatError as refusal:
            failed.append(refusal)
        else:
            done.append(item)
    return done, failed


def _outcome(lines: Sequence[str], failed: Sequence[ChatError], facts: dict[str, object]) -> Reply:
    """Tell what was done and what was refused.

    :raises ChatError: when nothing was done.
    """
    if not lines and failed:
        raise ChatError(failed[0].code, " ".join(error.message for error in failed))
    refused = [f"Refused: {error.message}" for error in failed]
    return Said("\n".join([*lines, *refused]), {**facts, "refused_because": [one.message for one in failed]})
