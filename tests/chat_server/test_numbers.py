"""The server's numbers: how soon, how long and how much; a user or an administrator notices each of them.

Those that administrators set or the protocol promises are tested where they stand.
"""

from typing import Any, Final

import pytest

from tests.support.numbers import numbers_of

NUMBERS: Final[dict[str, dict[str, Any]]] = {
    "services.vocabulary.durations": {"SECOND_MS": 1_000, "LONGEST_MS": 3_153_600_000_000},
    "services.moderation.audit": {
        "LISTING_MAX": 500,
        "WAITING_MAX": 1_000,
        "DETAIL_MAX_CHARS": 1_000,
        "TARGET_MAX_CHARS": 200,
    },
    "services.rooms.room_names": {"_TRIES": 20},
    "services.rooms.retention": {
        "TURN_EVERY_S": 1.0,
        "LOOK_EVERY_MS": 300_000,
        "BATCH_MESSAGES": 500,
        "BATCHES_A_TURN": 4,
    },
    "services.files.scanning": {"RETRY_AFTER_S": 30.0, "WORDS_MAX_CHARS": 200, "REFUSED": 1},
    "services.files.sweeper": {
        "TURN_EVERY_S": 1.0,
        "LOOK_EVERY_MS": 60_000,
        "UNNAMED_MS": 86_400_000,
        "BATCH_FILES": 100,
    },
    "services.files.uploads": {"PREVIEW_SIDE_MAX": 2_048, "UNNAMED_MAX": 100, "PARTIALS_MAX": 10},
    "services.files.places": {"RETRY_AFTER_S": 1.0},
    "services.messages.search": {"NAMESAKES_MAX": 20},
    "services.messages.unread": {"SIGN_IN_MAX": 10_000, "ASKED_MAX": 200_000},
    "services.webhooks.incoming": {"NOTED_EVERY_MS": 60_000},
    "services.webhooks.outgoing": {"URL_MAX_CHARS": 2_000},
    "services.accounts.passwords": {"_SALT_BYTES": 16, "PAUSE_MAX_S": 1.0},
    "services.accounts.devices": {
        "DEVICES_MAX": 20,
        "NOTE_EVERY_S": 60.0,
        "USED_EVERY_MS": 3_600_000,
        "LOOK_EVERY_MS": 86_400_000,
        "DAY_MS": 86_400_000,
        "BATCH_TOKENS": 500,
    },
    "services.accounts.one_time_invitations": {"DAYS_USUAL": 7, "DAYS_MAX": 365},
    "services.accounts.turns": {"WAITING_MAX": 200, "WAITING_EACH_MAX": 20},
    "services.accounts.auth_command": {
        "AT_A_TIME": 8,
        "PLACE_WAIT_S": 2.0,
        "ANSWER_MAX_BYTES": 65_536,
        "ROOMS_MAX": 100,
        "RETRY_AFTER_S": 15,
    },
    "services.people.personal": {"AUDIT_MAX": 100_000, "FILES_A_PAGE": 100},
    "services.people.importing": {"BYTES_MAX": 4_194_304, "MISTAKES_SHOWN": 20},
    "services.people.roles": {"GROUPS": 4, "GROUP_CHARS": 4},
    "live.last_seen": {"SEEN_EVERY_S": 60.0},
    "live.clock_watch": {"LOOK_EVERY_S": 5.0, "JUMP_MIN_S": 60.0},
    "live.presence": {"DIGEST_EVERY_S": 1.0, "CHANGES_MAX": 500, "ENVELOPE_BYTES": 1_024},
    "live.guesses": {
        "FREE_BY_NAME": 10,
        "FREE_BY_GROUP": 30,
        "WAIT_MAX_S": 300.0,
        "FORGOTTEN_AFTER_S": 3600.0,
    },
    "live.strangers": {"SITE_FACTOR": 8, "HURRIED_SHARE": 0.1, "CONNECTION_COST": 5},
    "net.http_port": {"POLL_S": 0.25},
    "net.proxied": {"HEADER_S": 3.0, "_REST_MAX_BYTES": 4_096},
    "net.certificate": {"VALID_DAYS": 3_650, "_OPENSSL_TIMEOUT_S": 30},
    "net.encryption": {"_RECORD_BYTES": 16_384},
    "net.listener": {"TELL_EVERY_S": 60.0, "BURST": 128, "GATHER_S": 0.01, "PAUSE_S": 0.25},
    "pipeline.commit": {"_RETRY_PAUSE_S": 0.1},
    "pipeline.indexer": {
        "GATHER_S": 0.25,
        "MESSAGES_MAX": 300,
        "CROWD": 50,
        "BUSY_SHARE": 0.4,
        "BUSY_REST": 25.0,
        "STORING_REST": 1.0,
        "QUIET_REST": 0.2,
        "REST_MAX_S": 2.0,
        "LOOK_AROUND_S": 3600.0,
        "RETRY_S": 1.0,
        "FAILED_S": 60.0,
        "STOP_S": 1.0,
    },
    "pipeline.delivery": {"RANGE_MAX": 500},
    "conversation.client_thread": {"_SUBMIT_WAIT_S": 4.0, "_FULL_RETRY_AFTER_S": 60},
    "conversation.transfers": {"LOOK_EVERY_BYTES": 1_048_576},
    "storage.storage": {"RELEASE_MAX_S": 0.5},
    "storage.core.database": {"CALL_MAX_S": 5.0, "IN_LIST_MAX": 500},
    "storage.core.outage": {"PROBE_EVERY_S": 0.5},
    "storage.core.pool": {"GROW_EVERY_S": 5.0, "LAST_RETRY_S": 0.1},
    "storage.core.urls": {"MYSQL_PORT": 3_306},
    "storage.sqlite.adapter": {
        "OLDEST_SQLITE": (3, 35, 0),
        "READERS": 4,
        "TURN_MAX_S": 3.0,
        "BUSY_MAX_S": 1.5,
        "INSERT_ROWS_MAX": 128,
        "INSTRUCTIONS_BETWEEN_LOOKS": 200_000,
        "STATEMENTS_KEPT": 256,
        "LOG_KEPT_BYTES": 67_108_864,
        "WRITER_CACHE_KIB": 32_768,
    },
    "storage.mysql.lease": {
        "LEASE_S": 15.0,
        "RENEW_EVERY_S": 5.0,
        "RETRY_EVERY_S": 1.0,
        "LOOK_EVERY_S": 0.25,
        "MARGIN_S": 1.0,
    },
    "storage.mysql.lending": {"TRIES": 3},
    "storage.mysql.checks": {"PACKET_MIN_BYTES": 4_194_304},
    "storage.mysql.adapter": {
        "CONNECTIONS": 9,
        "START_MAX_S": 5.0,
        "TURN_MAX_S": 1.5,
        "MIGRATION_MAX_S": 3_600,
    },
    "storage.mysql.connection": {
        "CONNECT_MAX_S": 2,
        "ANSWER_MAX_S": 3,
        "LOCK_WAIT_MAX_S": 1,
        "INSERT_MAX_CHARS": 250_000,
    },
    "storage.mysql.servers": {
        "TURN_S": 10.0,
        "KEPT_MS": 3_600_000,
        "SILENT_MS": 10_000,
        "_ROOMS_KNOWN_MAX": 50_000,
    },
    "storage.repositories.append": {"DUPLICATE_TRIES": 3, "UNSETTLED_MAX": 10_000},
    "storage.repositories.messages": {"UNION_MAX": 50},
    "storage.repositories.personal": {"STRETCH": 2_000},
    "storage.schema.tables": {"PAGE_ROWS": 1_000},
    "storage.schema.restore": {"INSERT_ROWS_MAX": 1_000, "INSERT_CHARS_MAX": 250_000},
    "storage.schema.migrations": {"RESTORING": 2_000_000_000, "ROLLING": 20, "LOOK_EVERY_S": 0.5},
    "storage.schema.snapshot": {"BUSY_MAX_S": 10.0, "ANSWER_MAX_S": 60},
    "storage.search.index": {"KNOWN_WORDS_MAX": 100_000, "HOLE_FROM": 2_000, "NEWEST": 1_000},
    "storage.search.mysql": {
        "ROWS_MAX": 100,
        "NARROWING_MAX": 60_000,
        "FEW_ENTRIES_MAX": 20_000,
        "CLEAR_ROWS": 2_000,
    },
    "storage.search.records": {
        "ID_SHIFT": 16,
        "TIME_MAX": 70_368_744_177_664,
        "ID_MASK": 65_535,
        "PIECE_FIRST": 1_000,
        "PIECE_MAX": 16_000,
        "PATIENCE_S": 2.0,
        "SAMPLE": 16,
    },
    "storage.search.search": {"TURN_MAX_S": 2.0, "ENDINGS_MAX": 50, "ENDINGS_READ_MAX": 5_000},
    "storage.search.sqlite": {"SMALL_PART": 4, "CLEAR_ROWS": 2_000},
    "storage.search.words": {"WORD_MAX_CHARS": 80},
}


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers_of_a_module_stay(name: str) -> None:
    """One is changed on purpose, here and there."""
    assert numbers_of(f"chat_server.{name}", NUMBERS[name]) == NUMBERS[name]
