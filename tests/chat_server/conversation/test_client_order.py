"""In which order a client's thread answers, and what it waits for; on the thread of the test."""

from typing import Any

import pytest

from chat_protocol.limits import FRAME_MAX_BYTES
from chat_server.limits import Limits
from chat_server.live.session import Session
from tests.chat_server.building import Building
from tests.chat_server.conversation.talk import Talk, hold_until_waited_for, line_of, send_of


@pytest.fixture
def talk(building: Building) -> Talk:
    """A user who has an account and a room to speak in."""
    return Talk(building)


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        (line_of(type="ping", ref=2), ("ok", 2)),
        (b"rubbish\n", ("bad_frame", None)),
        (b"x" * (FRAME_MAX_BYTES + 10), ("frame_too_large", None)),
    ],
)
@pytest.mark.parametrize("reads", [1, 2])
def test_no_answer_overtakes_a_message(
    talk: Talk, monkeypatch: pytest.MonkeyPatch, line: bytes, answer: tuple[str, Any], reads: int
) -> None:
    """However long its commit takes, and though it came in an earlier read."""
    hold_until_waited_for(talk, monkeypatch)
    data = [send_of("a", 1), line] if reads == 2 else [send_of("a", 1) + line]
    assert talk.run(talk.resume + talk.join, *data)[2:] == [("ok", 1), answer]


def test_message_that_was_not_taken_is_told_behind_those_that_were(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A place is waited for before each submission."""
    steps = hold_until_waited_for(talk, monkeypatch).steps

    def fill() -> bytes:
        monkeypatch.setattr(talk.submissions, "put", lambda items, timeout=None: False)
        return send_of("b", 2)

    monkeypatch.setattr(Session, "wait_for_room", lambda _session: steps.append("room"))
    assert talk.run(talk.resume + talk.join, send_of("a", 1), fill)[2:] == [("ok", 1), ("unavailable", 2)]
    assert steps == ["room", "put", "room"]


def test_messages_have_their_rate(talk: Talk) -> None:
    """Of many at once the first ones are stored; a request that is no message has a rate of its own."""
    talk.building.services.rates.apply(Limits(messages_burst=2))
    lines = b"".join(send_of(str(number), number) for number in range(4))
    told = talk.run(talk.resume + talk.join, lines + line_of(type="ping", ref="p"))
    assert told[2:] == [("ok", 0), ("ok", 1), ("rate_limited", 2), ("rate_limited", 3), ("ok", "p")]


def test_deadlines_end_with_what_they_wait_for(talk: Talk) -> None:
    """The handshake's with the handshake, the sign-in's with the first read behind the sign-in."""
    waiting: list[int] = []

    def look() -> bytes:
        waiting.append(sum(entry[2].job is not None for entry in talk.timer._due))
        return line_of(type="ping")

    talk.run(look, talk.resume, look)
    assert waiting == [1, 0]
