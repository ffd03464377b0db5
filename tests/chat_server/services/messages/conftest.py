"""A public room and one who may enter it."""

import pytest

from chat_server.storage.core.records import RoomRecord, UserRecord
from tests.chat_server.building import Building


@pytest.fixture
def room(building: Building) -> RoomRecord:
    return building.room("Plaza")


@pytest.fixture
def jules(building: Building) -> UserRecord:
    return building.user("jules")
