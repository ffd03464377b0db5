"""A server without its threads for the tests of conversations."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chat_server.building import Building, open_building


@pytest.fixture
def building(tmp_path: Path) -> Iterator[Building]:
    """A server on a new database."""
    with open_building(tmp_path / "data") as made:
        yield made
