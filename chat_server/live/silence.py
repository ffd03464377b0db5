"""Which signed-in clients have kept the server waiting for too long; it must not know how one is ended."""

from collections.abc import Iterable, Iterator

from chat_protocol.errors import ChatError, ErrorCode
from chat_server.limits import Limits
from chat_server.live.session import Session


def overdue(sessions: Iterable[Session], limits: Limits, now: float) -> Iterator[tuple[Session, ChatError]]:
    """Find the sessions to end, each with what it is told: a line was not finished, or nothing came at all.

    While a request is carried out, or a file is on its way, nobody is waited for.

    :param now: seconds of the clock by which sessions note since when they are waited for.
    """
    for session in sessions:
        waited_s = now - session.waiting_since_s
        if waited_s < 0:
            continue
        if now - session.line_since_s > limits.line_s:
            yield session, ChatError(ErrorCode.BAD_FRAME, "A line was begun and not finished in time.")
        elif waited_s > limits.silent_s:
            text = "Nothing was heard from you for too long; please reconnect."
            yield session, ChatError(ErrorCode.UNAVAILABLE, text)
