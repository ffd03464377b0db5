"""Keeps one connection up: connects, pins, waits and connects again; it knows no room and no message.

A server may have several addresses, all with one certificate: the next one is tried after each failure.

For the thread that polls. Each connection has a number; what an earlier one still tells is dropped.
"""

import math
import queue
import random
from collections.abc import Callable
from typing import Any, Protocol

from chat_client.model.state import ConnectionState, Phase
from chat_client.net.events import (
    Connected,
    Disconnected,
    EventQueue,
    FingerprintUnknown,
    NetworkEvent,
)
from chat_client.net.network import EVENTS_WAITING_MAX
from chat_client.net.reconnect import STABLE_AFTER_S, Backoff
from chat_client.net.transport import CONNECT_TIMEOUT_S, Address
from chat_client.store.known_servers import KnownServers
from chat_protocol.errors import ChatError
from chat_protocol.invitations import Place, parse_places
from chat_protocol.request import Request
from chat_protocol.requests import Resume

# After these another attempt would end the same way: the user has to do something.
FINAL_CODES = frozenset(
    {"fingerprint_changed", "insecure_refused", "invalid_credentials", "kicked", "banned", "killed"}
)
# Of another address than the one that the user knows, these say only that it is none of this server.
ANOTHER_SERVER = frozenset({"fingerprint_changed", "fingerprint_unknown", "insecure_refused"})
CLOSE_WAIT_S = 1.5
PATIENCE_S = 4.0  # for each of several addresses


class AnyConnection(Protocol):
    """What the link needs of a connection (`network.Connection`, or a test's own)."""

    def start(self) -> None: ...
    def send(self, frame: dict[str, Any]) -> None: ...
    def close(self) -> None: ...
    def join(self, timeout_s: float) -> None: ...


Connector = Callable[[int, Address, "queue.Queue[NetworkEvent]"], AnyConnection]


