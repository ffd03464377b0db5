"""The commands about bots, as they are typed."""

import json

from chat_server.server import ChatServer
from tests.chat_server.console.conftest import Typist


def test_bot_made_and_ended(console: Typist, server: ChatServer) -> None:
    """A token is shown when it is made or rotated, and at no other time; all is in the audit."""
    assert "There are no bots." in console.type("bots")
    made = json.loads(console.type("bot add rota --json"))
    assert made["name"] == "rota"
    shown = console.type("bot rotate @rota")
    assert "Token of rota: " in shown
    assert made["token"] not in shown
    listed = console.type("bots")
    assert "rota" in listed
    assert not any(line.partition(": ")[2] in listed for line in shown.splitlines() if ": " in line)
    assert "The token of rota is revoked." in console.type("bot revoke rota")
    (row,) = json.loads(console.type("bots --json"))["bots"]
    assert (row["name"], row["token_at"], row["connected"]) == ("rota", None, False)
    assert "There is no user" in console.type("bot revoke nobody")
    acts = [(entry.action, entry.target, entry.allowed) for entry in server.parts.audit.entries()]
    assert acts[:3] == [("bot add", "rota", True), ("bot rotate", "rota", True), ("bot revoke", "rota", True)]
