"""What a window calls and what it polls: one object in front of network, model and outbox; no tkinter in it.

Every method returns at once. Call all of them from one thread (the Tk thread). What they cause appears in
`state`, and in the changes that `poll` returns.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path

from chat_client.model.changes import Change
from chat_client.model.state import ClientState, NotifyLevel

POLL_EVENTS_MAX = 200


class Controller:
    """Own the state of one active account and its connection.

    :param home: the settings folder (None: the platform's own, or CHAT_CLIENT_HOME).
    :param insecure: plain TCP instead of TLS; refused for any host that is not a loopback address.
    :param clock: wall clock in seconds since 1970.
    :param monotonic: seconds that never go back.
    :param rng: the source of jitter and nonces.
    """

    state: ClientState

    def __init__(
        self,
        home: Path | None = None,
        *,
        insecure: bool = False,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        rng: random.Random | None = None,
    ) -> None:
        raise NotImplementedError

    # Reading

    def poll(self, max_events: int = POLL_EVENTS_MAX) -> list[Change]:
        """Apply what arrived, run what is due (reconnection, timeouts, away), return what to redraw.

        Call it every 50 ms; at once again while `more_waits`. Never raises: a failing event is logged.
        """
        raise NotImplementedError

    @property
    def more_waits(self) -> bool:
        """Whether events are left over from the last poll."""
        raise NotImplementedError

    # Accounts and connection

    def sign_in(self, host: str, port: int, username: str, password: str) -> None:
        """Connect and sign in; the password is kept in memory only until the answer came."""
        raise NotImplementedError

    def sign_up(self, host: str, port: int, username: str, password: str, display_name: str = "") -> None:
        """Connect and register a new account."""
        raise NotImplementedError

    def resume(self, account_id: str) -> None:
        """Connect with the remembered token of an account (see `accounts.all()`), ending the present one."""
        raise NotImplementedError

    def trust_fingerprint(self, accept: bool) -> None:
        """Answer phase FINGERPRINT: pin `state.connection.fingerprint` and go on, or give up."""
        raise NotImplementedError

    def forget_fingerprint(self, host: str, port: int) -> None:
        """Remove a pinned fingerprint, so that the next contact asks anew (the server was reinstalled)."""
        raise NotImplementedError

    def reconnect_now(self) -> None:
        """Try again at once instead of waiting for `retry_in`."""
        raise NotImplementedError

    def log_out(self) -> None:
        """End the token on the server where it can be reached, forget it here, and become SIGNED_OUT."""
        raise NotImplementedError

    def change_password(self, old: str, new: str) -> None:
        """Ask for another password; the account's new token replaces the remembered one."""
        raise NotImplementedError

    def set_display_name(self, display_name: str) -> None:
        """Ask for another display name."""
        raise NotImplementedError

    def close(self) -> None:
        """End the connection and the threads and close the files; unsent messages stay for the next start."""
        raise NotImplementedError

    # Rooms

    def open_room(self, room: str | None) -> None:
        """Show a room (a key): load its newest history and members, watch its presence; None: show none."""
        raise NotImplementedError

    def direct(self, username: str) -> str:
        """Make sure that a private conversation exists in the state; return its key, for `open_room`."""
        raise NotImplementedError

    def join(self, room: str, reason: str = "") -> None:
        """Join a room, or ask to be let in where it is moderated."""
        raise NotImplementedError

    def leave(self, room: str) -> None:
        """Leave a room, or take back a request."""
        raise NotImplementedError

    def load_older(self, room: str) -> None:
        """Ask for the page before the oldest message of the newest unbroken part; nothing while one is under way."""
        raise NotImplementedError

    def load_before(self, room: str, seq: int) -> None:
        """Ask for the page that ends before `seq` (to fill a gap that `RoomState.gap_before` reports)."""
        raise NotImplementedError

    def jump_to(self, room: str, seq: int) -> None:
        """Load the history around a message; the change JumpReady tells when it can be shown."""
        raise NotImplementedError

    def mark_read(self, room: str, seq: int | None = None) -> None:
        """Say that all up to `seq` (None: all that is there) was read. Cheap to call often."""
        raise NotImplementedError

    def refresh_members(self, room: str) -> None:
        """Ask for the members of a room anew."""
        raise NotImplementedError

    def set_notify(self, room: str, level: NotifyLevel) -> None:
        """Choose which messages of a room call for attention; kept over restarts."""
        raise NotImplementedError

    def set_draft(self, room: str, text: str) -> None:
        """Keep what stands in the composer; written to disk within seconds and at `close`."""
        raise NotImplementedError

    # Messages

    def send(self, room: str, body: str, reply_to: int | None = None) -> str:
        """Queue a message (it appears in `pending` at once) and return its nonce.

        :raises ChatError: `body_too_long`, or `bad_request` when nothing but white space is in it.
        """
        raise NotImplementedError

    def retry(self, nonce: str) -> None:
        """Send a refused message again, with the same nonce, after all that waits."""
        raise NotImplementedError

    def discard(self, nonce: str) -> None:
        """Drop a refused message, or one that was not handed to a connection yet."""
        raise NotImplementedError

    def edit(self, room: str, seq: int, body: str) -> None:
        """Change one's own message."""
        raise NotImplementedError

    def delete(self, room: str, seq: int) -> None:
        """Delete a message (one's own; a moderator: any)."""
        raise NotImplementedError

    def react(self, room: str, seq: int, emoji: str, on: bool = True) -> None:
        """Add or take back a reaction."""
        raise NotImplementedError

    def typing(self, room: str) -> None:
        """Tell that the user types; at most one frame every few seconds goes out."""
        raise NotImplementedError

    # People

    def user_active(self) -> None:
        """Tell of any key or pointer input: ends the automatic `away` that comes after ten minutes without."""
        raise NotImplementedError

    def set_status(self, status: str, text: str = "") -> None:
        """Choose online, away or busy, and a text."""
        raise NotImplementedError

    def find_people(self, prefix: str, limit: int = 20) -> None:
        """Look users up by the beginning of a name; the answer comes in `state.found_people`."""
        raise NotImplementedError

    def search(self, query: str, room: str | None = None) -> None:
        """Search on the server, in one room or in all; the answer comes in `state.search`."""
        raise NotImplementedError

    def search_more(self) -> None:
        """Ask for the older results of the last search."""
        raise NotImplementedError

    def clear_search(self) -> None:
        """Forget the last search."""
        raise NotImplementedError

    # Moderation

    def moderation_pending(self) -> None:
        """Ask who waits to be let in; the answer comes in `state.join_requests`."""
        raise NotImplementedError

    def moderation_decide(self, username: str, room: str, accept: bool, reason: str = "") -> None:
        """Let somebody into a moderated room, or refuse."""
        raise NotImplementedError

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
        raise NotImplementedError

    def moderation_lift(
        self, kind: str, *, username: str | None = None, address: str | None = None, room: str | None = None
    ) -> None:
        """End a sanction early."""
        raise NotImplementedError
