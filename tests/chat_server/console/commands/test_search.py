"""The command about the search index, as it is typed."""

from chat_server.server import ChatServer
from tests.chat_server.console.conftest import Typist


def test_reindex(console: Typist, server: ChatServer) -> None:
    """The index is marked to be rebuilt, and the audit has it."""
    index = server.parts.storage.search.index
    assert not index.prepare()
    assert index.prepare()
    assert console.type("reindex").startswith("The search index is being rebuilt")
    assert not index.prepare()
    assert "reindex" in console.type("audit")
