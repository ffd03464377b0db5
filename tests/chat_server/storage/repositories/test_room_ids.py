"""Ids of rooms: of this database's numbers alone, whatever a client sends in their place."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_server.storage import Storage, open_storage
from chat_server.storage.repositories.room_ids import RoomIds


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storage]:
    path: Path = tmp_path_factory.mktemp("ids") / "chat.db"
    storage = open_storage(f"sqlite:///{path}")
    yield storage
    storage.close()


@given(number=st.integers(1, 10**18 - 1))
def test_number_is_read_back(storage: Storage, number: int) -> None:
    """Of any room that a database may ever have."""
    ids = RoomIds(storage.database)
    assert ids.number(ids.of(number)) == number


def test_what_is_no_id_of_this_database(storage: Storage) -> None:
    """Another one's, a number that no column takes, and digits of other scripts are none."""
    ids = RoomIds(storage.database)
    head = ids.of(7).removesuffix("7")
    assert ids.number(head + "9" * 18) == 10**18 - 1
    for wrong in (head + "9" * 19, head, f"x{head}7", head + "٣", head + "-7", head + "7x", "7", ""):
        assert ids.number(wrong) is None
