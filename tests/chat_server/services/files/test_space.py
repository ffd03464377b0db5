"""Which space is promised to an upload, to the byte; disk, database and limits are the test's."""

from contextlib import ExitStack
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest

from chat_protocol.errors import ChatError, ErrorCode
from chat_server.files.store import BlobStore
from chat_server.limits import Limits
from chat_server.services.files.space import MIB, Space
from chat_server.storage import Storage

ALICE, BOB = 1, 2


@dataclass
class Disk:
    """What files take, by user, and what is free."""

    used: dict[int, int] = field(default_factory=dict)
    free: int = 2**40
    settings: dict[str, str] = field(default_factory=dict)

    def space(self, **limits: int) -> Space:
        files = SimpleNamespace(usage=self._usage)
        settings = SimpleNamespace(get=self.settings.get, set=self.settings.__setitem__)
        storage = cast(Storage, SimpleNamespace(files=files, settings=settings))
        store = cast(BlobStore, SimpleNamespace(free_bytes=lambda: self.free))
        return Space(storage, store, Limits(**limits))

    def _usage(self, user_id: int | None = None) -> Any:
        total = sum(self.used.values()) if user_id is None else self.used.get(user_id, 0)
        return SimpleNamespace(bytes=total)


def refusal(space: Space, user_id: int, size: int, missing: int = 0) -> str:
    """Return why space is not promised; an empty text where it is."""
    try:
        with space.promised(user_id, size, missing):
            return ""
    except ChatError as refused:
        return refused.code


def test_own_files_may_take_so_much() -> None:
    """With what is promised to the user already; what others have does not count."""
    disk = Disk({ALICE: 1_000, BOB: 5 * MIB})
    space = disk.space(files_per_user_mib=1, files_free_mib=0)
    assert refusal(space, ALICE, MIB - 1_000) == ""
    assert refusal(space, ALICE, MIB - 999) == ErrorCode.QUOTA
    with space.promised(ALICE, 600_000, 0):
        left = MIB - 1_000 - 600_000
        assert [refusal(space, ALICE, left), refusal(space, ALICE, left + 1)] == ["", ErrorCode.QUOTA]
    disk.used[BOB] = 0
    with space.promised(BOB, MIB, 0):
        assert refusal(space, ALICE, MIB - 1_000) == ""
    assert refusal(space, BOB, MIB) == ""


def test_quota_of_one_user() -> None:
    """An administrator's number stands in place of the usual one until it is taken back."""
    space = Disk().space(files_per_user_mib=3)
    assert space.quota(ALICE) == 3 * MIB
    space.set_quota(ALICE, 7)
    assert (space.quota(ALICE), space.quota(BOB)) == (7 * MIB, 3 * MIB)
    space.set_quota(ALICE, 0)
    assert refusal(space, ALICE, 1) == ErrorCode.QUOTA
    space.set_quota(ALICE, None)
    assert space.quota(ALICE) == 3 * MIB


def test_all_files_together_may_take_so_much() -> None:
    """With what is promised to anybody."""
    space = Disk({ALICE: 1_000, BOB: 2_000}).space(files_per_user_mib=9, files_total_mib=1, files_free_mib=0)
    left = MIB - 3_000
    assert [refusal(space, BOB, left), refusal(space, BOB, left + 1)] == ["", ErrorCode.NO_SPACE]
    with space.promised(ALICE, 500_000, 0):
        left -= 500_000
        assert [refusal(space, BOB, left), refusal(space, BOB, left + 1)] == ["", ErrorCode.NO_SPACE]


def test_disk_keeps_some_space_free() -> None:
    """What is still to come counts: of this upload and of those under way."""
    space = Disk(free=MIB + 1_000).space(files_free_mib=1)
    assert [refusal(space, ALICE, 9_000, 1_000), refusal(space, ALICE, 9_000, 1_001)] == [
        "",
        ErrorCode.NO_SPACE,
    ]
    with space.promised(BOB, 9_000, 400):
        assert [refusal(space, ALICE, 9_000, 600), refusal(space, ALICE, 9_000, 601)] == [
            "",
            ErrorCode.NO_SPACE,
        ]


def test_what_was_refused_or_has_ended_is_not_promised() -> None:
    """However an upload ends."""
    space = Disk().space(files_per_user_mib=1, files_free_mib=0)
    assert refusal(space, ALICE, MIB + 1) == ErrorCode.QUOTA
    with pytest.raises(ZeroDivisionError), space.promised(ALICE, MIB, MIB):
        raise ZeroDivisionError
    with ExitStack() as held:
        for _ in range(4):
            held.enter_context(space.promised(ALICE, MIB // 4, 0))
        assert refusal(space, ALICE, 1) == ErrorCode.QUOTA
    assert refusal(space, ALICE, MIB) == ""
