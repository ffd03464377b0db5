"""One client's state from its first byte to its last: who it is, what it is in, what it still waits for.

Its fields belong to the client's own thread, but for those that say otherwise; it knows no SQL and no socket.
"""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Final, Protocol

from chat_protocol.errors import ChatError
from chat_protocol.event import Event
from chat_protocol.frames import encode_frame
from chat_protocol.request import Ref
from chat_protocol.server_events import EndEvent
from chat_server.limits import IN_FLIGHT_MAX
from chat_server.live.directory import Conversation
from chat_server.live.rates import Buckets
from chat_server.net.connection import Connection
from chat_server.net.wire import Answer, author_json, reply_frame


@dataclass(slots=True)
class Account:
    """The signed-in user; all sessions of that user share one."""

    user_id: int
    username: str
    user_key: str
    display_name: str
    role: str
    must_change_password: bool = False
    status: str = "online"
    status_text: str = ""
    bot: bool = False
    avatar: str = ""
    author_json: str = field(init=False)  # written into each of the user's messages

    def __post_init__(self) -> None:
        self.author_json = author_json(self.username, bot=self.bot)


# The events that a quiet session gets, beside those that end it.
QUIET_TYPES: Final = frozenset({"room", "membership", "mute", "notice", "shutdown_scheduled"})
_NOBODY = Account(0, "", "", "", "")


class Writer(Protocol):
    """What takes the frames that are written to a sender."""

    def write(self, data: bytes) -> None:
        """Take frames; never wait, never raise."""


class Sender(Protocol):
    """Who says something, as the message's way sees it: a session, or a program behind a webhook."""

    quiet: bool

    @property
    def account(self) -> "Account":
        """As whom it speaks."""

    @property
    def user_id(self) -> int:
        """The number of that account."""

    @property
    def address(self) -> str:
        """From where, as an IP address."""

    @property
    def rooms(self) -> Mapping[int, Conversation]:
        """The rooms whose messages it is sent."""

    @property
    def connection(self) -> Writer:
        """Where its answers go."""

    def answered(self, count: int) -> None:
        """Count messages whose replies were written; called by the delivery thread alone."""


class Session:
    """A connection and who speaks on it.

    :param session_id: unique while the server runs.
    :param address: the client's IP address.
    """

    def __init__(self, session_id: int, connection: Connection, address: str, now: int) -> None:
        self.id = session_id
        self.connection = connection
        self.address = address
        self.connected_at = now
        self.last_active_at = now
        # By a clock that never goes back: since when its thread waits for bytes, and for the rest of a line.
        self.waiting_since_s = self.line_since_s = inf
        self.token_hash = ""
        self.account = _NOBODY
        self.buckets = Buckets()  # of its own until the sign-in, then the user's
        # room id -> conversation, of the rooms that the user has joined. Written by the registry under
        # its lock, as a whole new dict; read without: a reader sees the old one or the new one.
        self.rooms: dict[int, Conversation] = {}
        self.directs: dict[str, Conversation] = {}  # key of the other -> conversation, found so far
        self.watching: tuple[Conversation, ...] = ()
        self.quiet = False  # whether it gets the events that concern the connection and its user alone
        self.partners: dict[int, str] = {}  # user id -> username of those one has a private conversation with
        # Of a server in a cluster: room id -> last seq that was told of each private conversation, first by
        # the sign-in. None before that; afterwards the delivery thread's.
        self.direct_seqs: dict[int, int] | None = None

        # `_submitted` is written by the client's thread alone and `_answered` by the delivery thread alone;
        # the condition is only for sleeping. Delivery writes `_answered` first and looks at `_sleeping` then,
        # the client in the opposite order, so that one of them always sees the other.
        self._submitted = 0
        self._answered = 0
        self._sleeping = False
        self._settled: threading.Condition | None = None  # made at the first wait: most clients never wait

    def forget_account(self) -> None:
        """Make it a guest's again, after a sign-in that failed half-way."""
        self.account = _NOBODY
        self.buckets = Buckets()

    # -- who it is (any thread may read) ----------------------------------------------------------

    @property
    def signed_in(self) -> bool:
        """Whether somebody has signed in here."""
        return self.account is not _NOBODY

    @property
    def user_id(self) -> int:
        """The user's number; 0 before the sign-in."""
        return self.account.user_id

    @property
    def username(self) -> str:
        """The username as it was typed at registration."""
        return self.account.username

    @property
    def user_key(self) -> str:
        """The folded username."""
        return self.account.user_key

    @property
    def display_name(self) -> str:
        """The name shown to others."""
        return self.account.display_name

    @property
    def role(self) -> str:
        """`member`, `moderator` or `admin`."""
        return self.account.role

    @role.setter
    def role(self, role: str) -> None:
        self.account.role = role

    @property
    def status(self) -> str:
        """`online`, `away` or `busy`."""
        return self.account.status

    @property
    def status_text(self) -> str:
        """What the user says about the status."""
        return self.account.status_text

    # -- writing (any thread) ---------------------------------------------------------------------

    def send(self, event: Event | bytes) -> None:
        """Send an event, or an encoded frame, unless the client wants to have few."""
        if self.quiet and (isinstance(event, bytes) or event.TYPE not in QUIET_TYPES):
            return
        self.connection.write(event if isinstance(event, bytes) else encode_frame(event.to_frame()))

    def give(self, frame: bytes) -> None:
        """Send an encoded event that the client has asked for, whether it wants to have few or not."""
        self.connection.write(frame)

    def hold(self) -> None:
        """Keep back events until the next answer."""
        self.connection.hold()

    def answer(self, ref: Ref, reply: Answer) -> None:
        """Send the `ok` of a request."""
        self.connection.answer(reply_frame(ref, reply))

    def refuse(self, ref: Ref, error: ChatError) -> None:
        """Send the `error` of a request."""
        self.connection.answer(encode_frame(error.to_frame(ref)))

    def end(self, event: Event | None = None) -> None:
        """Send the last event and close."""
        self.connection.end(encode_frame(event.to_frame()) if event else b"")

    # -- messages on their way --------------------------------------------------------------------

    def submitted(self, count: int) -> None:
        """Count messages given to the commit thread."""
        self._submitted += count

    def answered(self, count: int) -> None:
        """Count messages whose replies were written; called by the delivery thread alone."""
        self._answered += count
        if self._sleeping and self._settled is not None:
            with self._settled:
                self._settled.notify_all()

    def wait_until_answered(self, allowed: int = 0) -> None:
        """Wait until at most `allowed` messages are on their way: replies come in the order of requests."""
        if self._submitted - self._answered <= allowed:
            return
        if self._settled is None:
            self._settled = threading.Condition()
        with self._settled:
            self._sleeping = True
            self._settled.wait_for(lambda: self._submitted - self._answered <= allowed)
            self._sleeping = False

    def wait_for_room(self) -> None:
        """Wait while this client has too many messages on their way."""
        self.wait_until_answered(IN_FLIGHT_MAX)


def end_all(sessions: Iterable[Session], event: EndEvent) -> None:
    """End several sessions with the same event."""
    for session in sessions:
        session.end(event)
