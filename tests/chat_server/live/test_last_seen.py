"""Tests of when users were last seen."""

import threading
from pathlib import Path

import pytest

from chat_server.live.last_seen import LastSeen
from chat_server.storage.core.errors import StorageUnavailable
from tests.support.office import open_office


def test_seen_during_an_outage_is_stored_at_the_next_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
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

    monkeypatch.setattr(office.storage.users, "seen", remember)
    office.clock.pass_by(1)
    seen.store()
    office.clock.pass_by(1_000)
    seen.store()
    office.clock.pass_by(1)
    seen.store_within(5)
    assert [[address for _, address in pairs] for pairs in given] == [["192.0.2.7"], ["192.0.2.7"], []]


def test_activity_at_the_moment_of_a_turn_is_in_the_next_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may have come behind the look at that session."""
    office = open_office(tmp_path / "chat.db")
    session = office.connect(office.user("ada"), "192.0.2.7")
    seen = LastSeen(office.storage, office.registry, office.clock)
    given: list[int] = []
    monkeypatch.setattr(office.storage.users, "seen", lambda pairs, now: given.append(len(pairs)))
    office.clock.pass_by(1)
    seen.store()
    office.clock.pass_by(1_000)
    seen.store()
    session.last_active_at = office.clock()
    seen.store()
    office.storage.close()
    assert given == [1, 0, 1]


def test_end_of_the_server_waits_for_the_database_and_not_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it takes in time is stored; a database that hangs is left behind, and keeps no process alive."""
    office = open_office(tmp_path / "chat.db")
    seen = LastSeen(office.storage, office.registry, office.clock)
    goes_on, done = threading.Event(), threading.Event()
    daemons: list[bool] = []

    def hang(pairs: object, now: int) -> None:
        daemons.append(threading.current_thread().daemon)
        goes_on.wait(10)
        done.set()

    monkeypatch.setattr(office.storage.users, "seen", hang)
    seen.store_within(0.01)
    assert not done.is_set()
    goes_on.set()
    assert done.wait(10)
    seen.store_within(10)
    assert daemons == [True, True]
    office.storage.close()
