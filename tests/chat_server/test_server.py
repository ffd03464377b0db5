"""Who is admitted by a server, and what is said of those who are not."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from chat_server.assembly import assemble
from chat_server.server import TELL_FULL_EVERY_S
from tests.chat_server.building import Building, open_building


@pytest.fixture
def building(tmp_path: Path) -> Iterator[Building]:
    """A server without its threads."""
    with open_building(tmp_path / "data") as found:
        yield found


def test_full_house_is_told_once_a_minute(
    building: Building, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever knocks at a full house does not fill the disk with lines; the next one counts the others."""
    server, now = building.server, [1_000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(server, "_make_place", lambda: False)
    for host in range(5):
        assert server._admit(f"192.0.2.{host}") is not None
    now[0] += TELL_FULL_EVERY_S
    assert server._admit("192.0.2.9") is not None
    lines = [record.getMessage() for record in caplog.records if record.name == "chat.server"]
    assert [line.partition(" was refused")[0] for line in lines] == ["192.0.2.0", "192.0.2.9"]
    assert "so were 4 others" in lines[1]


def test_addresses_of_users_are_known_from_the_start(building: Building) -> None:
    """After a restart all come back at once, perhaps among many strangers."""
    user = building.user("jules")
    building.storage.users.seen([(user.id, "198.51.100.7")], 10)
    parts = building.server.parts
    again = assemble(parts.options, parts.storage, parts.encryption)
    assert again.services.strangers.is_known("198.51.100.7")
    assert not again.services.strangers.is_known("198.51.100.8")
