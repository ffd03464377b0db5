"""The terminal client: what is typed, what it asks for, and when it ends."""

import re
import time
from pathlib import Path

import pytest

from chat_client.model.changes import SignedIn, TransferChanged
from chat_client.model.state import NotifyLevel
from chat_client.terminal.__main__ import DRAIN_S, Terminal
from chat_client.terminal.line_input import Typed
from chat_protocol.objects import Device
from tests.chat_client.fakes import Bench, a_message, a_room, live, page
from tests.chat_client.terminal.session import Session


def test_terminal_says_lines_in_the_open_room(session: Session) -> None:
    """A line is a message, a line with two strokes too."""
    session.type("hello", "//shrug", "  ")
    assert session.bench.server.take("send")["body"] == "hello"
    assert [m.body for m in session.bench.state.rooms["lobby"].pending] == ["hello", "/shrug"]


def test_terminal_changes_rooms(session: Session) -> None:
    """/msg opens a private conversation, /open goes back, /join asks with a reason."""
    session.type("/msg jules come over")
    assert session.bench.server.take("send")["room"] == "@jules"
    session.type("/join board : I work there")
    request = session.bench.server.take("join")
    assert (request["room"], request["reason"]) == ("Board", "I work there")
    assert session.type("/open lobby").startswith("* Lobby")
    assert "- Board" in session.type("/rooms")


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("/nonsense", "There is no /nonsense"),
        ("/open nowhere", "There is no room “nowhere”"),
        ("/msg", "name"),
        ("/edit x y", "The number of a message"),
        ("/retry", "no such unsent message"),
        ("/help", "/rooms"),
        ("/", "There is no /"),
        ("x" * 4001, "The message is too long."),
    ],
)
def test_terminal_answers_a_wrong_line(session: Session, line: str, answer: str) -> None:
    """Every mistake is one line, and the client lives on."""
    assert answer in session.type(line)


def test_terminal_retries_and_discards_what_was_refused(session: Session) -> None:
    """A refused message is shown with its name, by which it is sent again or dropped; each one once."""
    session.type("no")
    server = session.bench.server
    server.error(server.take("send"), "muted")
    shown = session.step()
    assert "not sent (You may not write at the moment.): no" in shown
    name = shown.rpartition(" ")[2]
    session.type("never")
    server.error(server.take("send"), "muted")
    again = session.step()
    assert ("moment.): never" in again, "moment.): no\n" in again) == (True, False)
    session.type(f"/discard {again.rpartition(' ')[2]}", f"/retry {name}")
    server.error(server.take("send"), "muted")
    assert "moment.): no\n" in session.step()
    session.type(f"/discard {name}")
    assert session.bench.state.rooms["lobby"].pending == []


def test_terminal_edits_deletes_reacts_and_searches(session: Session) -> None:
    """Messages are named by the number that is shown with them."""
    server = session.bench.server
    live(session.bench, "Lobby", 1, sender="zoe")
    session.type("/edit #1 better", "/search soup", "/older", "/status busy lunch", "/who")
    assert server.take("edit")["body"] == "better"
    server.ok(server.take("search"), messages=[a_message("Lobby", 1)], more=False)
    assert "* 1 found" in session.step()
    assert server.take("status")["text"] == "lunch"


def test_terminal_ends_when_what_was_said_is_stored(session: Session) -> None:
    """With its input at the end the client waits for the server, then ends."""
    session.type("last words")
    assert not session.terminal._drained()
    server = session.bench.server
    server.ok(server.take("send"), room="Lobby", seq=1, sent_at=a_message("x", 1)["sent_at"])
    session.step()
    assert session.terminal._drained()
    assert session.terminal.run() == 0


