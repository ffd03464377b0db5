"""Signing in and out: whose state it is, with which token, and what starts again with each connection."""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from chat_client.engine.core import DROPPED, Core, retry_after, until_of
from chat_client.engine.sending import Sender
from chat_client.model import changes as ch
from chat_client.net.link import Link
from chat_client.store.accounts import Account, Accounts
from chat_client.store.drafts import Drafts
from chat_client.store.settings import Settings
from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.limits import PROTOCOL_VERSION
from chat_protocol.objects import User
from chat_protocol.own_replies import SignedIn, TokenReply
from chat_protocol.request import Request
from chat_protocol.requests import Login, Logout, Password, Register, Resume
from chat_protocol.server_events import EndEvent, Hello

_log = logging.getLogger("chat.client.session")

SANCTIONS: Final = frozenset({ErrorCode.KICKED, ErrorCode.BANNED})
# After these a remembered token is tried again by itself.
SIGN_IN_AGAIN: Final = frozenset({ErrorCode.UNAVAILABLE, ErrorCode.RATE_LIMITED, ErrorCode.INTERNAL})


class Session:
    """One account at a time, from the sign-in to the sign-out.

    :param device: what this client calls itself in the user's list of devices.
    :param insecure: whether a sign-in with a password uses plain TCP.
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
        begin: Callable[[], None],
        *,
        device: str,
        insecure: bool,
    ) -> None:
        self._core, self._link, self._sender = core, link, sender
        self._accounts, self._settings, self._drafts = accounts, settings, drafts
        self._begin = begin
        self._device = device
        self._insecure_asked = self._insecure = insecure
        self._stays = True  # whether the token is kept on disk
        self._ends = False  # whether it ends with this program

    # What the user does

    def sign_in(self, host: str, port: int, username: str, password: str, *, stay: bool = True) -> None:
        """Connect and sign in; the password is kept in memory only until the answer came.

        :param stay: whether the token is kept on disk; otherwise it ends with this program, or when another
            account is signed in.
        """
        request = Login(username.strip(), password, self._device)
        self._connect(host, port, self._insecure_asked, request, stay=stay)

    def sign_up(
        self,
        host: str,
        port: int,
        username: str,
        password: str,
        display_name: str = "",
        *,
        stay: bool = True,
        code: str = "",
    ) -> None:
        """Connect and register a new account.

        :param stay: as for `sign_in`.
        :param code: of a one-time invitation; kept like the password, until the answer came.
        """
        shown = display_name.strip() or None
        request = Register(username.strip(), password, shown, self._device, code or None)
        self._connect(host, port, self._insecure_asked, request, stay=stay)

    def resume(self, account: str) -> None:
        """Connect with the remembered token of an account (see `accounts.all()`), ending the current one."""
        known = self._accounts.get(account)
        if known is None or not known.token:
            self._core.emit(ch.SignedOut(ErrorCode.INVALID_CREDENTIALS))
            return
        self._connect(known.host, known.port, known.insecure, Resume(known.token, self._device))
        self._core.account = account

    def sign_in_with_token(self, host: str, port: int, token: str) -> None:
        """Connect with a token that somebody else keeps: it is not written down here, and does not end."""
        request = Resume(token, self._device)
        self._connect(host, port, self._insecure_asked, request, stay=False, ends=False)

    def reconnect_now(self) -> None:
        """Try again at once instead of waiting for `retry_in`."""
        self._link.retry_now()
        self._core.emit(ch.ConnectionChanged())

    def log_out(self) -> None:
        """End the token on the server where it can be reached, forget it here, and become SIGNED_OUT."""
        self._end_token()
        self._accounts.forget_token(self._core.account)
        self._leave_account()
        self._link.sign_out()
        self._core.emit(ch.SignedOut(), ch.ConnectionChanged())

    def close(self) -> None:
        """End a token that is kept in memory only, where the server can be reached; others stay good."""
        if self._ends:
            self._end_token()

    def _end_token(self) -> None:
        """Ask the server to end the token; it does so also while it waits for another password."""
        if self._core.signed_in:
            self._core.replies.ask(Logout(), lambda _reply: None, lambda _error: None)

    def change_password(self, old: str, new: str) -> None:
        """Ask for another password; the account's new token replaces the one before."""
        self._core.ask(Password(old, new), self._password_changed)

    def _connect(
        self,
        host: str,
        port: int,
        insecure: bool,
        credentials: Request,
        *,
        stay: bool = True,
        ends: bool | None = None,
    ) -> None:
        """Leave the current account and begin a connection.

        :param ends: whether the token ends with this program; None: where it is not kept on disk.
        """
        self.close()
        self._leave_account()
        self._insecure, self._stays = insecure, stay
        self._ends = not stay if ends is None else ends
        self._link.start(host.strip(), port, insecure=insecure, credentials=credentials)
        self._core.emit(ch.ConnectionChanged())

    def _leave_account(self) -> None:
        """Begin with a new state; the outbox and the drafts of the account stay on disk."""
        self._drafts.flush()
        self._sender.close()
        self._core.replies.fail_all(DROPPED)
        self._core.forget_account()

    # What the server says

    def hello(self, event: Hello) -> None:
        """Greet back with the credentials, if this is a server that we can talk to."""
        state = self._core.state.connection
        if event.protocol != PROTOCOL_VERSION or self._link.credentials is None:
            self._link.refuse("not_chat", f"the server speaks version {event.protocol}")
        else:
            state.server, state.version, state.registration = event.server, event.version, event.registration
            state.capabilities = tuple(event.capabilities or ())
            state.limits = dict(event.limits)
            state.server_ahead_ms = 0 if event.now is None else event.now - self._core.now_ms()
            self._link.announced(event.next_fingerprint or "")
            self._link.servers_told(event.servers or [])
            self._link.signing_in()
            self._core.replies.ask(self._link.credentials, self._signed_in, self._refused)
        self._core.emit(ch.ConnectionChanged())

    def end(self, event: EndEvent) -> None:
        """Keep the server's reason for the end of the connection."""
        self._core.state.connection.ended_by = event.kind
        self.lost(event.kind, event.reason, until=event.until)

    def lost(self, code: str, detail: str = "", *, until: int | None = None, after_s: float = 0) -> None:
        """Mark the connection as ended; the link decides whether another one follows."""
        _log.info("the connection has ended: %s %s", code, detail)
        self._link.lost(code, detail, until=until, after_s=after_s)
        self.after_loss()

    def after_loss(self) -> None:
        """Mark all that was on its way as lost with the connection."""
        self._core.replies.fail_all(DROPPED)
        self._sender.connection_ended()
        self._core.model.disconnected()
        self._core.emit(ch.ConnectionChanged())

    def _signed_in(self, reply: SignedIn) -> None:
        core = self._core
        user = reply.user
        account = self._keep_account(user, reply.token)
        self._enter(account.id)
        core.state.must_change_password = bool(reply.must_change_password)
        if reply.may_create is not None:
            core.state.may_create = tuple(reply.may_create)
        self._link.signed_in(reply.token)
        core.state.connection.ended_by = ""
        core.model.signed_in(user, reply.rooms)
        self._load_drafts()
        if self._sender.stored.account != account.id:
            self._sender.open()
        self._sender.show_waiting()
        self._begin()
        core.emit(ch.ConnectionChanged())

    def _enter(self, account: str) -> None:
        """Note whose state it is; what another account left there is not mixed with it."""
        if self._core.account != account and self._core.state.username:
            self._leave_account()
        self._core.account = account

    def _keep_account(self, user: User, token: str) -> Account:
        state = self._core.state.connection
        account = Account(
            state.host,
            state.port,
            user.username,
            user.display_name,
            state.server,
            token if self._stays else "",
            self._insecure,
            self._core.now_ms(),
        )
        self._accounts.keep(account)
        self._settings.set("last_account", account.id)
        self._settings.set("last_host", state.host)
        self._settings.set("last_port", state.port)
        return account

    def _load_drafts(self) -> None:
        account, drafts = self._core.account, self._drafts.of(self._core.account)
        for room in self._core.state.rooms.values():
            text = drafts.get(room.kept_as, "")
            if not text and (text := drafts.get(room.key, "")):  # of 1.0.0, which kept them by name
                self._drafts.put(account, room.key, "")
                self._drafts.put(account, room.kept_as, text)
            if text and not room.draft:
                room.draft = text
                self._core.emit(ch.RoomChanged(room.key))

    def _refused(self, error: ChatError) -> None:
        """Apply the refusal of the credentials."""
        if error.code == DROPPED:
            return  # no answer: the loss itself is told elsewhere
        if error.code in SIGN_IN_AGAIN and self._link.persistent:
            self.lost(error.code, error.message, after_s=retry_after(error))
            return
        resumed, until = self._link.persistent, until_of(error)
        forgotten = resumed and error.code == ErrorCode.INVALID_CREDENTIALS
        if forgotten:
            self._accounts.forget_token(self._core.account)
        self._link.refuse(error.code, _detail(error), until)
        self.after_loss()
        if forgotten:
            self._leave_account()  # what was not sent stays on disk for the next sign-in
            self._link.sign_out()
            self._core.emit(ch.SignedOut(error.code), ch.ConnectionChanged())

    def _password_changed(self, reply: TokenReply) -> None:
        core, token = self._core, reply.token
        known = self._accounts.get(core.account)
        if known is not None and self._stays:
            self._accounts.keep(replace(known, token=token))
        self._link.credentials = Resume(token)
        forced, core.state.must_change_password = core.state.must_change_password, False
        if forced:
            self._begin()
        core.emit(ch.RequestDone(Password.TYPE), ch.ProfileChanged())


def _detail(error: ChatError) -> str:
    """Return what a moderator wrote about a sanction, if anything; otherwise the server's words."""
    if error.code in SANCTIONS:
        return str(error.extra.get("reason") or "")
    return error.message
