"""The rooms in memory: found by the present name alone, in any spelling, and not after the removal."""

from dataclasses import replace

import pytest

from chat_protocol.errors import ChatError, ErrorCode
from chat_server.live.directory import RoomDirectory
from tests.chat_server.fakes import make_room


def _directory() -> RoomDirectory:
    return RoomDirectory([make_room(2, "Zwei").record, make_room(1, "One").record])


def _is_found(directory: RoomDirectory, name: str) -> bool:
    try:
        directory.find(name)
    except ChatError:
        return False
    return True


def test_removed_room_is_not_found_by_its_name() -> None:
    """Neither the name nor a spelling that was used before its removal leads to it, nor does its number."""
    directory = _directory()
    assert directory.find("ONE").id == 1
    directory.drop(1)
    assert not _is_found(directory, "One")
    assert not _is_found(directory, "ONE")
    assert directory.by_id(1) is None
    assert directory.conversation_of(1) is None
    assert [room.id for room in directory.all()] == [2]


def test_removed_room_leaves_its_name_free() -> None:
    """A new room of the same name is another room."""
    directory = _directory()
    directory.find("one")
    directory.drop(1)
    directory.put(make_room(3, "One").record)
    assert directory.find("one").id == 3
    directory.drop(99)
    assert [room.id for room in directory.all()] == [2, 3]


def test_renamed_room_is_found_by_the_new_name_alone() -> None:
    """A rename keeps the conversation that messages pass through, and its old name leads nowhere."""
    directory = _directory()
    room = directory.conversation("one")
    assert room.label_json(0) == '"One"'
    directory.put(replace(room.record, name="Uno", name_key="uno"))
    assert directory.conversation("UNO") is room
    assert not _is_found(directory, "one")
    assert room.label_json(0) == '"Uno"'


@pytest.mark.parametrize("removed", [False, True])
def test_name_that_another_room_has_taken_over_stays_its(removed: bool) -> None:
    """A server may hear of the room that has a name now before it hears what became of the former one."""
    directory = _directory()
    directory.put(make_room(3, "One").record)
    if removed:
        directory.drop(1)
    else:
        directory.put(make_room(1, "Eins").record)
    assert directory.find("One").id == 3


def test_first_seq_of_a_room_is_taken_over() -> None:
    """What retention removed is known at once; a room that is gone meanwhile is no error."""
    directory = _directory()
    directory.set_first_seq(1, 40)
    directory.set_first_seq(99, 40)
    assert directory.find("One").first_seq == 40
    assert directory.find("Zwei").first_seq != 40


def test_private_conversation_is_one_object_while_it_is_used() -> None:
    """Both sides get the same conversation; when nobody uses it, it is forgotten."""
    directory = _directory()
    record = make_room(9, "").record
    conversation = directory.direct(record, {1: "Alice", 2: "Bob"}, directory.renames)
    assert conversation is not None
    assert directory.direct(record, {1: "Alice", 2: "Bob"}, directory.renames) is conversation
    assert directory.conversation_of(9) is conversation
    assert [conversation.label(user_id) for user_id in (1, 2)] == ["@Bob", "@Alice"]
    del conversation
    assert directory.conversation_of(9) is None


def test_private_conversation_with_oneself_has_the_own_name() -> None:
    """A user's notes stand under the user's own name."""
    assert make_room(9, "", {1: "Alice"}).label(1) == "@Alice"


def test_unknown_room_says_which() -> None:
    """The error quotes the name as it was written."""
    with pytest.raises(ChatError, match="no room “nowhere”") as caught:
        _directory().find("nowhere")
    assert (caught.value.code, caught.value.extra["field"]) == (ErrorCode.NO_SUCH_ROOM, "room")


def test_private_conversation_with_outdated_names_is_refused() -> None:
    """A name that changed after it was read is not kept: the names have to be read again."""
    directory = _directory()
    record = make_room(9, "").record
    as_of = directory.renames
    directory.rename_user(2, "Robert")
    assert directory.direct(record, {1: "Alice", 2: "Bob"}, as_of) is None
    conversation = directory.direct(record, {1: "Alice", 2: "Robert"}, directory.renames)
    assert conversation is not None
    directory.rename_user(2, "Bobby")
    assert conversation.label(1) == "@Bobby"


@pytest.mark.parametrize("first", [1, 2])
def test_private_conversation_has_each_side_s_label_in_all_that_is_written(first: int) -> None:
    """Whoever asked first, also on a second device, and again after a renaming."""
    room = make_room(9, "", {1: "Alice", 2: "Bob"})
    for bob in ("Bob", "Robert"):
        expected = {1: f'"@{bob}"', 2: '"@Alice"'}
        for user_id in (first, 3 - first, first):
            assert room.label_json(user_id) == expected[user_id]
            assert room.head_json(user_id) == f'{expected[user_id]},"room_id":"{room.public_id}"'
        room.rename(2, "Robert")


def test_room_has_one_label_for_all() -> None:
    """Written once, for however many members, and again after a renaming."""
    room = make_room(9, "Plaza")
    assert {room.head_json(user_id) for user_id in (0, 1, 2)} == {f'"Plaza","room_id":"{room.public_id}"'}
    assert (list(room._labels), list(room._heads)) == ([0], [0])
    room.record = replace(room.record, name="Tower")
    assert (room.label_json(1), room.head_json(1)[:7]) == ('"Tower"', '"Tower"')
