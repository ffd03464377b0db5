"""What only administrators may do is refused to a moderator, and the attempt is in the audit."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, cast

import pytest

from chat_protocol.errors import ChatError
from chat_server.services.vocabulary.actors import Actor
from chat_server.storage.core.records import OutgoingHookRecord
from tests.chat_server.building import Building

MODERATOR: Final = Actor("mo", "moderator", "wire 192.0.2.1", 99)
PLACE: Final = Path("/nowhere")

# By what the audit calls them.
ACTS: Final[dict[str, Callable[[Building], Any]]] = {
    "remove file": lambda made: made.server.parts.file_administration.remove(MODERATOR, "f1"),
    "quota user": lambda made: made.server.parts.file_administration.set_quota(
        MODERATOR, made.user("zoe"), 5
    ),
    "retention": lambda made: made.server.parts.retention.set_rule(MODERATOR, None, 86_400_000),
    "webhook add": lambda made: made.server.parts.webhooks.add(MODERATOR, made.room("Ops"), "alerts"),
    "webhook rotate": lambda made: made.server.parts.webhooks.rotate(MODERATOR, "alerts"),
    "webhook remove": lambda made: made.server.parts.webhooks.remove(MODERATOR, "alerts"),
    "webhook send": lambda made: made.server.parts.outgoing_webhooks.add(
        MODERATOR, made.room("Ops"), "archive", "https://a.example/"
    ),
    "invite": lambda made: made.server.parts.invitations.make(MODERATOR, "zoe"),
    "revoke invitation": lambda made: made.server.parts.invitations.revoke(MODERATOR, 1),
    "end device": lambda made: made.server.parts.devices.end(MODERATOR, made.user("zoe"), None),
    "bot add": lambda made: made.server.parts.bots.add(MODERATOR, "rota"),
    "bot rotate": lambda made: made.server.parts.bots.rotate(MODERATOR, made.user("rota")),
    "bot revoke": lambda made: made.server.parts.bots.revoke(MODERATOR, made.user("rota")),
    "export user": lambda made: made.server.parts.personal.export(MODERATOR, made.user("zoe"), PLACE),
    "import users": lambda made: made.server.parts.importing.make(MODERATOR, [], PLACE),
    "add room": lambda made: made.services.room_admin.add(MODERATOR, "Ops", "public", ""),
    "rename room": lambda made: made.services.room_admin.rename(MODERATOR, made.room("Ops"), "Opus"),
    "topic": lambda made: made.services.room_admin.set_topic(MODERATOR, made.room("Ops"), "new"),
}


@pytest.mark.parametrize("action", ACTS)
def test_moderator_is_refused_and_audited(building: Building, action: str) -> None:
    """Nothing of it is done."""
    with pytest.raises(ChatError) as refusal:
        ACTS[action](building)
    assert refusal.value.code == "forbidden"
    entries = building.server.parts.audit.entries()
    (entry,) = [each for each in entries if each.actor == "mo"]
    assert (entry.action, entry.origin, entry.allowed) == (action, MODERATOR.origin, False)


def test_webhook_that_sends_is_the_administrators_too(building: Building) -> None:
    """Whichever it is."""
    outgoing = building.server.parts.outgoing_webhooks
    hook = cast(
        OutgoingHookRecord, type("Hook", (), {"id": 1, "room_id": 1, "name": "archive", "room": "Ops"})()
    )
    for act in (outgoing.rotate, outgoing.remove):
        with pytest.raises(ChatError) as refusal:
            act(MODERATOR, hook)
        assert refusal.value.code == "forbidden"
