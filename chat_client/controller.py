"""What a window calls and what it polls: one object before network, model and outbox; no tkinter in it.

Every method returns at once. Call all of them from one thread (the Tk thread). What they cause appears in
`state`, and in the changes that `poll` returns.
"""

from __future__ import annotations

import logging
import queue
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chat_client.accounts import Accounts
from chat_client.core import Core
from chat_client.drafts import Drafts
from chat_client.errands import Errands, Moderation, Presence
from chat_client.files import make_private_folder, settings_folder
from chat_client.known_servers import KnownServers
from chat_client.link import Connector, Link
from chat_client.model.changes import Change, ConnectionChanged, RoomChanged
from chat_client.model.state import ClientState, NotifyLevel, Phase, RoomState
from chat_client.network import Connection
from chat_client.network_events import FrameReceived, NetworkEvent
from chat_client.reading import Reader
from chat_client.reconnect import SleepWatch
from chat_client.sending import Sender
from chat_client.session import Session, credentials, registration
from chat_client.settings import Settings
from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.events import EndEvent, Hello, ModerationEvent, RoomEvent, parse_event
from chat_protocol.requests import ModerationLift, ModerationSanction

log = logging.getLogger("chat.client")

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
        self._insecure = insecure
        self._clock = clock
        self._core = Core(self._transmit, clock, monotonic, rng or random.SystemRandom())
        self.state: ClientState = self._core.state
        self.settings = Settings(self.home)
        self.accounts = Accounts(self.home)
        self.known_servers = KnownServers(self.home)
        self._drafts = Drafts(self.home, monotonic)
        self._link = Link(
            self.state.connection, self.known_servers, connector, clock, monotonic, self._core.rng
        )
        self._sleep = SleepWatch()
        self._sender = Sender(self._core)
        self._reader = Reader(self._core)
        self._presence = Presence(self._core, self._away_after_s)
        self._errands = Errands(self._core)
        self._moderation = Moderation(self._core)
        self._session = Session(
            self._core,
            self._link,
            self._sender,
            self.accounts,
            self.settings,
            self._drafts,
            self.home,
            self._begin,
        )
        self._duties: tuple[Callable[[], None], ...] = (
            self._watch_sleep,
            self._watch_link,
            self._presence.tick,
            self._expire_typing,
            self._sender.pump,
            self._reader.pump,
            self._drafts.tick,
            lambda: self._sender.outbox.sync(),
        )

    # Reading

    def poll(self, max_events: int = POLL_EVENTS_MAX) -> list[Change]:
        """Apply what arrived, run what is due (reconnection, timeouts, away), return what to redraw.

        Call it every 50 ms; at once again while `more_waits`. Never raises: a failing event is logged.
        """
        changes: list[Change] = []
        for _ in range(max_events):
            try:
                event = self._link.events.get_nowait()
            except queue.Empty:
                break
            changes += self._take_safely(event)
        for duty in self._duties:
            try:
                duty()
            except Exception:
                log.exception("a duty of the poll failed")
        return self._core.take_changes() + changes

    @property
    def more_waits(self) -> bool:
        """Whether events are left over from the last poll."""
        return not self._link.events.empty()

    # Accounts and connection

    def sign_in(self, host: str, port: int, username: str, password: str) -> None:
        """Connect and sign in; the password is kept in memory only until the answer came."""
        self._session.sign_in(host, port, self._insecure, credentials(username, password))

    def sign_up(self, host: str, port: int, username: str, password: str, display_name: str = "") -> None:
        """Connect and register a new account."""
        self._session.sign_in(host, port, self._insecure, registration(username, password, display_name))

    def resume(self, account_id: str) -> None:
        """Connect with the remembered token of an account (see `accounts.all()`), ending the present one."""
        self._session.resume(account_id)

    def trust_fingerprint(self, accept: bool) -> None:
        """Answer phase FINGERPRINT: pin `state.connection.fingerprint` and go on, or give up."""
        self._link.trust(accept)
        self._core.emit(ConnectionChanged())

    def forget_fingerprint(self, host: str, port: int) -> None:
        """Remove a pinned fingerprint, so that the next contact asks anew (the server was reinstalled)."""
        self.known_servers.forget(host, port)

    def reconnect_now(self) -> None:
        """Try again at once instead of waiting for `retry_in`."""
        self._link.retry_now()
        self._core.emit(ConnectionChanged())

    def log_out(self) -> None:
        """End the token on the server where it can be reached, forget it here, and become SIGNED_OUT."""
        self._session.log_out()

    def change_password(self, old: str, new: str) -> None:
        """Ask for another password; the account's new token replaces the remembered one."""
        self._session.change_password(old, new)

    def set_display_name(self, display_name: str) -> None:
        """Ask for another display name."""
        self._errands.set_display_name(display_name)

    def close(self) -> None:
        """End the connection and the threads and close the files; unsent messages stay for the next start."""
        self._drafts.flush()
        self._sender.close()
        self._link.close()

    # Rooms

    def open_room(self, room: str | None) -> None:
        """Show a room (a key): load its newest history and members, watch its presence; None: show none."""
        self._reader.open_room(room)

    def direct(self, username: str) -> str:
        """Make sure that a private conversation exists in the state; return its key, for `open_room`."""
        return self._reader.direct(username)

    def join(self, room: str, reason: str = "") -> None:
        """Join a room, or ask to be let in where it is moderated."""
        if (found := self._room(room)) is not None:
            self._reader.join(found, reason)

    def leave(self, room: str) -> None:
        """Leave a room, or take back a request."""
        if (found := self._room(room)) is not None:
            self._reader.leave(found)

    def load_older(self, room: str) -> None:
        """Ask for the page before the newest unbroken part; nothing while one is under way."""
        if (found := self._room(room)) is not None:
            self._reader.load_older(found)

    def load_before(self, room: str, seq: int) -> None:
        """Ask for the page that ends before `seq` (to fill a gap that `RoomState.gap_before` reports)."""
        if (found := self._room(room)) is not None:
            self._reader.load_before(found, seq)

    def jump_to(self, room: str, seq: int) -> None:
        """Load the history around a message; the change JumpReady tells when it can be shown."""
        if (found := self._room(room)) is not None:
            self._reader.jump_to(found, seq)

    def mark_read(self, room: str, seq: int | None = None) -> None:
        """Say that all up to `seq` (None: all that is there) was read. Cheap to call often."""
        if (found := self._room(room)) is not None:
            self._reader.mark_read(found, seq)

    def refresh_members(self, room: str) -> None:
        """Ask for the members of a room anew."""
        if (found := self._room(room)) is not None:
            self._reader.refresh_members(found)

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
            self._drafts.put(self._core.account, room, text)

    # Messages

    def send(self, room: str, body: str, reply_to: int | None = None) -> str:
        """Queue a message (it appears in `pending` at once) and return its nonce.

        :raises ChatError: `body_too_long`, or `bad_request` when nothing but white space is in it.
        """
        found = self._room(room)
        if found is None:
            raise ChatError(ErrorCode.NO_SUCH_ROOM, "There is no such room.")
        return self._sender.send(found, body, reply_to)

    def retry(self, nonce: str) -> None:
        """Send a refused message again, with the same nonce, after all that waits."""
        self._sender.retry(nonce)

    def discard(self, nonce: str) -> None:
        """Drop a refused message, or one that was not handed to a connection yet."""
        self._sender.discard(nonce)

    def edit(self, room: str, seq: int, body: str) -> None:
        """Change one's own message."""
        if (found := self._room(room)) is not None:
            self._sender.change("edit", found, seq, body)

    def delete(self, room: str, seq: int) -> None:
        """Delete a message (one's own; a moderator: any)."""
        if (found := self._room(room)) is not None:
            self._sender.change("delete", found, seq)

    def react(self, room: str, seq: int, emoji: str, on: bool = True) -> None:
        """Add or take back a reaction."""
        if (found := self._room(room)) is not None:
            self._sender.change("react", found, seq, emoji, on)

    def typing(self, room: str) -> None:
        """Tell that the user types; at most one frame every few seconds goes out."""
        if (found := self._room(room)) is not None:
            self._reader.typing(found)

    # People

    def user_active(self) -> None:
        """Tell of any key or pointer input: ends the `away` that comes by itself after ten minutes."""
        self._presence.user_active()

    def set_status(self, status: str, text: str = "") -> None:
        """Choose online, away or busy, and a text."""
        self._presence.set_status(status, text)

    def find_people(self, prefix: str, limit: int = 20) -> None:
        """Look users up by the beginning of a name; the answer comes in `state.found_people`."""
        self._errands.find_people(prefix, limit)

    def search(self, query: str, room: str | None = None) -> None:
        """Search on the server, in one room or in all; the answer comes in `state.search`."""
        self._errands.search(query, room)

    def search_more(self) -> None:
        """Ask for the older results of the last search."""
        self._errands.search_more()

    def clear_search(self) -> None:
        """Forget the last search."""
        self._errands.clear_search()

    # Moderation

    def moderation_pending(self) -> None:
        """Ask who waits to be let in; the answer comes in `state.join_requests`."""
        self._moderation.pending()

    def moderation_decide(self, username: str, room: str, accept: bool, reason: str = "") -> None:
        """Let somebody into a moderated room, or refuse."""
        self._moderation.decide(username, room, accept, reason)

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
        self._moderation.sanction(
            ModerationSanction(kind, username, address, duration_s, self._wire_name(room), reason or None)
        )

    def moderation_lift(
        self, kind: str, *, username: str | None = None, address: str | None = None, room: str | None = None
    ) -> None:
        """End a sanction early."""
        self._moderation.lift(ModerationLift(kind, username, address, self._wire_name(room)))

    # Events

    def _take_safely(self, event: NetworkEvent) -> list[Change]:
        try:
            return self._take(event) if self._link.is_current(event) else []
        except Exception:
            log.exception("an event from the server could not be applied")
            return []

    def _take(self, event: NetworkEvent) -> list[Change]:
        if isinstance(event, FrameReceived):
            return self._take_frame(event.frame)
        was_up = self.state.connection.phase in (Phase.SIGNING_IN, Phase.ONLINE)
        self._link.take(event)
        lost = self._session.after_loss() if was_up and not self._link.is_current(event) else []
        return [*lost, ConnectionChanged()]

    def _take_frame(self, frame: dict[str, Any]) -> list[Change]:
        if frame.get("type") in ("ok", "error"):
            return self._core.table.take(frame)
        event = parse_event(frame)
        if isinstance(event, Hello):
            return self._session.hello(event)
        if isinstance(event, EndEvent):
            return self._session.end(event)
        if event is None:
            return []
        if isinstance(event, RoomEvent) and event.was and event.room is not None:
            self._sender.outbox.rename_room(event.was, event.room.room)
        if isinstance(event, ModerationEvent):
            self._moderation.begin()
        return self._core.model.apply(event)

    # What is due at each poll

    def _begin(self) -> None:
        """Ask, after a sign-in, for what the views show."""
        self._presence.begin()
        self._reader.begin()
        self._moderation.begin()

    def _watch_sleep(self) -> None:
        if not self._sleep.slept(self._clock()):
            return
        log.info("the computer has slept: connecting anew")
        if self.state.connection.phase == Phase.WAITING:
            self.reconnect_now()
        elif self._link.persistent and self.state.connection.phase != Phase.REFUSED:
            self._core.emit(*self._session.lost("suspended"))

    def _watch_link(self) -> None:
        if self._link.tick():
            self._core.emit(ConnectionChanged())

    def _expire_typing(self) -> None:
        self._core.emit(*self._core.model.people.expire())

    def _away_after_s(self) -> float:
        return 60.0 * int(self.settings.get("away_after_minutes"))

    def _transmit(self, frame: dict[str, Any]) -> None:
        self._link.transmit(frame)

    def _room(self, key: str) -> RoomState | None:
        return self.state.rooms.get(key)

    def _wire_name(self, key: str | None) -> str | None:
        room = self.state.rooms.get(key) if key is not None else None
        return room.name if room is not None else key
