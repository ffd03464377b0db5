"""Commands about webhooks, through which other programs speak in rooms; it must not know what a secret opens.

Runs on the thread that reads the lines.
"""

from typing import Final

from chat_protocol.errors import ChatError, ErrorCode
from chat_server.console.shell.base import Commands, command
from chat_server.console.shell.replies import Column, Listing, Reply, Report, Said
from chat_server.invitations import webhook_links
from chat_server.services.webhooks.incoming import MadeHook
from chat_server.storage.core.records import IncomingHookRecord, OutgoingHookRecord, RoomRecord

INCOMING: Final = (
    Column("name", "Name"),
    Column("room", "Room"),
    Column("created_at", "Created", "time"),
    Column("last_used_at", "Last used", "time"),
)
OUTGOING: Final = (
    Column("name", "Name"),
    Column("room", "Room"),
    Column("url", "Sent to"),
    Column("waiting", "Waiting", "number"),
    Column("given_up", "Given up", "number"),
    Column("tries", "Failed tries", "number"),
    Column("trouble", "Trouble"),
)


class WebhookCommands(Commands):
    """Let programs speak in rooms, and end that."""

    @command("rooms")
    def do_webhooks(self, room: RoomRecord | None) -> Reply:
        """webhooks [room]

        List through which webhooks programs speak in rooms, and where what is said in rooms is sent on.
        """
        incoming = [self._hook_row(hook) for hook in self.parts.webhooks.listing(room)]
        outgoing = [self._sent_row(hook) for hook in self.parts.outgoing_webhooks.listing(room)]
        return Report(
            [
                Listing("incoming", INCOMING, incoming, "No program speaks here."),
                Listing("outgoing", OUTGOING, outgoing, "Nothing is sent on."),
            ]
        )

    @command("rooms")
    def do_webhook_add(self, room: RoomRecord, name: str) -> Reply:
        """webhook add <room> <name>

        Let a program speak in a room, as a bot of this name. What it posts to is shown once: whoever knows it
        can speak as the bot. `webhook add Informatique alerts`
        """
        self._require_port()
        return self._made(self.parts.webhooks.add(self.actor, room, name))

    @command("rooms")
    def do_webhook_send(self, room: RoomRecord, name: str, url: str) -> Reply:
        """webhook send <room> <name> <url>

        Send what is said in a room from now on to an address, signed. The secret of the signatures is shown
        once. What bots say is not sent. `webhook send Informatique archive https://archive.example.org/in`
        """
        secret = self.parts.outgoing_webhooks.add(self.actor, room, name, url)
        plain = url.startswith("http:")
        note = " It goes there in the clear: anybody on the way can read it." if plain else ""
        return self._signed(f"What is said in {room.name} is sent on.{note}", secret, {"name": name})

    @command("rooms")
    def do_webhook_rotate(self, name: str) -> Reply:
        """webhook rotate <name>

        Give a webhook another secret, which is shown once; the former one ends at once.
        """
        sent = self.parts.outgoing_webhooks.find(name)
        if sent is not None:
            secret = self.parts.outgoing_webhooks.rotate(self.actor, sent)
            return self._signed(f"{sent.name} is signed with another secret.", secret, {"name": sent.name})
        self._require_port()
        return self._made(self.parts.webhooks.rotate(self.actor, name))

    @command("rooms")
    def do_webhook_remove(self, name: str) -> Reply:
        """webhook remove <name>

        End a webhook. Its bot leaves the room; what it said stays.
        """
        sent = self.parts.outgoing_webhooks.find(name)
        if sent is not None:
            self.parts.outgoing_webhooks.remove(self.actor, sent)
            return Said(f"The webhook {sent.name} is removed.", {"name": sent.name})
        hook = self.parts.webhooks.remove(self.actor, name)
        return Said(f"The webhook {hook.user.username} is removed.", {"name": hook.user.username})

    def _signed(self, words: str, secret: str, facts: dict[str, object]) -> Reply:
        said = f"{words}\nSecret of the signatures: {secret}\nIt is shown only now."
        return Said(said, {**facts, "secret": secret})

    def _require_port(self) -> None:
        if not self.parts.options.webhooks:
            message = (
                "This server takes no webhooks: start it with --webhooks ADDRESS:PORT, as in 0.0.0.0:5080."
            )
            raise ChatError(ErrorCode.BAD_REQUEST, message)

    def _made(self, made: MadeHook) -> Reply:
        links = webhook_links(self.parts, made.secret)
        said = "\n".join(
            (f"{made.name} speaks in {made.room} with what is posted to", *links, "It is shown only now.")
        )
        return Said(said, {"name": made.name, "room": made.room, "links": links})

    def _hook_row(self, hook: IncomingHookRecord) -> dict[str, object]:
        return {
            "name": hook.user.username,
            "room": self.parts.webhooks.room_name(hook) or "(removed)",
            "created_at": hook.created_at,
            "last_used_at": hook.last_used_at,
        }

    def _sent_row(self, hook: OutgoingHookRecord) -> dict[str, object]:
        outgoing = self.parts.outgoing_webhooks
        return {
            "name": hook.name,
            "room": outgoing.room_name(hook) or "(removed)",
            "url": hook.url,
            "waiting": outgoing.waiting(hook),
            "given_up": hook.given_up,
            "tries": hook.tries,
            "trouble": hook.trouble,
        }