def test_terminal_on_a_pipe_ends_when_the_little_history_is_written(bench: Bench) -> None:
    """A server that stores what was said while it cannot read is waited for."""
    lines: list[str] = []
    terminal = Terminal(bench.client, lines.append, room="Lobby", typed=False)
    bench.client.session.sign_in("chat.example", 5000, "zoe", "a password")
    server = bench.server
    server.up()
    terminal.read([Typed("last words")])
    terminal.step()
    user = {"username": "zoe", "display_name": "Zoé", "role": "member"}
    server.ok(server.take("login"), user=user, token="t", rooms=[a_room("Lobby", last_seq=1)])
    for _ in range(2):
        terminal.step()
    server.ok(server.take("send"), room="Lobby", seq=2, sent_at=a_message("x", 1)["sent_at"])
    for _ in range(2):
        terminal.step()
    assert not terminal._drained()
    (asked,) = server.take_all("history")
    page(bench, asked, "Lobby", 1, 1, more=False)
    assert terminal.run() == 0
    assert [line.rpartition("> ")[2] for line in lines if "> " in line] == ["last words", "message 1"]


def test_terminal_gives_up_when_the_sign_in_is_refused(bench: Bench) -> None:
    """A wrong password ends the program with status 1."""
    session = Session(bench)
    bench.client.session.sign_in("chat.example", 5000, "zoe", "a password")
    bench.server.up()
    session.step()
    bench.server.error(bench.server.take("login"), "invalid_credentials")
    assert session.terminal.run() == 1
    assert any("password" in line for line in session.lines)


def test_terminal_gives_up_when_the_kept_sign_in_is_refused(session: Session) -> None:
    """A token that the server does not know ends the program with status 1, and the next start asks again."""
    bench = session.bench
    account = bench.client.accounts.all()[0].id
    bench.client.session.resume(account)
    bench.server.up()
    session.step()
    bench.server.error(bench.server.take("resume"), "invalid_credentials")
    assert session.terminal.run() == 1
    assert any("Start again" in line for line in session.lines)
    assert not bench.client.accounts.all()[0].token


def test_terminal_takes_a_message_back(session: Session) -> None:
    """`/delete` names one message of the open room, with or without the sign before its number."""
    live(session.bench, "Lobby", 1, sender="zoe")
    live(session.bench, "Lobby", 2, sender="zoe")
    session.type("/delete #2")
    request = session.bench.server.take("delete")
    assert (request["room"], request["seq"]) == ("Lobby", 2)
    assert session.bench.server.take_all("delete") == []
    live(session.bench, "Lobby", 3, sender="zoe", kind="delete", target=2)
    session.step()
    deleted = {m.seq: m.deleted for m in session.bench.state.rooms["lobby"].messages}
    assert (deleted[1], deleted[2]) == (False, True)


def test_terminal_reacts(session: Session) -> None:
    """`/react` puts an emoji under a message; without a number it says what is missing."""
    live(session.bench, "Lobby", 1)
    session.type("/react 1 👍")
    request = session.bench.server.take("react")
    assert (request["room"], request["seq"], request["emoji"]) == ("Lobby", 1, "👍")
    assert request["on"] is True
    assert "The number of a message is expected" in session.type("/react 👍")
    assert session.bench.server.take_all("react") == []


def test_terminal_says_what_a_one_time_password_is_for(bench: Bench) -> None:
    """Nothing that is typed vanishes before the password is changed, and `/password` changes it."""
    session = Session(bench)
    bench.sign_in(a_room("Lobby"), must_change_password=True)
    session.terminal._show.changes([SignedIn(fresh=True)])
    assert "one-time password" in "\n".join(session.lines)
    session.terminal._commands.open(bench.state.rooms["lobby"])
    assert "one-time password" in session.type("hello")
    assert bench.state.rooms["lobby"].pending == []
    session.terminal.read([Typed("/password", ("old one", "a new password", "another"))])
    assert "not the same" in session.step()
    session.terminal.read([Typed("/password", ("old one", "a new password", "a new password"))])
    session.step()
    request = bench.server.take("password")
    assert (request["old"], request["new"]) == ("old one", "a new password")
    bench.server.ok(request, token="t2")
    assert "The password was changed" in session.step()
    session.type("hello")
    assert bench.server.take("send")["body"] == "hello"


