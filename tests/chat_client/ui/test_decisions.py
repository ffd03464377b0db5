"""What is told besides messages: decisions of moderators; and when nothing is: while the user is busy."""

import time
from datetime import date, timedelta

import pytest

from chat_client.model import changes as ch
from chat_client.model.state import FoundMessage, MessageState, Mute, Phase
from chat_client.ui.look import dates
from chat_client.ui.widgets.words import Words
from chat_protocol.objects import JoinRequest
from chat_protocol.times import to_rfc3339
from tests.chat_client.fakes import HELLO, Bench, a_room


@pytest.fixture
def shown(hand, client, monkeypatch) -> list[tuple[str, str]]:
    """The notifications that were shown."""
    found: list[tuple[str, str]] = []
    monkeypatch.setattr(
        hand.app.attention._notifier, "show", lambda title, body, room="": found.append((title, body))
    )
    client.settings.set("desktop_notifications", True)
    hand.app.attention.in_front = False
    return found


@pytest.mark.parametrize(
    ("membership", "reason", "words"),
    [
        ("joined", "", "You are now a member of “Board”."),
        ("none", "", "Your request to join “Board” was refused."),
        ("none", "no seat left", "Your request to join “Board” was refused: no seat left"),
    ],
)
def test_decision_is_told_and_marked(hand, client, shown, membership, reason, words):
    """Toast, notification and a mark on the room say what a moderator has decided, and why."""
    room = client.add_room("Board", membership=membership, news=True)
    client.tell(ch.MembershipDecided(room.key, "pending", membership, reason))
    hand.settle()
    assert hand.main.toast.words == words
    assert [body for _title, body in shown] == [words]
    row = next(row for row in hand.main.rooms.list.rows if row.key == room.key)
    assert (row.bold, row.trailing_icon) == (True, "bell")
    hand.open(room.key)
    row = next(row for row in hand.main.rooms.list.rows if row.key == room.key)
    assert row.trailing_icon != "bell"


def test_sign_in_elsewhere_is_told_and_leads_to_the_devices(hand, client, shown):
    """Toast and notification name device and address; the toast stays until a click shows the list."""
    client.tell(ch.DeviceSignedIn("desk\u202e (Linux)", "192.0.2.7"))
    hand.settle()
    words = "New sign-in to your account on desk (Linux) from 192.0.2.7."
    assert [body for _title, body in shown] == [words]
    toast = hand.main.toast
    assert toast.words == f"{words} Click here to see where you are signed in."
    assert not toast.hiding.due
    toast.event_generate("<Button-1>")
    hand.settle()
    assert toast.words == ""
    assert client.called("devices.refresh") == [()]
    sheet = hand.app.devices_sheet
    hand.app.show_devices()
    assert hand.app.devices_sheet is sheet
    sheet.close()


def test_words_after_a_sign_in_elsewhere_lead_nowhere(hand, client, shown):
    """What is said later goes away by itself, and a click shows no list; a nameless device has a word."""
    client.tell(ch.DeviceSignedIn("", "192.0.2.7"))
    hand.settle()
    assert "on a client without a name from 192.0.2.7" in hand.main.toast.words
    client.tell(ch.RequestDone("moderation.decide"))
    hand.settle()
    assert hand.main.toast.hiding.due
    hand.main.toast.event_generate("<Button-1>")
    hand.settle()
    assert hand.app.devices_sheet is None


def test_busy_user_is_not_notified(hand, client, shown, at):
    """While the user is busy neither messages nor decisions notify."""
    client.state.status = "busy"
    client.arrive(client.state.rooms["general"], "jules", "psst", at())
    client.tell(ch.MembershipDecided("blabla", "pending", "joined"))
    hand.settle()
    assert shown == []
    client.state.status = "online"
    client.arrive(client.state.rooms["general"], "jules", "psst", at(1))
    hand.settle()
    assert len(shown) == 1


def test_today_becomes_yesterday_at_midnight(hand, client, at):
    """Over midnight the line of the day follows, and "Today" does not stand twice."""
    room = client.state.rooms["general"]
    client.arrive(room, "jules", "before midnight", at())
    hand.settle()
    timeline = hand.view.timeline
    timeline._words._today = lambda: date.today() + timedelta(days=1)
    client.arrive(room, "jules", "after midnight", at(days=1))
    hand.settle()
    days = [entry for entry in hand.paper.entries if entry.kind == "day"]
    assert [hand.paper.embedded(entry.key)[0].label for entry in days] == ["Yesterday", "Today"]
    timeline._words._today = date.today


def test_events_say_who_decided(tmp_path):
    """A membership that others have changed is a change of its own, and marks the room until it is opened."""
    bench = Bench(tmp_path)
    bench.sign_in(a_room("Board", membership="pending", kind="moderated"), a_room("Lobby"))
    bench.server.say({"type": "membership", "room": "Board", "membership": "joined"})
    assert ch.MembershipDecided("board", "pending", "joined", title="Board") in bench.poll()
    assert bench.state.rooms["board"].news
    bench.client.rooms.open("board")
    assert not bench.state.rooms["board"].news
    bench.client.close()


