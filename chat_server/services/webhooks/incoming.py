"""The webhooks through which programs speak in rooms, each as its bot; it must not know HTTP.

Only a hash of a webhook's secret is kept. Any thread calls it.
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from chat_protocol.errors import ChatError, ErrorCode
from chat_server.live.directory import RoomDirectory
from chat_server.live.session import Sender
from chat_server.services.accounts.accounts import sanction_error
from chat_server.services.accounts.bots import make_bot
from chat_server.services.messages.messages import Messages, Submission, new_nonce
from chat_server.services.moderation.audit import Audit
from chat_server.services.moderation.sanctions import SanctionBook
from chat_server.services.people.roles import find_user
from chat_server.services.rooms.rooms import Rooms
from chat_server.services.vocabulary.actors import Actor, require
from chat_server.services.vocabulary.hashes import hash_secret
from chat_server.storage import Storage
from chat_server.storage.core.errors import DuplicateKey
from chat_server.storage.core.records import IncomingHookRecord, RoomRecord

SECRET_BYTES: Final = 32
NOTED_EVERY_MS: Final = 60_000  # when a webhook was used last is known to the minute


@dataclass(frozen=True, slots=True)
class MadeHook:
    """A webhook with its secret, which is kept nowhere."""

    name: str
    room: str
    secret: str


class IncomingWebhooks:
    """Make webhooks and end them, and check what comes through them.

    :param clock: milliseconds since 1970 UTC.
    """

    def __init__(
        self,
        storage: Storage,
        directory: RoomDirectory,
        rooms: Rooms,
        messages: Messages,
        sanctions: SanctionBook,
        audit: Audit,
        clock: Callable[[], int],
    ) -> None:
        self._storage = storage
        self._directory = directory
        self._rooms = rooms
        self._messages = messages
        self._sanctions = sanctions
        self._audit = audit
        self._clock = clock

    # -- for administrators -----------------------------------------------------------------------

    def listing(self, room: RoomRecord | None = None) -> Sequence[IncomingHookRecord]:
        """Return the webhooks, or those of a room, by name."""
        found = self._storage.webhooks.incoming()
        return [hook for hook in found if room is None or hook.room_id == room.id]

    def add(self, actor: Actor, room: RoomRecord, name: str) -> MadeHook:
        """Let a program speak in a room, as a bot of this name; a bot whose webhook was removed gets another.

        :raises ChatError: `forbidden`, `invalid_username`, or `username_taken`.
        """
        with self._audit.act(actor, "webhook add", name[:40], room.name):
            require(actor, "admin")
            bot = make_bot(self._storage, name, self._clock())
            if any(hook.name_key == bot.username_key for hook in self._storage.webhooks.outgoing()):
                raise ChatError(ErrorCode.USERNAME_TAKEN, f"There is a webhook {bot.username} already.")
            secret, hashed = _new_secret()
            try:
                self._storage.webhooks.add_incoming(bot.id, room.id, hashed, self._clock())
            except DuplicateKey:
                message = f"{bot.username} has a webhook already; `webhook rotate` gives it another secret."
                raise ChatError(ErrorCode.USERNAME_TAKEN, message) from None
            conversation = self._directory.conversation_of(room.id)
            if conversation is not None:
                self._rooms.let_in(bot.id, bot.username, bot.display_name, conversation)
        return MadeHook(bot.username, room.name, secret)

    def rotate(self, actor: Actor, name: str) -> MadeHook:
        """Give a webhook another secret; the former one ends.

        :raises ChatError: `forbidden`, `no_such_user`.
        """
        with self._audit.act(actor, "webhook rotate", name[:40]):
            require(actor, "admin")
            hook = self.find(name)
            secret, hashed = _new_secret()
            self._storage.webhooks.replace_incoming_secret(hook.user.id, hashed)
        return MadeHook(hook.user.username, self.room_name(hook), secret)

    def remove(self, actor: Actor, name: str) -> IncomingHookRecord:
        """End a webhook; its bot leaves the room, and its messages stay.

        :raises ChatError: `forbidden`, `no_such_user`.
        """
        with self._audit.act(actor, "webhook remove", name[:40]):
            require(actor, "admin")
            hook = self.find(name)
            bot = hook.user
            self._storage.webhooks.remove_incoming(bot.id)
            room = self._directory.by_id(hook.room_id)
            if room is not None and self._storage.members.remove(room.id, bot.id):
                self._rooms.let_out(bot.id, bot.username, bot.display_name, room)
        return hook

    def find(self, name: str) -> IncomingHookRecord:
        """Return the webhook of a bot.

        :raises ChatError: `no_such_user`.
        """
        user = find_user(self._storage, name)
        hook = self._storage.webhooks.incoming_of(user.id)
        if hook is None:
            raise ChatError(ErrorCode.NO_SUCH_USER, f"{user.username} has no webhook.")
        return hook

    def room_name(self, hook: IncomingHookRecord) -> str:
        """Return the name of a webhook's room, or nothing when that was removed."""
        room = self._directory.by_id(hook.room_id)
        return room.name if room is not None else ""

    # -- for what comes in ------------------------------------------------------------------------

    def of_secret(self, secret: str) -> IncomingHookRecord | None:
        """Return whose secret this is."""
        return self._storage.webhooks.incoming_by_secret(hash_secret(secret))

    def prepare(self, hook: IncomingHookRecord, sender: Sender, text: str, key: str = "") -> Submission:
        """Check what a program says, and return it ready to be stored.

        :param key: what the program calls this message, so that a repeat is stored once.
        :raises ChatError: `no_such_room` when the room was removed; `muted`, `kicked`, `banned`.
        """
        conversation = self._directory.conversation_of(hook.room_id)
        if conversation is None:
            raise ChatError(ErrorCode.NO_SUCH_ROOM, "The room of this webhook was removed.")
        if conversation.record.members_only:  # whose owners may have taken the bot out
            membership = self._storage.members.get(hook.room_id, hook.user.id)
            if membership is None or membership.state != "joined":
                raise ChatError(ErrorCode.NO_SUCH_ROOM, "The room of this webhook was removed.")
        record = self._sanctions.check_user(hook.user.id)
        if record is not None:
            raise sanction_error(record)
        # As long as the server's own nonces, and like none of them: those begin with 0.
        nonce = f"k{hash_secret(key)}" if key else new_nonce()
        submission = self._messages.prepare_text(sender, conversation, text, nonce)
        now = self._clock()
        if hook.last_used_at is None or now - hook.last_used_at >= NOTED_EVERY_MS:
            self._storage.webhooks.incoming_used(hook.user.id, now)
        return submission


def _new_secret() -> tuple[str, str]:
    secret = secrets.token_urlsafe(SECRET_BYTES)
    return secret, hash_secret(secret)