def test_terminal_lists_devices_and_ends_them(session: Session) -> None:
    """Each stands on a line with its id, and the one in use is marked; the list comes only when asked for."""
    session.type("/devices")
    desk = Device("0123456789ab", 0, 1_700_000_000_000, True, "desk\x1b[31m", "192.0.2.1")
    phone = Device("ba9876543210", 0, 1_700_000_000_000)
    server = session.bench.server
    server.ok(server.take("devices"), devices=[desk.to_frame(), phone.to_frame()])
    first, second = session.step().split("\n")
    assert re.fullmatch(
        r"  0123456789ab  desk\ufffd\[31m, 192\.0\.2\.1, last used 2023-11-1\d .*this device\)", first
    )
    assert re.fullmatch(r"  ba9876543210  a client without a name, last used 2023-11-1\d \d\d:\d\d", second)
    session.type("/end-device BA9876543210")
    request = server.take("end_device")
    assert request["id"] == "ba9876543210"
    server.ok(request, ended=1)
    assert session.step() == "* 1 device was signed out."
    session.type("/end-device gone")
    server.ok(server.take("end_device"), ended=0)
    assert session.step() == "* There is no such device any more."
    session.type("/end-device others")
    request = server.take("end_device")
    assert request["others"] is True
    server.ok(request, ended=0)
    assert session.step() == "* 0 devices were signed out."
    assert session.type("/end-device") == "* Name one device as /devices lists it, or others."


def test_terminal_leaves_the_open_room(session: Session) -> None:
    """`/leave` names none: it is the one in which lines are said."""
    session.type("/leave")
    assert session.bench.server.take("leave")["room"] == "Lobby"


def test_terminal_sends_a_file(session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`/upload` takes a path, `~` for the home folder; without one it says what is missing."""
    sent: list[tuple[str, list[Path]]] = []
    monkeypatch.setattr(session.bench.client.files, "send", lambda room, files: sent.append((room, files)))
    monkeypatch.setenv("HOME", str(tmp_path))
    session.type("/upload ~/a b.txt")
    assert sent == [("lobby", [tmp_path / "a b.txt"])]
    assert "file" in session.type("/upload")
    assert len(sent) == 1


def test_terminal_waits_longer_while_a_file_comes_further(session: Session) -> None:
    """After the end of its input, that is; nothing else gives it more time."""
    session.terminal._note_failures([TransferChanged("f1")])
    assert session.terminal._quit_at is None
    session.terminal._quit_at = 1.0
    session.terminal._note_failures([SignedIn(True)])
    assert session.terminal._quit_at == 1.0
    session.terminal._note_failures([TransferChanged("f1")])
    assert session.terminal._quit_at >= time.monotonic() + DRAIN_S / 2


def test_terminal_chooses_what_calls_and_what_is_read(session: Session) -> None:
    """`/notify` takes a level, `/read` the room as it is."""
    assert "all" in session.type("/notify loudly")
    for level in ("none", "all", "mentions"):
        session.type(f"/notify {level}")
        assert session.bench.state.rooms["lobby"].notify == NotifyLevel(level)
    session.bench.client.history.forget_before("lobby", 1)
    live(session.bench, "@jules", 1)
    session.step()
    session.type("/msg jules", "/read")
    session.bench.pass_s(1)
    assert [request["room"] for request in session.bench.server.take_all("read")] == ["@jules"]


def test_terminal_finds_people(session: Session) -> None:
    """`/people` takes how a name begins, with or without its sign, and lists who was found."""
    assert "name" in session.type("/people")
    session.type("/people @jul")
    request = session.bench.server.take("users")
    assert request["prefix"] == "jul"
    found = {"username": "jules", "display_name": "Jules Martin", "status": "away"}
    session.bench.server.ok(request, users=[found])
    first, second = session.step().splitlines()
    assert "1" in first
    assert second == "  Jules Martin @jules [away]"


def test_terminal_asks_for_the_requests_of_which_it_knows_the_number_alone(session: Session) -> None:
    """They are written when they have come, and once."""
    session.bench.state.role = "moderator"
    server = session.bench.server
    server.say({"type": "moderation", "pending": 1})
    session.step()
    request = server.take("moderation.pending")
    asked = {
        "username": "jules",
        "display_name": "jules",
        "room": "Board",
        "requested_at": "2026-03-01T10:00:00.000Z",
        "reason": "work",
    }
    server.ok(request, requests=[asked])
    told = session.step()
    assert "Board" in told
    assert told.endswith(": work")
    server.take_all("moderation.pending")
    session.type("/pending")
    server.ok(server.take("moderation.pending"), requests=[])
    (line,) = session.step().splitlines()
    assert "Board" not in line
