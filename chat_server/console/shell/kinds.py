"""The kinds of arguments: how a word becomes a user, a room, a duration, and how each completes; it must not
act.

Runs on the console's thread.
"""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, TypeVar

from chat_protocol.errors import ChatError
from chat_protocol.names import clean_room_name, clean_username, fold_text
from chat_server.console.shell.grammar import Kind, UsageError, shorten
from chat_server.parts import Parts
from chat_server.services.vocabulary.addresses import Network, parse_network, show_network
from chat_server.services.vocabulary.durations import looks_like_duration, parse_duration, parse_since
from chat_server.storage.core.records import RoomRecord, UserRecord

COMPLETIONS_MAX: Final = 50
DURATIONS: Final = ("10m", "1h", "1d", "1w", "forever")
TIMES: Final = ("10m", "1h", "1d", "today", "yesterday")
ALL: Final = "all"

_NO_ROOM_NAMED: Final = "The name of a room is missing."

T = TypeVar("T")


class _Kind:
    """The common case: one word, no completion, always meant when it is there."""

    greedy = False

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def fits(self, word: str) -> bool:
        """Return whether the word can be read."""
        try:
            self.read(word)
        except (ChatError, UsageError):
            return False
        return True

    def read(self, word: str) -> object:
        """Return the word itself."""
        return word

    def complete(self, prefix: str) -> Sequence[str]:
        """Return nothing."""
        return ()

    def missing(self, name: str) -> str:
        """Return a sentence with the kind's name."""
        return f"The {name} is missing."


class _Path(_Kind):
    def read(self, word: str) -> Path:
        try:
            path = Path(word).expanduser().absolute()
            os.fsencode(path)
        except (RuntimeError, UnicodeError) as error:
            raise UsageError(f"“{shorten(word)}” cannot be the name of a file.") from error
        if "\0" in word:
            raise UsageError(f"“{shorten(word)}” cannot be the name of a file.")
        return path


class _Text(_Kind):
    greedy = True


class _User(_Kind):
    def read(self, word: str) -> UserRecord:
        return self._parts.moderation.user(word)

    def complete(self, prefix: str) -> Sequence[str]:
        key = fold_text(prefix.removeprefix("@"))
        mark = "@" if prefix.startswith("@") else ""
        found = self._parts.storage.users.search(key, COMPLETIONS_MAX)
        return [mark + user.username for user in found if user.username_key.startswith(key)]


class _NewUser(_Kind):
    def read(self, word: str) -> str:
        return clean_username(word)

    def missing(self, name: str) -> str:
        return "The new username is missing."


class _Room(_Kind):
    def read(self, word: str) -> object:
        return self._parts.directory.find(word)

    def complete(self, prefix: str) -> Sequence[str]:
        key = fold_text(prefix)
        return [room.name for room in self._parts.directory.all() if fold_text(room.name).startswith(key)]


class _Rooms(_Room):
    def read(self, word: str) -> object:
        return [self._parts.directory.find(name) for name in _names(word)]

    def complete(self, prefix: str) -> Sequence[str]:
        before, comma, last = prefix.rpartition(",")
        return [before + comma + name for name in super().complete(last)]


class _RoomsOrAll(_Rooms):
    def read(self, word: str) -> object:
        return None if word.lower() == ALL else super().read(word)

    def missing(self, name: str) -> str:
        return "Say which rooms, or all."

    def complete(self, prefix: str) -> Sequence[str]:
        return [*_beginning((ALL,), prefix), *super().complete(prefix)]


class _RoomOrAll(_Room):
    def read(self, word: str) -> object:
        return None if word.lower() == ALL else super().read(word)

    def complete(self, prefix: str) -> Sequence[str]:
        return [*_beginning((ALL,), prefix), *super().complete(prefix)]


class _RoomOrAllPlainly(_RoomOrAll):
    """For a command that does something else when neither is given; an unknown room is then still told of."""

    def fits(self, word: str) -> bool:
        return True

    def read(self, word: str) -> object:
        return super().read(word) or ALL


class _NewRooms(_Kind):
    def read(self, word: str) -> list[str]:
        return [clean_room_name(name) for name in _names(word)]

    def missing(self, name: str) -> str:
        return _NO_ROOM_NAMED


class _NewRoom(_Kind):
    def read(self, word: str) -> str:
        return clean_room_name(word)


