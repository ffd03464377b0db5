"""The server as a whole: makes the parts, starts and stops their threads; it holds no logic of theirs."""

import logging
import resource
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chat_protocol.errors import ChatError
from chat_protocol.events import EndEvent, Hello, ShutdownScheduledEvent
from chat_protocol.frames import encode_frame
from chat_protocol.times import now_ms
from chat_server import __version__, limits
from chat_server.conversation import handlers
from chat_server.conversation.client_thread import ClientContext, ClientThread
from chat_server.conversation.context import Services
from chat_server.live.directory import RoomDirectory
from chat_server.live.last_seen import SEEN_EVERY_S, LastSeen
from chat_server.live.presence import DIGEST_EVERY_S, Presence
from chat_server.live.rates import Rates
from chat_server.live.registry import ConnectionRegistry
from chat_server.live.session import end_all
from chat_server.live.timer import ScheduledJob, Timer
from chat_server.measurements import Measurements
from chat_server.net.certificate import Encryption
from chat_server.net.connection import Connection
from chat_server.net.encryption import PlainChannel, TlsChannel
from chat_server.net.flusher import Flusher
from chat_server.net.listener import Listener
from chat_server.options import Options
from chat_server.pipeline.catch_up import CatchUp
from chat_server.pipeline.commit import Committer, make_queues
from chat_server.pipeline.delivery import Delivery
from chat_server.pipeline.indexer import STOP_S as INDEXER_STOP_S
from chat_server.pipeline.indexer import Indexer
from chat_server.process import adapt_switch_interval, memory_bytes, open_files, prepare_process
from chat_server.reloading import Reloading
from chat_server.services.accounts.accounts import Accounts, sanction_error
from chat_server.services.audience import Audience
from chat_server.services.messages.messages import Messages
from chat_server.services.messages.search import Search
from chat_server.services.moderation.audit import Audit
from chat_server.services.moderation.moderation import Moderation
from chat_server.services.moderation.sanctions import SanctionBook
from chat_server.services.people.people import People
from chat_server.services.people.personal import PersonalData
from chat_server.services.rooms.directs import Directs
from chat_server.services.rooms.join_requests import JoinRequests
from chat_server.services.rooms.retention import TURN_EVERY_S, Retention
from chat_server.services.rooms.room_admin import RoomAdmin
from chat_server.services.rooms.rooms import Rooms
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


