"""What the terminal client shows, and that nothing said can drive the terminal."""

import re

import pytest

from chat_client.i18n import _, error_text
from chat_client.model.changes import MessageChanged, RequestFailed, RoomChanged, SignedIn
from chat_client.model.ranges import SeqRanges
from chat_client.model.state import ConnectionState, RoomState
from chat_client.terminal.show import HISTORY_PIPED, HISTORY_TYPED, Show
from chat_client.terminal.wording import _reason, printable
from tests.chat_client.fakes import Bench, a_message, a_room, live, page
from tests.chat_client.terminal.session import Session


def test_terminal_shows_messages_of_the_open_room_and_tells_of_others(session: Session) -> None:
    """Elsewhere only what calls for attention is shown."""
    live(session.bench, "Lobby", 1, body="hi\nall")
    live(session.bench, "@jules", 1, body="psst")
    shown = session.step()
    assert "<jules> hi\n    all" in shown
    assert "* @jules: <jules> psst" in shown
    live(session.bench, "Lobby", 2, kind="edit", target=1, body="hello")
    assert "hello (edited)" in session.step()


def test_terminal_marks_what_programs_say(session: Session) -> None:
    """Behind the name of a program stands what it is, behind a person's nothing."""
    live(session.bench, "Lobby", 1, "rota", "on call", bot=True)
    live(session.bench, "Lobby", 2, body="thanks")
    shown = session.step()
    assert "<rota [bot]> on call" in shown
    assert "<jules> thanks" in shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2Jgone\x07", "\ufffd[2Jgone\ufffd"),
        ("a\rb\x00", "a\ufffdb\ufffd"),
        ("one\ntwo", "one\n    two"),
        ("\u202eevil", "\ufffdevil"),
        ("été 😀 日本", "été 😀 日本"),
        ("\x9b31m", "\ufffd31m"),
        ("a\tb\tc", "a   b   c"),
    ],
)
def test_printable_text_cannot_drive_the_terminal(text: str, shown: str) -> None:
    """Control sequences and direction overrides are replaced, words are not."""
    assert printable(text) == shown


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


def test_terminal_tells_that_a_request_waits(session: Session) -> None:
    """Who asks to join a moderated room reads that a moderator decides, once a request."""
    words = "Board: You have asked to join."
    for _number in range(2):
        session.type("/join Board : I count")
        session.bench.server.ok(session.bench.server.take("join"), room="Board", membership="pending")
        assert session.step().count(words) == 1
        session.lines.clear()
        session.terminal._show.changes([RoomChanged("board"), RoomChanged("lobby"), RoomChanged("gone")])
        assert session.lines == []
        session.type("/leave")
        session.bench.server.ok(session.bench.server.take("leave"), room="Board", membership="none")
        session.step()


def test_terminal_tells_of_a_sign_in_elsewhere(session: Session) -> None:
    """Device and address are said, without what could drive the terminal, and where to look."""
    session.bench.server.say({"type": "device", "name": "desk\x1b[2J", "address": "192.0.2.7"})
    (line,) = session.step().splitlines()
    words = "* New sign-in to your account on desk\ufffd[2J from 192.0.2.7."
    assert line == f"{words} /devices lists where you are signed in."
    session.bench.server.say({"type": "device", "address": "192.0.2.7"})
    assert "on a client without a name from 192.0.2.7" in session.step()


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


def test_terminal_says_why_a_request_failed(session: Session) -> None:
    """In words, also where nothing else is written."""
    session.lines.clear()
    session.terminal._show.changes([RequestFailed("join", "forbidden")])
    assert session.lines == [f"* {error_text('forbidden')}"]


def test_pipe_waits_for_the_little_history_of_the_open_room(bench: Bench) -> None:
    """Not without a room, not in one that it is not in, and not longer than until it has come."""
    show = Show(bench.client, print, history=HISTORY_PIPED, quiet=False)
    bench.sign_in(a_room("Lobby", last_seq=50), a_room("Board", last_seq=50, membership="none"))
    assert not show.waits
    bench.client.rooms.open("board")
    show.room(bench.state.rooms["board"])
    assert not show.waits
    bench.client.rooms.open("lobby")
    room = bench.state.rooms["lobby"]
    show.room(room)
    assert show.waits
    room.covered.add(42, 50)
    assert show.waits
    room.covered.add(41, 41)
    assert not show.waits
    typed = Show(bench.client, print, history=HISTORY_TYPED, quiet=False)
    typed.room(room)
    assert not typed.waits


def test_change_is_written_where_its_message_is_on_the_screen(session: Session) -> None:
    """Not of one in another room, of one that was not shown, nor of one that is not loaded."""
    bench = session.bench
    for room in ("Lobby", "@jules"):
        live(bench, room, 1, body="first")
        live(bench, room, 2, body="second")
    session.step()
    show = session.terminal._show
    session.lines.clear()
    show.changes([MessageChanged("@jules", 1), MessageChanged("lobby", 99)])
    assert session.lines == []
    show._shown = SeqRanges()
    show._shown.add(2, 2)
    show.changes([MessageChanged("lobby", 1)])
    assert session.lines == []
    show.changes([MessageChanged("lobby", 2)])
    (line,) = session.lines
    assert line.endswith("second")


def _loaded(bench: Bench, last_seq: int, read_seq: int, first: int = 1) -> RoomState:
    """Open a room of which all from `first` on is loaded."""
    bench.sign_in(a_room("Lobby", last_seq=last_seq, read_seq=read_seq))
    bench.client.rooms.open("lobby")
    bench.poll()
    (request,) = bench.server.take_all("history")
    page(bench, request, "Lobby", first, last_seq, more=first > 1)
    bench.poll()
    room: RoomState = bench.state.rooms["lobby"]
    assert (room.messages[0].seq, room.messages[-1].seq) == (first, last_seq)
    return room


