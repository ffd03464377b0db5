"""The accounts of programs, and their messages, in both databases."""

from chat_server.storage import Storage
from chat_server.storage.core.records import NewMessage, RoomRecord, UserRecord
from tests.chat_server.storage.conftest import START_MS


def test_bots_listed(storage: Storage, alice: UserRecord) -> None:
    """Only the accounts of programs are listed, by name, and none that was erased."""
    rota, _echo, gone = (storage.users.create_bot(name, name, START_MS) for name in ("rota", "echo", "gone"))
    storage.users.erase(gone.id)
    assert [bot.username for bot in storage.users.bots()] == ["echo", "rota"]
    assert storage.users.bots()[1] == rota


def test_messages_of_bots_say_so(storage: Storage, room: RoomRecord, alice: UserRecord) -> None:
    """What a program said is read as such; what a person said is not, nor what nobody says any more."""
    bot = storage.users.create_bot("rota", "rota", START_MS)
    messages = [NewMessage(room.id, author, "hello", f"n{author}") for author in (bot.id, alice.id)]
    storage.messages.append(messages, START_MS)
    assert [(one.author, one.bot) for one in storage.messages.after(room.id, 0, 9)] == [
        ("rota", True),
        (alice.username, False),
    ]
