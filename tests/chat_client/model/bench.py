"""A model with what it asks and tells, and frames to give it."""

from collections.abc import Sequence

from chat_client.model import changes as ch
from chat_client.model.model import Model
from chat_client.model.state import ClientState, NotifyLevel, RoomState
from chat_protocol import room_events
from chat_protocol.event import Event
from chat_protocol.message_replies import HistoryPage
from chat_protocol.objects import Message, Room, User


class ModelBench:
    """A model, what it has announced, and a clock that is moved by hand."""

    def __init__(self) -> None:
        self.announced: list[ch.Change] = []
        self.levels: dict[str, NotifyLevel] = {}
        self.now = 100.0
        self.state = ClientState()
        self.model = Model(
            self.state, self._emit, notify_of=lambda key: self.levels.get(key), monotonic=lambda: self.now
        )

    def _emit(self, *changes: ch.Change) -> None:
        self.announced.extend(changes)

    def sign_in(self, *rooms: Room) -> list[ch.Change]:
        self.model.signed_in(User("zoe", "Zoé", "moderator"), rooms)
        return self.take()

    def apply(self, event: Event) -> list[ch.Change]:
        """Apply an event; return what was announced."""
        self.take()
        self.model.apply(event)
        return self.take()

    def say(self, room: str, seq: int, author: str = "jules", body: str = "hi") -> list[ch.Change]:
        return self.apply(room_events.MessageEvent(said_of(room, seq, author, body)))

    def take(self) -> list[ch.Change]:
        taken, self.announced = self.announced, []
        return taken

    def room(self, key: str) -> RoomState:
        return self.state.rooms[key]


def said_of(room: str, seq: int, author: str = "jules", body: str = "hi") -> Message:
    return Message(room, seq, author, body, 1_000 + seq)


def page_of(room: str, seqs: Sequence[int], *, more: bool = False) -> HistoryPage:
    return HistoryPage(room, [said_of(room, seq) for seq in seqs], more)


def lobby_of(last_seq: int = 0, read_seq: int = 0, name: str = "Lobby", room_id: str = "r1") -> Room:
    return Room(name, "public", "", "joined", last_seq, read_seq, id=room_id)
