"""The client's numbers: how soon, how long and how much; people, servers and disks notice each of them."""

from typing import Any, Final

import pytest

from tests.support.numbers import numbers_of

NUMBERS: Final[dict[str, dict[str, Any]]] = {
    "net.link": {"CLOSE_WAIT_S": 1.5, "PATIENCE_S": 4.0},
    "net.network": {
        "PING_AFTER_S": 10.0,
        "RECEIVE_BYTES": 262_144,
        "LINE_MAX_BYTES": 8_388_608,
        "EVENTS_WAITING_MAX": 10_000,
        "READS_AT_ONCE_MAX": 16,
        "LINGER_S": 1.0,
    },
    "net.reconnect": {
        "FIRST_DELAY_S": 0.5,
        "LONGEST_DELAY_S": 30.0,
        "STABLE_AFTER_S": 10.0,
        "SLEPT_AFTER_S": 20.0,
    },
    "net.transfer": {
        "PIECE_BYTES": 65_536,
        "LINE_MAX_BYTES": 8_388_608,
        "PATIENCE_S": 90.0,
        "_LOOK_EVERY_S": 0.2,
    },
    "net.transport": {"CONNECT_TIMEOUT_S": 10.0},
    "engine.client": {"POLL_EVENTS_MAX": 200, "UNREADABLE_SHOWN": 200},
    "engine.emoji": {"RECENT_MAX": 16},
    "engine.files": {"UPLOADS_MAX": 1, "DOWNLOADS_MAX": 3},
    "engine.history": {"READ_EVERY_S": 0.75, "HISTORY_RETRY_S": 2.0},
    "engine.open_room": {"MEMBERS_EVERY_S": 3.0},
    "engine.own_settings": {"SENT_AT_ONCE_MAX": 20, "RETRY_S": 5.0},
    "engine.pictures": {"AT_A_TIME_MAX": 2, "FILE_MAX_BYTES": 67_108_864},
    "engine.rooms": {"TYPING_EVERY_S": 3.0},
    "engine.saved": {"SENT_AT_ONCE_MAX": 20, "RETRY_S": 5.0},
    "engine.sending": {"BURST_MAX": 32, "WRITE_AGAIN_S": 5.0, "RETRY_AFTER_S": 2.0},
    "engine.transcript": {"RETRY_S": 2.0},
    "engine.transfer_threads": {"RETRY_AFTER_S": 2.0, "TOLD_EVERY": 262_144},
    "model.attention": {"MORNING_HOUR": 8},
    "model.history": {"PAGE_MESSAGES": 50, "OLDER_MESSAGES": 100, "CATCH_UP_MAX": 5_000},
    "model.model": {"HISTORY_IN_FLIGHT_MAX": 4, "SYNC_ROOMS_MAX": 1_500},
    "model.people": {"TYPING_SHOWN_S": 6.0},
    "model.pictures": {"PIXELS_MAX": 40_000_000, "SIDE_MAX": 32_000},
    "store.attachments": {
        "CACHE_MAX_BYTES": 104_857_600,
        "ORPHAN_AFTER_S": 86_400.0,
        "_PIECE_BYTES": 1_048_576,
    },
    "store.drafts": {"WRITE_AGAIN_S": 5.0, "WRITE_AFTER_S": 2.0},
    "store.outbox": {"BUSY_TIMEOUT_S": 2.0},
    "store.saving": {"NAME_MAX_BYTES": 200, "EXTENSION_MAX_CHARS": 16},
    "terminal.__main__": {"POLL_S": 0.05, "DRAIN_S": 30.0, "DONE": 0, "FAILED": 1, "INTERRUPTED": 130},
    "terminal.show": {
        "HISTORY_TYPED": 50,
        "HISTORY_PIPED": 10,
        "UNREAD_MAX": 200,
        "OLDER": 100,
        "AROUND": 10,
    },
    "terminal.transferring": {"SHOWN": 8},
    "terminal.wording": {"QUOTE_MAX": 40},
    "terminal.line_input": {"PLAIN_LINE_MAX_BYTES": 4_095, "READ_BYTES": 65_536},
}


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers_of_a_module_stay(name: str) -> None:
    """One is changed on purpose, here and there."""
    assert numbers_of(f"chat_client.{name}", NUMBERS[name]) == NUMBERS[name]
