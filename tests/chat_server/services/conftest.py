"""An office for the tests of the services."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chat_server.building import Building, open_building
from tests.support.office import Office, open_office


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = open_office(tmp_path / "chat.db")
    yield office
    office.storage.close()


@pytest.fixture
def building(tmp_path: Path) -> Iterator[Building]:
    """A server without its threads, on a new database."""
    with open_building(tmp_path / "data") as made:
        yield made
