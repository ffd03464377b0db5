"""Rings at the other servers through a broker when something was stored; it must not know what came of it.

Two threads of its own. Nothing that is said here is needed: what a bell says stands in the database, where
the cluster's looks find it a moment later. So nobody waits for the broker; what cannot be said is dropped.
"""

import hmac
import json
import logging
import random
import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from hashlib import blake2s
from typing import Any, Final, Protocol

BEAT_EVERY_S: Final = 1.0
DEAF_AFTER_S: Final = 3.0  # a server of which nothing was heard for so long is not heard through the broker
PAUSE_MIN_S: Final = 0.1
PAUSE_MAX_S: Final = 5.0
ROOMS_MAX: Final = 5_000  # that wait for their bell, and of a message; what is more is left to the looks
TYPING_MAX: Final = 500
SEAL_CHARS: Final = 32
HEAR_S: Final = 0.25  # how soon the hearing thread sees that it is to end
STOP_S: Final = 0.5

_log = logging.getLogger("chat.cluster")


class BrokerUnavailable(Exception):
    """The broker does not answer; the text says why, for a log."""


class Speaker(Protocol):
    """A connection that publishes. Both methods may raise BrokerUnavailable."""

    def say(self, channel: str, text: str) -> None:
        """Publish."""

    def close(self) -> None:
        """Close it."""


class Listener(Protocol):
    """A connection that hears."""

    def hear(self, timeout_s: float) -> bytes | None:
        """Return what came, or None after the timeout; raise BrokerUnavailable."""

    def close(self) -> None:
        """Close it."""


class Broker(Protocol):
    """Opens connections; both methods raise BrokerUnavailable."""

    def speaker(self) -> Speaker:
        """Open one that publishes."""

    def listener(self, channel: str) -> Listener:
        """Open one that hears."""


@dataclass(slots=True)
class Bells:
    """What is said at once.

    :param rooms: the last seq that was stored in each.
    :param changed: a change was written.
    :param typing: (room, user) of those who are writing.
    """

    rooms: dict[int, int] = field(default_factory=dict)
    changed: bool = False
    typing: set[tuple[int, int]] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.rooms or self.changed or self.typing)

    def to_text(self, server: str) -> str:
        """Write it down, with the server that says it."""
        fields: dict[str, Any] = {"from": server}
        if self.rooms:
            fields["rooms"] = list(self.rooms.items())
        if self.changed:
            fields["changed"] = True
        if self.typing:
            fields["typing"] = list(self.typing)
        return json.dumps(fields, separators=(",", ":"))