class Link:
    """The way to one server.

    :param state: what the status line shows; only the link writes it.
    :param connector: makes a connection from its number, the address and the queue for its events.
    """

    def __init__(
        self,
        state: ConnectionState,
        known: KnownServers,
        connector: Connector,
        clock: Callable[[], float],
        monotonic: Callable[[], float],
        rng: random.Random,
    ) -> None:
        self.events = EventQueue(EVENTS_WAITING_MAX)
        self.credentials: Request | None = None
        self._state = state
        self._known = known
        self._connector = connector
        self._clock, self._monotonic = clock, monotonic
        self._backoff = Backoff(rng)
        self._rng = rng
        self._places: list[Place] = []  # the one in use first
        self._failures = 0  # since the last sign-in
        self._insecure = False
        self._number = 0
        self._connection: AnyConnection | None = None
        self._ended: list[AnyConnection] = []
        self._retry_at: float | None = None
        self._online_since: float | None = None

    @property
    def persistent(self) -> bool:
        """Whether a lost connection is made again by itself: only with a token, a password is used once."""
        return isinstance(self.credentials, Resume)

    def start(self, host: str, port: int, *, insecure: bool, credentials: Request) -> None:
        """Connect to a server; what was before is ended."""
        self.hang_up()
        self._backoff.reset()
        self.credentials, self._insecure = credentials, insecure
        state = self._state
        state.host, state.port = host, port
        state.server = state.version = state.registration = ""
        self._places = self._known.places(host, port)
        self._failures = 0
        self._connect()

    def transmit(self, frame: dict[str, Any]) -> None:
        """Hand a frame to the present connection; without one it is lost."""
        if self._connection is not None:
            self._connection.send(frame)

    def is_current(self, event: NetworkEvent) -> bool:
        """Whether an event comes from the present connection."""
        return self._connection is not None and event.number == self._number

    def take(self, event: Connected | FingerprintUnknown | Disconnected) -> None:
        """Apply what the current connection tells about itself."""
        if isinstance(event, Connected):
            self._state.encrypted = event.encrypted
            self._known.shown(self._state.host, self._state.port, event.fingerprint)
        elif isinstance(event, FingerprintUnknown) and self._place != self._home:
            self.lost("fingerprint_unknown")
        elif isinstance(event, FingerprintUnknown):
            self._state.fingerprint = event.fingerprint
            self._to(Phase.FINGERPRINT)
            self.hang_up()
        else:
            if event.code == "fingerprint_changed" and self._place == self._home:
                self._state.fingerprint = event.fingerprint
                self._state.expected_fingerprint = self._known.fingerprint(self._state.host, self._state.port)
            self.lost(event.code, event.detail)

    def trust(self, accept: bool) -> None:
        """Answer phase FINGERPRINT."""
        if self._state.phase != Phase.FINGERPRINT:
            return
        if not accept:
            self.refuse("fingerprint_unknown")
            return
        try:
            self._known.trust(self._state.host, self._state.port, self._state.fingerprint)
        except ChatError as error:  # another window has pinned another one meanwhile
            self.refuse(error.code)
        else:
            self._connect()

    def announced(self, fingerprint: str) -> None:
        """Keep the fingerprint that the server will show next, as it says over a trusted connection."""
        if self._state.encrypted:
            self._known.announced(self._state.host, self._state.port, fingerprint)

    def servers_told(self, names: list[str]) -> None:
        """Keep where this chat's servers are, as the connected one says; names are `host:port`."""
        if self._state.encrypted:
            self.learn_places(self._home, [self._place, *parse_places(names)], first=self._place)
            self._places = self._known.places(*self._home)

    def learn_places(self, home: Place, places: list[Place], first: Place | None = None) -> None:
        """Keep where else a server is, in any order.

        :param first: the place to try first; None for any.
        """
        others = [place for place in dict.fromkeys(places) if place != first]
        self._rng.shuffle(others)
        self._known.keep_places(*home, others if first is None else [first, *others])

    def signing_in(self) -> None:
        """Note that the credentials are on their way."""
        self._to(Phase.SIGNING_IN)

    def signed_in(self, token: str) -> None:
        """Note that the server has let the user in; from now on the token serves."""
        self.credentials = Resume(token)
        self._online_since = self._monotonic()
        self._failures = 0
        self._to(Phase.ONLINE)

    def lost(self, code: str, detail: str = "", *, until: int | None = None, after_s: float = 0.0) -> None:
        """End the connection, and wait for the next attempt where that makes sense.

        :param until: ms since 1970; a refusal that ends then.
        :param after_s: the least number of seconds to wait.
        """
        if not self._is_tried_again(code):
            self.refuse(code, detail, until)
            return
        self.hang_up()
        if self._online_since is not None and self._monotonic() - self._online_since >= STABLE_AFTER_S:
            self._backoff.reset()
        self._online_since = None
        delay = 0.0 if code == "suspended" else self._delay_elsewhere(after_s)
        self._retry_at = self._monotonic() + delay
        self._to(Phase.WAITING, code, detail)
        self._state.retry_in = math.ceil(delay)

    def _is_tried_again(self, code: str) -> bool:
        if code in FINAL_CODES and not (code in ANOTHER_SERVER and self._place != self._home):
            return False
        # A password has not left this machine before the server was seen: it may go to another address.
        unsent = self._state.phase == Phase.CONNECTING
        return self.persistent or (unsent and self._failures + 1 < len(self._places))

    def _delay_elsewhere(self, after_s: float) -> float:
        """Go to the next address; return after how long. When all have failed, that grows."""
        self._failures += 1
        self._places.append(self._places.pop(0))
        if after_s or self._failures % len(self._places) == 0:
            return self._backoff.next_delay(after_s)
        return self._backoff.brief_delay()

    def refuse(self, code: str, detail: str = "", until: int | None = None) -> None:
        """End the connection without another attempt, or with the next one at `until`."""
        self.hang_up()
        self._online_since = None
        if not self.persistent:
            self.credentials = None  # a password is not kept longer than its one use
        self._to(Phase.REFUSED, code, detail)
        self._state.until = until

    def sign_out(self) -> None:
        """End the connection and forget whose it was."""
        self.hang_up()
        self.credentials = None
        self._to(Phase.SIGNED_OUT)

    def retry_now(self) -> None:
        """Make the next attempt at once."""
        if self.credentials is not None and self._state.phase in (Phase.WAITING, Phase.REFUSED):
            self._connect()

    def tick(self) -> bool:
        """Make the attempt that is due; return True when what the status line shows has changed."""
        state = self._state
        if self._attempt_is_due():
            self._connect()
            return True
        if state.phase != Phase.WAITING or self._retry_at is None:
            return False
        before, state.retry_in = state.retry_in, math.ceil(self._retry_at - self._monotonic())
        return before != state.retry_in

    def _attempt_is_due(self) -> bool:
        state = self._state
        if state.phase == Phase.WAITING:
            return self._retry_at is not None and self._monotonic() >= self._retry_at
        refused_until = state.until if state.phase == Phase.REFUSED and self.persistent else None
        return refused_until is not None and state.server_now_ms(round(self._clock() * 1000)) > refused_until

    @property
    def access(self) -> tuple[Address, str] | None:
        """Where and with which token the user makes another connection; None while not signed in."""
        state = self._state
        if state.phase != Phase.ONLINE or not isinstance(self.credentials, Resume):
            return None
        return self._address(), self.credentials.token

    def hang_up(self) -> None:
        """End the present connection; what it still tells is not current any more."""
        if self._connection is not None:
            self._connection.close()
            self._ended.append(self._connection)
            self._connection = None
        self._retry_at = None

    def close(self) -> None:
        """End all threads, as far as the system lets them end soon."""
        self.hang_up()
        self._to(Phase.CLOSED)
        for connection in self._ended:
            connection.join(CLOSE_WAIT_S)

    @property
    def _home(self) -> Place:
        """The address that the user knows: accounts and fingerprints are kept under it."""
        return self._state.host, self._state.port

    @property
    def _place(self) -> Place:
        return self._places[0]

    def _address(self) -> Address:
        pins = (self._known.fingerprint(*self._home), self._known.next_fingerprint(*self._home))
        patience_s = CONNECT_TIMEOUT_S if len(self._places) == 1 else PATIENCE_S
        return Address(*self._place, self._insecure, *pins, patience_s)

    def _connect(self) -> None:
        self._ended = self._ended[-1:]
        self._number += 1
        state = self._state
        self._connection = self._connector(self._number, self._address(), self.events)
        self._to(Phase.CONNECTING, state.code if self.persistent else "", state.detail)
        self._connection.start()

    def _to(self, phase: Phase, code: str = "", detail: str = "") -> None:
        state = self._state
        state.phase, state.code, state.detail = phase, code, detail
        state.retry_in = state.until = None
        if phase not in (Phase.ONLINE, Phase.SIGNING_IN):
            state.encrypted = False
            state.shutdown_at, state.shutdown_reason = None, ""
        if phase == Phase.ONLINE:
            state.storing_ok = True
            state.expected_fingerprint = ""
