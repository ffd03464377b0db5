"""The terminal client's commands that look around: rooms, days, reactions, receipts, transfers."""

import re
from datetime import date
from pathlib import Path

from chat_client.i18n import _
from chat_client.model.days import start_ms
from chat_client.model.transfer_state import TransferState
from chat_protocol.times import to_rfc3339
from tests.chat_client.fakes import a_message, a_room, live
from tests.chat_client.terminal.session import Session


def test_help_names_every_command(session: Session) -> None:
    """What can be typed stands in the help, and nothing else."""
    named = set(re.findall(r"/([a-z-]+)", _("terminal.help")))
    assert named | {"help"} == set(session.terminal._commands._commands)


def test_rooms_found_by_name_and_unread(session: Session) -> None:
    """`/rooms` takes a part of a name, or lists those with something unread; favourites stand first."""
    live(session.bench, "@jules", 1, body="psst")
    session.step()
    assert session.type("/rooms boa") == "- Board"
    assert session.type("/rooms unread").startswith("  @jules (")
    assert session.type("/rooms nowhere") == "* No room fits."
    session.type("/favourite")
    assert session.type("/rooms").splitlines()[0] == "  Lobby ★"
    session.type("/no-favourite")
    assert "★" not in session.type("/rooms")


def test_next_unread_room_is_opened(session: Session) -> None:
    """`/next` opens a room with something unread, one that mentions the user first."""
    assert "Nothing is unread elsewhere." in session.type("/next")
    session.bench.server.say({"type": "room", **a_room("Ops")})
    session.step()
    live(session.bench, "@jules", 1, body="psst")
    live(session.bench, "Ops", 1, body="@zoe look")
    session.step()
    session.type("/next")
    assert session.bench.state.open_room == "ops"
    session.type("/next")
    assert session.bench.state.open_room == "@jules"


def test_about_a_room(session: Session) -> None:
    """`/about` tells the kind, the topic, the description, the owners, and what of it calls."""
    room = session.bench.state.rooms["lobby"]
    room.description, room.owners = "one\ntwo", {"jules"}
    kind, *more = session.type("/about").splitlines()
    assert kind == "* Lobby (Public)"
    assert more == ["  all of us", "  one", "  two", "  Owners: jules", f"  {_('notify.mentions')}"]


def test_date_shows_what_was_said_on_it(session: Session) -> None:
    """The first message of the day is looked for, and written with those beside it."""
    server = session.bench.server
    server.take_all("history")
    live(session.bench, "Lobby", 1, body="long ago")
    session.step()
    assert "2026-01-31" in session.type("/date soon")
    session.type("/date 2026-01-31")
    then = to_rfc3339(start_ms(date(2026, 1, 31)) + 5)
    (request,) = server.take_all("history")
    said = a_message("Lobby", 1, body="on that day", sent_at=then)
    server.ok(request, room="Lobby", messages=[said], more=False)
    assert "#1 <jules> long ago" in session.step()


def test_reactions_told_and_taken_away(session: Session) -> None:
    """`/reactions` tells who reacted how, `/unreact` takes one's own away."""
    live(session.bench, "Lobby", 1)
    live(session.bench, "Lobby", 2, kind="react", target=1, body="👍", on=True)
    session.step()
    assert session.type("/reactions 1") == "  👍 jules"
    live(session.bench, "Lobby", 3)
    session.step()
    assert "Nobody has reacted to message 3." in session.type("/reactions #3")
    assert "There is no message" in session.type("/reactions 9")
    session.type("/unreact 1 👍")
    assert session.bench.server.take("react")["on"] is False


def test_receipt_told_once(session: Session) -> None:
    """When the other one has read what the user said last, a line says so, once."""
    session.bench.server.say({"type": "room", **a_room("@jules", id="db,9")})
    session.step()
    session.type("/open @jules")
    live(session.bench, "@jules", 1, "zoe", body="psst", room_id="db,9")
    assert "✓" not in session.step()
    event = {"type": "receipt", "room": "@jules", "room_id": "db,9", "read_seq": 1}
    session.bench.server.say(event)
    assert session.step() == "* ✓ Read"
    live(session.bench, "@jules", 2, kind="react", target=1, body="👍", on=True, room_id="db,9")
    assert "✓" not in session.step()
    live(session.bench, "@jules", 3, "zoe", body="and?", room_id="db,9")
    assert "✓" not in session.step()
    session.bench.server.say(event | {"read_seq": 3})
    assert session.step() == "* ✓ Read"
    session.type("/open Lobby")
    assert "✓ Read" in session.type("/open @jules")


def test_conversation_saved(session: Session, tmp_path: Path) -> None:
    """`/save-text` writes the open room into a file that is new; the end of the input waits for it."""
    assert "/save-text FILE" in session.type("/save-text")
    assert "/save-text FILE" in session.type(f"/save-text {tmp_path}")
    target = tmp_path / "lobby.txt"
    session.bench.server.take_all("history")
    session.type(f"/save-text {target}")
    assert session.bench.client.transcripts.busy
    request = session.bench.server.take("history")
    session.bench.server.ok(request, room="Lobby", messages=[a_message("Lobby", 1, body="hello")], more=False)
    assert str(target) in session.step()
    assert "<jules> hello" in target.read_text(encoding="utf-8") or "jules: hello" in target.read_text(
        "utf-8"
    )
    assert str(target) in session.type(f"/save-text {target}")


def test_invitation(session: Session) -> None:
    """`/invite` writes the link to this server."""
    assert session.type("/invite").startswith("chat://chat.example:5000/")


def test_transfers_paused_and_cancelled(session: Session) -> None:
    """Files under way are listed, and named by the beginning of their IDs."""
    assert "No file is under way." in session.type("/transfers")
    state = session.bench.state
    state.transfers["abcdef0123"] = TransferState("abcdef0123", "plan.pdf", 1_000, done=500)
    state.transfers["ab99"] = TransferState("ab99", "other.pdf", 10)
    assert "abcdef01  plan.pdf: 50 %" in session.type("/transfers")
    assert "/transfers lists" in session.type("/halt ab")
    assert "/transfers lists" in session.type("/cancel")
    session.type("/halt abc")
    assert state.transfers["abcdef0123"].paused
    session.type("/go-on abc")
    assert not state.transfers["abcdef0123"].paused
    session.type("/cancel abc")
    assert "abcdef0123" not in state.transfers
