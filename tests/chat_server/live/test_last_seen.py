"""Tests of when users were last seen."""

from pathlib import Path

from chat_server.live.last_seen import LastSeen
from chat_server.storage.core.errors import StorageUnavailable
from tests.support.office import open_office


def test_seen_during_an_outage_is_stored_at_the_next_turn(tmp_path: Path) -> None:
    """Activity during an outage is in the next list; what is stored already is not in the one after it."""
    office = open_office(tmp_path / "chat.db")
    office.connect(office.user("ada"), "192.0.2.7")
    seen = LastSeen(office.storage, office.registry, office.clock)
    given: list[list[tuple[int, str]]] = []
    answers = iter((StorageUnavailable("away"), None, None))

    def remember(pairs: list[tuple[int, str]], now: int) -> None:
        given.append(pairs)
        if (error := next(answers)) is not None:
            raise error

    office.storage.users.seen = remember  # type: ignore[method-assign, assignment]
    seen.store()
    office.clock.pass_by(1_000)
    seen.store()
    seen.store_within(5)
    office.storage.close()
    assert [[address for _, address in pairs] for pairs in given] == [["192.0.2.7"], ["192.0.2.7"], []]
