"""What an error number means to the storage: whether to try again, on another connection, or not at all."""

from typing import Final

import pytest

from chat_server.storage.core.errors import DuplicateKey, StorageError, StorageUnavailable
from chat_server.storage.mysql.errors import (
    ALREADY_DONE,
    DENIED,
    FULL,
    MISCONFIGURED,
    Conflict,
    ConnectionLost,
    TooLarge,
    error_of,
)

# As the manuals of MySQL and MariaDB have them.
MEANINGS: Final[dict[type[StorageError], set[int]]] = {
    ConnectionLost: {
        *(1047, 1053, 1156, 1157, 1158, 1159, 1160, 1161, 1180, 1290, 1836, 1927),
        *(2002, 2003, 2005, 2006, 2012, 2013, 2014, 2027, 2055),
        *(3024, 3100, 3796, 3797, 3798, 3799, 4031),
    },
    Conflict: {1020, 1205, 1213, 3101},
    DuplicateKey: {1062, 1586},
    TooLarge: {1153},
    StorageUnavailable: {
        *(1021, 1026, 1030, 1036, 1037, 1038, 1040, 1041, 1044, 1045, 1049, 1114, 1129, 1135, 1142),
        *(1203, 1226, 1317, 1698, 1792, 1969, 3675),
    },
}


@pytest.mark.parametrize("meaning", MEANINGS, ids=lambda each: each.__name__)
def test_numbers_are_raised_as_what_they_mean(meaning: type[StorageError]) -> None:
    """All others are mistakes in a statement, which nobody repeats."""
    known = {number for numbers in MEANINGS.values() for number in numbers}
    assert {number for number in range(-1, 5_000) if error_of(number) is meaning} == MEANINGS[meaning]
    assert {error_of(number) for number in range(-1, 5_000) if number not in known} == {StorageError}


def test_numbers_of_the_start() -> None:
    """What a user may not do, what is full, what a migration has done before, and what is set up wrong."""
    assert {1044, 1142, 1143, 1227} == DENIED
    assert {1040, 1203, 1226} == FULL
    assert {1050, 1060, 1061, 1091, 1826} == ALREADY_DONE
    assert {1044, 1045, 1049, 1251, 1698, 2005, 2059, 2061} == MISCONFIGURED
