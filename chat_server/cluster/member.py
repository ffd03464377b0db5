"""This server as one of several: its thread beats, takes its turn, sweeps and reads; it knows no rule.

Whatever fails is tried again soon: the database has everything, and an outage is the storage's to log.
"""

import json
import logging
import platform
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from chat_protocol.times import now_ms
from chat_server.cluster.doorbell import Doorbell
from chat_server.cluster.feed import Feed, Outbox
from chat_server.cluster.online import Online
from chat_server.cluster.sweep import Sweep
from chat_server.storage.core.errors import StorageError
from chat_server.storage.mysql.servers import ONLINE, SAID, SILENT_MS, TURN_S, Change, ServerRecord, Servers

BEAT_EVERY_S: Final = 2.0
TELLINGS: Final = 3  # who was signing in at the first one hears a later one
CLEAN_EVERY_S: Final = 600.0
COMPARE_EVERY_S: Final = 60.0
LOOK_EVERY_S: Final = 0.1
LOOK_REST: Final = 20  # a look rests so many times as long as it took, and so takes a 20th of a core
BELL_REST: Final = 4  # where a bell asked for it
LOOK_MAX_S: Final = 1.0  # and the usual pause while bells tell of what there is to see
APART_MAX_MS: Final = 1_000
STOP_S: Final = 1.0  # of the five seconds in which the server stops
STOP: Final = "stop"  # some servers are to stop after `number` ms; CALL_OFF: they are not
CALL_OFF: Final = -1
UPKEEP: Final = "upkeep"  # retention, the search index, removed files: one server does them

_log = logging.getLogger("chat.cluster")


@dataclass(frozen=True, slots=True)
class Face:
    """What the other servers, and people, see of this one."""

    address: str
    version: str
    fingerprint: str
    online: int


@dataclass(frozen=True, slots=True)
class Exchange:
    """What goes between the servers, and how: what is told and heard, messages, who is connected.

    :param doorbell: None without a broker.
    """

    outbox: Outbox
    feed: Feed
    sweep: Sweep
    online: Online
    doorbell: Doorbell | None = None


