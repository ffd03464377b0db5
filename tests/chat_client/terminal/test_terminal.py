"""The terminal client: what is typed, what is shown, and that nothing said can drive the terminal."""

import re
from pathlib import Path

import pytest

from chat_client.i18n import error_text
from chat_client.model.changes import SignedIn, TransferChanged
from chat_client.model.state import ConnectionState
from chat_client.terminal.__main__ import Terminal
from chat_client.terminal.line_input import Typed
from chat_client.terminal.show import _reason, printable
from chat_protocol.objects import Device
from tests.chat_client.fakes import Bench, a_message, a_room, live, page


class Session:
    """A terminal on a bench; `type` runs lines, `shown` is what was written since the last look."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.lines: list[str] = []
        self.terminal = Terminal(bench.client, self.lines.append)

    def type(self, *lines: str) -> str:
        self.terminal.read(Typed(line) for line in lines)
        return self.step()

    def step(self) -> str:
        self.lines.clear()
        for _ in range(2):
            self.terminal.step()
        return "\n".join(self.lines)


@pytest.fixture
def session(bench: Bench) -> Session:
    session = Session(bench)
    bench.client.session.sign_in("chat.example", 5000, "zoe", "a password")
    bench.server.up()
    session.step()
    rooms = [a_room("Lobby", topic="all of us"), a_room("Board", membership="none", kind="moderated")]
    user = {"username": "zoe", "display_name": "Zoé", "role": "member"}
    bench.server.ok(bench.server.take("login"), user=user, token="t", rooms=rooms)
    assert "* Lobby - all of us" in session.step()
    return session


def test_terminal_says_lines_in_the_open_room(session: Session) -> None:
    """A line is a message, a line with two strokes too."""
    session.type("hello", "//shrug", "  ")
    assert session.bench.server.take("send")["body"] == "hello"
    assert [m.body for m in session.bench.state.rooms["lobby"].pending] == ["hello", "/shrug"]


def test_terminal_shows_messages_of_the_open_room_and_tells_of_others(session: Session) -> None:
    """Elsewhere only what calls for attention is shown."""
    live(session.bench, "Lobby", 1, body="hi\nall")
    live(session.bench, "@jules", 1, body="psst")
    shown = session.step()
    assert "<jules> hi\n    all" in shown
    assert "* @jules: <jules> psst" in shown
    live(session.bench, "Lobby", 2, kind="edit", target=1, body="hello")
    assert "hello (edited)" in session.step()


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


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2Jgone\x07", "\ufffd[2Jgone\ufffd"),
        ("a\rb\x00", "a\ufffdb\ufffd"),
        ("one\ntwo", "one\n    two"),
        ("\u202eevil", "\ufffdevil"),
        ("été 😀 日本", "été 😀 日本"),
        ("\x9b31m", "\ufffd31m"),
    ],
)
def test_printable_text_cannot_drive_the_terminal(text: str, shown: str) -> None:
    """Control sequences and direction overrides are replaced, words are not."""
    assert printable(text) == shown


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
    assert "The number of a message is expected" in session.type("/react 👍")
    assert session.bench.server.take_all("react") == []


def test_terminal_marks_what_it_has_shown_as_read(session: Session) -> None:
    """What comes in the open room is read; what comes elsewhere is not, until that room is opened."""
    live(session.bench, "Lobby", 1)
    live(session.bench, "@jules", 1, body="psst")
    session.step()
    assert session.bench.state.rooms["lobby"].read_seq == 1
    assert session.bench.state.rooms["@jules"].read_seq == 0
    session.bench.pass_s(2)
    assert [(mark["room"], mark["seq"]) for mark in session.bench.server.take_all("read")] == [("Lobby", 1)]
    session.type("/open @jules")
    session.bench.pass_s(2)
    assert [(mark["room"], mark["seq"]) for mark in session.bench.server.take_all("read")] == [("@jules", 1)]


def _answer(session: Session, last_seq: int) -> str:
    """Answer the history requests as a server with that many messages does; return what is shown."""
    shown = []
    for _ in range(4):
        for request in session.bench.server.take_all("history"):
            if "after" in request:
                page(session.bench, request, "Lobby", request["after"] + 1, last_seq, more=False)
            else:
                end = min(request.get("before", last_seq + 1) - 1, last_seq)
                page(session.bench, request, "Lobby", 1, end, more=False)
        shown.append(session.step())
    return "\n".join(shown)


def _return(session: Session, last_seq: int, then: int) -> str:
    """Lose the connection, come back to `last_seq` messages, and hear another one at once."""
    session.bench.drop()
    session.step()
    bench, count = session.bench, len(session.bench.connections)
    while len(bench.connections) == count:
        bench.pass_s(1)
    bench.server.up()
    session.step()
    user = {"username": "zoe", "display_name": "Zoé", "role": "member"}
    rooms = [a_room("Lobby", last_seq=last_seq)]
    bench.server.ok(bench.server.take("resume"), user=user, token="t", rooms=rooms)
    live(bench, "Lobby", then)
    return session.step()


def _order(shown: str) -> list[int]:
    return [int(found) for found in re.findall(r"> message (\d+)", shown)]


@pytest.mark.parametrize("heard", [0, 1, 5])
def test_terminal_shows_what_was_said_while_it_was_away(session: Session, heard: int) -> None:
    """All of it is written once, also where the room was empty before, and is not read before that."""
    _answer(session, 0)
    for seq in range(1, heard + 1):
        live(session.bench, "Lobby", seq)
    session.step()
    assert session.bench.state.rooms["lobby"].read_seq == heard
    assert _order(_return(session, heard + 2, then=heard + 3)) == [heard + 3]
    assert session.bench.state.rooms["lobby"].read_seq == heard
    shown = _answer(session, heard + 3)
    assert _order(shown) == [heard + 1, heard + 2]
    assert f"* before #{heard + 3}:" in shown
    assert session.bench.state.rooms["lobby"].read_seq == heard + 3


def test_terminal_loads_older_messages_after_a_refused_gap(session: Session) -> None:
    """A page refused for now is asked for every two seconds, refused for good no more; `/older` works."""
    server = session.bench.server
    _answer(session, 0)
    live(session.bench, "Lobby", 11)
    live(session.bench, "Lobby", 14)
    for code, most in (("unavailable", 2), ("internal", 2), ("internal", 0)):
        asked = 0
        for _ in range(60):
            for request in server.take_all("history"):
                asked += 1
                server.error(request, code)
            session.bench.steady.now += 0.05
            session.step()
        assert asked <= most, code
    session.type("/older")
    assert _order(_answer(session, 14)) == [*range(1, 11), 12, 13]
    session.type("/older")
    assert server.take_all("history") == []


def test_terminal_marks_as_read_what_it_has_not_shown_when_told_so(session: Session) -> None:
    """What is not loaded stays unread until `/read`."""
    _answer(session, 0)
    live(session.bench, "Lobby", 14)
    session.step()
    assert session.bench.state.rooms["lobby"].read_seq == 0
    session.type("/read")
    assert session.bench.state.rooms["lobby"].read_seq == 14


def test_terminal_shows_replies_names_and_days(session: Session) -> None:
    """A reply shows what it answers, a person both names, and each day has a line; `/reply` answers."""
    bench = session.bench
    changes = {"jules": "online"}
    names = {"jules": "Jules Martin"}
    frame = {"type": "presence", "room": "Lobby", "changes": changes, "names": names, "online": 1, "total": 2}
    bench.server.say(frame)
    live(bench, "Lobby", 1, body="who comes?", sent_at="2026-03-01T10:00:00.000Z")
    live(bench, "Lobby", 2, body="I do", reply_to=1, sent_at="2026-03-03T10:00:00.000Z")
    shown = session.step()
    assert "<Jules Martin @jules> (↪ #1 <Jules Martin @jules> who comes?) I do" in shown
    assert "--- 2026-03-01" in shown
    assert "--- 2026-03-03" in shown
    session.type("/reply 2 me too")
    request = bench.server.take("send")
    assert (request["body"], request["reply_to"]) == ("me too", 2)


def test_terminal_tells_of_a_sign_in_elsewhere(session: Session) -> None:
    """Device and address are said, without what could drive the terminal, and where to look."""
    session.bench.server.say({"type": "device", "name": "desk\x1b[2J", "address": "192.0.2.7"})
    (line,) = session.step().splitlines()
    words = "* New sign-in to your account on desk\ufffd[2J from 192.0.2.7."
    assert line == f"{words} /devices lists where you are signed in."
    session.bench.server.say({"type": "device", "address": "192.0.2.7"})
    assert "on a client without a name from 192.0.2.7" in session.step()


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


def test_terminal_lists_rooms_with_what_the_user_is_in_them(session: Session) -> None:
    """One's own stand first, then conversations, then the others; unread messages are counted."""
    live(session.bench, "@jules", 1)
    session.step()
    session.bench.state.rooms["board"].membership = "pending"
    session.type("/open lobby")
    lines = session.type("/rooms").splitlines()
    assert lines == ["  Lobby", "  @jules (1 unread)", "? Board"]
    session.bench.state.rooms["board"].membership = "none"
    assert session.type("/rooms").splitlines()[-1] == "- Board"


