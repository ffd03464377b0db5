"""Commands about people: who is connected, all about one, roles, passwords, erasure; it must not know any
SQL.

Runs on the thread that reads the lines.
"""

from typing import Final

from chat_protocol.errors import ChatError, ErrorCode
from chat_server.cluster.member import Member
from chat_server.console.commands.listings import sanction_listing
from chat_server.console.shell.base import Commands, command
from chat_server.console.shell.replies import Column, Facts, Listing, Reply, Report, Row, Said, count
from chat_server.live.session import Session
from chat_server.storage.core.records import UserRecord

ACCOUNTS_MAX: Final = 1_000

CONNECTED: Final = (
    Column("username", "User"),
    Column("display_name", "Name"),
    Column("role", "Role"),
    Column("address", "Address"),
    Column("status", "Status"),
    Column("connected_at", "Since", "time"),
    Column("idle", "Idle", "duration"),
    Column("rooms", "Rooms", "list"),
)
# Where there are several servers.
EVERYWHERE: Final = (*CONNECTED, Column("server", "Server"))
ACCOUNTS: Final = (
    Column("username", "User"),
    Column("display_name", "Name"),
    Column("role", "Role"),
    Column("connected", "Connected", "flag"),
    Column("created_at", "Created", "time"),
    Column("last_seen_at", "Last seen", "time"),
)
ONE: Final = (
    Column("username", "User"),
    Column("display_name", "Name"),
    Column("role", "Role"),
    Column("created_at", "Created", "time"),
    Column("last_seen_at", "Last seen", "time"),
    Column("connections", "Connections", "number"),
    Column("must_change_password", "One-time password", "flag"),
    Column("rooms", "Rooms", "list"),
    Column("pending", "Has asked for", "list"),
)
ADDRESSES: Final = (
    Column("address", "Address"),
    Column("first_at", "First seen", "time"),
    Column("last_at", "Last seen", "time"),
)


