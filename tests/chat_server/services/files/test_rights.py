"""Who may read a file, by its room, its message and the one who brought it."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from chat_server.live.session import Session
from chat_server.services.files.rights import Rights
from chat_server.storage import Storage
from chat_server.storage.core.records import FileRecord

ROOM, ALICE, BOB = 7, 1, 2


def rights_of(room: Any, found: Any = None) -> Rights:
    rooms = SimpleNamespace(by_id=lambda room_id: room if room_id == ROOM else None)
    files = SimpleNamespace(by_id=lambda _public_id: found)
    return Rights(cast(Storage, SimpleNamespace(rooms=rooms, files=files)))


def session_of(user_id: int, *rooms: int) -> Session:
    return cast(Session, SimpleNamespace(user_id=user_id, rooms=dict.fromkeys(rooms)))


def file_of(user_id: int, seq: int | None) -> FileRecord:
    return cast(FileRecord, SimpleNamespace(room_id=ROOM, user_id=user_id, seq=seq, public_id="f"))


PLAZA = SimpleNamespace(kind="public", user_a=None, user_b=None)
THEIRS = SimpleNamespace(kind="direct", user_a=ALICE, user_b=BOB)
OTHERS = SimpleNamespace(kind="direct", user_a=8, user_b=9)
# A room that was a conversation by its columns alone.
ODD = SimpleNamespace(kind="private", user_a=ALICE, user_b=BOB)


@pytest.mark.parametrize(
    ("room", "session", "file", "readable"),
    [
        (PLAZA, session_of(BOB, ROOM), file_of(ALICE, 5), True),
        (PLAZA, session_of(BOB, ROOM), file_of(ALICE, None), False),
        (PLAZA, session_of(ALICE, ROOM), file_of(ALICE, None), True),
        (PLAZA, session_of(BOB, ROOM + 1), file_of(ALICE, 5), False),
        (PLAZA, session_of(ALICE), file_of(ALICE, 5), False),
        (THEIRS, session_of(ALICE), file_of(BOB, 5), True),
        (THEIRS, session_of(BOB), file_of(BOB, None), True),
        (THEIRS, session_of(BOB), file_of(ALICE, None), False),
        (OTHERS, session_of(BOB), file_of(8, 5), False),
        (ODD, session_of(BOB), file_of(ALICE, 5), False),
        (None, session_of(BOB), file_of(BOB, 5), False),
    ],
)
def test_file_is_read_where_it_was_said(
    room: Any, session: Session, file: FileRecord, readable: bool
) -> None:
    """By members of its room, or the two of a conversation; before its message by whoever brought it."""
    assert rights_of(room).may_read(session, file) is readable


def test_right_ends_with_the_file() -> None:
    """And with what has changed of it since."""
    session, file = session_of(BOB, ROOM), file_of(ALICE, 5)
    assert rights_of(PLAZA, file).still(session, file)
    assert not rights_of(PLAZA, None).still(session, file)
    assert not rights_of(PLAZA, file_of(ALICE, None)).still(session, file)
