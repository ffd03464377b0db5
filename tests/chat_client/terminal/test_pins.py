"""The terminal client's commands for pinned messages."""

from tests.chat_client.fakes import a_message
from tests.chat_client.terminal.session import Session


def test_pinned_listed_and_taken_off(session: Session) -> None:
    """A message of the open room is pinned by its number; the list has number, author and text."""
    session.bench.state.connection.capabilities += ("pins",)
    session.type("/pin 3")
    request = session.bench.server.take("pin")
    assert (request["room"], request["seq"], request["on"]) == ("Lobby", 3, True)
    session.bench.server.ok(request)
    assert "Done" in session.step()
    session.type("/pins")
    session.bench.server.ok(session.bench.server.take("pins"), messages=[a_message("Lobby", 3, body="hello")])
    assert "Lobby #3 <jules> hello" in session.step()
    session.type("/unpin 3", "/pins")
    assert session.bench.server.take("pin")["on"] is False
    session.bench.server.ok(session.bench.server.take("pins"), messages=[])
    assert "Nothing is pinned here." in session.step()
