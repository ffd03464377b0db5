"""Which writes a loss of power may take: those whose loss costs nothing but doing them again."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from chat_server.storage import Storage, open_storage
from chat_server.storage.core.records import NewMessage, OutgoingHookRecord
from tests.chat_server.storage.conftest import START_MS

HOOK: Final = OutgoingHookRecord(1, 1, "name", "name", "https://example.org", "secret", START_MS, 0)

HASTY: Final[dict[str, Callable[[Storage, int], object]]] = {
    "when somebody was seen": lambda it, user: it.users.seen([(user, "192.0.2.1")], START_MS),
    "that a token was used": lambda it, _user: it.tokens.used({"hash": ("192.0.2.1", "desk")}, START_MS),
    "that tokens are in use": lambda it, _user: it.tokens.in_use(["hash"], START_MS, START_MS),
    "how far somebody has read": lambda it, user: it.members.set_read(1, user, 1),
    "that files are given up": lambda it, _user: it.files.give_up_unnamed(START_MS),
    "that a webhook was used": lambda it, user: it.webhooks.incoming_used(user, START_MS),
    "what a webhook was sent": lambda it, _user: it.webhooks.sent(HOOK),
    "what retention removes": lambda it, _user: it.retention.remove(1, START_MS, 9, START_MS),
}
LASTING: Final[dict[str, Callable[[Storage, int], object]]] = {
    "a message": lambda it, user: it.messages.append([NewMessage(1, user, "x", "n")], START_MS),
    "a membership": lambda it, user: it.members.join(1, user),
    "a token": lambda it, user: it.tokens.add(user, "hash", START_MS),
    "the end of a token": lambda it, _user: it.tokens.remove("hash"),
    "a sanction": lambda it, user: it.sanctions.add("ban", user, None, None, "", "boss", START_MS, None),
    "a setting": lambda it, _user: it.settings.set("motd", "hello"),
}


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    storage = open_storage(f"sqlite:///{tmp_path}/chat.db")
    yield storage
    storage.close()


@pytest.mark.parametrize("act", [*HASTY, *LASTING])
def test_what_waits_for_the_disk(storage: Storage, monkeypatch: pytest.MonkeyPatch, act: str) -> None:
    """What people say and decide does; what is only noted does not, so that nobody behind it waits."""
    user = storage.users.create("jules", "jules", "Jules", "hash", START_MS)
    options: list[dict[str, Any]] = []
    write = storage.database.write

    def looked_at(work: Any, **given: Any) -> Any:
        options.append(given)
        return write(work, **given)

    monkeypatch.setattr(storage.database, "write", looked_at)
    (HASTY | LASTING)[act](storage, user.id)
    assert options
    assert {given.get("durable", True) for given in options} == {act in LASTING}
    assert {given.get("urgent", False) for given in options} == {act == "a message"}
