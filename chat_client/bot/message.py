"""A message as a bot's handlers get it, with what they can do about it; it knows no connection."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from chat_client.model.keys import user_key
from chat_client.model.state import MessageState, RoomState
from chat_protocol.mentions import mention_spans
from chat_protocol.objects import File


class Acting(Protocol):
    """What a message has done for it by the bot."""

    @property
    def username(self) -> str:
        """The bot's own."""
        ...

    def send(self, room: str, text: str, *, reply_to: int | None = None) -> None:
        """Say something in a room."""

    def react(self, room: str, seq: int, emoji: str, *, on: bool = True) -> None:
        """Put an emoji to a message, or take it away."""

    def fetch(self, file: File, target: Path) -> Path:
        """Bring a file, and return where it is."""
        ...


@dataclass(frozen=True, slots=True)
class Message:
    """What somebody has said.

    :param room: the room's name; `@username` for a private conversation. It can be given to every call of
        the bot.
    :param seq: its number in the room.
    :param author: a username.
    :param text: empty where only files were sent.
    :param sent_at: milliseconds since 1970 UTC, by the server's clock.
    :param files: what was sent with it.
    :param reply_to: the number of the message that it answers, if any.
    :param to_me: it names the bot (`@name`; `@all` means people), or was said in private.
    :param by_bot: another program has said it.
    """

    room: str
    seq: int
    author: str
    text: str
    sent_at: int
    files: tuple[File, ...] = ()
    reply_to: int | None = None
    to_me: bool = False
    by_bot: bool = False
    _bot: Acting | None = field(default=None, repr=False, compare=False)

    def reply(self, text: str) -> None:
        """Answer it: the text refers to this message. See `Bot.send`."""
        self._acting.send(self.room, text, reply_to=self.seq)

    def send(self, text: str) -> None:
        """Say something in its room. See `Bot.send`."""
        self._acting.send(self.room, text)

    def react(self, emoji: str, *, on: bool = True) -> None:
        """Put an emoji to it, or take it away."""
        self._acting.react(self.room, self.seq, emoji, on=on)

    def fetch(self, file: File, target: Path) -> Path:
        """Bring one of its files. See `Bot.fetch`."""
        return self._acting.fetch(file, target)

    @property
    def _acting(self) -> Acting:
        if self._bot is None:
            raise RuntimeError("this message belongs to no bot")
        return self._bot


def message_of(room: RoomState, message: MessageState, bot: Acting) -> Message:
    """Return a message of the client's state as handlers get it."""
    return Message(
        room=room.name,
        seq=message.seq or 0,
        author=message.author,
        text=message.body,
        sent_at=message.sent_at,
        files=message.files,
        reply_to=message.reply_to,
        to_me=room.is_direct or _names(message.body, bot.username),
        by_bot=message.bot,
        _bot=bot,
    )


def _names(text: str, username: str) -> bool:
    return user_key(username) in {named for _start, _end, named in mention_spans(text)}
