"""What a window calls and what it polls: one object before network, model and outbox; no tkinter in it.

Every method returns at once. Call all of them from one thread (the Tk thread). What they cause appears in
`state`, and in the changes that `poll` returns.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path

from chat_client.engine.core import Core
from chat_client.engine.engine import Engine
from chat_client.engine.session import credentials, registration
from chat_client.invitation import Invitation
from chat_client.model.changes import Change, ConnectionChanged, RoomChanged
from chat_client.model.state import ClientState, NotifyLevel, RoomState
from chat_client.net.link import Connector
from chat_client.net.network import Connection
from chat_client.store.accounts import Accounts
from chat_client.store.files import make_private_folder, settings_folder
from chat_client.store.known_servers import KnownServers
from chat_client.store.settings import Settings
from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.requests import ModerationLift, ModerationSanction

POLL_EVENTS_MAX = 200


class Controller:
    """Own the state of one active account and its connection.

    :param home: the settings folder (None: the platform's own, or CHAT_CLIENT_HOME).
    :param insecure: plain TCP instead of TLS; refused for any host that is not a loopback address.
    :param clock: wall clock in seconds since 1970.
    :param monotonic: seconds that never go back.
    :param rng: the source of jitter and nonces.
    :param connector: makes connections (replaced in tests).

    `settings`, `accounts`, `known_servers` and `home` (the folder) may be used directly.
    """

    def __init__(
        self,
        home: Path | None = None,
        *,
        insecure: bool = False,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        rng: random.Random | None = None,
        connector: Connector = Connection,
    ) -> None:
        self.home = make_private_folder(home or settings_folder())
        self.settings = Settings(self.home)
        self.accounts = Accounts(self.home)
        self.known_servers = KnownServers(self.home)
        self._insecure = insecure
        self._core = Core(clock, monotonic, rng or random.SystemRandom())
        self._engine = Engine(
            self._core, connector, self.home, self.settings, self.accounts, self.known_servers
        )
        self.state: ClientState = self._core.state

    # Reading

    def poll(self, max_events: int = POLL_EVENTS_MAX) -> list[Change]:
        """Apply what arrived, run what is due (reconnection, timeouts, away), return what to redraw.

        Call it every 50 ms; at once again while `more_waits`. Never raises: a failing event is logged.
        """
        return self._engine.poll(max_events)

    @property
    def more_waits(self) -> bool:
        """Whether events are left over from the last poll."""
        return self._engine.more_waits

    # Accounts and connection

    def sign_in(self, host: str, port: int, username: str, password: str) -> None:
        """Connect and sign in; the password is kept in memory only until the answer came."""
        self._engine.session.sign_in(host, port, self._insecure, credentials(username, password))

    def sign_up(self, host: str, port: int, username: str, password: str, display_name: str = "") -> None:
        """Connect and register a new account."""
        self._engine.session.sign_in(
            host, port, self._insecure, registration(username, password, display_name)
        )

    def resume(self, account_id: str) -> None:
        """Connect with the remembered token of an account (see `accounts.all()`), ending the present one."""
        self._engine.session.resume(account_id)

    def trust_fingerprint(self, accept: bool) -> None:
        """Answer phase FINGERPRINT: pin `state.connection.fingerprint` and go on, or give up."""
        self._engine.link.trust(accept)
        self._core.emit(ConnectionChanged())

    def accept_invitation(self, invitation: Invitation) -> None:
        """Pin the fingerprint that an invitation carries, unless another one is pinned already.

        :raises ChatError: `fingerprint_changed` when it is another one than the pinned.
        """
        pinned = self.known_servers.fingerprint(invitation.host, invitation.port)
        if pinned and invitation.fingerprint and pinned != invitation.fingerprint:
            raise ChatError(
                "fingerprint_changed", "The invitation names another fingerprint than the known one."
            )
        if invitation.fingerprint:
            self.known_servers.trust(invitation.host, invitation.port, invitation.fingerprint)

    def forget_fingerprint(self, host: str, port: int) -> None:
        """Remove a pinned fingerprint, so that the next contact asks anew (the server was reinstalled)."""
        self.known_servers.forget(host, port)

    def reconnect_now(self) -> None:
        """Try again at once instead of waiting for `retry_in`."""
        self._engine.link.retry_now()
        self._core.emit(ConnectionChanged())

    def log_out(self) -> None:
        """End the token on the server where it can be reached, forget it here, and become SIGNED_OUT."""
        self._engine.session.log_out()

    def change_password(self, old: str, new: str) -> None:
        """Ask for another password; the account's new token replaces the remembered one."""
        self._engine.session.change_password(old, new)

    def set_display_name(self, display_name: str) -> None:
        """Ask for another display name."""
        self._engine.errands.set_display_name(display_name)

    def close(self) -> None:
        """End the connection and the threads and close the files; unsent messages stay for the next start."""
        self._engine.close()

    # Rooms

    def open_room(self, room: str | None) -> None:
        """Show a room (a key): load its newest history and members, watch its presence; None: show none."""
        self._engine.reader.open_room(room)

    def direct(self, username: str) -> str:
        """Make sure that a private conversation exists in the state; return its key, for `open_room`."""
        return self._engine.reader.direct(username)

    def join(self, room: str, reason: str = "") -> None:
        """Join a room, or ask to be let in where it is moderated."""
        if (found := self._room(room)) is not None:
            self._engine.reader.join(found, reason)

    def leave(self, room: str) -> None:
        """Leave a room, or take back a request."""
        if (found := self._room(room)) is not None:
            self._engine.reader.leave(found)

    def load_older(self, room: str) -> None:
        """Ask for the page before the newest unbroken part; nothing while one is under way."""
        if (found := self._room(room)) is not None:
            self._engine.reader.load_older(found)

    def load_before(self, room: str, seq: int) -> None:
        """Ask for the page that ends before `seq` (to fill a gap that `RoomState.gap_before` reports)."""
        if (found := self._room(room)) is not None:
            self._engine.reader.load_before(found, seq)

    def jump_to(self, room: str, seq: int) -> None:
        """Load the history around a message; the change JumpReady tells when it can be shown."""
        if (found := self._room(room)) is not None:
            self._engine.reader.jump_to(found, seq)

    def mark_read(self, room: str, seq: int | None = None) -> None:
        """Say that all up to `seq` (None: all that is there) was read. Cheap to call often."""
        if (found := self._room(room)) is not None:
            self._engine.reader.mark_read(found, seq)

    def refresh_members(self, room: str) -> None:
        """Ask for the members of a room anew."""
        if (found := self._room(room)) is not None:
            self._engine.reader.refresh_members(found)

    def set_notify(self, room: str, level: NotifyLevel) -> None:
        """Choose which messages of a room call for attention; kept over restarts."""
        if (found := self._room(room)) is not None:
            found.notify = level
            self.settings.set_notify_level(self._core.account, room, level)
            self._core.emit(RoomChanged(room))

    def set_draft(self, room: str, text: str) -> None:
        """Keep what stands in the composer; written to disk within seconds and at `close`."""
        if (found := self._room(room)) is not None and found.draft != text:
            found.draft = text
            self._engine.drafts.put(self._core.account, room, text)

    # Messages

    def send(self, room: str, body: str, reply_to: int | None = None) -> str:
        """Queue a message (it appears in `pending` at once) and return its nonce.

        :raises ChatError: `body_too_long`, or `bad_request` when nothing but white space is in it.
        """
        found = self._room(room)
        if found is None:
            raise ChatError(ErrorCode.NO_SUCH_ROOM, "There is no such room.")
        return self._engine.sender.send(found, body, reply_to)

    def retry(self, nonce: str) -> None:
        """Send a refused message again, with the same nonce, after all that waits."""
        self._engine.sender.retry(nonce)

    def discard(self, nonce: str) -> None:
        """Drop a refused message, or one that was not handed to a connection yet."""
        self._engine.sender.discard(nonce)

    def edit(self, room: str, seq: int, body: str) -> None:
        """Change one's own message."""
        if (found := self._room(room)) is not None:
            self._engine.sender.change("edit", found, seq, body)

    def delete(self, room: str, seq: int) -> None:
        """Delete a message (one's own; a moderator: any)."""
        if (found := self._room(room)) is not None:
            self._engine.sender.change("delete", found, seq)

    def react(self, room: str, seq: int, emoji: str, on: bool = True) -> None:
        """Add or take back a reaction."""
        if (found := self._room(room)) is not None:
            self._engine.sender.change("react", found, seq, emoji, on)

    def typing(self, room: str) -> None:
        """Tell that the user types; at most one frame every few seconds goes out."""
        if (found := self._room(room)) is not None:
            self._engine.reader.typing(found)

    # People

    def user_active(self) -> None:
        """Tell of any key or pointer input: ends the `away` that comes by itself after ten minutes."""
        self._engine.presence.user_active()

    def set_status(self, status: str, text: str = "") -> None:
        """Choose online, away or busy, and a text."""
        self._engine.presence.set_status(status, text)

    def find_people(self, prefix: str, limit: int = 20) -> None:
        """Look users up by the beginning of a name; the answer comes in `state.found_people`."""
        self._engine.errands.find_people(prefix, limit)

    def search(self, query: str, room: str | None = None) -> None:
        """Search on the server, in one room or in all; the answer comes in `state.search`."""
        self._engine.errands.search(query, room)

    def search_more(self) -> None:
        """Ask for the older results of the last search."""
        self._engine.errands.search_more()

    def clear_search(self) -> None:
        """Forget the last search."""
        self._engine.errands.clear_search()

    # Moderation

    def moderation_pending(self) -> None:
        """Ask who waits to be let in; the answer comes in `state.join_requests`."""
        self._engine.moderation.pending()

    def moderation_decide(self, username: str, room: str, accept: bool, reason: str = "") -> None:
        """Let somebody into a moderated room, or refuse."""
        self._engine.moderation.decide(username, room, accept, reason)

    def moderation_sanction(
        self,
        kind: str,
        *,
        username: str | None = None,
        address: str | None = None,
        duration_s: int | None = None,
        room: str | None = None,
        reason: str = "",
    ) -> None:
        """Kick, ban or mute a user or an address, for `duration_s` seconds (None: for good)."""
        self._engine.moderation.sanction(
            ModerationSanction(kind, username, address, duration_s, self._wire_name(room), reason or None)
        )

    def moderation_lift(
        self, kind: str, *, username: str | None = None, address: str | None = None, room: str | None = None
    ) -> None:
        """End a sanction early."""
        self._engine.moderation.lift(ModerationLift(kind, username, address, self._wire_name(room)))

    def _room(self, key: str) -> RoomState | None:
        return self.state.rooms.get(key)

    def _wire_name(self, key: str | None) -> str | None:
        room = self.state.rooms.get(key) if key is not None else None
        return room.name if room is not None else key
