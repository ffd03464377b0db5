"""The server's own numbers, each with where it comes from; the wire's are in `chat_protocol.limits`."""

from dataclasses import dataclass, field
from typing import Any, Final

CONNECTIONS_MAX: Final = (
    12_000  # 10,000 clients and room for those who come back before their old socket is gone
)
ACCEPT_BACKLOG: Final = 4_096  # the kernel caps it at net.core.somaxconn, 4,096 since Linux 5.4
CLIENT_STACK_BYTES: Final = (
    256 * 1024
)  # 10,000 readers: 2.5 GB of addresses, of which a few pages each are touched

HANDSHAKE_S: Final = 10.0
SIGN_IN_S: Final = 10.0  # a client asks its user everything before it connects, or hangs up to ask
STRANGER_PAUSE_S: Final = 2.0  # at most, before a line of one who cost too much is refused: that is no work
LINGER_S: Final = 2.0  # how long a client may take to read the last frame
SLOW_LINGER_S: Final = 30.0  # one that was too slow has more to read before it
KEEPALIVE_IDLE_S: Final = (
    20  # a dead peer is noticed after 20 + 3 x 10 s, under the minute that presence promises
)
KEEPALIVE_INTERVAL_S: Final = 10
KEEPALIVE_PROBES: Final = 3

RECEIVE_SMALL_BYTES: Final = 2_048  # a waiting recv() keeps its buffer: 10,000 of these are 20 MB
RECEIVE_LARGE_BYTES: Final = 65_536
PIECE_BYTES: Final = 64 * 1024  # encrypted at a time: OpenSSL's buffers keep the largest size they ever had
RAW_BYTES: Final = 128 * 1024  # of a file, taken at a time
TRANSFER_LOOK_S: Final = 1.0  # how often it is looked whether a transfer may go on
TRANSFER_WINDOW_S: Final = 30.0  # over which its rate is measured
SYNC_MAX_BYTES: Final = 2 * 1024 * 1024  # of messages in answer to one `sync`, a quarter of what may wait
BACKLOG_MAX_BYTES: Final = 8 * 1024 * 1024  # what a client has not read; past it: slow_consumer
UNREAD_MAX_BYTES: Final = 256 * 1024 * 1024  # what all clients together have not read
UNREAD_BEFORE_REQUEST_BYTES: Final = 256 * 1024  # four pages; with more unread, the next request is not begun

BATCH_MAX: Final = 1_000  # messages in a transaction
WAITING_MAX: Final = 20_000  # messages before the commit; then the senders' readers wait
IN_FLIGHT_MAX: Final = 256  # unanswered messages of one connection: a flood shares the queue with others
SENDERS_WAIT_MAX_S: Final = 0.01  # a batch waits for senders who were just answered
DELIVERIES_WAITING_MAX: Final = 4  # committed batches before the delivery; then the commit waits
STORE_RETRY_MOVING_S: Final = 8.0  # where another server of the database may step in: Galera takes 2.4 to 6 s
STORE_RETRY_S: Final = 3.0  # a batch is tried again this long before `unavailable`, promised within 5 s

PASSWORD_WAIT_S: Final = 8.0  # within the time for a sign-in
RETRY_AFTER_S: Final = 5


def _setting(default: float, text: str, *, live: bool = False) -> Any:
    return field(default=default, metadata={"help": text, "live": live})


@dataclass(frozen=True, slots=True)
class Limits:
    """The numbers that an administrator may set; the others follow from how the server is built."""

    handshake_s: float = _setting(HANDSHAKE_S, "seconds that a client has for the TLS handshake")
    sign_in_s: float = _setting(SIGN_IN_S, "seconds that a client has to sign in")
    line_s: float = _setting(30, "seconds that a client has to finish a line that it has begun", live=True)
    silent_s: float = _setting(
        86_400, "seconds after which a client that has sent nothing is disconnected", live=True
    )
    waiting_max: int = _setting(WAITING_MAX, "messages before the commit; then their senders wait")
    backlog_max_bytes: int = _setting(
        BACKLOG_MAX_BYTES, "bytes that a client may leave unread before it is disconnected", live=True
    )
    unread_max_bytes: int = _setting(
        UNREAD_MAX_BYTES,
        "bytes that all clients together may leave unread; past it, the user with most is disconnected",
        live=True,
    )
    # A pasted page of 200 lines passes, a flood does not.
    messages_burst: float = _setting(250, "messages that a client may send at once", live=True)
    messages_per_second: float = _setting(20, "messages that a client may send for ever after", live=True)
    requests_burst: float = _setting(200, "other requests of a client at once", live=True)
    requests_per_second: float = _setting(50, "other requests of a client for ever after", live=True)
    # Each transfer of a file has a connection, and signs in on it.
    returns_burst: float = _setting(200, "sign-ins of a user with a token at once", live=True)
    returns_per_second: float = _setting(5, "sign-ins of a user with a token for ever after", live=True)
    refusals_burst: float = _setting(
        1000, "refused requests of a user at once; past them, the end", live=True
    )
    refusals_per_second: float = _setting(10, "refused requests of a user for ever after", live=True)
    token_days: int = _setting(
        30, "days after which a device that was not used has to sign in with the password again", live=True
    )
    connections_per_user: int = _setting(50, "connections of one user at a time", live=True)
    rooms_per_user: int = _setting(50, "rooms that one user may own", live=True)
    # Of those who have not signed in; a line costs one, a connection on which nobody signs in costs five.
    strangers_burst: float = _setting(500, "what strangers at one address may cost at once", live=True)
    strangers_per_second: float = _setting(20, "what strangers at one address may cost ever after", live=True)
    all_strangers_burst: float = _setting(1000, "what all strangers together may cost at once", live=True)
    all_strangers_per_second: float = _setting(
        500, "what all strangers together may cost for ever after", live=True
    )
    # Of files; a MiB is 1,048,576 bytes.
    file_max_mib: int = _setting(50, "MiB of one file at most", live=True)
    files_per_user_mib: int = _setting(2_048, "MiB of all files of one user at most", live=True)
    files_total_mib: int = _setting(102_400, "MiB of all files together at most", live=True)
    files_free_mib: int = _setting(1_024, "MiB that uploads leave free on the disk", live=True)
    transfers: int = _setting(32, "uploads and downloads at a time", live=True)
    transfers_per_user: int = _setting(4, "uploads and downloads of one user at a time", live=True)
    transfer_min_rate: int = _setting(2_048, "bytes a second below which a transfer is ended", live=True)
    scan_s: float = _setting(60, "seconds that the program which checks a file may take", live=True)
    auth_s: float = _setting(6, "seconds that the program which checks sign-ins may take")
    places_kept: float = _setting(
        0.05, "share of the places that is kept for users who come back with a token", live=True
    )
    # Of one address: a whole office may stand behind it.
    sign_ins_burst: float = _setting(60, "sign-ins from one address at once", live=True)
    sign_ins_per_second: float = _setting(2, "sign-ins from one address for ever after", live=True)
    guesses_burst: float = _setting(10, "wrong passwords for a name from one address at once", live=True)
    guesses_per_second: float = _setting(
        0.1, "wrong passwords for a name from one address for ever after", live=True
    )
