"""When it is written which tokens are in use, and when those go that are not; the clock is the test's."""

from typing import Any

import pytest

from chat_protocol.errors import ChatError
from chat_server.services.accounts import devices as module
from chat_server.services.accounts.devices import DAY_MS, LOOK_EVERY_MS, USED_EVERY_MS
from chat_server.services.vocabulary.hashes import hash_secret
from tests.chat_server.fakes import FakeSession
from tests.support.office import PASSWORD, Office


class Asked:
    """Stands in the way of the two, and counts how often they are asked for."""

    def __init__(self, office: Office, patch: pytest.MonkeyPatch) -> None:
        self._office = office
        self.connected: list[tuple[int, int]] = []
        self.looks: list[int] = []
        self.removed: list[int] = []  # what a look finds, the next one last
        patch.setattr(office.storage.tokens, "in_use", self._in_use)
        patch.setattr(office.storage.tokens, "remove_unused", self._remove)

    def _in_use(self, _uses: Any, now: int, before: int) -> None:
        self.connected.append((now, before))

    def _remove(self, before: int, _limit: int) -> int:
        self.looks.append(before)
        return self.removed.pop() if self.removed else 0

    def after(self, ms: int) -> tuple[int, int]:
        """Let time pass, and return how often each was asked for by the end of it."""
        self._office.clock.pass_by(ms)
        self._office.parts.devices.note()
        return len(self.connected), len(self.looks)


@pytest.fixture
def asked(office: Office, monkeypatch: pytest.MonkeyPatch) -> Asked:
    return Asked(office, monkeypatch)


def test_each_has_its_time(office: Office, asked: Asked) -> None:
    """At the start, then once an hour and once a day; only what is older than that hour is written."""
    start = office.clock()
    assert asked.after(0) == (1, 1)
    assert asked.connected == [(start, start - USED_EVERY_MS)]
    assert asked.looks == [start - 30 * DAY_MS]
    assert asked.after(USED_EVERY_MS - 1) == (1, 1)
    assert asked.after(1) == (2, 1)
    assert asked.after(LOOK_EVERY_MS - USED_EVERY_MS - 1) == (3, 1)
    assert asked.after(1) == (3, 2)


def test_clock_that_is_set_back_delays_nothing(office: Office, asked: Asked) -> None:
    """Both are due at once, and not by a step that leads to the last time."""
    assert asked.after(0) == (1, 1)
    assert asked.after(1) == (1, 1)
    assert asked.after(-1) == (1, 1)
    assert asked.after(-1) == (2, 2)


def test_many_go_in_several_turns(office: Office, asked: Asked, caplog: pytest.LogCaptureFixture) -> None:
    """While a look finds as many as it may take there may be more; how many went is a line of the log."""
    asked.removed = [7, module.BATCH_TOKENS]
    with caplog.at_level("INFO", logger="chat"):
        assert asked.after(0) == (1, 1)
        assert asked.after(0) == (1, 2)
        assert asked.after(0) == (1, 2)
        asked.after(LOOK_EVERY_MS)
    lines = [record.getMessage() for record in caplog.records if "removed" in record.getMessage()]
    assert [line.split()[0] for line in lines] == ["500", "7"]


def test_token_holds_to_its_last_millisecond(office: Office) -> None:
    """And stands among the user's devices for as long."""
    jules = office.user("jules")
    accounts = office.parts.services.accounts
    token = accounts.login(FakeSession(), "jules", PASSWORD).token
    office.registry.closed(next(iter(office.registry.sessions())))
    office.clock.pass_by(30 * DAY_MS)
    assert [each.token_hash for each in office.parts.devices.of_user(jules.id)] == [hash_secret(token)]
    office.clock.pass_by(1)
    assert office.parts.devices.of_user(jules.id) == []
    with pytest.raises(ChatError):
        accounts.resume(FakeSession(), token)
