"""A client's thread waits for the answers to its messages, and no longer."""

import threading
from collections.abc import Callable

import pytest

from chat_server.limits import IN_FLIGHT_MAX
from chat_server.live.session import Session
from tests.chat_server.fakes import make_session
from tests.support.waiting import until

TIMEOUT_S = 10.0


@pytest.fixture
def session() -> Session:
    return make_session(1, "jules")


def waiting(session: Session, wait: Callable[[], None]) -> threading.Thread:
    """Return a thread that waits."""
    thread = threading.Thread(target=wait)
    thread.start()
    until(lambda: session._sleeping)
    return thread


def ended(thread: threading.Thread) -> bool:
    thread.join(TIMEOUT_S)
    return not thread.is_alive()


def test_what_is_answered_is_not_waited_for(session: Session) -> None:
    """Nothing is on its way, or as little as is allowed."""
    session.wait_until_answered()
    session.submitted(2)
    session.wait_until_answered(2)
    session.answered(2)
    session.wait_until_answered()
    assert session._settled is None


def test_last_answer_ends_the_wait(session: Session) -> None:
    """Not the one before it; a second wait is woken as well."""
    for _ in range(2):
        session.submitted(3)
        thread = waiting(session, session.wait_until_answered)
        for count in (1, 1):
            session.answered(count)
            assert session._sleeping
        session.answered(1)
        assert ended(thread)
        assert not session._sleeping


def test_answer_that_leaves_as_many_as_allowed_ends_the_wait(session: Session) -> None:
    """A client's messages may be so many on their way."""
    session.submitted(IN_FLIGHT_MAX)
    session.wait_for_room()
    session.submitted(1)
    thread = waiting(session, session.wait_for_room)
    session.answered(1)
    assert ended(thread)


def test_messages_that_were_not_taken_are_not_waited_for(session: Session) -> None:
    """They are counted back."""
    session.submitted(5)
    session.submitted(-5)
    session.wait_until_answered()
