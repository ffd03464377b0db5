"""Commands about bots, the accounts of programs that sign in by a token; it must not know what a token is.

Runs on the thread that reads the lines.
"""

from typing import Final

from chat_server.console.shell.base import Commands, command
from chat_server.console.shell.replies import Column, Listing, Reply, Said
from chat_server.services.accounts.bots import BotToken
from chat_server.storage.core.records import UserRecord

BOTS: Final = (
    Column("name", "Name"),
    Column("display_name", "Shown as"),
    Column("role", "Role"),
    Column("connected", "Connected", "flag"),
    Column("token_at", "Token of", "time"),
    Column("last_used_at", "Last used", "time"),
    Column("address", "Address"),
)


class BotCommands(Commands):
    """Make bots, and give and end their tokens."""

    @command("people")
    def do_bots(self) -> Reply:
        """bots

        List the bots: since when each has its token, and when and from where it was used last. One that
        speaks through a webhook alone has no token.
        """
        rows = [
            {
                "name": bot.username,
                "display_name": bot.display_name,
                "role": bot.role,
                "connected": self.parts.services.presence.account_of(bot.id) is not None,
                "token_at": token.created_at if token else None,
                "last_used_at": token.last_used_at if token and token.address else None,
                "address": token.address if token else "",
            }
            for bot, token in self.parts.bots.listing()
        ]
        return Listing("bots", BOTS, rows, "There are no bots.")

    @command("people")
    def do_bot_add(self, newuser: str) -> Reply:
        """bot add <newuser>

        Make an account for a program. It signs in with a token, which is shown once, and never with a
        password. It belongs to no room until it enters one or is added. `bot add rota`
        """
        return _told(self.parts.bots.add(self.actor, newuser))

    @command("people")
    def do_bot_rotate(self, bot: UserRecord) -> Reply:
        """bot rotate <user>

        Give a bot another token, which is shown once; the former one ends at once, with its connections.
        """
        return _told(self.parts.bots.rotate(self.actor, bot))

    @command("people")
    def do_bot_revoke(self, bot: UserRecord) -> Reply:
        """bot revoke <user>

        End a bot's token and its connections. Its rooms and what it said stay; `bot add` lets it in again.
        """
        self.parts.bots.revoke(self.actor, bot)
        return Said(f"The token of {bot.username} is revoked.", {"name": bot.username})


def _told(made: BotToken) -> Reply:
    said = f"Token of {made.name}: {made.token}\nIt is shown only now."
    return Said(said, {"name": made.name, "token": made.token})
