"""The client as a whole: in which order it tells what changed, and whose state it shows."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from chat_client.engine.client import Client
from chat_client.model.changes import ConnectionChanged, PendingChanged, ProfileChanged, SignedIn
from chat_client.model.state import ClientState, Phase, Status
from chat_client.store.outbox import OUTBOX_FILE, Outbox
from chat_protocol.requests import Login
from tests.chat_client.fakes import Bench, a_room, live


def test_changes_come_in_the_order_in_which_they_happen(bench: Bench) -> None:
    """What the user did before an event arrived is told before it, and what follows from a poll after it."""
    bench.sign_in(a_room("Lobby"))
    bench.client.outbox.send("lobby", "hello")
    bench.client.status.set("busy")
    bench.server.say({"type": "shutdown_scheduled", "at": None, "reason": ""})
    changes = bench.poll()
    kinds = [type(change) for change in changes]
    assert kinds == [PendingChanged, ProfileChanged, ConnectionChanged]


def test_state_is_a_new_one_after_a_sign_out(bench: Bench) -> None:
    """Whoever still holds the state of the last account sees nothing of the next one in it."""
    bench.sign_in(a_room("Lobby"), user="zoe")
    live(bench, "Lobby", 1)
    bench.poll()
    before = bench.state
    bench.client.session.log_out()
    assert bench.state is not before
    assert bench.state == ClientState(connection=bench.state.connection)
    assert bench.state.connection.phase == Phase.SIGNED_OUT
    changes = bench.sign_in(a_room("Board"), user="ada")
    assert SignedIn(fresh=True) in changes
    assert (list(before.rooms), list(bench.state.rooms)) == (["lobby"], ["board"])


def test_changes_of_the_last_account_are_not_told_to_the_next(bench: Bench) -> None:
    """A change that names a room of the last account would name none, or another one."""
    bench.sign_in(a_room("Lobby"))
    bench.client.outbox.send("lobby", "hello")
    bench.client.session.sign_in("chat.example", 5000, "ada", "a password")
    assert bench.poll() == [ConnectionChanged()]


def test_token_of_a_renamed_account_shows_no_state_of_another(bench: Bench) -> None:
    """The server says who has signed in; under another name the state begins again."""
    bench.sign_in(a_room("Lobby"), user="zoe")
    bench.drop()
    for _ in range(60):
        if len(bench.connections) == 2:
            break
        bench.pass_s(1.0)
    bench.let_in(a_room("Board"), user="ada")
    assert bench.state.username == "ada"
    assert list(bench.state.rooms) == ["board"]


def test_event_that_nobody_understands_is_one_line_of_the_log(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    """Without a traceback, short, and without a terminal's escapes; what comes behind it is taken."""
    bench.sign_in(a_room("Lobby"))
    bench.server.say({"type": "room", "room": {"name": ["\x1b[2J" * 500]}})
    live(bench, "Lobby", 1)
    bench.poll()
    (record,) = [record for record in caplog.records if "unreadable event" in record.getMessage()]
    assert record.exc_info is None
    assert "\x1b" not in record.getMessage()
    assert len(record.getMessage()) <= 200
    assert bench.state.rooms["lobby"].last_seq == 1


def test_calls_for_a_room_that_is_gone_do_nothing(bench: Bench) -> None:
    """A click may come after the room was removed."""
    bench.sign_in()
    client = bench.client
    client.rooms.open("gone")
    client.rooms.join("gone")
    client.rooms.leave("gone")
    client.rooms.typing("gone")
    client.rooms.set_draft("gone", "text")
    client.history.load_older("gone")
    client.history.jump_to("gone", 3)
    client.history.mark_read("gone")
    client.outbox.edit("gone", 1, "text")
    client.outbox.delete("gone", 1)
    client.outbox.react("gone", 1, "👍")
    client.people.refresh_members("gone")
    assert (bench.poll(), bench.server.sent, bench.state.open_room) == ([], [], None)


def test_answer_that_cannot_be_read_is_a_refusal(bench: Bench) -> None:
    """The message is shown as refused, not as waiting for ever; what comes after it is sent."""
    bench.sign_in(a_room("Lobby"))
    bench.client.outbox.send("lobby", "first")
    bench.poll()
    bench.server.ok(bench.server.take("send"), room="Lobby", seq="one")
    bench.poll()
    (message,) = bench.state.rooms["lobby"].pending
    assert (message.status, message.error) == (Status.REFUSED, "internal")
    bench.client.outbox.send("lobby", "second")
    bench.poll()
    assert bench.server.take("send")["body"] == "second"


def test_closed_client_lets_go_of_its_files(bench: Bench) -> None:
    """What waits is on the disk, for whoever opens it next."""
    bench.sign_in(a_room("Lobby"))
    bench.drop()
    bench.client.outbox.send("lobby", "later")
    account = bench.client.outbox.stored.account
    bench.client.close()
    assert (bench.client.outbox.stored.account, bench.client.outbox.stored.all()) == ("", [])
    kept = Outbox(bench.home / OUTBOX_FILE, account)
    assert [entry.body for entry in kept.all()] == ["later"]
    kept.close()


