"""Fixtures of the tests of files as a service."""

from pathlib import Path

import pytest

from tests.chat_server.services.files.shelf import Shelf
from tests.support.office import Office


@pytest.fixture
def shelf(office: Office, tmp_path: Path) -> Shelf:
    """Files of an office."""
    return Shelf(office, tmp_path / "files")