def _numbers(lines: list[str]) -> list[int]:
    """Return the numbers of the messages that were written."""
    return [int(found[1]) for line in lines if (found := re.search(r"> message (\d+)$", line))]


@pytest.mark.parametrize(
    ("read_seq", "history", "quiet", "first"),
    [
        (300, HISTORY_TYPED, False, 251),
        (270, HISTORY_TYPED, False, 251),
        (180, HISTORY_TYPED, False, 181),
        (10, HISTORY_TYPED, False, 101),
        (10, HISTORY_PIPED, False, 291),
        (10, 0, True, 301),
    ],
)
def test_so_much_of_a_room_is_written_when_it_is_opened(
    bench: Bench, read_seq: int, history: int, quiet: bool, first: int
) -> None:
    """For a person all that is unread, up to two hundred messages; for a pipe ten, or none."""
    lines: list[str] = []
    room = _loaded(bench, 300, read_seq)
    show = Show(bench.client, lines.append, history=history, quiet=quiet)
    show.room(room)
    assert _numbers(lines) == list(range(first, 301))
    lines.clear()
    live(bench, "Lobby", 301)
    show.changes(bench.poll())
    assert _numbers(lines) == [301]  # what stands before it is left out for good
    assert not [line for line in lines if line.startswith("*")]


def test_older_messages_that_are_loaded_are_written_without_asking(bench: Bench) -> None:
    """The server is asked for those that are not, and not before the beginning of the room."""
    lines: list[str] = []
    room = _loaded(bench, 300, 300, first=51)
    show = Show(bench.client, lines.append, history=HISTORY_TYPED, quiet=False)
    show.room(room)
    for first, last in ((151, 250), (51, 150)):
        lines.clear()
        show.older(room)
        assert _numbers(lines) == list(range(first, last + 1))
        bench.pass_s(1)
        assert bench.server.take_all("history") == []
    lines.clear()
    show.older(room)
    bench.pass_s(1)
    (request,) = bench.server.take_all("history")
    page(bench, request, "Lobby", 1, 50, more=False)
    show.changes(bench.poll())
    assert _numbers(lines) == list(range(1, 51))
    show.older(room)
    bench.pass_s(1)
    assert bench.server.take_all("history") == []


def test_message_that_fills_a_gap_is_written_from_the_first_that_was_wanted_on(bench: Bench) -> None:
    """With a line above it, where something later stands on the screen; none above what comes in order."""
    lines: list[str] = []
    room = _loaded(bench, 60, 60, first=12)
    show = Show(bench.client, lines.append, history=HISTORY_TYPED, quiet=False)
    show.room(room)
    assert _numbers(lines) == list(range(12, 61))
    assert not [line for line in lines if "before" in line]
    lines.clear()
    bench.client.history.load_older("lobby")
    bench.pass_s(1)
    page(bench, bench.server.take("history"), "Lobby", 1, 11, more=False)
    show.changes(bench.poll())
    assert [line for line in lines if line.startswith("*")] == ["* before #12:"]
    assert _numbers(lines) == [11]


def test_gap_without_a_text_has_no_line(bench: Bench) -> None:
    """Reactions and edits fill it, too, and are not written."""
    lines: list[str] = []
    room = _loaded(bench, 60, 60, first=30)
    show = Show(bench.client, lines.append, history=HISTORY_TYPED, quiet=False)
    show.room(room)
    lines.clear()
    bench.client.history.load_older("lobby")
    bench.pass_s(1)
    request = bench.server.take("history")
    changes = [a_message("Lobby", seq, kind="react", target=30, body="👍", on=True) for seq in range(1, 30)]
    bench.server.ok(request, room="Lobby", messages=changes, more=False)
    show.changes([change for change in bench.poll() if not isinstance(change, MessageChanged)])
    assert lines == []


def test_all_up_to_the_first_message_that_is_not_shown_counts_as_read(bench: Bench) -> None:
    """Of a room that has come whole, all; of one that has come anew, nothing before it is shown again."""
    room = _loaded(bench, 60, 20)
    show = Show(bench.client, lambda _line: None, history=HISTORY_TYPED, quiet=False)
    show.room(room)
    show._shown = SeqRanges()
    for low, high in ((1, 39), (45, 60)):
        show._shown.add(low, high)
    show.mark_read()
    assert room.read_seq == 39
    show._shown.add(40, 44)
    room.covered, covered = SeqRanges(), room.covered
    show.mark_read()
    assert room.read_seq == 39
    room.covered = covered
    show.mark_read()
    assert room.read_seq == 60


def test_sign_in_is_told_once_with_the_name(bench: Bench) -> None:
    """Not after each lost connection; nothing of it where only messages are wanted."""
    bench.sign_in(a_room("Lobby"))
    for fresh, quiet in ((True, False), (False, False), (True, True)):
        lines: list[str] = []
        Show(bench.client, lines.append, history=0, quiet=quiet).changes([SignedIn(fresh=fresh)])
        assert lines == [f"* {_('terminal.signed_in', name='zoe')}"] * (fresh and not quiet)


def test_request_for_a_room_that_is_not_open_is_not_told_of(session: Session) -> None:
    """It is by the user's other devices, maybe."""
    session.bench.state.rooms["board"].membership = "pending"
    session.lines.clear()
    session.terminal._show.changes([RoomChanged("board")])
    assert session.lines == []