def test_closed_client_ends_each_of_its_parts(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also those that have threads of their own."""
    client, closed = bench.new_client(), []
    for name in ("files", "pictures", "transcripts", "outbox", "history", "session"):
        part = getattr(client, name)

        def close(name: str = name, really: Callable[[], None] = part.close) -> None:
            closed.append(name)
            really()

        monkeypatch.setattr(part, "close", close)
    client.close()
    assert sorted(closed) == ["files", "history", "outbox", "pictures", "session", "transcripts"]


def test_wall_clock_is_told_in_milliseconds(bench: Bench) -> None:
    """Of seconds with a fraction."""
    bench.wall.now = 1_234.5678
    assert bench.client._core.now_ms() == 1_234_567


def test_parts_with_threads_wake_whoever_polls(bench: Bench) -> None:
    """Whether it is told before or after they were made; without one they wake nobody."""
    woken: list[str] = []
    bench.client.files._threads.tell(lambda: None)
    bench.client.wake_with(lambda: woken.append("poll"))
    bench.client.files._threads.tell(lambda: None)
    assert woken == ["poll"]
    bench.client.pictures._wake()
    assert woken == ["poll"] * 2


def test_token_of_a_program_is_used_and_not_kept(bench: Bench) -> None:
    """Who gave it keeps it: nothing of it is on this disk, and it does not end with the program."""
    bench.client.session.sign_in_with_token("chat.example", 5000, "bot-token")
    bench.server.up()
    bench.poll()
    request = bench.server.take("resume")
    assert request["token"] == "bot-token"
    user = {"username": "rota", "display_name": "Rota", "role": "member"}
    bench.server.ok(request, user=user, token="bot-token", rooms=[])
    bench.poll()
    assert bench.state.username == "rota"
    bench.client.close()
    assert bench.server.take_all("logout") == []
    assert not [
        path for path in bench.home.rglob("*") if path.is_file() and b"bot-token" in path.read_bytes()
    ]


def test_each_sign_in_tells_the_server_anew(bench: Bench) -> None:
    """Which room is open, and that the user types: it has forgotten both with the connection."""
    bench.sign_in(a_room("Lobby"))
    bench.client.rooms.open("lobby")
    for _sign_in in range(2):
        bench.poll()
        bench.client.rooms.typing("lobby")
        bench.client.rooms.typing("lobby")
        assert [frame["room"] for frame in bench.server.take_all("typing")] == ["Lobby"]
        assert [frame["room"] for frame in bench.server.take_all("watch")] == ["Lobby"]
        bench.drop()
        bench.come_back(a_room("Lobby"))


@pytest.mark.parametrize(
    ("stay", "code", "phase"),
    [
        (True, "", Phase.CONNECTING),
        (True, "dropped", Phase.CONNECTING),
        (True, "kicked", Phase.REFUSED),
        (False, "dropped", Phase.REFUSED),
    ],
)
def test_computer_that_has_slept_connects_again(bench: Bench, stay: bool, code: str, phase: Phase) -> None:
    """At once, whether the loss was noticed or not; a refusal stays one."""
    bench.sign_in(a_room("Lobby"))
    bench.poll()
    if not stay:
        bench.client._link.credentials = Login("zoe", "a password", "")
    if code == "kicked":
        bench.server.say({"type": "kicked", "reason": ""})
        bench.poll()
    elif code:
        bench.drop()
    bench.wall.now += 3_600
    bench.poll()
    bench.poll()
    assert bench.state.connection.phase == phase


def test_disk_that_keeps_nothing_is_told_once(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """And that it keeps everything again."""
    bench.sign_in(a_room("Lobby"))
    for failing in (True, False):
        monkeypatch.setattr(bench.client._drafts, "failing", failing)
        assert bench.poll() == [ConnectionChanged()]
        assert bench.state.connection.keeping_ok != failing
        assert bench.poll() == []


def test_typing_that_is_over_is_told_by_the_poll(bench: Bench) -> None:
    """After some seconds without another word of it."""
    bench.sign_in(a_room("Lobby"))
    bench.server.say({"type": "typing", "room": "Lobby", "username": "jules"})
    bench.poll()
    assert list(bench.state.rooms["lobby"].typing)
    bench.pass_s(7)
    assert not list(bench.state.rooms["lobby"].typing)


def test_message_that_waits_follows_the_room_to_its_new_name(bench: Bench) -> None:
    """One of a server without ids, too."""
    bench.sign_in(a_room("Lobby"))
    bench.client.outbox.send("lobby", "first")
    bench.client.outbox.send("lobby", "second")
    bench.poll()
    bench.server.say({"type": "room", **a_room("Hall"), "was": "Lobby"})
    bench.server.ok(bench.server.take("send"), room="Lobby", seq=1, sent_at="2026-03-01T10:00:00.000Z")
    bench.poll()
    bench.poll()
    assert bench.server.take("send")["room"] == "Hall"


def test_picture_that_is_told_of_again_stays(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only another one, or none, takes its place."""
    dropped: list[str] = []
    bench.capabilities = ["avatars"]
    bench.sign_in(a_room("Lobby"))
    monkeypatch.setattr(bench.client.avatars._cache, "drop", dropped.append)
    for avatar in ("ab" * 16, "ab" * 16, None):
        assert dropped == []
        bench.server.say({"type": "avatar", "username": "jules", **({"avatar": avatar} if avatar else {})})
        bench.poll()
    assert dropped == ["ab" * 16]


def test_client_uses_the_system_s_randomness_and_keeps_drafts_at_its_end(
    bench: Bench, tmp_path: Path
) -> None:
    """Unless a test gives another source."""
    client = Client(tmp_path / "other")
    assert isinstance(client._core.rng, random.SystemRandom)
    client.close()
    assert type(bench.client._core.rng) is random.Random
    bench.sign_in(a_room("Lobby"))
    bench.client.rooms.set_draft("lobby", "half a sent")
    bench.client.close()
    assert bench.server.closed
    bench.restart()
    bench.sign_in(a_room("Lobby"))
    assert bench.state.rooms["lobby"].draft == "half a sent"
