"""How the user is: chosen, or away after a while without input, and what the server is told of it."""

import pytest

from chat_client.model.changes import PeopleChanged, ProfileChanged, RequestDone
from chat_client.model.state import Phase
from tests.chat_client.fakes import Bench, a_room


def _told(bench: Bench) -> list[tuple[str, str]]:
    """Poll, and take what the server was told of the status."""
    bench.poll()
    return [(frame["status"], frame.get("text", "")) for frame in bench.server.take_all("status")]


@pytest.mark.parametrize(("minutes", "after_s"), [(1, 60), (10, 600), (0, None)])
def test_user_without_input_is_away_when_it_is_time(bench: Bench, minutes: int, after_s: int | None) -> None:
    """To the second, once; with zero minutes never. The text stays as it is."""
    bench.client.settings.set("away_after_minutes", minutes)
    bench.sign_in(a_room("Lobby"))
    bench.client.status.set("online", "at work")
    assert _told(bench) == [("online", "at work")]
    bench.steady.now += (after_s or 86_400) - 1
    assert _told(bench) == []
    bench.steady.now += 1
    assert _told(bench) == ([("away", "at work")] if after_s else [])
    bench.steady.now += 1_000
    assert _told(bench) == []
    bench.client.status.user_active()
    assert _told(bench) == ([("online", "at work")] if after_s else [])
    bench.client.status.user_active()
    assert _told(bench) == []


def test_status_that_was_chosen_is_not_ended_by_input(bench: Bench) -> None:
    """Nor does busy become away by itself; input puts the time off."""
    bench.sign_in(a_room("Lobby"))
    bench.client.settings.set("away_after_minutes", 1)
    for status in ("away", "busy"):
        bench.client.status.set(status)
        assert ProfileChanged() in bench.poll()
        assert bench.server.take("status")["status"] == status
        bench.steady.now += 120
        bench.client.status.user_active()
        assert _told(bench) == []
    bench.client.status.set("online")
    bench.poll()
    bench.server.take_all("status")
    bench.steady.now += 50
    bench.client.status.user_active()
    bench.steady.now += 50
    assert _told(bench) == []


def test_choice_while_away_by_itself_is_a_choice(bench: Bench) -> None:
    """The next input does not take it back."""
    bench.client.settings.set("away_after_minutes", 1)
    bench.sign_in(a_room("Lobby"))
    bench.steady.now += 60
    assert _told(bench) == [("away", "")]
    bench.client.status.set("away", "lunch")
    assert _told(bench) == [("away", "lunch")]
    bench.client.status.user_active()
    assert _told(bench) == []


@pytest.mark.parametrize(
    ("status", "text", "told"), [("online", "", False), ("online", "here", True), ("busy", "", True)]
)
def test_sign_in_tells_what_the_server_does_not_know(
    bench: Bench, status: str, text: str, told: bool
) -> None:
    """That the user is online without a text it knows."""
    bench.sign_in(a_room("Lobby"))
    bench.client.status.set(status, text)
    bench.drop()
    bench.come_back(a_room("Lobby"))
    assert _told(bench) == [(status, text)] * told


def test_nobody_becomes_away_without_a_connection(bench: Bench) -> None:
    """It is so as soon as there is one."""
    bench.client.settings.set("away_after_minutes", 1)
    bench.sign_in(a_room("Lobby"))
    bench.drop()
    bench.state.connection.phase = Phase.REFUSED
    bench.steady.now += 120
    bench.poll()
    assert bench.state.status == "online"


def test_name_is_changed_when_the_server_has_it(bench: Bench) -> None:
    """For the user, and where others are shown."""
    bench.sign_in(a_room("Lobby"))
    bench.client.status.set_display_name("Zoé B.")
    request = bench.server.take("profile")
    assert (request["display_name"], bench.state.display_name) == ("Zoé B.", "Zoe")
    bench.server.ok(request, user={"username": "zoe", "display_name": "Zoé B.", "role": "member"})
    changes = bench.poll()
    assert {ProfileChanged(), PeopleChanged(("zoe",)), RequestDone("profile")} <= set(changes)
    assert (bench.state.display_name, bench.state.people["zoe"].display_name) == ("Zoé B.", "Zoé B.")