class Seal:
    """What keeps strangers who reach the broker from ringing: a secret that only the chat's servers know.

    What one of them has said may be said again by anybody: a bell that comes twice does no harm.
    """

    def __init__(self, secret: str) -> None:
        self._key = secret.encode()
        #: What the servers of the chat speak on; several chats may share a broker.
        self.channel = f"chat:{self._print(b'channel')}"

    def close(self, text: str) -> str:
        """Return a text with its seal."""
        return self._print(text.encode()) + text

    def open(self, data: bytes) -> bytes:
        """Return what was sealed.

        :raises ValueError: when no server of this chat has said that.
        """
        seal, text = data[:SEAL_CHARS], data[SEAL_CHARS:]
        if not hmac.compare_digest(seal, self._print(text).encode()):
            raise ValueError("the seal is not ours")
        return text

    def _print(self, data: bytes) -> str:
        return blake2s(data, key=self._key, digest_size=SEAL_CHARS // 2).hexdigest()


def bells_of(data: bytes) -> tuple[str, Bells]:
    """Read what a server says, and which one.

    :raises ValueError: when it is nothing that a server of this version says.
    """
    fields = json.loads(data)
    if not isinstance(fields, dict) or not isinstance(fields.get("from"), str):
        raise ValueError("no server says such a thing")
    rooms, typing = _pairs(fields.get("rooms", [])), _pairs(fields.get("typing", []))
    return fields["from"], Bells(dict(rooms), fields.get("changed") is True, set(typing))


def _pairs(found: Any) -> list[tuple[int, int]]:
    if not isinstance(found, list) or not all(
        isinstance(pair, list) and [type(each) for each in pair] == [int, int] for pair in found
    ):
        raise ValueError("no pairs of numbers")
    return [(one, other) for one, other in found]


class Doorbell:
    """Ring, and hear others ring.

    :param server: this server's id, by which it knows its own bells.
    :param secret: known to the servers of one chat alone.
    """

    def __init__(
        self,
        broker: Broker,
        server: str,
        secret: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._broker = broker
        self._server = server
        self._seal = Seal(secret)
        #: Given what another server said, on the thread that hears.
        self.on_heard: Callable[[Bells], object] = lambda _bells: None
        #: Called on that thread when bells may have been missed: when it begins to hear, and when it ends.
        self.on_gap: Callable[[], object] = lambda: None
        self._clock = clock
        self._news = threading.Condition()  # guards what waits; signalled when there is something
        self._waiting = Bells()
        self._heard_at: dict[str, float] = {}  # by server, this one too; the hearing thread's, read by any
        self._down: set[str] = set()  # which of the two threads has no connection
        self._asked = False  # to say at once that this server is there
        self._stop = threading.Event()
        self.said = 0  # messages that rang; each figure is written by one thread, and read by any
        self.received = 0
        self.failures = 0
        self._threads = (
            threading.Thread(target=self._run, args=(self._speak,), name="bell-ring", daemon=True),
            threading.Thread(target=self._run, args=(self._hear,), name="bell-hear", daemon=True),
        )

    def start(self) -> None:
        """Start both threads."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Say what waits, if the broker takes it at once, and end the threads."""
        self._stop.set()
        with self._news:
            self._news.notify_all()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(STOP_S)

    # -- any thread -------------------------------------------------------------------------------

    def ring(self, rooms: Mapping[int, int]) -> None:
        """Say that something was stored in rooms, up to a seq each."""
        with self._news:
            waiting = self._waiting.rooms
            for room_id, seq in rooms.items():
                if room_id in waiting or len(waiting) < ROOMS_MAX:
                    waiting[room_id] = max(seq, waiting.get(room_id, 0))
            self._news.notify()

    def changed(self) -> None:
        """Say that a change was written."""
        with self._news:
            self._waiting.changed = True
            self._news.notify()

    def typing(self, room_id: int, user_id: int) -> None:
        """Say that a user is writing; forgotten where the broker is away."""
        with self._news:
            if not self._down and len(self._waiting.typing) < TYPING_MAX:
                self._waiting.typing.add((room_id, user_id))
                self._news.notify()

    def hears(self, servers: Collection[str]) -> bool:
        """Return whether this server and others are heard through the broker just now."""
        oldest = self._clock() - DEAF_AFTER_S
        return all(self._heard_at.get(each, oldest) > oldest for each in (self._server, *servers))

    @property
    def is_up(self) -> bool:
        """Whether this server's own words come back."""
        return self.hears(())

    # -- the two threads --------------------------------------------------------------------------

    def _run(self, work: Callable[[], None]) -> None:
        pause_s = PAUSE_MIN_S
        while not self._stop.is_set():
            began = self._clock()
            try:
                work()
            except BrokerUnavailable as error:
                self._went_down(error)
            except Exception:  # the thread survives anything: without it, this server is deaf
                _log.exception("what goes through the broker failed")
            if self._clock() - began > PAUSE_MAX_S:
                pause_s = PAUSE_MIN_S
            self._stop.wait(pause_s * random.SystemRandom().uniform(0.5, 1.0))
            pause_s = min(PAUSE_MAX_S, pause_s * 2)

    def _speak(self) -> None:
        speaker = self._broker.speaker()
        try:
            while not self._stop.is_set():
                bells = self._next()
                speaker.say(self._seal.channel, self._seal.close(bells.to_text(self._server)))
                self.said += bool(bells)
                self._came_up()
        finally:
            speaker.close()

    def _next(self) -> Bells:
        """Take all that waits; after a second nothing at all, which says that this server is there."""
        with self._news:
            self._news.wait_for(lambda: self._waiting or self._asked or self._stop.is_set(), BEAT_EVERY_S)
            bells, self._waiting, self._asked = self._waiting, Bells(), False
            return bells

    def _hear(self) -> None:
        listener = self._broker.listener(self._seal.channel)
        deaf_at = self._clock() + DEAF_AFTER_S
        try:
            self._ask()
            while not self._stop.is_set():
                data = listener.hear(HEAR_S)
                if data is not None:
                    self._take(data)
                if self.is_up and deaf_at:
                    deaf_at = 0.0
                    self._came_up()
                    self.on_gap()
                elif not self.is_up and self._clock() > deaf_at:
                    raise BrokerUnavailable(f"nothing came back for {DEAF_AFTER_S:g} s")
        finally:
            self._heard_at.clear()
            self.on_gap()
            listener.close()

    def _ask(self) -> None:
        """Have this server's own word said now: when it comes back, all that others say is heard."""
        with self._news:
            self._asked = True
            self._news.notify()

    def _take(self, data: bytes) -> None:
        try:
            server, bells = bells_of(self._seal.open(data))
        except (ValueError, RecursionError):
            _log.debug("somebody else spoke on the broker's channel")
            return
        self._heard_at[server] = self._clock()
        if bells and server != self._server:
            self.received += 1
            self.on_heard(bells)

    def _went_down(self, error: BrokerUnavailable) -> None:
        self.failures += 1
        with self._news:
            was_up = not self._down
            self._down.add(threading.current_thread().name)
            self._waiting.typing.clear()
        if was_up:
            _log.warning(
                "the broker %s is away (%s): what other servers store is seen a moment later, typing not",
                self._broker,
                error,
            )

    def _came_up(self) -> None:
        name = threading.current_thread().name
        if name not in self._down:
            return
        with self._news:
            self._down.discard(name)
            is_up = not self._down
        if is_up:
            _log.info("the broker %s is back", self._broker)
