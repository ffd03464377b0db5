"""Signing in, staying connected, signing out: what the status line tells and what leaves the computer."""

import logging
import stat
from typing import Any

import pytest

from chat_client.model.changes import (
    ConnectionChanged,
    NoticeArrived,
    ProfileChanged,
    RequestDone,
    RequestFailed,
    SignedIn,
    SignedOut,
)
from chat_client.model.state import Phase
from chat_protocol.times import to_rfc3339
from tests.chat_client.fakes import Bench, a_message, a_room

FINGERPRINT = ":".join(["AB"] * 32)


def test_sign_in_walks_through_the_phases(bench: Bench) -> None:
    """Connecting, signing in, online: the password goes out after the greeting, not before."""
    bench.client.session.sign_in("chat.example", 5000, "Zoé", "a password")
    assert bench.state.connection.phase == Phase.CONNECTING
    assert bench.server.sent == []
    bench.server.up()
    bench.poll()
    assert bench.state.connection.phase == Phase.SIGNING_IN
    request = bench.server.take("login")
    assert (request["username"], request["password"]) == ("Zoé", "a password")
    user = {"username": "Zoé", "display_name": "Zoé Ω", "role": "admin"}
    bench.server.ok(request, user=user, token="t", rooms=[a_room("Lobby")])
    changes = bench.poll()
    assert SignedIn(fresh=True) in changes
    connection = bench.state.connection
    assert (connection.phase, connection.encrypted, connection.server) == (Phase.ONLINE, True, "Test")
    assert (bench.state.username, bench.state.display_name, bench.state.moderator) == ("Zoé", "Zoé Ω", True)


def test_sign_up_registers(bench: Bench) -> None:
    """A new account is asked for with its display name; an empty one is left out."""
    bench.client.session.sign_up("chat.example", 5000, "zoe", "a password", "  ")
    bench.server.up()
    bench.poll()
    request = bench.server.take("register")
    assert "display_name" not in request


@pytest.mark.parametrize("code", ["Vb4-x_9", ""])
def test_sign_up_by_invitation(bench: Bench, code: str) -> None:
    """The code of an invitation goes with the registration, and is kept no longer and nowhere."""
    bench.client.session.sign_up("chat.example", 5000, "zoe", "a password", code=code)
    bench.server.up()
    bench.poll()
    request = bench.server.take("register")
    assert request.get("invitation", "") == code
    user = {"username": "zoe", "display_name": "zoe", "role": "member"}
    bench.server.ok(request, user=user, token="t", rooms=[a_room("Lobby")])
    bench.poll()
    assert bench.state.username == "zoe"
    kept = [path.read_bytes() for path in bench.home.rglob("*") if path.is_file()]
    assert kept
    assert not any(b"Vb4-x_9" in text for text in kept)


def test_announced_certificate_is_kept(bench: Bench) -> None:
    """From a server that is pinned, while one is connected to it; in another's place it changes nothing."""
    known, place = bench.client.known_servers, ("chat.example", 5000)
    bench.client.session.sign_in(*place, "zoe", "a password")
    bench.server.up()
    bench.server.say({"type": "certificate", "next_fingerprint": FINGERPRINT})
    bench.poll()
    assert known.next_fingerprint(*place) == ""  # nothing is pinned: the system vouches for it
    known.trust(*place, "CD" * 32)
    bench.server.say({"type": "certificate", "next_fingerprint": FINGERPRINT})
    bench.poll()
    assert known.next_fingerprint(*place) == FINGERPRINT
    bench.server.say({"type": "certificate", "next_fingerprint": ""})
    bench.poll()
    assert known.next_fingerprint(*place) == ""


def test_token_is_kept_and_the_password_is_not(bench: Bench) -> None:
    """What is on disk signs in without the password, and only its owner can read it."""
    bench.sign_in(a_room("Lobby"))
    texts = [path.read_bytes() for path in bench.home.iterdir() if path.is_file()]
    assert not any(b"a password" in text for text in texts)
    path = bench.home / "accounts.json"
    assert "t0ken" in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(bench.home.stat().st_mode) == 0o700


