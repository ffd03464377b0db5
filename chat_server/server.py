"""The server's life: threads start, clients are admitted and served, all ends in order; it makes no part."""

import ipaddress
import logging
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import replace

from chat_protocol.errors import ChatError
from chat_protocol.frames import encode_frame
from chat_protocol.server_events import CAPABILITIES, EndEvent, Hello
from chat_server import __version__
from chat_server.assembly import assemble
from chat_server.conversation.client_thread import ClientContext, ClientThread
from chat_server.live.clock_watch import LOOK_EVERY_S, ClockWatch
from chat_server.live.last_seen import SEEN_EVERY_S
from chat_server.live.presence import DIGEST_EVERY_S
from chat_server.live.rates import too_fast
from chat_server.live.session import end_all
from chat_server.live.silence import overdue
from chat_server.live.unread_bytes import to_give_way
from chat_server.net.certificate import Encryption
from chat_server.net.connection import Connection
from chat_server.net.encryption import PlainChannel, TlsChannel
from chat_server.net.listener import Listener
from chat_server.options import Options, places_for_guests
from chat_server.parts import Parts
from chat_server.pipeline.indexer import STOP_S as INDEXER_STOP_S
from chat_server.process import adapt_switch_interval, prepare_process
from chat_server.renewal import EndOfCertificate
from chat_server.services.accounts.accounts import sanction_error
from chat_server.services.accounts.devices import NOTE_EVERY_S
from chat_server.services.files.sweeper import TURN_EVERY_S as SWEEP_EVERY_S
from chat_server.services.rooms.retention import TURN_EVERY_S
from chat_server.services.vocabulary.addresses import parse_networks
from chat_server.storage import Storage

_log = logging.getLogger("chat.server")

COMMIT_STOP_S = 2.0  # of the five seconds in which the server stops
CLIENTS_STOP_S = 1.5
SEEN_STOP_S = 0.5
TIMER_STOP_S = 0.5
WAIT_S = 0.25
CLIENTS_STOP_GROUP = 250
CLIENTS_STOP_PAUSE_S = 0.05  # for the threads of a group, before the next one wakes
EXPIRE_EVERY_S = 5.0
UNREAD_EVERY_S = 0.5
CERTIFICATE_EVERY_S = 600.0
SILENCE_EVERY_S = 2.0
TELL_FULL_EVERY_S = 60.0


