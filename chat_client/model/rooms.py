"""The rooms in the state: which there are and whether the user is in them; no message is added here."""

from collections.abc import Callable, Iterable

from chat_client.model.changes import Emit, RoomChanged, RoomsChanged
from chat_client.model.history import HistoryPlan
from chat_client.model.keys import key_of, user_key
from chat_client.model.people import People
from chat_client.model.ranges import SeqRanges
from chat_client.model.state import ClientState, NotifyLevel, RoomState
from chat_client.model.timeline import Timeline
from chat_protocol.events import MembershipEvent, RoomEvent
from chat_protocol.names import DIRECT_PREFIX
from chat_protocol.objects import Member, Room

NotifyOf = Callable[[str], NotifyLevel | None]


class Rooms:
    """Keep `state.rooms`, with the timeline and the history plan of each.

    :param emit: takes what views have to redraw.
    :param notify_of: returns the level that the user chose for a room's key, or None.
    """

    def __init__(self, state: ClientState, people: People, emit: Emit, notify_of: NotifyOf) -> None:
        self._state = state
        self._people = people
        self._emit = emit
        self._notify_of = notify_of
        self._timelines: dict[str, Timeline] = {}
        self._plans: dict[str, HistoryPlan] = {}
        self._joining: set[str] = set()
        self._parked: dict[str, RoomState] = {}

    def find(self, name: str) -> RoomState | None:
        """Return the room of that name in any spelling, or None."""
        return self._state.rooms.get(key_of(name))

    def ensure(self, name: str, kind: str = "public", *, last_seq: int = 0) -> RoomState:
        """Return the room of that name; one that is new is taken as joined and read up to `last_seq`."""
        room = self.find(name)
        if room is None:
            kind = "direct" if name.startswith(DIRECT_PREFIX) else kind
            room = self._add(Room(name, kind, membership="joined", last_seq=last_seq, read_seq=last_seq))
        return room

    def timeline(self, room: RoomState) -> Timeline:
        """Return what adds messages to a room."""
        found = self._timelines.get(room.key)
        if found is None:
            found = self._timelines[room.key] = Timeline(room, lambda: user_key(self._state.username))
        return found

    def plan(self, room: RoomState) -> HistoryPlan:
        """Return what decides on a room's history requests."""
        found = self._plans.get(room.key)
        if found is None:
            found = self._plans[room.key] = HistoryPlan(room)
        return found

    def plans(self) -> Iterable[HistoryPlan]:
        """Return the plans of all rooms that have one."""
        return self._plans.values()

    def signed_in(self, rooms: Iterable[Room]) -> None:
        """Apply the list of a sign-in: rooms that are not on it are gone, except private conversations.

        What is known of them is kept aside: a list too long for one frame goes on with events.
        """
        listed = set()
        for item in rooms:
            listed.add(key_of(item.name))
            self._take(item, complete=True)
        for key, room in list(self._state.rooms.items()):
            if key not in listed and not room.is_direct:
                self._parked[key] = self._state.rooms.pop(key)
        for room in self._state.rooms.values():
            self._catch_up(room)

    def _catch_up(self, room: RoomState) -> None:
        if room.joined:
            self.plan(room).signed_in()
        self.timeline(room).recount()

    def room_event(self, event: RoomEvent) -> None:
        """Apply a room event: a room was added, changed, renamed or removed."""
        if event.room is None:
            self._drop(key_of(event.removed or ""))
            self._emit(RoomsChanged())
            return
        if event.was:
            self._rename(key_of(event.was), event.room.name)
        new = self.find(event.room.name) is None
        room = self._take(event.room, complete=False)
        if new:
            self._catch_up(room)
        self._emit(RoomsChanged(), RoomChanged(room.key))

    def membership_event(self, event: MembershipEvent) -> None:
        """Apply a membership event: a request was decided on, or the user was removed."""
        room = self.find(event.room)
        if room is None:
            room = self._add(Room(event.room, "public"))
        self.set_membership(room, event.membership, event.reason or "", by_other=True)

    def set_membership(
        self, room: RoomState, membership: str, reason: str = "", *, by_other: bool = False
    ) -> None:
        """Enter or leave a room in the state; `by_other` when somebody else decided it."""
        was, room.membership = room.membership, membership
        # Where it was none before, too: who was away hears of a refusal after the list that shows its result.
        room.refused = by_other and membership == "none"
        room.refusal = reason if room.refused else ""
        if membership == "joined" and was != "joined":
            self._joining.add(room.key)
            self.plan(room).joined()
        elif membership == "none":
            self._forget_messages(room)
        self._emit(RoomsChanged(), RoomChanged(room.key))

    def joined_now(self, room: RoomState) -> bool:
        """Say once whether this is the first page after joining: what is older counts as read."""
        if room.key not in self._joining:
            return False
        self._joining.discard(room.key)
        return True

    def _take(self, item: Room, *, complete: bool) -> RoomState:
        """Apply a room's data.

        :param complete: it says how things stand now (a sign-in). An event may have been on its way while
            one joined: it makes nobody leave a room.
        """
        room = self.find(item.name)
        if room is None:
            room = self._parked.pop(key_of(item.name), None)
            if room is None:
                return self._add(item)
            self._state.rooms[room.key] = room
        room.name, room.kind, room.topic = item.name, item.kind, item.topic
        room.display_name = item.display_name or room.display_name
        room.first_seq = max(room.first_seq, item.first_seq)
        if item.membership != room.membership and (complete or item.membership != "none"):
            self.set_membership(room, item.membership)
        if room.joined:
            room.last_seq = max(room.last_seq, item.last_seq)
            room.read_seq = max(room.read_seq, item.read_seq)
        self._partner(item)
        return room

    def _add(self, item: Room) -> RoomState:
        key = key_of(item.name)
        default = NotifyLevel.ALL if item.kind == "direct" else NotifyLevel.MENTIONS
        room = RoomState(
            key=key,
            name=item.name,
            kind=item.kind,
            topic=item.topic,
            membership=item.membership,
            display_name=item.display_name or item.name.removeprefix(DIRECT_PREFIX),
            last_seq=item.last_seq,
            read_seq=item.read_seq,
            first_seq=item.first_seq,
            notify=self._notify_of(key) or default,
        )
        self._state.rooms[key] = room
        self._partner(item)
        return room

    def _partner(self, item: Room) -> None:
        if item.kind == "direct" and item.status:
            name = item.name.removeprefix(DIRECT_PREFIX)
            self._people.learn(Member(name, item.display_name or name, item.status))

    def _rename(self, old: str, name: str) -> None:
        new = key_of(name)
        room = self._state.rooms.pop(old, None)
        if room is None:
            return
        room.key, room.name = new, name
        self._state.rooms[new] = room
        if old in self._timelines:
            self._timelines[new] = self._timelines.pop(old)
        if old in self._plans:
            self._plans[new] = self._plans.pop(old)
        if self._state.open_room == old:
            self._state.open_room = new

    def _drop(self, key: str) -> None:
        self._state.rooms.pop(key, None)
        self._timelines.pop(key, None)
        self._plans.pop(key, None)
        if self._state.open_room == key:
            self._state.open_room = None

    def _forget_messages(self, room: RoomState) -> None:
        room.messages, room.covered = [], SeqRanges()
        room.last_seq = room.read_seq = room.unread = room.mentions = 0
        room.members, room.members_known = [], False
        self._timelines.pop(room.key, None)
        self._plans.pop(room.key, None)