def test_token_and_password_are_in_no_log(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    """Neither the secrets nor what is said are logged, at any level."""
    caplog.set_level(logging.DEBUG)
    bench.sign_in(a_room("Lobby"))
    bench.client.outbox.send("lobby", "something private")
    bench.poll()
    bench.drop()
    bench.come_back(a_room("Lobby"))
    assert not any(secret in caplog.text for secret in ("a password", "t0ken", "something private"))
    assert "t0ken" not in repr(bench.client.accounts.all())


@pytest.mark.parametrize("code", ["invalid_credentials", "username_taken", "unavailable", "rate_limited"])
def test_sign_in_refused_shows_why_and_forgets_the_password(bench: Bench, code: str) -> None:
    """A refused password is not tried again by itself."""
    bench.client.session.sign_in("chat.example", 5000, "zoe", "a password")
    bench.server.up()
    bench.poll()
    bench.server.error(bench.server.take("login"), code)
    assert ConnectionChanged() in bench.poll()
    assert (bench.state.connection.phase, bench.state.connection.code) == (Phase.REFUSED, code)
    assert bench.server.closed
    bench.pass_s(120)
    bench.client.session.reconnect_now()
    bench.pass_s(1)
    assert len(bench.connections) == 1


@pytest.mark.parametrize("code", ["kicked", "banned"])
@pytest.mark.parametrize("given", [{}, {"reason": ""}, {"reason": "spam"}], ids=str)
def test_sanction_at_the_sign_in_shows_the_reason_that_was_given(
    bench: Bench, code: str, given: dict[str, str]
) -> None:
    """Only what a moderator wrote is a reason; the server's sentence about the sanction is none."""
    bench.client.session.sign_in("chat.example", 5000, "zoe", "a password")
    bench.server.up()
    bench.poll()
    bench.server.error(bench.server.take("login"), code, **given)
    bench.poll()
    assert (bench.state.connection.code, bench.state.connection.detail) == (code, given.get("reason", ""))


@pytest.mark.parametrize(
    ("until", "expected"),
    [("2023-11-14T22:13:20.000Z", 1_700_000_000_000), ("tomorrow", None), (5, None), (None, None)],
)
def test_sanction_at_the_sign_in_shows_its_end(bench: Bench, until: Any, expected: int | None) -> None:
    """A time that cannot be read is none."""
    bench.client.session.sign_in("chat.example", 5000, "zoe", "a password")
    bench.server.up()
    bench.poll()
    bench.server.error(bench.server.take("login"), "kicked", until=until)
    bench.poll()
    assert bench.state.connection.until == expected


def test_sign_in_without_server_says_so_at_once(bench: Bench) -> None:
    """A mistyped host is an error to correct, not a reason to wait."""
    bench.client.session.sign_in("chat.example", 5000, "zoe", "a password")
    bench.drop("unreachable")
    assert (bench.state.connection.phase, bench.state.connection.code) == (Phase.REFUSED, "unreachable")


def test_resume_uses_the_token_and_keeps_what_is_loaded(bench: Bench) -> None:
    """Coming back is no new sign-in: the messages are still there."""
    bench.sign_in(a_room("Lobby"))
    bench.server.say({"type": "message", **a_message("Lobby", 1)})
    bench.poll()
    bench.drop()
    assert bench.state.connection.phase == Phase.WAITING
    assert bench.resumption()["token"] == "t0ken"
    assert len(bench.state.rooms["lobby"].messages) == 1


def test_token_that_is_no_longer_valid_asks_for_the_password(bench: Bench) -> None:
    """After a password change elsewhere the sign-in window is due, and the token is forgotten."""
    bench.sign_in(a_room("Lobby"))
    bench.drop()
    request = bench.resumption()
    bench.server.error(request, "invalid_credentials")
    assert SignedOut("invalid_credentials") in bench.poll()
    assert (bench.state.connection.phase, bench.state.username) == (Phase.SIGNED_OUT, "")
    assert bench.client.accounts.all()[0].token == ""


def test_log_out_ends_the_token_and_empties_the_state(bench: Bench) -> None:
    """The server is told, the token is forgotten, another user sees nothing."""
    bench.sign_in(a_room("Lobby"))
    bench.client.session.log_out()
    assert bench.server.take("logout")
    assert bench.server.closed
    assert SignedOut() in bench.poll()
    assert (bench.state.connection.phase, bench.state.username, bench.state.rooms) == (
        Phase.SIGNED_OUT,
        "",
        {},
    )
    assert bench.client.accounts.all()[0].token == ""


@pytest.mark.parametrize("stay", [True, False])
def test_log_out_ends_the_token_of_a_one_time_password(bench: Bench, stay: bool) -> None:
    """The server takes a logout before the password is changed: it is told, by the user or at the end."""
    bench.sign_in(a_room("Lobby"), stay=stay, must_change_password=True)
    if stay:
        bench.client.session.log_out()
    else:
        bench.client.close()
    assert bench.server.take("logout")


def test_sign_in_that_does_not_stay_is_in_memory_only(bench: Bench) -> None:
    """No token is on disk, neither the first nor that of a new password; a lost connection comes back."""
    bench.sign_in(a_room("Lobby"), stay=False)
    bench.drop()
    bench.come_back(a_room("Lobby"))
    bench.client.session.change_password("a password", "another password")
    bench.server.ok(bench.server.take("password"), token="t2")
    bench.poll()
    texts = [path.read_text(errors="replace") for path in bench.home.iterdir() if path.is_file()]
    assert not any("t0ken" in text or '"t2"' in text for text in texts)
    (account,) = bench.client.accounts.all()
    assert (account.host, account.username, account.server) == ("chat.example", "zoe", "Test")
    assert bench.client.settings.get("last_account") == account.id
    bench.drop()
    assert bench.resumption()["token"] == "t2"


def test_sign_in_that_does_not_stay_forgets_the_one_before(bench: Bench) -> None:
    """What an earlier sign-in has left on disk does not sign in at the next start."""
    bench.sign_in(a_room("Lobby"))
    bench.sign_in(a_room("Lobby"), stay=False)
    assert [account.token for account in bench.client.accounts.all()] == [""]


def test_sign_in_that_does_not_stay_ends_with_the_program(bench: Bench) -> None:
    """The server ends its token; one that stays, or that cannot be reached, is left as it is."""
    bench.sign_in(a_room("Lobby"), stay=False)
    bench.client.close()
    assert bench.server.take("logout")
    bench.restart()
    bench.sign_in(a_room("Lobby"))
    bench.client.close()
    assert bench.server.take_all("logout") == []
    bench.restart()
    bench.sign_in(a_room("Lobby"), stay=False)
    bench.drop()
    bench.client.close()
    assert bench.server.take_all("logout") == []


def test_sign_in_that_does_not_stay_ends_when_another_account_comes(bench: Bench) -> None:
    """The other account stays as it was asked to; its connection tells the server nothing of the first."""
    bench.sign_in(a_room("Lobby"), stay=False)
    first = bench.server
    bench.sign_in(a_room("Lobby"), user="ada")
    assert first.take("logout")
    assert bench.server.take_all("logout") == []
    assert {account.username: account.token for account in bench.client.accounts.all()} == {
        "ada": "t0ken",
        "zoe": "",
    }


def test_another_account_shows_nothing_of_the_first(bench: Bench) -> None:
    """Rooms, unsent messages and drafts belong to their account."""
    bench.sign_in(a_room("Lobby"))
    bench.drop()
    bench.client.outbox.send("lobby", "for later")
    bench.client.rooms.set_draft("lobby", "a draft")
    bench.sign_in(a_room("Lobby"), user="ada")
    bench.poll()
    room = bench.state.rooms["lobby"]
    assert (bench.state.username, room.pending, room.draft) == ("ada", [], "")
    assert bench.server.take_all("send") == []
    zoe = next(account for account in bench.client.accounts.all() if account.username == "zoe")
    bench.client.session.resume(zoe.id)
    bench.let_in(a_room("Lobby"))
    room = bench.state.rooms["lobby"]
    assert ([message.body for message in room.pending], room.draft) == (["for later"], "a draft")


def test_resume_of_an_unknown_account_asks_for_the_password(bench: Bench) -> None:
    """An account without a token cannot be resumed."""
    bench.client.session.resume("nobody@chat.example:5000")
    assert bench.poll() == [SignedOut("invalid_credentials")]
    assert bench.connections == []


def test_password_change_replaces_the_token(bench: Bench) -> None:
    """The new token is the one that a restart and a reconnection use."""
    bench.sign_in(a_room("Lobby"))
    bench.client.session.change_password("a password", "another password")
    bench.server.ok(bench.server.take("password"), token="t2")
    assert RequestDone("password") in bench.poll()
    assert bench.client.accounts.all()[0].token == "t2"
    bench.drop()
    assert bench.resumption()["token"] == "t2"


def test_one_time_password_holds_everything_up_until_it_is_changed(bench: Bench) -> None:
    """Nothing is asked that would be refused; after the change all that waited is asked."""
    bench.sign_in(a_room("Lobby", last_seq=5), role="moderator", must_change_password=True)
    bench.client.rooms.open("lobby")
    bench.client.outbox.send("lobby", "soon")
    bench.poll()
    assert bench.state.must_change_password
    assert bench.server.sent == []
    bench.client.session.change_password("a password", "another password")
    bench.server.ok(bench.server.take("password"), token="t2")
    assert ProfileChanged() in bench.poll()
    bench.poll()
    asked = {frame["type"] for frame in bench.server.sent}
    assert asked >= {"send", "history", "watch", "moderation.pending"}


def test_away_comes_by_itself_and_goes_with_the_first_input(bench: Bench) -> None:
    """Ten minutes without input; a status that was chosen stays."""
    bench.sign_in(a_room("Lobby"))
    bench.pass_s(599)
    assert bench.server.take_all("status") == []
    bench.pass_s(2)
    assert bench.server.take("status")["status"] == "away"
    bench.client.status.user_active()
    assert bench.server.take("status")["status"] == "online"
    bench.client.status.set("busy", "in a meeting")
    assert bench.server.take("status") == {"type": "status", "status": "busy", "text": "in a meeting"} | {
        "ref": bench.client._core.replies._last_ref
    }
    bench.pass_s(700)
    bench.client.status.user_active()
    assert bench.server.take_all("status") == []
    assert bench.state.status == "busy"


def test_status_is_told_again_after_a_reconnection(bench: Bench) -> None:
    """The server forgets it with the session; the user does not have to say it twice."""
    bench.sign_in(a_room("Lobby"))
    bench.client.status.set("busy", "")
    bench.drop()
    bench.come_back(a_room("Lobby"))
    assert bench.server.take("status")["status"] == "busy"


def test_request_without_connection_fails_at_once(bench: Bench) -> None:
    """What cannot be asked is told; what was on its way fails with the connection."""
    bench.sign_in(a_room("Lobby"))
    bench.client.search.start("soup")
    bench.drop()
    assert bench.state.search.code == "dropped"
    bench.client.status.set_display_name("Zoé")
    (failed,) = [change for change in bench.poll() if isinstance(change, RequestFailed)]
    assert (failed.request, failed.code) == ("profile", "not_connected")


def test_scheduled_shutdown_and_notices_are_shown(bench: Bench) -> None:
    """What the administrator announces reaches the state, and a cancellation too."""
    bench.sign_in(a_room("Lobby"))
    bench.server.say({"type": "shutdown_scheduled", "at": to_rfc3339(5000), "reason": "update"})
    bench.server.say({"type": "notice", "text": "coffee"})
    assert NoticeArrived("coffee") in bench.poll()
    assert (bench.state.connection.shutdown_at, bench.state.connection.shutdown_reason) == (5000, "update")
    bench.server.say({"type": "shutdown_scheduled", "at": None, "reason": ""})
    bench.poll()
    assert bench.state.connection.shutdown_at is None


def test_kinds_of_rooms_that_may_be_made(bench: Bench) -> None:
    """What the server tells at the sign-in holds until the next; an earlier server tells nothing."""
    bench.sign_in()
    assert bench.state.may_create == ("private", "public", "moderated")
    bench.drop()
    bench.wall.now += 60
    bench.steady.now += 60
    bench.poll()
    bench.let_in(may_create=["private"])
    assert bench.state.may_create == ("private",)