def test_mute_is_told_where_one_writes(hand, client):
    """Reason and end stand above the field of the room concerned, until the mute has ended."""
    client.state.mutes["blabla"] = Mute("spam", None)
    client.state.mutes["general"] = Mute("calm down", round(time.time() * 1000) + 600_000)
    client.tell(ch.ProfileChanged())
    hand.settle()
    composer = hand.view.composer
    assert composer.banner.words.startswith("You may read here, but not write.")
    assert "calm down" in composer.banner.words
    assert composer.banner.winfo_ismapped()
    client.state.mutes["general"] = Mute("calm down", round(time.time() * 1000) - 1)
    hand.settle()
    assert composer.banner.words == ""
    hand.open("blabla")
    assert "spam" in composer.banner.words


@pytest.mark.parametrize("code", ["kicked", "banned", "killed"])
def test_who_is_excluded_reads_why_where_one_writes(hand, client, code):
    """Reason, end and a way to try again stand above the field until the connection is back."""
    connection = client.state.connection
    connection.phase, connection.code, connection.detail = Phase.REFUSED, code, "rude words"
    connection.until = round(time.time() * 1000) + 600_000
    client.tell(ch.ConnectionChanged())
    hand.settle()
    composer = hand.view.composer
    assert "rude words" in composer.banner.words
    assert "until" in composer.banner.words.lower()
    assert composer.banner.button.winfo_ismapped()
    composer.banner.button.invoke()
    assert client.called("session.reconnect_now")
    connection.phase, connection.code, connection.detail, connection.until = Phase.ONLINE, "", "", None
    client.tell(ch.ConnectionChanged())
    hand.settle()
    assert composer.banner.words == ""
    assert not composer.banner.button.winfo_ismapped()


def test_mute_comes_by_event_and_by_refusal(tmp_path):
    """The event says that the user is muted and when it is over; a refused message says it, too."""
    bench = Bench(tmp_path)
    bench.sign_in(a_room("Board"), a_room("Lobby"))
    bench.server.say({"type": "mute", "active": True, "reason": "spam", "room": "Board"})
    bench.poll()
    assert bench.state.mute_in("board", 0) == Mute("spam", None)
    assert bench.state.mute_in("lobby", 0) is None
    bench.server.say({"type": "mute", "active": False, "reason": ""})
    bench.poll()
    assert bench.state.mute_in("board", 0) is None
    bench.client.outbox.send("lobby", "hello")
    bench.poll()
    bench.server.error(bench.server.take("send"), "muted", reason="calm down")
    bench.poll()
    assert bench.state.mute_in("lobby", 0) == Mute("calm down", None)
    bench.client.close()


def test_countdown_follows_the_servers_clock(hand, client):
    """On a computer that is a day behind, ten minutes of the server are ten minutes."""
    connection, day_ms = client.state.connection, 86_400_000
    connection.server_ahead_ms = day_ms
    connection.shutdown_at = round(time.time() * 1000) + day_ms + 600_000
    client.state.mutes["general"] = Mute("over by the server's clock", round(time.time() * 1000) + 600_000)
    hand.settle()
    assert hand.app.status.words.startswith("The server stops in 10 minutes.")
    assert hand.view.composer.banner.words == ""


def test_greeting_tells_the_servers_clock(tmp_path):
    """The difference of the clocks is taken from `hello`; without it both are taken for equal."""
    bench = Bench(tmp_path)
    bench.sign_in(a_room("Board"))
    assert bench.state.connection.server_ahead_ms == 0
    now_ms = int(bench.wall() * 1000)
    bench.server.say(HELLO | {"now": to_rfc3339(now_ms + 90_000)})
    bench.poll()
    assert bench.state.connection.server_ahead_ms == 90_000
    bench.client.close()


def test_panes_follow_the_date(hand, client, at, monkeypatch):
    """After midnight a found message and a request to join are dated again."""
    state = client.state
    message = MessageState(7, "jules", "before midnight", at())
    state.search.query, state.search.results = "midnight", [FoundMessage("general", message)]
    state.join_requests = [JoinRequest("jules", "Jules", "Board", "", at())]
    hand.main.search.show()
    hand.main.requests.show()
    tomorrow = date.today() + timedelta(days=1)
    monkeypatch.setattr(dates, "today", lambda: tomorrow)
    hand.settle()
    assert hand.main.search.list.rows[0].trailing == "yesterday 12:00"
    words = [child.text for child in _labels(hand.main.requests._cards)]
    assert any("yesterday 12:00" in text for text in words)


def _labels(parent):
    """Give all labels inside a widget."""
    for child in parent.winfo_children():
        if isinstance(child, Words):
            yield child
        yield from _labels(child)
