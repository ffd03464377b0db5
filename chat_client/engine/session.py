"""Signing in and out: whose state it is, with which token, and what begins anew with each connection."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from chat_client.engine.core import Core, retry_after
from chat_client.engine.sending import Sender
from chat_client.model import changes as ch
from chat_client.model.changes import Change
from chat_client.model.model import Model
from chat_client.model.state import ClientState, Phase, SearchState
from chat_client.net.link import Link
from chat_client.store.accounts import Account, Accounts
from chat_client.store.drafts import Drafts
from chat_client.store.settings import Settings
from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.events import EndEvent, Hello
from chat_protocol.limits import PROTOCOL_VERSION
from chat_protocol.objects import Room, User
from chat_protocol.requests import Login, Logout, Password, Register, Request, Resume
from chat_protocol.times import from_rfc3339

log = logging.getLogger("chat.client.session")

FOR_NOW = frozenset({ErrorCode.UNAVAILABLE, ErrorCode.RATE_LIMITED, ErrorCode.INTERNAL})
OUTBOX_FILE = "outbox.db"


class Session:
    """One account at a time, from the sign-in to the sign-out.

    :param begin: called after each sign-in, and after a forced change of the password: requests make sense.
    """

    def __init__(
        self,
        core: Core,
        link: Link,
        sender: Sender,
        accounts: Accounts,
        settings: Settings,
        drafts: Drafts,
        folder: Path,
        begin: Callable[[], None],
    ) -> None:
        self._core, self._link, self._sender = core, link, sender
        self._accounts, self._settings, self._drafts = accounts, settings, drafts
        self._folder = folder
        self._begin = begin
        self._insecure = False

    # What the user does

    def sign_in(self, host: str, port: int, insecure: bool, credentials: Request) -> None:
        """Leave the present account and connect with a password."""
        self.leave_account()
        self._insecure = insecure
        self._link.start(host.strip(), port, insecure=insecure, credentials=credentials)
        self._core.emit(ch.ConnectionChanged())

    def resume(self, account: str) -> None:
        """Leave the present account and connect with the token of another."""
        known = self._accounts.get(account)
        if known is None or not known.token:
            self._core.emit(ch.SignedOut(ErrorCode.INVALID_CREDENTIALS))
            return
        self.sign_in(known.host, known.port, known.insecure, Resume(known.token))
        self._core.account = account

    def log_out(self) -> None:
        """End the token and become SIGNED_OUT."""
        if self._core.signed_in:
            self._core.tell(Logout())
        self._accounts.forget_token(self._core.account)
        self.leave_account()
        self._link.sign_out()
        self._core.emit(ch.SignedOut(), ch.ConnectionChanged())

    def change_password(self, old: str, new: str) -> None:
        """Ask for another password."""
        self._core.ask(Password(old, new), self._password_changed)

    def leave_account(self) -> None:
        """Empty the state; the outbox and the drafts of the account stay on disk."""
        core = self._core
        self._drafts.flush()
        self._sender.close()
        core.table.fail_all("dropped")
        core.take_changes()
        core.account = ""
        _empty(core.state)
        core.model = Model(core.state, monotonic=core.monotonic)

    # What the server says

    def hello(self, event: Hello) -> list[Change]:
        """Greet back with the credentials, if this is a server that we can talk to."""
        state = self._core.state.connection
        if event.protocol != PROTOCOL_VERSION or self._link.credentials is None:
            self._link.refuse("not_chat", f"the server speaks version {event.protocol}")
            return [ch.ConnectionChanged()]
        state.server, state.version, state.registration = event.server, event.version, event.registration
        self._link.signing_in()
        self._core.table.ask(self._link.credentials, self._signed_in, self._refused)
        return [ch.ConnectionChanged()]

    def end(self, event: EndEvent) -> list[Change]:
        """Take the server's reason for the end of the connection."""
        self._core.state.connection.ended_by = event.kind
        return self.lost(event.kind, event.reason, until=event.until)

    def lost(
        self, code: str, detail: str = "", *, until: int | None = None, after_s: float = 0
    ) -> list[Change]:
        """Take the connection as ended; the link decides whether another one follows."""
        log.info("the connection has ended: %s %s", code, detail)
        self._link.lost(code, detail, until=until, after_s=after_s)
        return self.after_loss()

    def after_loss(self) -> list[Change]:
        """Take all that was on its way as lost with the connection."""
        changes = self._core.table.fail_all("dropped")
        self._sender.connection_ended()
        return [*changes, *self._core.model.disconnected(), ch.ConnectionChanged()]

    def _signed_in(self, frame: dict[str, Any]) -> list[Change]:
        core = self._core
        user = User.from_frame(frame["user"])
        rooms = [Room.from_frame(item) for item in frame["rooms"]]
        core.state.must_change_password = bool(frame.get("must_change_password"))
        account = self._keep_account(user, str(frame["token"]))
        if core.account != account.id or not core.state.username:
            self._enter(account.id)
        self._link.signed_in(account.token)
        core.state.connection.ended_by = ""
        changes = core.model.signed_in(user, rooms)
        changes += self._load_drafts() if core.state.username else []
        if self._sender.outbox.account != account.id:
            self._sender.open(self._folder / OUTBOX_FILE)
        changes += self._sender.show_waiting()
        self._begin()
        return [*changes, ch.ConnectionChanged()]

    def _enter(self, account: str) -> None:
        core, settings = self._core, self._settings
        core.account = account
        core.model = Model(
            core.state,
            notify_of=lambda room: settings.notify_level(account, room),
            monotonic=core.monotonic,
        )

    def _keep_account(self, user: User, token: str) -> Account:
        state = self._core.state.connection
        account = Account(
            state.host,
            state.port,
            user.username,
            user.display_name,
            state.server,
            token,
            self._insecure,
            self._core.now_ms(),
        )
        self._accounts.keep(account)
        self._settings.set("last_account", account.id)
        self._settings.set("last_host", state.host)
        self._settings.set("last_port", state.port)
        return account

    def _load_drafts(self) -> list[Change]:
        changes: list[Change] = []
        for key, text in self._drafts.of(self._core.account).items():
            room = self._core.state.rooms.get(key)
            if room is not None and not room.draft:
                room.draft = text
                changes.append(ch.RoomChanged(key))
        return changes

    def _refused(self, error: ChatError) -> list[Change]:
        """Take the refusal of the credentials."""
        if error.code == "dropped":
            return []  # no answer: the loss itself is told elsewhere
        if error.code in FOR_NOW and self._link.persistent:
            return self.lost(error.code, error.message, after_s=retry_after(error))
        resumed, until = self._link.persistent, _until(error)
        detail = str(error.extra.get("reason") or error.message)
        if error.code == ErrorCode.INVALID_CREDENTIALS and resumed:
            self._accounts.forget_token(self._core.account)
        self._link.refuse(error.code, detail, until)
        changes = self.after_loss()
        if error.code == ErrorCode.INVALID_CREDENTIALS and resumed:
            changes.append(ch.SignedOut(error.code))
        return changes

    def _password_changed(self, frame: dict[str, Any]) -> list[Change]:
        core, token = self._core, str(frame["token"])
        known = self._accounts.get(core.account)
        if known is not None:
            self._accounts.keep(replace(known, token=token))
        self._link.credentials = Resume(token)
        forced, core.state.must_change_password = core.state.must_change_password, False
        if forced:
            self._begin()
        return [ch.RequestDone(Password.TYPE), ch.ProfileChanged()]


def credentials(username: str, password: str) -> Login:
    """Return the request that signs in."""
    return Login(username.strip(), password)


def registration(username: str, password: str, display_name: str) -> Register:
    """Return the request that makes an account."""
    return Register(username.strip(), password, display_name.strip() or None)


def _until(error: ChatError) -> int | None:
    until = error.extra.get("until")
    try:
        return from_rfc3339(until) if isinstance(until, str) else None
    except ValueError:
        return None


def _empty(state: ClientState) -> None:
    """Bring a state back to what it is before a sign-in, in place: views hold it."""
    fresh = ClientState(connection=state.connection)
    for name in ClientState.__slots__:
        setattr(state, name, getattr(fresh, name))
    state.search = SearchState()
    state.connection.phase = Phase.SIGNED_OUT