class ChatServer:
    """One running server; `parts` is what it consists of.

    :param storage: opened; `stop` closes it.
    :param encryption: how connections are encrypted; not at all without one.
    """

    def __init__(self, options: Options, storage: Storage, encryption: Encryption | None = None) -> None:
        self.parts: Parts = assemble(options, storage, encryption or Encryption())
        self._reload_wanted = False
        self._turned_away, self._tell_full_at = 0, 0.0  # counted without a lock: it is for the log
        self._context = ClientContext(
            services=self.parts.services,
            submissions=self.parts.pipeline.submissions,
            timer=self.parts.timer,
            greeting=self._greeting,
            clock=self.parts.clock,
            handshake_s=options.limits.handshake_s,
            sign_in_s=options.limits.sign_in_s,
            measurements=self.parts.measurements,
            is_crowded=self._is_crowded,
        )
        self._listener = Listener(
            options.host,
            options.port,
            self._admit,
            self._serve,
            full=self._full,
            is_proxy=_proxies(options.proxy_from),
            known=self._context.services.strangers.is_known,
            give_way=self._context.services.right_of_way.give,
        )
        self.parts.port = self._listener.port
        self._listening = threading.Thread(
            target=self._listener.serve_forever, kwargs={"poll_interval": 0.25}, name="listener", daemon=True
        )

    # -- its life ---------------------------------------------------------------------------------

    @property
    def port(self) -> int:
        """The port in use."""
        return self._listener.port

    def start(self) -> None:
        """Start all threads; clients may connect from now on."""
        parts, pipeline = self.parts, self.parts.pipeline
        prepare_process()
        pipeline.flusher.start()
        parts.timer.start()
        pipeline.committer.start()
        pipeline.delivery.start()
        pipeline.indexer.start()
        parts.webhook_sender.start()
        parts.timer.every(DIGEST_EVERY_S, parts.services.presence.digest)
        parts.timer.every(DIGEST_EVERY_S, lambda: adapt_switch_interval(parts.registry.open_count()))
        parts.timer.every(UNREAD_EVERY_S, self._bound_unread)
        parts.timer.every(SILENCE_EVERY_S, self._end_silent)
        parts.timer.every(SEEN_EVERY_S, parts.last_seen.store)
        parts.timer.every(NOTE_EVERY_S, parts.devices.note)
        parts.timer.every(EXPIRE_EVERY_S, parts.sanctions.expire)
        parts.timer.every(TURN_EVERY_S, self._if_our_turn(parts.retention.apply))
        parts.timer.every(LOOK_EVERY_S, ClockWatch(parts.clock).look)
        parts.timer.every(CERTIFICATE_EVERY_S, EndOfCertificate(parts).look)
        if parts.options.files:
            parts.timer.every(SWEEP_EVERY_S, self._if_our_turn(parts.sweeper.apply))
        if parts.cluster is not None:
            parts.cluster.start()
        self._listening.start()

    def _if_our_turn(self, job: Callable[[], object]) -> Callable[[], None]:
        """Return a job that one server at a time does, of those that share a database."""

        def run() -> None:
            if self.parts.cluster is None or self.parts.cluster.has_turn:
                job()

        return run

    def _bound_unread(self) -> None:
        if not self.parts.pipeline.flusher.is_behind():  # ten thousand who read cost nothing
            return
        for session in to_give_way(
            self.parts.registry.sessions(), self.parts.options.limits.unread_max_bytes
        ):
            _log.warning(
                "%s left too much unread while memory is short, and is disconnected", session.username
            )
            session.connection.give_up()

    def _end_silent(self) -> None:
        sessions, limits = self.parts.registry.sessions(), self.parts.options.limits
        for session, error in overdue(sessions, limits, time.monotonic()):
            _log.info("%s at %s is disconnected: %s", session.username, session.address, error)
            session.connection.end(encode_frame(error.to_frame()))

    def ask_for_reload(self) -> None:
        """Have the main thread read the settings again, soon; a signal handler may call this."""
        self._reload_wanted = True

    def take_reload_request(self) -> bool:
        """Return whether :meth:`ask_for_reload` was called since the last look."""
        wanted, self._reload_wanted = self._reload_wanted, False
        return wanted

    def wait(self, look: Callable[[], None] | None = None) -> None:
        """Wait for a shutdown, on the main thread.

        It wakes now and then: a signal that comes after Python's last look and before the thread sleeps is
        handled when it wakes, and in an endless wait never. It takes no lock, which a handler would need too.

        :param look: called each time.
        """
        while not self.parts.shutdown.begun:
            time.sleep(WAIT_S)
            if look is None:
                continue
            try:
                look()
            except Exception:  # whatever it is, people go on talking
                _log.exception("what a signal asked for failed")

    def stop(self) -> None:
        """Commit and deliver what was submitted, say goodbye, and end the threads, within five seconds."""
        parts, pipeline = self.parts, self.parts.pipeline
        parts.shutdown.begin()
        self._listener.shutdown()
        self.close()
        stored = pipeline.committer.stop(COMMIT_STOP_S)
        if stored:
            pipeline.delivery.stop(COMMIT_STOP_S / 2)
            parts.last_seen.store_within(SEEN_STOP_S)
        else:  # nor would it answer anybody else: what follows does not wait for it
            waiting = len(pipeline.submissions)
            _log.error("the database does not answer: %d messages were not stored", waiting)
        self._end_clients()
        parts.timer.stop(TIMER_STOP_S)
        if parts.cluster is not None:
            parts.cluster.stop()
        pipeline.flusher.stop()
        pipeline.indexer.stop(INDEXER_STOP_S if stored else 0)
        parts.webhook_sender.stop()
        if stored:
            parts.storage.close()
        else:
            parts.storage.close(release_max_s=0)

    def close(self) -> None:
        """Close the listening socket; all that there is to close before `start`."""
        self._listener.server_close()

    def _end_clients(self) -> None:
        """Say goodbye to one group after another: threads that wake all at once hinder each other."""
        give_up_at = time.monotonic() + CLIENTS_STOP_S
        sessions = self.parts.registry.open_sessions()
        for start in range(0, len(sessions), CLIENTS_STOP_GROUP):
            group = sessions[start : start + CLIENTS_STOP_GROUP]
            end_all(group, EndEvent("shutdown", self.parts.shutdown.reason))
            left = len(sessions) - start - len(group)
            self._wait_for_fewer_than(left + 1, min(give_up_at, time.monotonic() + CLIENTS_STOP_PAUSE_S))
        self._wait_for_fewer_than(1, give_up_at)
        for session in self.parts.registry.open_sessions()[:CLIENTS_STOP_GROUP]:
            session.connection.abandon()

    def _wait_for_fewer_than(self, count: int, deadline: float) -> None:
        while self.parts.registry.open_count() >= count and time.monotonic() < deadline:
            time.sleep(0.005)

    # -- what the listener and the clients' threads call ------------------------------------------

    def _admit(self, address: str) -> bytes | None:
        """Decide, before anything else is done for a client, whether its address may connect."""
        record = self.parts.sanctions.check_address(address)
        if record is not None:
            return self._last_words(sanction_error(record))
        if wait_s := self.parts.services.strangers.wait_at_door_s(address):
            return self._last_words(too_fast(wait_s))
        if not self._make_place():
            self._tell_full(address)
            return self._full()
        return None

    def _tell_full(self, address: str) -> None:
        """Say in the log that there is no place, once a minute: who knocks must not fill the disk."""
        self._turned_away += 1
        if time.monotonic() < self._tell_full_at:
            return
        most = self.parts.options.connections
        _log.warning(
            "%s was refused: there are %d clients already; so were %d others since the last such line",
            address, most, self._turned_away - 1,
        )  # fmt: skip
        self._turned_away, self._tell_full_at = 0, time.monotonic() + TELL_FULL_EVERY_S

    def _full(self) -> bytes:
        return self._last_words(ChatError("unavailable", "The server is full; try again later."))

    def _make_place(self) -> bool:
        """Return whether there is a place; a guest gives his to a newcomer before the last ones are taken."""
        parts = self.parts
        open_count, most = parts.registry.open_count(), parts.options.connections
        if open_count < places_for_guests(parts.options):
            return True
        guest = parts.registry.guest_to_give_way()
        if guest is not None:
            guest.connection.abandon()
            return True
        return open_count < most

    def _is_crowded(self) -> bool:
        """Return whether the places that are left are kept for those who come back with a token."""
        return self.parts.registry.count() >= places_for_guests(self.parts.options)

    def _last_words(self, error: ChatError) -> bytes:
        # Under TLS nothing can be said before the handshake, which is what a banned address must not cost.
        return b"" if self.parts.encryption.context else encode_frame(error.to_frame())

    def _serve(self, sock: socket.socket, address: str) -> None:
        """Run a client's conversation, on its own thread."""
        context = self.parts.encryption.context  # a reload may replace it
        connection = Connection(
            sock,
            TlsChannel(context) if context else PlainChannel(),
            self.parts.pipeline.flusher,
            last_words=_TOO_SLOW,
            backlog_max_bytes=self.parts.options.limits.backlog_max_bytes,
        )
        ClientThread(connection, address, self._context).run()

    def _greeting(self) -> Hello:
        state, files = self.parts.registration.state, self.parts.services.files
        hello = Hello(self.parts.options.name, __version__, state, now=self.parts.clock())
        words = [word for word in CAPABILITIES if word != "files" or files.enabled]
        announced = self.parts.encryption.next_fingerprint or None
        servers = list(self.parts.cluster.addresses) if self.parts.cluster else None
        hello = replace(hello, next_fingerprint=announced, servers=servers)
        return replace(hello, capabilities=words, limits=hello.limits | files.told_limits())


_TOO_SLOW = encode_frame(
    EndEvent("slow_consumer", "You fell too far behind and were disconnected; please reconnect.").to_frame()
)


def _proxies(text: str) -> Callable[[str], bool]:
    """Return what tells whether an address is that of a proxy."""
    networks = parse_networks(text)
    return lambda address: any(ipaddress.ip_address(address) in network for network in networks)
