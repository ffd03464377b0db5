"""A message as a bot's handlers get it."""

from pathlib import Path

import pytest

from chat_client.bot.message import Message, message_of
from chat_client.model.state import MessageState, RoomState
from chat_protocol.objects import File


class Bot:
    """Remembers what is asked of it."""

    username = "Rota"

    def __init__(self) -> None:
        self.asked: list[tuple[object, ...]] = []

    def send(self, room: str, text: str, *, reply_to: int | None = None) -> None:
        self.asked.append((room, text, reply_to))

    def react(self, room: str, seq: int, emoji: str, *, on: bool = True) -> None:
        self.asked.append((room, seq, emoji, on))

    def fetch(self, file: File, target: Path) -> Path:
        return target / file.name


@pytest.mark.parametrize(
    ("room", "text", "to_me"),
    [
        (RoomState("ops", "Ops"), "@rota who?", True),
        (RoomState("ops", "Ops"), "ask @Rota.", True),
        (RoomState("ops", "Ops"), "@rota2 who?", False),
        (RoomState("ops", "Ops"), "@all lunch", False),
        (RoomState("@jules", "@jules", "direct"), "who?", True),
    ],
)
def test_for_whom_it_is(room: RoomState, text: str, to_me: bool) -> None:
    """A bot is meant where it is named, and in private; `@all` calls people."""
    state = MessageState(5, "jules", text, 0, mentions_me=True)
    assert message_of(room, state, Bot()).to_me is to_me


def test_what_it_does() -> None:
    """What is done about a message goes to its room, and an answer names it."""
    bot = Bot()
    message = message_of(RoomState("ops", "Ops"), MessageState(5, "jules", "hello", 7, bot=True), bot)
    assert (message.author, message.sent_at, message.by_bot) == ("jules", 7, True)
    message.reply("hi")
    message.send("all of you")
    message.react("👍", on=False)
    assert bot.asked == [("Ops", "hi", 5), ("Ops", "all of you", None), ("Ops", 5, "👍", False)]
    assert message.fetch(File("f1", "a.txt", 1), Path("x")) == Path("x/a.txt")
    with pytest.raises(RuntimeError):
        Message("Ops", 5, "jules", "hello", 7).reply("hi")