class ChatServer:
    """One running server.

    :param storage: opened; `stop` closes it.
    :param encryption: how connections are encrypted; not at all without one.
    """

    def __init__(
        self,
        options: Options,
        storage: Storage,
        encryption: Encryption | None = None,
    ) -> None:
        assert handlers  # imported for the handlers that it registers
        self.options = options
        self.data_dir: Path = options.data_dir
        self.storage = storage
        self.clock: Callable[[], int] = now_ms
        self.encryption = encryption or Encryption()
        self.reloading: Reloading | None = None
        self._reload_wanted = False
        self.measurements = Measurements()
        self._started_at = now_ms()
        self._build_services()
        self._build_pipeline()
        self._stopping = threading.Event()
        self._stop_reason = ""
        # Guards the two below. It may be taken again by its own thread: a signal comes at any moment.
        self._stop_lock = threading.RLock()
        self._scheduled: ScheduledJob | None = None
        self._on_stop: list[Callable[[], None]] = []

    def _build_services(self) -> None:
        storage, clock = self.storage, self.clock
        self.registry = ConnectionRegistry()
        self.audience = Audience(self.registry)
        self.directory = RoomDirectory(storage.rooms.all())
        self.audit = Audit(storage, clock)
        self.sanctions = SanctionBook(storage, clock)
        self.moderation = Moderation(
            storage, self.audience, self.directory, self.sanctions, self.audit, clock
        )
        self.moderation.registration.start_as(self.options.registration)
        self.retention = Retention(storage, self.directory, self.audit, clock)
        self.personal = PersonalData(storage, self.audit)
        rates = Rates(time.monotonic, enforced=self.options.rate_limits, limits=self.options.limits)
        self._rates = rates
        presence = Presence(storage, self.registry)
        directs = Directs(storage, self.registry, self.audience, self.directory, clock)
        requests = JoinRequests(storage, self.audience, clock)
        rooms = Rooms(
            storage, self.registry, self.audience, self.directory, directs, requests, presence, clock
        )
        self.room_admin = RoomAdmin(
            storage,
            self.registry,
            self.audience,
            self.directory,
            rooms,
            requests,
            presence,
            self.audit,
            clock,
        )
        self.accounts = Accounts(
            storage,
            self.registry,
            self.audience,
            rooms,
            self.sanctions,
            self.moderation.registration,
            presence,
            rates,
            clock,
        )
        messages = Messages(storage, self.audience, rooms, directs, self.sanctions, clock)
        self.services = Services(
            registry=self.registry,
            directory=self.directory,
            accounts=self.accounts,
            rooms=rooms,
            room_admin=self.room_admin,
            messages=messages,
            moderation=self.moderation,
            notices=self.moderation.notices,
            people=People(storage, self.audience),
            presence=presence,
            sanctions=self.sanctions,
            rates=rates,
            search=Search(storage, self.directory, rooms),
        )

    def _build_pipeline(self) -> None:
        self._submissions, batches = make_queues(self.options.limits.waiting_max)
        self._batches = batches
        self.indexer = Indexer(self.storage.search.index)
        self._committer = Committer(
            self.storage,
            self._submissions,
            batches,
            self.clock,
            follow=self.indexer.stored,
            measurements=self.measurements,
        )
        self._delivery = Delivery(self.registry, batches, CatchUp(self.storage).missing, self.measurements)
        self._flusher = Flusher()
        self._last_seen = LastSeen(self.storage, self.registry, self.clock)
        self._timer = Timer()
        self._conversing = ClientContext(
            services=self.services,
            submissions=self._submissions,
            timer=self._timer,
            greeting=self._greeting,
            clock=self.clock,
            handshake_s=self.options.limits.handshake_s,
            sign_in_s=self.options.limits.sign_in_s,
            measurements=self.measurements,
        )
        self._listener = Listener(self.options.host, self.options.port, self._admit, self._serve)
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
        prepare_process(self.options.connections)
        for part in (self._flusher, self._timer, self._committer, self._delivery, self.indexer):
            part.start()
        self._timer.every(DIGEST_EVERY_S, self.services.presence.digest)
        self._timer.every(DIGEST_EVERY_S, lambda: adapt_switch_interval(self.registry.open_count()))
        self._timer.every(SEEN_EVERY_S, self._last_seen.store)
        self._timer.every(EXPIRE_EVERY_S, self.sanctions.expire)
        self._timer.every(TURN_EVERY_S, self.retention.apply)
        self._listening.start()

    def ask_for_reload(self) -> None:
        """Have the main thread read the settings again, soon; a signal handler may call this."""
        self._reload_wanted = True

    def apply(self, options: Options, encryption: Encryption) -> None:
        """Use other settings and another certificate from now on; connections that are open stay.

        Only what is read at its use can differ from the start: `config.table` has the list.
        """
        self.options, self.encryption = options, encryption
        self._rates.apply(options.limits)

    def wait(self, reload: Callable[[], None] | None = None) -> None:
        """Wait for a shutdown, on the main thread.

        It wakes now and then: a signal that comes after Python's last look and before the thread sleeps is
        handled when it wakes, and in an endless wait never. It takes no lock, which a handler would need too.

        :param reload: what is called when :meth:`ask_for_reload` was.
        """
        while not self._stopping.is_set():
            time.sleep(WAIT_S)
            if self._reload_wanted and reload is not None:
                self._reload_wanted = False
                reload()

    def on_stop(self, callback: Callable[[], None]) -> None:
        """Call back when a shutdown begins: at once, when it has."""
        with self._stop_lock:
            self._on_stop.append(callback)
        if self._stopping.is_set():
            callback()

    def request_shutdown(self, delay_s: float = 0, reason: str = "") -> None:
        """Stop the server, after a delay of which all clients are told."""
        self.cancel_shutdown()
        self._stop_reason = reason
        if delay_s <= 0:
            self._begin_stop()
            return
        with self._stop_lock:
            self._scheduled = self._timer.after(delay_s, self._begin_stop)
        self._tell_all(ShutdownScheduledEvent(self.clock() + int(delay_s * 1000), reason))

    def cancel_shutdown(self) -> bool:
        """Call a shutdown off that has not begun; return whether there was one."""
        with self._stop_lock:
            scheduled, self._scheduled = self._scheduled, None
        if scheduled is None or self._stopping.is_set():
            return False
        scheduled.cancel()
        self._tell_all(ShutdownScheduledEvent(None))
        return True

    def _begin_stop(self) -> None:
        self._stopping.set()
        with self._stop_lock:
            callbacks = list(self._on_stop)
        for callback in callbacks:
            callback()

    def stop(self) -> None:
        """Commit and deliver what was submitted, say goodbye, and end the threads, within five seconds."""
        self._stopping.set()
        self._listener.shutdown()
        self._listener.server_close()
        stored = self._committer.stop(COMMIT_STOP_S)
        if stored:
            self._delivery.stop(COMMIT_STOP_S / 2)
            self._last_seen.store_within(SEEN_STOP_S)
        else:  # nor would it answer anybody else: what follows does not wait for it
            _log.error("the database does not answer: %d messages were not stored", len(self._submissions))
        self._end_clients()
        self._timer.stop(TIMER_STOP_S)
        self._flusher.stop()
        self.indexer.stop(INDEXER_STOP_S if stored else 0)
        self.storage.close()

    def _end_clients(self) -> None:
        """Say goodbye to one group after another: threads that wake all at once hinder each other."""
        give_up_at = time.monotonic() + CLIENTS_STOP_S
        sessions = self.registry.open_sessions()
        for start in range(0, len(sessions), CLIENTS_STOP_GROUP):
            group = sessions[start : start + CLIENTS_STOP_GROUP]
            end_all(group, EndEvent("shutdown", self._stop_reason))
            left = len(sessions) - start - len(group)
            self._wait_for_fewer_than(left + 1, min(give_up_at, time.monotonic() + CLIENTS_STOP_PAUSE_S))
        self._wait_for_fewer_than(1, give_up_at)
        for session in self.registry.open_sessions()[:CLIENTS_STOP_GROUP]:
            session.connection.abandon()

    def _wait_for_fewer_than(self, count: int, deadline: float) -> None:
        while self.registry.open_count() >= count and time.monotonic() < deadline:
            time.sleep(0.005)

    # -- what the threads call --------------------------------------------------------------------

    def _admit(self, address: str) -> bytes | None:
        """Decide, on the listener's thread, whether an address may connect."""
        record = self.sanctions.check_address(address)
        if record is not None:
            return self._last_words(sanction_error(record))
        if self.registry.open_count() >= self.options.connections:
            _log.warning("%s was refused: there are %d clients already", address, self.options.connections)
            return self._last_words(ChatError("unavailable", "The server is full; try again later."))
        return None

    def _last_words(self, error: ChatError) -> bytes:
        # Under TLS nothing can be said before the handshake, which is what a banned address must not cost.
        return b"" if self.encryption.context else encode_frame(error.to_frame())

    def _serve(self, sock: socket.socket, address: str) -> None:
        """Run a client's conversation, on its own thread."""
        context = self.encryption.context  # a reload may replace it
        channel = TlsChannel(context) if context else PlainChannel()
        slow = encode_frame(
            EndEvent(
                "slow_consumer", "You fell too far behind and were disconnected; please reconnect."
            ).to_frame()
        )
        connection = Connection(
            sock,
            channel,
            self._flusher,
            last_words=slow,
            backlog_max_bytes=self.options.limits.backlog_max_bytes,
        )
        ClientThread(connection, address, self._conversing).run()

    def _greeting(self) -> Hello:
        return Hello(self.options.name, __version__, self.moderation.registration.state)

    def _tell_all(self, event: ShutdownScheduledEvent) -> None:
        self.audience.to_everyone(event)

    def stats(self) -> dict[str, Any]:
        """Return how the server does, as the console shows it."""
        open_sessions = self.registry.open_sessions()
        measured = self.measurements
        return {
            "version": __version__,
            "running_for_ms": self.clock() - self._started_at,
            "connections": len(open_sessions),
            "connections_limit": self.options.connections,
            "signed_in": self.registry.count(),
            "users_online": len(self.registry.online_users()),
            "messages_stored": self._committer.stored,
            "messages_delivered": self._delivery.delivered,
            "waiting_for_commit": len(self._submissions),
            "waiting_for_commit_limit": self.options.limits.waiting_max,
            "batches_to_deliver": len(self._batches),
            "batches_to_deliver_limit": limits.DELIVERIES_WAITING_MAX,
            "commit_mean_ms": round(measured.commit_s.read().mean * 1000, 1),
            "batch_mean_messages": round(measured.batch_messages.read().mean, 1),
            "delivery_mean_ms": round(measured.delivery_s.read().mean * 1000, 1),
            "sign_ins": measured.sign_ins.read().get("ok", 0),
            "refusals": measured.refusals.total,
            "database_errors": measured.database_errors.total,
            "index_rooms_waiting": self.indexer.rooms_waiting,
            "unread_bytes": sum(session.connection.waiting_bytes for session in open_sessions),
            "unread_per_connection_limit_bytes": self.options.limits.backlog_max_bytes,
            "threads": threading.active_count(),
            "open_files": open_files(),
            "memory_bytes": memory_bytes(),
            "memory_peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        }