class PeopleCommands(Commands):
    """Look at users, and change what they may do."""

    @command("people")
    def do_users(self, text: str, *, all: bool) -> Reply:
        """users [--all] [text]

        List who is connected, a line for each connection (of other servers, for each user); with --all every
        account, connected or not.
        With a text, only those whose name begins with it.
        """
        return self._accounts(text) if all else self._connected(text)

    @command("people")
    def do_user(self, user: UserRecord) -> Reply:
        """user <user>

        Show all about one user: account, rooms, addresses, connections and sanctions.
        """
        sessions = self.parts.registry.sessions_of(user.id)
        known = self.parts.storage.users.addresses(user.id)
        rows = [{"address": address, "first_at": first, "last_at": last} for address, first, last in known]
        sanctions = self.parts.storage.sanctions.of_user(user.id)
        return Report(
            [
                Facts(ONE, self._facts(user, len(sessions))),
                Listing("addresses", ADDRESSES, rows, "No address is known."),
                Listing(
                    "sessions", CONNECTED, [self._session_row(each) for each in sessions], "Not connected."
                ),
                sanction_listing(self.parts, sanctions, "No sanction, ever."),
            ]
        )

    @command("people")
    def do_role(self, user: UserRecord, role: str) -> Reply:
        """role <user> <member|moderator|admin>

        Give a user a role. A moderator decides join requests, kicks and mutes; an admin may do everything.
        """
        if user.id == self.actor.user_id and role != "admin":
            self.confirm("You would no longer be an administrator yourself")
        self.parts.roles.set_role(self.actor, user, role)
        return Said(
            f"{user.username} is now {role} (was {user.role}).", {"username": user.username, "role": role}
        )

    @command("people")
    def do_password(self, user: UserRecord) -> Reply:
        """password <user>

        Set a one-time password and show it once. The user is signed out everywhere, and must choose another
        password at the next sign-in.
        """
        self.confirm(f"{user.username} would be signed out everywhere and need a new password")
        password = self.parts.roles.one_time_password(self.actor, user)
        return Said(
            f"One-time password of {user.username}: {password}\nIt is shown only now.",
            {"username": user.username, "password": password},
        )

    @command("people")
    def do_external_user(self, user: UserRecord) -> Reply:
        """external user <user>

        Have a user sign in with the password that --auth-command knows; the one that is kept here ends.
        Devices stay signed in. `password` takes it back.
        """
        if not self.parts.options.auth_command:
            message = "This server has no --auth-command: nobody else knows a password."
            raise ChatError(ErrorCode.BAD_REQUEST, message)
        self.confirm(f"The password of {user.username} that is kept here would end")
        self.parts.roles.make_external(self.actor, user)
        said = f"{user.username} signs in with the password that is kept elsewhere."
        return Said(said, {"username": user.username})

    @command("people")
    def do_remove_avatar(self, user: UserRecord) -> Reply:
        """remove avatar <user>

        Take away the picture that a user shows. The user may choose another one; who is muted may not.
        """
        self.parts.services.avatars.remove(self.actor, user.username)
        return Said(f"{user.username} shows no picture now.", {"username": user.username})

    @command("people")
    def do_erase_user(self, user: UserRecord) -> Reply:
        """erase user <user>

        Remove a user's account, name, picture and addresses for good. Messages stay, as those of a former
        member.
        """
        self.confirm(f"The account of {user.username} would be removed for good")
        self.parts.roles.erase(self.actor, user)
        return Said(f"The account {user.username} is erased.", {"username": user.username})

    def _connected(self, text: str) -> Listing:
        wanted = text.removeprefix("@").casefold()
        rows = [self._session_row(session) for session in self.parts.registry.sessions()]
        cluster = self.parts.cluster
        if cluster is not None:
            rows = [row | {"server": cluster.name} for row in rows] + self._elsewhere(cluster)
        rows = [row for row in rows if _begins(row, wanted)]
        users = len({row["username"] for row in rows})
        note = f"{count(users, 'user')}, {count(len(rows), 'connection')}."
        return Listing(
            "sessions",
            CONNECTED if cluster is None else EVERYWHERE,
            rows,
            "Nobody is connected." if not text else "Nobody like that.",
            note,
        )

    def _elsewhere(self, cluster: Member) -> list[dict[str, object]]:
        """Return a row for each user of another server; what one knows only there stays empty."""
        names = {each.id: each.name for each in cluster.others()}
        rows: list[dict[str, object]] = []
        for user in self.parts.services.presence.remote.all():
            account, rooms = user.account, map(self.parts.directory.conversation_of, user.rooms)
            row: dict[str, object] = {
                "username": account.username,
                "display_name": account.display_name,
                "role": account.role,
                "address": None,
                "connected_at": None,
                "idle": None,
                "rooms": sorted(room.record.name for room in rooms if room),
            }
            for server, (status, text) in user.states.items():
                shown = f"{status} ({text})" if text else status
                rows.append(row | {"status": shown, "server": names.get(server, "?")})
        return rows

    def _accounts(self, text: str) -> Listing:
        found = self.parts.storage.users.listing(text.removeprefix("@"), ACCOUNTS_MAX)
        rows = [_account_row(user, self._is_online(user.id)) for user in found]
        total = self.parts.storage.users.count()
        note = f"{count(len(rows), 'account')} of {total:,}."
        return Listing("users", ACCOUNTS, rows, "There is no such account.", note)

    def _is_online(self, user_id: int) -> bool:
        return self.parts.services.presence.account_of(user_id) is not None

    def _session_row(self, session: Session) -> dict[str, object]:
        rooms = [each.record.name for each in session.rooms.values() if not each.is_direct]
        return {
            "username": session.username,
            "display_name": session.display_name,
            "role": session.role,
            "address": session.address,
            "status": f"{session.status} ({session.status_text})" if session.status_text else session.status,
            "connected_at": session.connected_at,
            "idle": max(0, self.parts.clock() - session.last_active_at),
            "rooms": sorted(rooms),
        }

    def _facts(self, user: UserRecord, connections: int) -> Row:
        joined: list[str] = []
        pending: list[str] = []
        for membership in self.parts.storage.members.of_user(user.id):
            room = self.parts.directory.by_id(membership.room_id)
            if room is not None:
                (joined if membership.state == "joined" else pending).append(room.name)
        return {
            "username": user.username,
            "display_name": user.display_name,
            "role": _role(user),
            "created_at": user.created_at,
            "last_seen_at": user.last_seen_at,
            "connections": connections,
            "must_change_password": user.one_time_password,
            "rooms": sorted(joined),
            "pending": sorted(pending),
        }


def _account_row(user: UserRecord, connected: bool) -> dict[str, object]:
    return {
        "username": user.username,
        "display_name": user.display_name,
        "role": _role(user),
        "connected": connected,
        "created_at": user.created_at,
        "last_seen_at": user.last_seen_at,
    }


def _role(user: UserRecord) -> str:
    return "bot" if user.is_bot else user.role


def _begins(row: Row, wanted: str) -> bool:
    return any(str(row[key]).casefold().startswith(wanted) for key in ("username", "display_name"))
