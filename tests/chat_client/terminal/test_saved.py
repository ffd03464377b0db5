"""The terminal client's commands for saved messages."""

from tests.chat_client.fakes import a_message
from tests.chat_client.terminal.session import Session


def test_saved_and_listed(session: Session) -> None:
    """A message of the open room is saved by its number, and the list has room, number, author and text."""
    session.type("/save 3")
    request = session.bench.server.take("save")
    assert (request["room"], request["seq"], request["on"]) == ("Lobby", 3, True)
    session.bench.server.ok(request)
    assert "Done" in session.step()
    session.type("/saved")
    session.bench.server.ok(
        session.bench.server.take("saved"), messages=[a_message("Lobby", 3, body="hello")]
    )
    assert "Lobby #3 <jules> hello" in session.step()
    session.type("/unsave 3", "/saved")
    assert session.bench.server.take("save")["on"] is False
    session.bench.server.ok(session.bench.server.take("saved"), messages=[])
    assert "No message is saved." in session.step()


def test_erased_author_is_a_former_member(session: Session) -> None:
    """The list names whose account is gone in the reader's language."""
    session.type("/saved")
    message = a_message("Lobby", 3, body="hello") | {"former": True}
    session.bench.server.ok(session.bench.server.take("saved"), messages=[message])
    assert "Lobby #3 <Former member> hello" in session.step()
