"""Commands that exclude, silence and let back in; it must not know how a sanction works.

Runs on the thread that reads the lines.
"""

from typing import Final

from chat_server.console.commands.listings import sanction_listing
from chat_server.console.shell.base import Commands, command
from chat_server.console.shell.replies import Reply, Said, count
from chat_server.services.moderation.moderation import WORDS
from chat_server.services.moderation.sanction_order import SanctionOrder, Target, target_name
from chat_server.services.vocabulary.addresses import Network
from chat_server.services.vocabulary.durations import until_text
from chat_server.storage.core.records import RoomRecord, UserRecord

LISTING_MAX: Final = 500


class SanctionCommands(Commands):
    """Impose and lift sanctions, and end connections."""

    @command("sanctions")
    def do_kick(self, user: UserRecord, duration: int | None, reason: str) -> Reply:
        """kick <user> <duration> [reason]

        Exclude a user for a while: the user's connections end, with the reason and the time, and signing in
        is refused until then. `kick jules 10m Please calm down.`
        """
        return self._impose(SanctionOrder("kick", user, duration, reason))

    @command("sanctions")
    def do_kick_ip(self, network: Network, duration: int | None, reason: str) -> Reply:
        """kick ip <address|network> <duration> [reason]

        Exclude an IPv4 or IPv6 address, or a network, for a while. It need not be known to the server. Asks
        when it would hit your own address or more than one connected user.
        """
        return self._impose(SanctionOrder("kick", network, duration, reason))

    @command("sanctions")
    def do_unkick(self, user: UserRecord) -> Reply:
        """unkick <user>

        End a user's kick at once.
        """
        return self._lift("kick", user)

    @command("sanctions")
    def do_unkick_ip(self, network: Network) -> Reply:
        """unkick ip <address|network>

        End the kick of an address or network at once.
        """
        return self._lift("kick", network)

    @command("sanctions")
    def do_ban(self, user: UserRecord, reason: str) -> Reply:
        """ban <user> [reason]

        Exclude a user for good, until `unban`.
        """
        return self._impose(SanctionOrder("ban", user, None, reason))

    @command("sanctions")
    def do_ban_ip(self, network: Network, reason: str) -> Reply:
        """ban ip <address|network> [reason]

        Exclude an IPv4 or IPv6 address, or a network, for good, until `unban ip`. Asks when it would hit your
        own address or more than one connected user.
        """
        return self._impose(SanctionOrder("ban", network, None, reason))

    @command("sanctions")
    def do_unban(self, user: UserRecord) -> Reply:
        """unban <user>

        Let a banned user back in at once.
        """
        return self._lift("ban", user)

    @command("sanctions")
    def do_unban_ip(self, network: Network) -> Reply:
        """unban ip <address|network>

        Let a banned address or network back in at once.
        """
        return self._lift("ban", network)

    @command("sanctions")
    def do_mute(self, user: UserRecord, duration: int | None, room: RoomRecord | None, reason: str) -> Reply:
        """mute <user> <duration> [room] [reason]

        Let a user read but not write, in one room or everywhere. The word after the duration is the room
        where there is a room of that name; otherwise the reason begins there.
        """
        return self._impose(SanctionOrder("mute", user, duration, reason, room))

    @command("sanctions")
    def do_unmute(self, user: UserRecord, room: RoomRecord | None) -> Reply:
        """unmute <user> [room]

        Let a muted user write again, in one room or everywhere.
        """
        return self._lift("mute", user, room)

    @command("sanctions")
    def do_sanctions(self, *, all: bool) -> Reply:
        """sanctions [--all]

        List the sanctions in force; with --all also those that are over or lifted.
        """
        if all:
            records = self.parts.storage.sanctions.listing(LISTING_MAX)
            return sanction_listing(self.parts, records, "There has never been a sanction.")
        return sanction_listing(self.parts, self.parts.moderation.active(), "No sanction is in force.")

    @command("sanctions")
    def do_kill(self, user: UserRecord, reason: str) -> Reply:
        """kill <user> [reason]

        End a user's connections, without a sanction: the user may sign in again at once.
        """
        ended = self.parts.moderation.kill(self.actor, user, reason)
        if self.parts.audience.is_elsewhere(user.id):
            return Said(
                f"{count(ended, 'connection')} of {user.username} ended here, and those to other servers.",
                {"username": user.username, "ended": ended, "elsewhere": True},
            )
        if not ended:
            return Said(f"{user.username} is not connected.", {"username": user.username, "ended": 0})
        return Said(
            f"{count(ended, 'connection')} of {user.username} ended.",
            {"username": user.username, "ended": ended},
        )

    def _impose(self, order: SanctionOrder) -> Reply:
        self._ask_first(order)
        record, ended = self.parts.moderation.sanction(self.actor, order)
        name = target_name(order.target)
        place = f" in {order.room.name}" if order.room else ""
        until = until_text(record.until, record.created_at)
        ends = f" {count(ended, 'connection')} ended." if ended else ""
        return Said(
            f"{name} is {WORDS[order.kind]}{place}, {until}.{ends}",
            {"id": record.id, "kind": record.kind, "target": name, "ended": ended},
        )

    def _ask_first(self, order: SanctionOrder) -> None:
        """Ask before a sanction that reaches further than one user, or the administrator who types."""
        hits = self.parts.moderation.hits(self.actor, order.target)
        if not hits.needs_confirmation:
            return
        name = target_name(order.target)
        if not hits.own:
            self.confirm(
                f"{name} would be {WORDS[order.kind]}, which hits these connected users", hits.usernames
            )
            return
        yours = "you yourself" if isinstance(order.target, UserRecord) else "your own address"
        whom = "; connected users hit" if hits.usernames else ""
        self.confirm(f"{name} would be {WORDS[order.kind]}, which is {yours}{whom}", hits.usernames)

    def _lift(self, kind: str, target: Target, room: RoomRecord | None = None) -> Reply:
        lifted = self.parts.moderation.lift(self.actor, kind, target, room)
        name = target_name(target)
        return Said(
            f"{name} is no longer {WORDS[kind]}.", {"target": name, "lifted": [one.id for one in lifted]}
        )
