"""The command that hands an account over, as it is typed."""

import dataclasses
from collections.abc import Callable

from chat_server.server import ChatServer
from chat_server.storage.core.records import UserRecord
from tests.chat_server.console.conftest import Typist


def test_account_handed_over(console: Typist, server: ChatServer, user: Callable[..., UserRecord]) -> None:
    """Only where another program knows passwords, after a question; the audit has it."""
    jules = user("jules")
    assert "no --auth-command" in console.type("external user jules --yes")
    server.parts.options = dataclasses.replace(server.parts.options, auth_command="ask")
    console.answers = ["n", "y"]
    assert "Nothing was done." in console.type("external user jules")
    assert "kept elsewhere" in console.type("external user jules")
    changed = server.parts.storage.users.by_id(jules.id)
    assert changed is not None
    assert (changed.kind, changed.password_hash) == ("external", "")
    acts = [(entry.action, entry.target, entry.allowed) for entry in server.parts.audit.entries()]
    assert ("external user", "jules", True) in acts
