"""Connections that were hung up end in order, and before the program does."""

import pytest

from chat_client.net.link import CLOSE_WAIT_S
from tests.chat_client.fakes import Bench, FakeConnection, a_room


def test_end_of_the_client_waits_for_all_connections(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that were hung up before, too: their last frames may still be on their way."""
    joined: list[tuple[int, float]] = []
    monkeypatch.setattr(
        FakeConnection, "join", lambda connection, seconds: joined.append((connection.number, seconds))
    )
    bench.sign_in(a_room("Lobby"))
    bench.client.session.log_out()
    bench.sign_in(a_room("Lobby"))
    bench.client.close()
    assert joined == [(connection.number, CLOSE_WAIT_S) for connection in bench.connections]
    assert len(joined) == 2
    assert all(connection.closed for connection in bench.connections)
