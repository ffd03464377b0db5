"""The webhooks to which a room's messages are sent on, made and ended; it must not know how they are sent.

A signature needs the secret itself, and so it is kept as it is.
"""

import secrets
from collections.abc import Callable, Sequence
from typing import Final
from urllib.parse import urlsplit

from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.names import clean_username, fold_text, username_key
from chat_server.live.directory import RoomDirectory
from chat_server.services.moderation.audit import Audit
from chat_server.services.vocabulary.actors import Actor, require
from chat_server.storage import Storage
from chat_server.storage.core.errors import DuplicateKey
from chat_server.storage.core.records import OutgoingHookRecord, RoomRecord

SECRET_BYTES: Final = 32
URL_MAX_CHARS: Final = 2_000


class OutgoingWebhooks:
    """Say where the messages of which room go.

    :param changed: is called when there is another webhook, or one less.
    :param clock: milliseconds since 1970 UTC.
    """

    def __init__(
        self,
        storage: Storage,
        directory: RoomDirectory,
        audit: Audit,
        changed: Callable[[], None],
        clock: Callable[[], int],
    ) -> None:
        self._storage = storage
        self._directory = directory
        self._audit = audit
        self._changed = changed
        self._clock = clock

    def listing(self, room: RoomRecord | None = None) -> Sequence[OutgoingHookRecord]:
        """Return the webhooks, or those of a room, by name."""
        found = self._storage.webhooks.outgoing()
        return [hook for hook in found if room is None or hook.room_id == room.id]

    def add(self, actor: Actor, room: RoomRecord, name: str, url: str) -> str:
        """Send what is said in a room from now on to an address; return the secret of its signatures.

        :raises ChatError: `forbidden`; `bad_request` for an address that is none; `username_taken`.
        """
        with self._audit.act(actor, "webhook send", name[:40], f"{room.name} to {_host(url)}"):
            require(actor, "admin")
            clean, key = clean_username(name), username_key(name)
            secret = secrets.token_hex(SECRET_BYTES)
            last_seq = self._storage.messages.last_seqs([room.id]).get(room.id, 0)
            if any(hook.user.username_key == key for hook in self._storage.webhooks.incoming()):
                raise _exists(clean)
            try:
                self._storage.webhooks.add_outgoing(
                    room.id, clean, key, _clean_url(url), secret, last_seq, self._clock()
                )
            except DuplicateKey:
                raise _exists(clean) from None
        self._changed()
        return secret

    def find(self, name: str) -> OutgoingHookRecord | None:
        """Return the webhook of a name."""
        key = fold_text(name)
        return next((hook for hook in self._storage.webhooks.outgoing() if hook.name_key == key), None)

    def rotate(self, actor: Actor, hook: OutgoingHookRecord) -> str:
        """Sign with another secret from now on, and return it.

        :raises ChatError: `forbidden`.
        """
        with self._audit.act(actor, "webhook rotate", hook.name):
            require(actor, "admin")
            secret = secrets.token_hex(SECRET_BYTES)
            self._storage.webhooks.replace_outgoing_secret(hook.id, secret)
        return secret

    def remove(self, actor: Actor, hook: OutgoingHookRecord) -> None:
        """Send nothing more.

        :raises ChatError: `forbidden`.
        """
        with self._audit.act(actor, "webhook remove", hook.name):
            require(actor, "admin")
            self._storage.webhooks.remove_outgoing(hook.id)
        self._changed()

    def room_name(self, hook: OutgoingHookRecord) -> str:
        """Return the name of a webhook's room, or nothing when that was removed."""
        room = self._directory.by_id(hook.room_id)
        return room.name if room is not None else ""

    def waiting(self, hook: OutgoingHookRecord) -> int:
        """Return how many messages, edits and others included, stand behind the last one that was sent."""
        return max(0, self._storage.messages.last_seqs([hook.room_id]).get(hook.room_id, 0) - hook.sent_seq)


def _exists(name: str) -> ChatError:
    return ChatError(ErrorCode.USERNAME_TAKEN, f"There is a webhook {name} already.")


def _host(url: str) -> str:
    """Return what may be told of an address: a path or a query may hold somebody's secret."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _clean_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        right = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        right = False
    if not right or not url.isascii() or not url.isprintable() or " " in url or len(url) > URL_MAX_CHARS:
        raise ChatError(ErrorCode.BAD_REQUEST, "That is no address: https://host/path, in ASCII.")
    if parts.username is not None or parts.fragment:
        raise ChatError(ErrorCode.BAD_REQUEST, "The address has neither a user nor a #fragment.")
    return url
