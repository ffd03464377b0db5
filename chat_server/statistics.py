"""How the server does, as figures of the moment; it must not know who shows them."""

import resource
import threading
import time
from dataclasses import dataclass

from chat_server import __version__, limits
from chat_server.options import places_for_guests
from chat_server.parts import Parts
from chat_server.process import memory_bytes, open_files


@dataclass(frozen=True, slots=True)
class Statistics:
    """What the console and the metrics show; the names are those that `stats --json` prints."""

    version: str
    running_for_ms: int
    connections: int
    connections_limit: int
    signed_in: int
    users_online: int
    strangers_limit: int
    strangers_refused: int
    connections_per_user_limit: int
    messages_stored: int
    messages_delivered: int
    waiting_for_commit: int
    waiting_for_commit_limit: int
    batches_to_deliver: int
    batches_to_deliver_limit: int
    commit_mean_ms: float
    batch_mean_messages: float
    delivery_mean_ms: float
    sign_ins: int
    invitations: int
    refusals: int
    webhook_messages: int
    webhook_refusals: int
    webhook_sends: int
    webhook_sends_failed: int
    webhook_sends_given_up: int
    database_errors: int
    database_connections: int
    database_connections_limit: int
    broker: str
    broker_said: int
    broker_heard: int
    broker_failures: int
    index_rooms_waiting: int
    files: int
    files_size_bytes: int
    transfers: int
    transfers_limit: int
    unread_bytes: int
    unread_limit_bytes: int
    unread_per_connection_limit_bytes: int
    certificate_days_left: int | None
    threads: int
    open_files: int
    memory_bytes: int
    memory_peak_bytes: int


def statistics_of(parts: Parts) -> Statistics:
    """Return the figures of this moment."""
    open_sessions = parts.registry.open_sessions()
    pipeline, measured = parts.pipeline, parts.measurements
    posted, sent = measured.webhooks.read(), measured.webhook_sends.read()
    doorbell = parts.cluster.doorbell if parts.cluster else None
    database_connections, database_connections_limit = parts.storage.database.connections()
    return Statistics(
        version=__version__,
        running_for_ms=int((time.monotonic() - parts.started_s) * 1000),
        connections=len(open_sessions),
        connections_limit=parts.options.connections,
        signed_in=parts.registry.count(),
        users_online=len(parts.registry.online_users()),
        strangers_limit=places_for_guests(parts.options),
        strangers_refused=parts.services.strangers.refused,
        connections_per_user_limit=parts.options.limits.connections_per_user,
        messages_stored=pipeline.committer.stored,
        messages_delivered=pipeline.delivery.delivered,
        waiting_for_commit=len(pipeline.submissions),
        waiting_for_commit_limit=parts.options.limits.waiting_max,
        batches_to_deliver=len(pipeline.batches),
        batches_to_deliver_limit=limits.DELIVERIES_WAITING_MAX,
        commit_mean_ms=round(measured.commit_s.read().mean * 1000, 1),
        batch_mean_messages=round(measured.batch_messages.read().mean, 1),
        delivery_mean_ms=round(measured.delivery_s.read().mean * 1000, 1),
        sign_ins=measured.sign_ins.read().get("ok", 0),
        invitations=parts.invitations.count(),
        refusals=measured.refusals.total,
        webhook_messages=posted.pop("ok", 0),
        webhook_refusals=sum(posted.values()),
        webhook_sends=sent.get("ok", 0),
        webhook_sends_failed=sent.get("failed", 0),
        webhook_sends_given_up=sent.get("given_up", 0),
        database_errors=measured.database_errors.total,
        database_connections=database_connections,
        database_connections_limit=database_connections_limit,
        broker=("up" if doorbell.is_up else "away") if doorbell else "",
        broker_said=doorbell.said if doorbell else 0,
        broker_heard=doorbell.received if doorbell else 0,
        broker_failures=doorbell.failures if doorbell else 0,
        index_rooms_waiting=pipeline.indexer.rooms_waiting,
        files=parts.sweeper.usage.files,
        files_size_bytes=parts.sweeper.usage.bytes,
        transfers=parts.services.files.places.taken,
        transfers_limit=parts.options.limits.transfers,
        unread_bytes=sum(session.connection.waiting_bytes for session in open_sessions),
        unread_limit_bytes=parts.options.limits.unread_max_bytes,
        unread_per_connection_limit_bytes=parts.options.limits.backlog_max_bytes,
        certificate_days_left=_days_left(parts),
        threads=threading.active_count(),
        open_files=open_files(),
        memory_bytes=memory_bytes(),
        memory_peak_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    )


def _days_left(parts: Parts) -> int | None:
    """Return for how many days the certificate holds; None where there is none, or its end is not known."""
    ends_at = parts.encryption.ends_at
    return int((ends_at - parts.clock() / 1000) // 86_400) if ends_at else None
