"""What the account menu offers about attention."""

from datetime import datetime

import pytest

from chat_client.ui.attending import Attending

NOON = datetime(2026, 11, 22, 12, 0)


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def attending(hand, client, said) -> Attending:
    return Attending(hand.app.look, client, said.append, lambda: NOON)


def test_pause_and_its_end(client, attending):
    """A pause holds until it is ended, and the menu offers the one or the other."""
    attending.pause("1h")
    assert attending.paused
    attending.end_pause()
    assert not attending.paused
    assert client.own_settings.chosen == {"pause_until": None}


def test_local_time_is_switched_off_and_on(client, attending):
    """What others see of the clock is the user's choice."""
    assert attending.tells_time
    attending.tell_time(False)
    assert client.called("own_settings.tell_offset") == [(False,)]
    client.own_settings.chosen["utc_offset"] = False
    assert not attending.tells_time


def test_menu_offers_the_end_of_a_pause(hand, client):
    """Without a pause the menu has three; during one it has its end."""
    menus = hand.main.menus
    menus._show = lambda _x, _y: None

    def labels() -> list[str]:
        menus.account(0, 0)
        entries = range(menus.menu.index("end") + 1)
        return [menus.menu.entrycget(at, "label") for at in entries if menus.menu.type(at) == "command"]

    assert [label for label in labels() if label.startswith("Pause")] != []
    client.own_settings.choose("pause_until", "2999-01-01T00:00:00.000Z")
    assert "End the pause" in labels()
    assert [label for label in labels() if label.startswith("Pause")] == []


@pytest.mark.parametrize(
    ("typed", "chosen"),
    [("22:00-07:00", {"quiet_hours": "22:00-07:00"}), ("", {"quiet_hours": None}), ("late", {})],
)
def test_quiet_hours(client, attending, said, typed, chosen):
    """Hours of the right form are kept, empty ones take the choice back, others are told as wrong."""
    attending._set_quiet_hours(typed)
    assert client.own_settings.chosen == chosen
    assert said == ["Kept, for all your devices." if chosen else "Quiet hours are written as 22:00-07:00."]


@pytest.mark.parametrize(
    ("typed", "chosen"),
    [("bug, on call ,", {"words": ("bug", "on call")}), ("", {"words": None}), ("x" * 41, {})],
)
def test_words(client, attending, typed, chosen):
    """Words stand between commas; too long ones are refused."""
    attending._set_words(typed)
    assert client.own_settings.chosen == chosen