class Member:
    """One of the servers of a cluster.

    :param face: returns what is shown of this server.
    :param stored: hears of rooms in which something was stored, where this server keeps the search index.
    :param compare: looks whether what is in memory is what is stored.
    :param on_turn: called when this server has become the one that does the common work.
    """

    def __init__(
        self,
        servers: Servers,
        exchange: Exchange,
        face: Callable[[], Face],
        stored: Callable[[set[int], int], None],
        on_turn: Callable[[], None],
        compare: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._servers = servers
        self._outbox, self._feed = exchange.outbox, exchange.feed
        self._sweep, self._online = exchange.sweep, exchange.online
        self.doorbell = exchange.doorbell
        self._alive: set[str] = set()  # servers, this one among them
        self._face = face
        self._stored = stored
        self._on_turn = on_turn
        self._compare = compare
        self._compare_at = clock() + COMPARE_EVERY_S
        self._clock = clock
        #: Where this chat's servers are, `host:port` each; clients are told. Replaced as a whole.
        self.addresses: tuple[str, ...] = ()
        self._tellings = 0
        #: Called with them at a few beats after they have changed, on this server's cluster thread.
        self.on_moved: Callable[[tuple[str, ...]], object] = lambda _addresses: None
        #: Called with a delay in ms, or CALL_OFF, and a reason when somebody stops this server from another.
        self.on_stop: Callable[[int, str], object] = lambda _delay_ms, _reason: None
        #: Called when another server has changed the schema to one that this one cannot read.
        self.on_outdated: Callable[[], object] = lambda: None
        self._outdated = False
        self._beat_at = 0.0
        self._clean_at = clock() + CLEAN_EVERY_S
        self._turn_ends_at = 0.0
        self._look_at = 0.0
        self._rung = threading.Event()  # there is something to send or to read, or the end has come
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="cluster", daemon=True)

    def start(self) -> None:
        """Say that this server is there, apply what was done since it read its storage, and go on so."""
        self.turn()
        for other in self.others():
            if other.fingerprint != self._face().fingerprint and other.silent_ms < SILENT_MS:
                _log.warning(
                    "the server %s has another certificate than this one: clients that know one refuse the"
                    " other; give both the same --tls-cert and --tls-key",
                    other.name,
                )
        self._check_clock()
        if self.doorbell is not None:
            self.doorbell.start()
        self._thread.start()

    def stop(self) -> None:
        """Tell the others what waits, and that this server ends; wait for that a second at most."""
        self._stop.set()
        self._rung.set()
        if self._thread.is_alive():
            self._thread.join(STOP_S)
        if self.doorbell is not None:
            self.doorbell.stop()

    def ring(self) -> None:
        """Have the cluster's thread, now, send what waits and read what others told; any thread."""
        self._rung.set()

    def look(self) -> None:
        """Have it look at the rooms now, too: bells may have been missed; any thread."""
        self._look_at = 0.0
        self._rung.set()

    def others(self) -> list[ServerRecord]:
        """Return the other servers, those that ended without a word among them."""
        return [each for each in self._servers.all() if each.id != self._servers.id]

    @property
    def name(self) -> str:
        """What people call this server: its machine and its port."""
        return f"{platform.node()}:{self._face().address.rpartition(':')[2]}"

    def stop_others(self, delay_ms: int, reason: str, name: str = "") -> list[ServerRecord]:
        """Have other servers stop after a delay, or with CALL_OFF not stop; return whom that was told.

        Those that are silent are among them: they hear of it if they still live.

        :param name: of one of them; empty for all.
        """
        told = [each for each in self.others() if name in ("", each.name)]
        # By number, which is another one after a restart: who comes back meanwhile does not stop again.
        detail = json.dumps({"servers": [each.id for each in told], "reason": reason})
        self._outbox.put(STOP, max(CALL_OFF, delay_ms), 0, detail)
        return told

    @property
    def has_turn(self) -> bool:
        """Whether the common work is this server's."""
        return self._clock() < self._turn_ends_at

    def turn(self, *, read: bool = True, look: bool = True) -> None:
        """Do all of it once; never raise.

        :param read: what others told.
        :param look: at the rooms.
        """
        for act in (
            self._outbox.send,
            self._beat,
            self._online.tell,
            *([self._feed.read] if read else ()),
            *([self._look] if look else ()),
            self._tidy,
        ):
            try:
                act()
            except StorageError as error:
                _log.debug("the cluster waits for the database: %s", error)
            except Exception:  # the thread survives anything: without it, nothing of the others is seen
                _log.exception("a look at the other servers failed")

    def applied(self, change: Change, apply: Callable[[Change], None]) -> None:
        """Apply one change that another server told."""
        if change.kind == SAID:
            self._stored({change.number}, 1)
            self._sweep.direct(change.number, change.other)
        elif change.kind == STOP:
            detail = json.loads(change.detail)
            if self._servers.id in detail["servers"]:
                self.on_stop(change.number, detail["reason"])
        elif change.kind == ONLINE:
            self._online.hear(change)
        else:
            apply(change)

    def _check_clock(self) -> None:
        """Warn of a clock that differs: messages carry the time of the server that stored them."""
        try:
            apart_ms = self._servers.now() - now_ms()
        except StorageError:  # there is an outage, which the storage has logged
            return
        if abs(apart_ms) > APART_MAX_MS:
            _log.warning(
                "this machine's clock is %.1f s apart from the database's: set both by NTP, or messages"
                " carry wrong times",
                abs(apart_ms) / 1000,
            )

    def _run(self) -> None:
        while not self._stop.is_set():
            began, rung = self._clock(), self._rung.is_set()
            self._rung.clear()
            due = self._is_look_due(began)
            self.turn(read=due or rung, look=due)
            rest = LOOK_REST if due else BELL_REST
            rest_s = min(LOOK_MAX_S, rest * (self._clock() - began))
            self._stop.wait(rest_s)
            self._rung.wait(max(0.0, LOOK_EVERY_S - rest_s))
        try:
            self._outbox.send()
            self._servers.leave()
        except StorageError as error:  # the others see that its row stands still
            _log.debug("the other servers are not told of the end: %s", error)

    def _is_look_due(self, now: float) -> bool:
        if now < self._look_at:
            return False
        self._look_at = now + (LOOK_MAX_S if self._hears_others() else LOOK_EVERY_S)
        return True

    def _hears_others(self) -> bool:
        """Whether bells tell of all that the servers which live have stored."""
        return self.doorbell is not None and self.doorbell.hears(self._alive)

    def _look(self) -> None:
        found = self._sweep.look()
        if found:
            self._stored(found, len(found))

    def _beat(self) -> None:
        now = self._clock()
        if now < self._beat_at:
            return
        self._see_whether_outdated()
        face = self._face()
        self._servers.beat(self.name, face.address, face.version, face.fingerprint, face.online)
        servers = self._servers.all()
        alike = {each.address for each in servers if each.fingerprint == face.fingerprint}
        self._tell_addresses(tuple(sorted(alike)))
        self._see_who_lives({each.id for each in servers if each.silent_ms < SILENT_MS})
        had_turn = self.has_turn
        if self._servers.take_turn(UPKEEP):
            self._turn_ends_at = now + TURN_S - BEAT_EVERY_S
            if not had_turn:
                self._on_turn()
        else:
            self._turn_ends_at = 0.0
        self._beat_at = now + BEAT_EVERY_S

    def _see_whether_outdated(self) -> None:
        """Stop where a newer server changed the schema while this one stood still, and so did not wait."""
        if self._outdated or not self._servers.is_outdated():
            return
        self._outdated = True
        _log.error("A newer server has changed the database to what this one cannot read; this one stops")
        self.on_outdated()

    def _see_who_lives(self, alive: set[str]) -> None:
        if alive != self._alive:
            self._online.compare()  # the users of one that has ended are gone
            self._alive = alive

    def _tell_addresses(self, addresses: tuple[str, ...]) -> None:
        if addresses != self.addresses:
            self.addresses = addresses
            self._tellings = TELLINGS
        if self._tellings:
            self._tellings -= 1
            self.on_moved(addresses)

    def _tidy(self) -> None:
        now = self._clock()
        if now >= self._compare_at:
            self._compare_at = now + COMPARE_EVERY_S
            self._compare()
            self._online.compare()
        if self.has_turn and now >= self._clean_at:
            self._clean_at = now + CLEAN_EVERY_S
            self._servers.forget_old()
