"""The devices on which users are signed in: their tokens and how long these hold; it must not know passwords.

Runs on client threads and the console's; the timer notes what was used and removes what was not.
"""

import logging
import secrets
import threading
from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from typing import Final

from chat_protocol.errors import bad_request
from chat_protocol.objects import Device
from chat_protocol.own_events import DeviceEvent
from chat_protocol.printable import is_shown
from chat_protocol.server_events import EndEvent
from chat_server.limits import Limits
from chat_server.live.session import Session
from chat_server.services.audience import Audience, TokenUse
from chat_server.services.moderation.audit import Audit
from chat_server.services.vocabulary.actors import Actor, require
from chat_server.services.vocabulary.hashes import hash_secret
from chat_server.storage import Storage
from chat_server.storage.core.errors import StorageError
from chat_server.storage.core.records import DeviceRecord, UserRecord

DEVICES_MAX: Final = 20  # of one user; a client that forgets its token makes another at each sign-in
NOTE_EVERY_S: Final = 60.0
USED_EVERY_MS: Final = 3_600_000
LOOK_EVERY_MS: Final = 24 * 3_600_000
DAY_MS: Final = 24 * 3_600_000
BATCH_TOKENS: Final = 500
_TOKEN_BYTES: Final = 32  # 256 random bits; the protocol asks for 128

_log = logging.getLogger("chat.accounts")


