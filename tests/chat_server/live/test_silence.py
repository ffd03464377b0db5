"""Which clients have kept the server waiting for too long."""

from math import inf

import pytest

from chat_server.limits import Limits
from chat_server.live.silence import overdue
from tests.chat_server.fakes import make_session

LIMITS = Limits(line_s=30, silent_s=1_000)
NOW = 5_000.0


@pytest.mark.parametrize(
    ("waiting_since", "line_since", "code"),
    [
        (NOW - 1_000, inf, None),
        (NOW - 1_001, inf, "unavailable"),
        (NOW - 1, NOW - 30, None),
        (NOW, NOW - 31, "bad_frame"),
        (NOW - 1, NOW - 31, "bad_frame"),
        (inf, NOW - 31, None),
        (inf, inf, None),
    ],
    ids=[
        "silent",
        "silent too long",
        "in a line",
        "just read, in a line too long",
        "in a line too long",
        "at work in a line",
        "at work",
    ],
)
def test_client_is_waited_for_so_long(waiting_since: float, line_since: float, code: str | None) -> None:
    """A day for a silent one, half a minute for the rest of a line, and never while the server is at work."""
    session = make_session(1, "jules")
    session.waiting_since_s, session.line_since_s = waiting_since, line_since
    found = [error.code for _, error in overdue([session], LIMITS, NOW)]
    assert found == ([] if code is None else [code])


def test_client_at_work_keeps_no_other_one_waiting() -> None:
    """Each is looked at, whatever the one before it does."""
    working, silent = make_session(1, "jules"), make_session(2, "zoe")
    working.waiting_since_s, silent.waiting_since_s = inf, NOW - 1_001
    assert [session for session, _ in overdue([working, silent, working], LIMITS, NOW)] == [silent]
