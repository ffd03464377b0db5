"""Which messages a bot has not handled: each once, in the order of its room; it calls no handler.

How far a room was handled is the bot's reading mark, which the server keeps: what was said while the program
did not run, or while there was no connection, is handled when it is back.

For the thread that polls the client.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from chat_client.engine.client import Client
from chat_client.model.ranges import SeqRanges
from chat_client.model.state import SEQ_OF, MessageState, RoomState

KEPT_MESSAGES: Final = 200  # of each room, in memory


@dataclass(frozen=True, slots=True)
class Due:
    """A message to handle, or none; afterwards all of the room up to a seq has been handled."""

    room: RoomState
    upto: int
    message: MessageState | None = None


@dataclass(slots=True)
class _Place:
    """How far a room has been handed out. Where it was left and entered again, other history is loaded."""

    room: RoomState
    covered: SeqRanges
    seq: int

    def holds(self, client: Client) -> bool:
        there = client.state.rooms.get(self.room.key) is self.room
        return there and self.room.joined and self.room.covered is self.covered


class Inbox:
    """Hand out what others have said in the rooms that the bot is in.

    :param to_bots: what other programs have said, too.
    """

    def __init__(self, client: Client, *, to_bots: bool) -> None:
        self._client = client
        self._to_bots = to_bots
        self._places: dict[int, _Place] = {}  # by the identity of the room's state

    def take(self, most: int) -> list[Due]:
        """Return what can be handled now, about `most` messages; the rest stays for the next call."""
        found: list[Due] = []
        self._places = {key: place for key, place in self._places.items() if place.holds(self._client)}
        for room in list(self._client.state.rooms.values()):
            if room.joined and not self._client.history.is_joining(room.key):
                found += self._take_room(room, most - len(found))
        return found

    def handled(self, due: Due) -> None:
        """Tell the server that a room was handled up to there, and forget what is far behind."""
        room = due.room
        if self._client.state.rooms.get(room.key) is room and room.joined:
            self._client.history.mark_read(room.key, due.upto)
            self._client.history.forget_before(room.key, due.upto - KEPT_MESSAGES)

    def _take_room(self, room: RoomState, most: int) -> Iterator[Due]:
        place = self._places.get(id(room))
        if place is None:
            place = self._places[id(room)] = _Place(room, room.covered, room.read_seq)
            self._client.history.follow(room.key, room.read_seq)
        after = max(place.seq, room.first_seq - 1)
        gaps = room.covered.gaps(after + 1, room.last_seq)
        upto = gaps[0][0] - 1 if gaps else room.last_seq
        start = bisect_left(room.messages, after + 1, key=SEQ_OF)
        end = bisect_right(room.messages, upto, key=SEQ_OF)
        for message in room.messages[start:end]:
            if most <= 0:
                return
            place.seq = message.seq or 0
            if self._is_meant(message):
                most -= 1
                yield Due(room, place.seq, message)
        if upto > place.seq:
            place.seq = upto
            yield Due(room, upto)

    def _is_meant(self, message: MessageState) -> bool:
        """Whether handlers get a message: never the bot's own, and other bots' only where that is wanted."""
        by_others = not message.mine and not message.deleted and bool(message.author)
        return by_others and (self._to_bots or not message.bot)
