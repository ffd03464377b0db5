"""The list of a room's files, from pages of the server and from what is loaded."""

from chat_client.model.room_files import room_files
from chat_client.model.state import MessageState, RoomState
from chat_protocol.objects import File


def message(seq: int, *names: str) -> MessageState:
    """Return a message with files."""
    return MessageState(seq, "jules", "", seq * 1000, files=tuple(File(n, n, 1) for n in names))


def names(room: RoomState, found: list[MessageState], *, complete: bool = True) -> list[str]:
    """Return the names that are listed."""
    return [listed.file.name for listed in room_files(room, found, complete=complete)]


def test_newest_message_comes_first_and_its_files_in_their_order() -> None:
    """Each file has the place under which `/download` finds it."""
    room = RoomState("general", "General", last_seq=9)
    found = [message(9, "c", "d"), message(3, "a")]
    listed = room_files(room, found, complete=True)
    assert [(one.file.name, one.key) for one in listed] == [("c", "9.1"), ("d", "9.2"), ("a", "3.1")]


def test_what_has_come_or_gone_since_the_server_was_asked() -> None:
    """What is loaded counts more: a new file is there, a deleted one is not."""
    room = RoomState("general", "General", last_seq=10)
    gone = message(9)
    gone.deleted = True
    room.messages = [gone, message(10, "new")]
    assert names(room, [message(9, "c"), message(3, "a")]) == ["new", "a"]


def test_loaded_files_below_the_last_page_wait_for_theirs() -> None:
    """Between them and the page there may be others; when the last page has come, they are there."""
    room = RoomState("general", "General", last_seq=20)
    room.messages = [message(2, "old"), message(20, "new")]
    assert names(room, [message(9, "c")], complete=False) == ["new", "c"]
    assert names(room, [message(9, "c"), message(2)], complete=False) == ["new", "c", "old"]
    assert names(room, [message(9, "c"), message(3)], complete=False) == ["new", "c"]
    assert names(room, [], complete=False) == []
    assert names(room, [message(9, "c")]) == ["new", "c", "old"]
