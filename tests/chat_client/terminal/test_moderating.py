"""What moderators type in the terminal client, and what the server is asked for by it."""

import pytest

from chat_client.terminal.moderating import Mistake, seconds_of
from tests.chat_client.terminal.session import Session


@pytest.mark.parametrize(
    ("typed", "seconds"),
    [
        ("30s", 30),
        ("10m", 600),
        ("2h", 7_200),
        ("1d", 86_400),
        ("999999999s", 999_999_999),
        ("forever", None),
    ],
)
def test_duration_is_a_number_and_a_unit(typed: str, seconds: int | None) -> None:
    """Or the word for good."""
    assert seconds_of(typed) == seconds


@pytest.mark.parametrize("typed", ["", "10", "m", "0m", "00d", "1w", "10 m", "-1h", "1.5h", "9999999999s"])
def test_anything_else_is_no_duration(typed: str) -> None:
    """None at all, too."""
    with pytest.raises(Mistake, match="How long"):
        seconds_of(typed)


@pytest.mark.parametrize(
    ("line", "request_type", "fields"),
    [
        ("/kick ida 1h", "sanction", {"kind": "kick", "username": "ida", "duration": 3_600}),
        ("/ban ida forever : spam", "sanction", {"kind": "ban", "username": "ida", "reason": "spam"}),
        (
            "/mute ida 10m lobby : calm down",
            "sanction",
            {"kind": "mute", "username": "ida", "duration": 600, "room": "Lobby", "reason": "calm down"},
        ),
        ("/unkick ida", "lift", {"kind": "kick", "username": "ida"}),
        ("/unban ida", "lift", {"kind": "ban", "username": "ida"}),
        ("/unmute ida Lobby", "lift", {"kind": "mute", "username": "ida", "room": "Lobby"}),
        ("/accept ida Board", "decide", {"username": "ida", "room": "Board", "accept": True}),
        (
            "/refuse ida board : full",
            "decide",
            {"username": "ida", "room": "Board", "accept": False, "reason": "full"},
        ),
    ],
)
def test_line_of_a_moderator_asks_for_just_that(
    session: Session, line: str, request_type: str, fields: dict[str, object]
) -> None:
    """What is not typed is not sent; a room is named as the server spells it."""
    session.type(line)
    request = session.bench.server.take(f"moderation.{request_type}")
    assert {name: value for name, value in request.items() if name not in ("type", "ref")} == fields


@pytest.mark.parametrize(
    "line", ["/kick", "/unban", "/mute ida", "/mute ida 10m nowhere", "/accept ida", "/refuse"]
)
def test_line_that_lacks_something_asks_for_nothing(session: Session, line: str) -> None:
    """It is answered in one line that says what is missing."""
    session.bench.server.sent.clear()
    assert len(session.type(line).splitlines()) == 1
    assert [frame for frame in session.bench.server.sent if frame["type"].startswith("moderation.")] == []