def test_terminal_names_files_and_how_to_fetch_them(session: Session) -> None:
    """One file has the number of its message, several count within it; names cannot drive the terminal."""
    one = {"id": "f1", "name": "a.png", "size": 12_345}
    two = {"id": "f2", "name": "b\x1b[2J.txt", "size": 7}
    live(session.bench, "Lobby", 1, body="look", files=[one])
    live(session.bench, "Lobby", 2, body="both", files=[one, two])
    shown = session.step()
    assert "look [file: a.png, 12 KB, /download 1]" in shown
    assert "/download 2.1] [file: b" in shown
    assert "7 B, /download 2.2]" in shown
    assert "\x1b" not in shown


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


@pytest.mark.parametrize(
    ("code", "detail", "shown"),
    [
        *((code, "enough", True) for code in ("kicked", "banned", "killed")),
        ("dropped", "enough", False),
        ("kicked", "", False),
    ],
)
def test_terminal_says_why_a_connection_was_ended(code: str, detail: str, shown: bool) -> None:
    """The reason that a person gave stands behind the code's words; a program's detail does not."""
    said = _reason(ConnectionState(code=code, detail=detail))
    assert said.startswith(error_text(code))
    assert (said != error_text(code)) == shown
    assert ("enough" in said) == shown


def test_terminal_goes_to_a_message_that_is_not_loaded(session: Session) -> None:
    """It waits for the message, and shows it with those beside it, once."""
    live(session.bench, "Lobby", 40)
    session.step()
    session.type("/goto #20")
    assert session.terminal._commands.waits
    shown = _answer(session, 40)
    assert 20 in _order(shown)
    assert not session.terminal._commands.waits
    assert _order(session.step()) == []
    assert "99" in session.type("/goto 99")


def test_terminal_waits_longer_while_a_file_comes_further(session: Session) -> None:
    """After the end of its input, that is; nothing else gives it more time."""
    session.terminal._note_failures([TransferChanged("f1")])
    assert session.terminal._quit_at is None
    session.terminal._quit_at = 1.0
    session.terminal._note_failures([SignedIn(True)])
    assert session.terminal._quit_at == 1.0
    session.terminal._note_failures([TransferChanged("f1")])
    assert session.terminal._quit_at > 1.0
