"""What an administrator should know about a MySQL server's settings; it must not import the driver."""

from collections.abc import Callable, Sequence
from typing import Final

from chat_server.storage.core.database import Row

PACKET_MIN_BYTES: Final = 4 * 1024 * 1024  # one insert of the commit thread takes up to 2 MiB

QUERY: Final = (
    "SELECT @@innodb_flush_log_at_trx_commit, @@log_bin, @@sync_binlog, @@max_allowed_packet,"
    " @@character_set_server, @@character_set_database"
)


def warnings_about(rows: Callable[[str], Sequence[Row]]) -> list[str]:
    """Return a sentence for each setting that endangers messages."""
    flush, binlog, sync_binlog, packet, server_set, database_set = rows(QUERY)[0]
    found = []
    if int(flush) != 1:
        found.append(
            f"innodb_flush_log_at_trx_commit is {flush}: messages can be lost when the machine fails;"
            " set it to 1"
        )
    if int(binlog) and int(sync_binlog) == 0:
        found.append("sync_binlog is 0: messages can be lost from the binary log; set it to 1")
    if int(packet) < PACKET_MIN_BYTES:
        found.append(f"max_allowed_packet is {packet} bytes: set it to {PACKET_MIN_BYTES} or more")
    for what, character_set in (("server", server_set), ("database", database_set)):
        if character_set != "utf8mb4":
            found.append(f"the character set of the {what} is {character_set}: set it to utf8mb4")
    return found
