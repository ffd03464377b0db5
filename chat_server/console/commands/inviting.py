"""Commands about invitations: the link for everybody, and those that let one person register; it must not
know what their codes are kept as.

Runs on the thread that reads the lines.
"""

from typing import Final

from chat_protocol.errors import ChatError, ErrorCode
from chat_server.console.shell.base import Commands, command
from chat_server.console.shell.grammar import UsageError
from chat_server.console.shell.replies import Column, Listing, Reply, Said
from chat_server.invitations import invitations
from chat_server.options import Options, is_loopback
from chat_server.services.accounts.one_time_invitations import DAYS_USUAL
from chat_server.services.vocabulary.durations import format_time

INVITATIONS: Final = (
    Column("id", "Number", "number"),
    Column("username", "For"),
    Column("role", "Role"),
    Column("by", "By"),
    Column("created_at", "Made", "time"),
    Column("expires_at", "Until", "time"),
)


class InvitationCommands(Commands):
    """Show how people come to this server, and let single ones register."""

    @command("server")
    def do_invite(
        self, host: str, *, one_time: bool, for_: str | None, role: str | None, days: int | None
    ) -> Reply:
        """invite [--one-time] [--for newuser] [--role member|moderator|admin] [--days days] [host]

        Show the link by which people come to this server: it carries the address, the fingerprint and the
        server's name, so that nobody has to compare anything. Pass it on by a way that you trust. Without a
        host, the public name is taken, or the addresses of this machine; `host:port` where another port leads
        here.

        With --one-time the link lets one person register, also while registration is closed: under the name
        after --for, with the role after --role, for 7 days or as many as --days says. Whoever has the link
        first can use it. It is shown only now; `invitations` lists those in force.
        """
        if not one_time and (for_ is not None or role is not None or days is not None):
            raise UsageError("--for, --role and --days go with --one-time.")
        links = self._links(host)  # a wrong host is told before anything is made
        note = "" if host or self.parts.options.public_name else _hint(self.parts.options, links)
        if not one_time:
            return _reply(links, note, {})
        username, role = for_ or "", role or "member"
        if role == "admin":
            self.confirm("Whoever has this link first would be an administrator")
        made, code = self.parts.invitations.make(
            self.actor, username, role, DAYS_USUAL if days is None else days
        )
        whom = f"{made.username} as {role}" if username else f"one {role}"
        told = f"Lets {whom} register until {format_time(made.expires_at)}; shown only now. Number {made.id}."
        facts = {"number": made.id, "username": made.username, "role": role, "expires_at": made.expires_at}
        return _reply(self._links(host, code, made.username), " ".join(filter(None, (told, note))), facts)

    @command("server")
    def do_invitations(self) -> Reply:
        """invitations

        List the one-time invitations in force: for whom, with which role, who made them, until when. The
        links are not shown again.
        """
        rows: list[dict[str, object]] = [
            {
                "id": each.id,
                "username": each.username,
                "role": each.role,
                "by": each.by_name,
                "created_at": each.created_at,
                "expires_at": each.expires_at,
            }
            for each in self.parts.invitations.in_force()
        ]
        return Listing("invitations", INVITATIONS, rows, "No one-time invitation is in force.")

    @command("server")
    def do_revoke_invitation(self, number: int) -> Reply:
        """revoke invitation <number>

        End a one-time invitation: its link lets nobody register any more.
        """
        self.parts.invitations.revoke(self.actor, number)
        return Said(f"Invitation {number} is revoked.", {"number": number})

    def _links(self, host: str, code: str = "", username: str = "") -> list[str]:
        try:
            return [each.link() for each in invitations(self.parts, host, code, username)]
        except ValueError as error:
            raise ChatError(ErrorCode.BAD_REQUEST, f"That is no host: {error}.") from error


def _reply(links: list[str], note: str, facts: dict[str, object]) -> Reply:
    return Said("\n".join([*links, *([note] if note else [])]), {"links": links, "note": note, **facts})


def _hint(options: Options, links: list[str]) -> str:
    """Say what makes links useless on other computers."""
    if not links:
        return "This machine is in no network: name the server, as in `invite chat.example.org`."
    if is_loopback(options.host):
        return "It works on this machine alone; start the server with --host 0.0.0.0 for the others."
    return ""
