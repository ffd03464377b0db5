"""The terminal client's commands about attention."""

import pytest

from tests.chat_client.fakes import a_room, live
from tests.chat_client.terminal.session import Session


def _chosen(session: Session) -> dict[str, object]:
    names = ("pause_until", "quiet_hours", "words", "receipts", "utc_offset")
    return {
        name: value for name in names if (value := session.bench.client.own_settings.get(name)) is not None
    }


@pytest.mark.parametrize(
    ("lines", "chosen"),
    [
        (["/quiet 22:00-07:00"], {"quiet_hours": "22:00-07:00"}),
        (["/quiet 22:00-07:00", "/quiet off"], {}),
        (["/words bug, on call"], {"words": ("bug", "on call")}),
        (["/words bug", "/words off"], {}),
        (["/receipts off"], {"receipts": False}),
        (["/tell-time off"], {"utc_offset": False}),
        (["/tell-time off", "/tell-time on"], {}),
        (["/receipts off", "/receipts on"], {"receipts": True}),
        (["/pause 1h", "/pause off"], {}),
    ],
)
def test_choices(session: Session, lines: list[str], chosen: dict[str, object]) -> None:
    """Each command chooses for all devices, and `off` takes the choice back."""
    session.type(*lines)
    assert _chosen(session) == chosen


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("/tell-time", "on or off"),
        ("/pause", "30m, 1h, tomorrow, off"),
        ("/quiet late", "22:00-07:00"),
        ("/words", "commas"),
        ("/words " + "x" * 41, "40 characters"),
        ("/receipts", "on or off"),
    ],
)
def test_mistakes(session: Session, line: str, told: str) -> None:
    """What cannot be chosen is said in a line, and changes nothing."""
    assert told in session.type(line)
    assert _chosen(session) == {}


@pytest.mark.parametrize(
    ("line", "told"), [("/pause 1h", False), ("/pause off", True), ("/status busy", False)]
)
def test_silence(session: Session, line: str, told: bool) -> None:
    """During a pause, and when busy, a message elsewhere is not written; it is unread all the same."""
    session.bench.server.say({"type": "room", **a_room("@jules", id="db,9")})
    session.step()
    session.type(line)
    live(session.bench, "@jules", 1, body="psst")
    assert ("psst" in session.step()) is told
    assert session.bench.state.rooms["@jules"].unread == 1