class _RoomOrUser(_Kind):
    def read(self, word: str) -> RoomRecord | UserRecord:
        return self._parts.moderation.user(word) if word.startswith("@") else self._parts.directory.find(word)

    def complete(self, prefix: str) -> Sequence[str]:
        return (_User if prefix.startswith("@") else _Room)(self._parts).complete(prefix)


class _Duration(_Kind):
    def fits(self, word: str) -> bool:
        # `shutdown 10mn` is a mistyped delay, and must not stop the server at once for the reason “10mn”.
        return looks_like_duration(word) or word[:1].isdigit()

    def read(self, word: str) -> int | None:
        return _or_usage(parse_duration, word)

    def complete(self, prefix: str) -> Sequence[str]:
        return _beginning(DURATIONS, prefix)


class _DurationPlainly(_Duration):
    """For a command that does something else when none is given: forever is 0."""

    def read(self, word: str) -> int:
        return super().read(word) or 0


class _Since(_Kind):
    def read(self, word: str) -> int:
        return _or_usage(lambda text: parse_since(text, self._parts.clock()), word)

    def complete(self, prefix: str) -> Sequence[str]:
        return _beginning(TIMES, prefix)


class _Network(_Kind):
    def read(self, word: str) -> Network:
        return _or_usage(parse_network, word)

    def complete(self, prefix: str) -> Sequence[str]:
        connected = {session.address for session in self._parts.registry.sessions()}
        sanctioned = {show_network(held.network) for held in self._parts.moderation.active() if held.network}
        return _beginning(sorted(connected | sanctioned), prefix)

    def missing(self, name: str) -> str:
        return "The address, or network, is missing."


class _Number(_Kind):
    def read(self, word: str) -> int:
        if not (word.isascii() and word.isdigit() and len(word) <= 15):
            raise UsageError(f"“{shorten(word)}” is not a number.")
        return int(word)


class _DeviceOrAll(_Kind):
    def read(self, word: str) -> str | None:
        return None if word.lower() == ALL else word.lower()

    def complete(self, prefix: str) -> Sequence[str]:
        return _beginning((ALL,), prefix)

    def missing(self, name: str) -> str:
        return "Say which device, or all."


class _Choice(_Kind):
    def __init__(self, parts: Parts, words: Sequence[str]) -> None:
        super().__init__(parts)
        self._words = words

    def read(self, word: str) -> str:
        if word.lower() not in self._words:
            raise UsageError(f"“{shorten(word)}” is not one of: {', '.join(self._words)}.")
        return word.lower()

    def complete(self, prefix: str) -> Sequence[str]:
        return _beginning(self._words, prefix)

    def missing(self, name: str) -> str:
        return f"Say which: {' or '.join(self._words)}."


_NAMED: Final[dict[str, type[_Kind]]] = {
    **dict.fromkeys(("reason", "text", "topic", "command"), _Text),
    **dict.fromkeys(("user", "U"), _User),
    **dict.fromkeys(("name", "NAME", "T", "id", "host", "url"), _Kind),
    **dict.fromkeys(("file", "passwords"), _Path),
    "newuser": _NewUser,
    "room": _Room,
    "rooms": _Rooms,
    "rooms|all": _RoomsOrAll,
    "room|all": _RoomOrAll,
    "room or all": _RoomOrAllPlainly,
    "duration or forever": _DurationPlainly,
    "a,b": _NewRooms,
    "new name": _NewRoom,
    "room|@user": _RoomOrUser,
    **dict.fromkeys(("duration", "delay"), _Duration),
    "time": _Since,
    "address|network": _Network,
    **dict.fromkeys(("number", "days"), _Number),
    "device|all": _DeviceOrAll,
}


class Kinds:
    """Give the kind that a usage line names; words with bars between them are a choice among them."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def __call__(self, name: str) -> Kind:
        """Return the kind of this name."""
        known = _NAMED.get(name)
        return known(self._parts) if known else _Choice(self._parts, name.split("|"))


def _names(word: str) -> list[str]:
    names = [name.strip() for name in word.split(",")]
    given = [name for name in names if name]
    if not given:
        raise UsageError(_NO_ROOM_NAMED)
    return given


def _beginning(words: Sequence[str], prefix: str) -> list[str]:
    return [word for word in words if word.startswith(prefix.lower())]


def _or_usage(read: Callable[[str], T], word: str) -> T:
    try:
        return read(word)
    except ValueError as error:
        raise UsageError(f"{shorten(str(error), 200)}.") from None
