"""The terminal client's commands for what is unread."""

from tests.chat_client.fakes import a_message, a_room
from tests.chat_client.terminal.session import Session


def test_listed(session: Session) -> None:
    """The list has each room with its number and what calls."""
    assert "Nothing is unread." in session.type("/inbox")
    session.bench.server.say({"type": "room", **a_room("Hall", last_seq=0, id="db,7")})
    session.bench.server.say({"type": "message", **a_message("Hall", 1, body="@zoe lunch?", room_id="db,7")})
    session.step()
    session.bench.server.say({"type": "room", **a_room("Attic", last_seq=2, unread=2, id="db,8")})
    session.step()
    assert session.type("/inbox").splitlines()[1] == "  Attic: 2 unread messages"
    assert "Hall: 1 unread message, #1 <jules> @zoe lunch?" in session.type("/inbox")
