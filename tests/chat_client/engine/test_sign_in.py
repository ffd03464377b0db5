"""What a sign-in leaves: what the server has said of itself, what is remembered, and drafts."""

from typing import Any

import pytest

from chat_client.model.changes import ConnectionChanged, ProfileChanged, RequestDone, RoomChanged, SignedOut
from chat_client.model.state import Phase
from chat_protocol.times import to_rfc3339
from tests.chat_client.fakes import HELLO, Bench, a_room


@pytest.mark.parametrize("ahead_ms", [None, 0, 5_000, -90_000])
def test_greeting_says_what_the_server_is(bench: Bench, ahead_ms: int | None) -> None:
    """Its name, what it can do, and how far its clock is from this one."""
    bench.client.session.sign_in("chat.example", 5000, " zoe ", "a password")
    told: dict[str, Any] = {"capabilities": ["saved", "pins"]}
    if ahead_ms is not None:
        told["now"] = to_rfc3339(int(bench.wall.now * 1000) + ahead_ms)
    bench.server.say(HELLO | told)
    assert ConnectionChanged() in bench.poll()
    connection = bench.state.connection
    assert (connection.server, connection.version, connection.registration) == ("Test", "1", "open")
    assert (connection.capabilities, connection.limits) == (("saved", "pins"), HELLO["limits"])
    assert (connection.server_ahead_ms, connection.phase) == (ahead_ms or 0, Phase.SIGNING_IN)
    assert bench.server.take("login")["username"] == "zoe"


@pytest.mark.parametrize(("shown", "code"), [("", ""), ("  ", ""), (" Zoé B. ", "c0de")])
def test_registration_sends_what_was_given(bench: Bench, shown: str, code: str) -> None:
    """A name of white space is none."""
    bench.client.session.sign_up("chat.example", 5000, " zoe", "a password", shown, code=code)
    bench.server.up()
    bench.poll()
    request = bench.server.take("register")
    assert (request["username"], request.get("display_name"), request.get("invitation")) == (
        "zoe",
        shown.strip() or None,
        code or None,
    )


@pytest.mark.parametrize("stay", [True, False])
def test_sign_in_is_remembered(bench: Bench, stay: bool) -> None:
    """With the token where it stays; the place is offered at the next start."""
    bench.sign_in(a_room("Lobby"), stay=stay)
    (account,) = bench.client.accounts.all()
    assert (account.username, account.display_name, account.server) == ("zoe", "Zoe", "Test")
    assert (account.token, account.last_used) == ("t0ken" if stay else "", int(bench.wall.now * 1000))
    names = ("last_account", "last_host", "last_port")
    assert [bench.client.settings.get(name) for name in names] == [account.id, "chat.example", 5000]
    bench.client.session.change_password("a password", "another password")
    bench.server.ok(bench.server.take("password"), token="t1")
    changes = bench.poll()
    assert {RequestDone("password"), ProfileChanged()} <= set(changes)
    assert bench.client.accounts.all()[0].token == ("t1" if stay else "")
    bench.drop()
    assert bench.resumption()["token"] == "t1"


def test_password_that_was_changed_freely_begins_nothing_anew(bench: Bench) -> None:
    """One that had to be changed does: until then the server has refused it."""
    for forced in (False, True):
        bench.sign_in(a_room("Lobby"), role="moderator", must_change_password=forced)
        bench.poll()
        bench.server.sent.clear()
        bench.client.session.change_password("a password", "another password")
        bench.server.ok(bench.server.take("password"), token="t1")
        bench.poll()
        assert bool(bench.server.take_all("moderation.pending")) == forced


def test_attempt_of_the_user_is_told(bench: Bench) -> None:
    """The status line says at once that it is under way."""
    bench.sign_in(a_room("Lobby"))
    bench.drop()
    count = len(bench.connections)
    bench.client.session.reconnect_now()
    assert ConnectionChanged() in bench.poll()
    assert (len(bench.connections), bench.state.connection.phase) == (count + 1, Phase.CONNECTING)


def test_drafts_that_were_kept_by_name_are_kept_by_the_room_s_id(bench: Bench) -> None:
    """1.0.0 knew no ids; what stands in the composer already is left as it is."""
    bench.sign_in(a_room("Lobby"), a_room("Hall"))
    for room in ("lobby", "hall"):
        bench.client.rooms.set_draft(room, f"half for {room}")
    bench.client.close()
    bench.restart()
    changes = bench.sign_in(a_room("Lobby", id="db,1"), a_room("Hall"))
    assert {RoomChanged("lobby"), RoomChanged("hall")} <= set(changes)
    assert bench.state.rooms["lobby"].draft == "half for lobby"
    account = bench.client._core.account
    assert bench.client._drafts.of(account) == {"db,1": "half for lobby", "hall": "half for hall"}
    bench.client.rooms.set_draft("lobby", "more")
    bench.drop()
    bench.come_back(a_room("Lobby", id="db,1"))
    assert bench.state.rooms["lobby"].draft == "more"


@pytest.mark.parametrize("code", ["unavailable", "rate_limited", "internal"])
def test_password_that_cannot_be_checked_now_is_not_tried_again_by_itself(bench: Bench, code: str) -> None:
    """It is used once; a token is tried again, no sooner than the server says."""
    bench.client.session.sign_in("chat.example", 5000, "zoe", "a password")
    bench.server.up()
    bench.poll()
    bench.server.error(bench.server.take("login"), code, retry_after=30)
    bench.poll()
    assert (bench.state.connection.phase, bench.state.connection.code) == (Phase.REFUSED, code)
    bench.sign_in(a_room("Lobby"))
    bench.drop()
    request = bench.resumption()
    bench.server.error(request, code, retry_after=30)
    bench.poll()
    assert (bench.state.connection.phase, bench.state.connection.code) == (Phase.WAITING, code)
    assert bench.state.connection.retry_in >= 30


def test_account_without_a_token_is_signed_out(bench: Bench) -> None:
    """That is told, and nothing is connected to."""
    bench.sign_in(a_room("Lobby"), stay=False)
    (account,) = bench.client.accounts.all()
    count = len(bench.connections)
    bench.client.session.resume(account.id)
    assert SignedOut("invalid_credentials") in bench.poll()
    assert len(bench.connections) == count


def test_reason_of_an_end_is_kept_until_the_next_sign_in(bench: Bench) -> None:
    """The status line has it meanwhile."""
    bench.sign_in(a_room("Lobby"))
    bench.server.say({"type": "shutdown", "reason": "an update"})
    bench.poll()
    assert (bench.state.connection.ended_by, bench.state.connection.detail) == ("shutdown", "an update")
    bench.come_back(a_room("Lobby"))
    assert bench.state.connection.ended_by == ""