class Devices:
    """Give out tokens, say whom they sign in, and end them with the connections that they serve.

    :param audit: records what administrators end.
    :param limits: for how many days a token holds that is not used.
    :param clock: milliseconds since 1970 UTC.
    """

    def __init__(
        self,
        storage: Storage,
        audience: Audience,
        audit: Audit,
        limits: Limits,
        clock: Callable[[], int],
    ) -> None:
        self._storage = storage
        self._audience = audience
        self._audit = audit
        self._clock = clock
        self._lock = threading.Lock()  # guards _used
        self._used: dict[str, tuple[str, str]] = {}  # token's hash -> address, name: to be noted
        # The timer thread's alone.
        self._next_note = self._next_look = clock()
        self.apply(limits)

    def apply(self, limits: Limits) -> None:
        """Use these limits from now on."""
        self._unused_ms = limits.token_days * DAY_MS

    # -- signing in (client threads) --------------------------------------------------------------

    def sign_in(self, user: UserRecord, address: str, name: str) -> str | None:
        """Give the user another token; past :data:`DEVICES_MAX`, the one used least recently ends.

        :param name: what the client calls itself; nothing where it does not say.
        :return: None when the user was erased or the password changed meanwhile.
        """
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        hashed = hash_secret(token)
        added = self._storage.tokens.add(
            user.id, hashed, self._clock(), user.password_hash, address=address, name=clean_name(name)
        )
        if not added:
            return None
        others = [each for each in self.of_user(user.id) if each.token_hash != hashed]
        for device in others[DEVICES_MAX - 1 :]:
            self._end(device, "You are signed in on too many devices; this one was not used for longest.")
        return token

    def announce(self, session: Session, name: str) -> None:
        """Tell the other connections of a user of the device on which the session has just signed in."""
        event = DeviceEvent(session.address, clean_name(name) or None)
        self._audience.to_user(session.user_id, event, besides=session.id)

    def come_back(self, token: str, address: str, name: str) -> UserRecord | None:
        """Find whom a token signs in, and count it as used; None for one that is unknown or has ended."""
        found = self._storage.tokens.sign_in_of(hash_secret(token))
        if found is None:
            return None
        user, device = found
        now = self._clock()
        if device.last_used_at < now - self._unused_ms:
            return None
        name = clean_name(name) or device.name
        noted = device.last_used_at > now - USED_EVERY_MS
        if not noted or (address, name) != (device.address, device.name):
            with self._lock:
                self._used[device.token_hash] = address, name
        return user

    def replace_all(self, user: UserRecord, token_hash: str, address: str) -> str | None:
        """End every token of the user, and give another one to the device that had this one.

        The connections stay; None when the user was erased or the password changed meanwhile.
        """
        found = self._storage.tokens.sign_in_of(token_hash)
        self._storage.tokens.remove_all(user.id)
        return self.sign_in(user, address, found[1].name if found else "")

    def sign_out(self, user_id: int, token_hash: str, *, besides: int) -> None:
        """End a token, and the connections that it serves but the one with the number `besides`."""
        # The token first: a sign-in under way looks for it once more when it has entered.
        self._storage.tokens.remove(token_hash)
        reason = "You have signed out on another connection."
        self.end_connections(user_id, reason, besides=besides, token_hash=token_hash)

    def end_connections(self, user_id: int, reason: str, *, besides: int = 0, token_hash: str = "") -> int:
        """End a user's connections but the one with the number `besides`; return how many there were.

        :param token_hash: only those that this token serves; else all that have no token any more.
        """
        event = EndEvent("killed", reason)
        valid = None if token_hash else {each.token_hash for each in self._storage.tokens.of_user(user_id)}
        return self._audience.end_user(user_id, event, besides=besides, token_hash=token_hash, valid=valid)

    # -- what a user has --------------------------------------------------------------------------

    def of_user(self, user_id: int) -> list[DeviceRecord]:
        """List the devices on which a user is signed in: connected ones first, then the one used last.

        What is noted once an hour is as it is now for those that are connected.
        """
        since = self._clock() - self._unused_ms
        known = [each for each in self._storage.tokens.of_user(user_id) if each.last_used_at >= since]
        connected = self._audience.tokens_in_use(user_id)
        shown = [_as_now(device, connected.get(device.token_hash)) for device in known]
        return sorted(shown, key=lambda device: (device.token_hash not in connected, -device.last_used_at))

    def shown_to(self, session: Session) -> list[Device]:
        """Return the devices of a session's user as that session is shown them."""
        return [_shown(device, session.token_hash) for device in self.of_user(session.user_id)]

    def seen_by(self, session: Session, user: UserRecord) -> list[Device]:
        """Return the devices of any user; `current` is the one that the session itself is on."""
        return [_shown(device, session.token_hash) for device in self.of_user(user.id)]

    def end_other(self, session: Session, public_id: str | None) -> int:
        """Sign out one other device of a session's user, or without an id all others.

        :return: how many devices were signed out; 0 when there is none of that id.
        :raises ChatError: `bad_request` for the session's own: that would be a `logout`.
        """
        ended = 0
        for device in self._named(session.user_id, public_id):
            if device.token_hash != session.token_hash:
                ended += self._end(device, "This device was signed out from another one.")
            elif public_id is not None:
                raise bad_request("id", "This is the device that you are using: sign out on it instead.")
        return ended

    def end(self, actor: Actor, user: UserRecord, public_id: str | None) -> int:
        """Sign out a user's device, or without an id all of them, and return how many there were.

        :raises ChatError: `forbidden`; `bad_request` when there is no device of that id.
        """
        with self._audit.act(actor, "end device", user.username, public_id or "all") as act:
            require(actor, "admin")
            found = self._named(user.id, public_id)
            if public_id is not None and not found:
                raise bad_request("device", f"{user.username} has no device “{public_id[:40]}”.")
            reason = "An administrator has signed this device out."
            ended = sum(self._end(device, reason) for device in found)
            act.note(f"{ended} ended")
        return ended

    def _named(self, user_id: int, public_id: str | None) -> list[DeviceRecord]:
        found = self._storage.tokens.of_user(user_id)
        return [device for device in found if public_id in (None, device.public_id)]

    def _end(self, device: DeviceRecord, reason: str) -> bool:
        """End a token and then its connections; return whether it was there."""
        removed = self._storage.tokens.remove(device.token_hash)
        self.end_connections(device.user_id, reason, token_hash=device.token_hash)
        return removed

    # -- what was used, and what was not (timer) --------------------------------------------------

    def note(self) -> None:
        """Write down which tokens were used; once a day, remove those that were not."""
        now = self._clock()
        with self._lock:
            used, self._used = self._used, {}
        try:
            self._note_used(used, now)
            if _is_due(self._next_note, USED_EVERY_MS, now):
                self._note_connected(now)
            if _is_due(self._next_look, LOOK_EVERY_MS, now):
                self._remove_unused(now)
        except StorageError as error:
            _log.debug("which tokens were used could not be stored: %s", error)
            with self._lock:
                self._used = used | self._used

    def _note_used(self, used: dict[str, tuple[str, str]], now: int) -> None:
        """Write down what was used, some at a time; what is left in `used` after an error was not noted."""
        while used:
            part = dict(islice(used.items(), BATCH_TOKENS))
            self._storage.tokens.used(part, now)
            for token_hash in part:
                del used[token_hash]

    def _note_connected(self, now: int) -> None:
        self._storage.tokens.in_use(self._audience.tokens_in_use(), now, now - USED_EVERY_MS)
        self._next_note = now + USED_EVERY_MS

    def _remove_unused(self, now: int) -> None:
        removed = self._storage.tokens.remove_unused(now - self._unused_ms, BATCH_TOKENS)
        if removed:
            _log.info("%d tokens removed that were not used for long", removed)
        if removed < BATCH_TOKENS:  # otherwise the next call goes on
            self._next_look = now + LOOK_EVERY_MS


def _shown(device: DeviceRecord, current_hash: str) -> Device:
    return Device(
        device.public_id,
        device.created_at,
        device.last_used_at,
        device.token_hash == current_hash,
        device.name,
        device.address,
    )


def _is_due(at: int, every_ms: int, now: int) -> bool:
    return not at - every_ms <= now < at  # earlier: the clock was set back


def _as_now(device: DeviceRecord, use: TokenUse | None) -> DeviceRecord:
    if use is None:
        return device
    return replace(device, last_used_at=max(device.last_used_at, use.at), address=use.address)


def clean_name(name: str) -> str:
    """Return what may be shown of what a client calls itself."""
    return "".join(char for char in " ".join(name.split()) if is_shown(char))
