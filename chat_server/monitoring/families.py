"""The server's metrics, by name; it must not know in which format they are written."""

import shutil
from collections.abc import Iterator
from typing import Final

from chat_server.data_folder import last_backup_at
from chat_server.monitoring.exposition import COUNTER, GAUGE, HISTOGRAM, Family
from chat_server.parts import Parts
from chat_server.statistics import statistics_of

# Keys of `stats` that are metrics: name, kind, help.
_OF_STATS: Final = {
    "connections": ("chat_connections", GAUGE, "Open connections."),
    "connections_limit": ("chat_connections_limit", GAUGE, "The most connections at a time."),
    "signed_in": ("chat_signed_in_connections", GAUGE, "Connections of signed-in users."),
    "users_online": ("chat_users_online", GAUGE, "Users with at least one connection."),
    "messages_stored": ("chat_messages_stored", COUNTER, "Messages stored."),
    "messages_delivered": ("chat_messages_delivered", COUNTER, "Messages written to readers."),
    "waiting_for_commit": ("chat_waiting_for_commit", GAUGE, "Messages that wait for the database."),
    "waiting_for_commit_limit": ("chat_waiting_for_commit_limit", GAUGE, "The most of them."),
    "batches_to_deliver": ("chat_batches_to_deliver", GAUGE, "Stored batches that wait for the delivery."),
    "unread_bytes": ("chat_unread_bytes", GAUGE, "Bytes that clients have not read yet."),
    "broker_said": ("chat_broker_messages_said", COUNTER, "Messages to other servers through the broker."),
    "broker_heard": ("chat_broker_messages_heard", COUNTER, "Messages of other servers through the broker."),
    "broker_failures": ("chat_broker_failures", COUNTER, "How often the broker did not answer."),
    "index_rooms_waiting": ("chat_index_rooms_waiting", GAUGE, "Rooms with messages not yet searchable."),
    "files": ("chat_files", GAUGE, "Files that are kept."),
    "files_size_bytes": ("chat_files_bytes", GAUGE, "Bytes of the files and of their previews."),
    "transfers": ("chat_transfers", GAUGE, "Uploads and downloads under way."),
    "database_connections": ("chat_database_connections", GAUGE, "Open connections to the database."),
    "database_connections_limit": ("chat_database_connections_limit", GAUGE, "The most of them just now."),
    "threads": ("chat_threads", GAUGE, "Threads of the process."),
    "open_files": ("chat_open_files", GAUGE, "Open files and sockets of the process."),
    "memory_bytes": ("chat_memory_bytes", GAUGE, "Resident memory of the process."),
    "memory_peak_bytes": ("chat_memory_peak_bytes", GAUGE, "The most resident memory so far."),
}


def families(parts: Parts) -> Iterator[Family]:
    """Return every metric of a running server."""
    stats, measured = statistics_of(parts), parts.measurements
    yield Family("chat_build", GAUGE, "Always 1; the version.", {stats.version: 1}, "version")
    started = (parts.clock() - stats.running_for_ms) / 1000
    yield Family("chat_start_time_seconds", GAUGE, "When the server started.", started)
    for key, (name, kind, text) in _OF_STATS.items():
        yield Family(name, kind, text, float(getattr(stats, key)))
    if stats.broker:
        yield Family("chat_broker_up", GAUGE, "1 while the broker answers.", float(stats.broker == "up"))
    sign_ins = {"ok": 0, **measured.sign_ins.read()}
    yield Family("chat_sign_ins", COUNTER, "Sign-ins by result, ok or an error code.", sign_ins, "result")
    refusals = {"unavailable": 0, **measured.refusals.read()}
    yield Family("chat_refusals", COUNTER, "Refused requests by error code.", refusals, "code")
    posted = {"ok": 0, **measured.webhooks.read()}
    yield Family("chat_webhook_posts", COUNTER, "Posts to webhooks by result.", posted, "result")
    sent = {"ok": 0, "failed": 0, "given_up": 0, **measured.webhook_sends.read()}
    yield Family("chat_webhook_sends", COUNTER, "Messages sent on to webhooks by result.", sent, "result")
    errors = {"commit": 0, "request": 0, **measured.database_errors.read()}
    yield Family("chat_database_errors", COUNTER, "Calls that the database failed.", errors, "during")
    commit, batch = measured.commit_s.read(), measured.batch_messages.read()
    yield Family("chat_commit_seconds", HISTOGRAM, "Time to store a batch of messages.", commit)
    yield Family("chat_batch_messages", HISTOGRAM, "Messages of a batch.", batch)
    delivery = measured.delivery_s.read()
    yield Family("chat_delivery_seconds", HISTOGRAM, "Time to write a batch to its readers.", delivery)
    yield from _kept(parts)


def _kept(parts: Parts) -> Iterator[Family]:
    """Return what grows or expires without anybody's doing."""
    free = float(shutil.disk_usage(parts.data_dir).free)
    yield Family("chat_disk_free_bytes", GAUGE, "Space left where the data folder is.", free)
    if parts.encryption.ends_at:
        ends = float(parts.encryption.ends_at)
        yield Family("chat_certificate_expires_seconds", GAUGE, "When the certificate expires.", ends)
    if backup := last_backup_at(parts.data_dir):
        yield Family("chat_last_backup_seconds", GAUGE, "When the last backup was made.", backup)
