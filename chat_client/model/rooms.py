"""The rooms in the state: which there are and whether the user is in them; no message is added here."""

from collections.abc import Callable, Iterable, Sequence

from chat_client.model.changes import Emit, MembershipDecided, RoomChanged, RoomsChanged
from chat_client.model.history import HistoryPlan
from chat_client.model.keys import key_of, user_key
from chat_client.model.people import People
from chat_client.model.ranges import SeqRanges
from chat_client.model.state import ClientState, NotifyLevel, RoomState, level_at_first
from chat_client.model.timeline import Timeline
from chat_protocol.names import DIRECT_PREFIX, room_title
from chat_protocol.objects import Member, Room
from chat_protocol.room_events import MembershipEvent, RoomEvent

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
        self._parked: dict[str, RoomState] = {}  # by `kept_as`
        self._by_id: dict[str, RoomState] = {}  # those in the state that have an id

    def find(self, name: str, room_id: str | None = None) -> RoomState | None:
        """Return the room of that id, or of that name in any spelling, or None.

        :param name: a name, or an id.
        :param room_id: the id, where a frame has both; another room of that name is not meant then.
        """
        found = self._by_id.get(room_id or name)
        if found is None:
            found = self._state.rooms.get(key_of(name))
            if found is not None and room_id and found.id:
                return None
        return found

    def ensure(self, name: str, *, last_seq: int = 0, room_id: str = "") -> RoomState:
        """Return the room of that name; a private conversation that is new is read up to `last_seq`."""
        room = self.find(name, room_id)
        if room is None:
            if name.startswith(DIRECT_PREFIX):
                item = Room(name, "direct", "", "joined", last_seq, last_seq, id=room_id)
            else:
                item = Room(name, "public", id=room_id)
            self._follow_ids([item])
            room = self._add(item)
        elif room_id and not room.id:
            self._identify(room, room_id)
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

    def signed_in(self, rooms: Sequence[Room]) -> None:
        """Apply the list of a sign-in: rooms that are not on it are gone.

        What is known of them is kept aside: a list too long for one frame goes on with events. Private
        conversations that the server does not know yet stay.
        """
        self._follow_ids(rooms)
        listed = set()
        for item in rooms:
            listed.add(key_of(item.name))
            self._take(item, complete=True)
        for key, room in list(self._state.rooms.items()):
            if key not in listed and (room.id or not room.is_direct):
                self._parked[room.kept_as] = self._state.rooms.pop(key)
                self._by_id.pop(room.id, None)
        self._joining.clear()  # the list says how far each room is read
        for room in self._state.rooms.values():
            self._catch_up(room)

    def _catch_up(self, room: RoomState) -> None:
        if room.joined:
            self.plan(room).signed_in()
        self.timeline(room).recount()

    def room_event(self, event: RoomEvent) -> None:
        """Apply a room event: a room was added, changed, renamed or removed."""
        if event.room is None:
            gone = self.find(event.removed or "", event.removed_id)
            if gone is not None:
                self._drop(gone.key)
            self._emit(RoomsChanged())
            return
        self._follow_ids([event.room])
        if event.was and event.room.id not in self._by_id:
            self._rename(key_of(event.was), event.room.name)
        new = self.find(event.room.name) is None
        room = self._take(event.room, complete=False)
        if new:
            self._catch_up(room)
        else:
            self.timeline(room).recount()
        self._emit(RoomsChanged(), RoomChanged(room.key))

    def membership_event(self, event: MembershipEvent) -> None:
        """Apply a membership event: a request was decided on, or the user was removed."""
        room = self.find(event.room, event.room_id)
        if room is None:
            title = room_title(event.room)  # of a private room; of others it is the name
            kind = "public" if title == event.room else "private"
            item = Room(event.room, kind, display_name=title, id=event.room_id or "")
            self._follow_ids([item])
            room = self._add(item)
        was, reason = room.membership, event.reason or ""
        self.set_membership(room, event.membership, reason, by_other=True)
        if event.membership != "pending":
            room.news = room.key != self._state.open_room
            self._emit(MembershipDecided(room.key, was, event.membership, reason, room.title))

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

    def heard(self, room: RoomState, seq: int) -> None:
        """Take a room of which a message comes as joined: by another session, or the user was let in.

        What tells of it may come later. Until then the room counts as read up to before the message.
        """
        self.set_membership(room, "joined")
        room.last_seq = room.read_seq = seq - 1

    def is_joining(self, room: RoomState) -> bool:
        """Say whether it is not known how far a room is read: since the joining, no server has told it.

        The first page tells it, then.
        """
        return room.key in self._joining

    def joined_now(self, room: RoomState) -> bool:
        """Say once whether a page is the first sign of how far a room just joined is read: up to its end.

        A server that counts what is unread tells it itself, ahead of the page: what was said between the
        joining and that page is not read.
        """
        if room.key not in self._joining:
            return False
        self._joining.discard(room.key)
        return True

    def update(self, item: Room) -> None:
        """Apply what the server tells of a room, which is in the state."""
        self._take(item, complete=False)

    def _take(self, item: Room, *, complete: bool) -> RoomState:
        """Apply a room's data.

        :param complete: it says how things stand now (a sign-in). An event may have been on its way while
            one joined: it makes nobody leave a room.
        """
        room = self.find(item.name)
        if room is None:
            room = self._parked.pop(item.id or key_of(item.name), None)
            if room is None:
                return self._add(item)
            room.key = key_of(item.name)
            self._state.rooms[room.key] = room
        if item.id:
            self._identify(room, item.id)
        elif complete and item.last_seq < room.last_seq:
            self._forget_messages(room)  # without ids, this is how a room shows that it is not the known one
        room.name, room.kind, room.topic = item.name, item.kind, item.topic
        room.description, room.owner, room.archived = item.description, item.owner, item.archived
        room.display_name = item.display_name or room.display_name
        room.first_seq = max(room.first_seq, item.first_seq)
        if item.membership != room.membership and (complete or item.membership != "none"):
            self.set_membership(room, item.membership)
        if room.joined:
            room.last_seq = max(room.last_seq, item.last_seq)
            # Who has counted from the reading mark has told it.
            guessed = item.unread is not None and self.joined_now(room)
            room.read_seq = item.read_seq if guessed else max(room.read_seq, item.read_seq)
        self._take_counts(room, item)
        self._partner(item)
        return room

    def _add(self, item: Room) -> RoomState:
        key = key_of(item.name)
        room = RoomState(
            key=key,
            name=item.name,
            kind=item.kind,
            topic=item.topic,
            description=item.description,
            owner=item.owner,
            archived=item.archived,
            membership=item.membership,
            display_name=item.display_name or item.name.removeprefix(DIRECT_PREFIX),
            last_seq=item.last_seq,
            read_seq=item.read_seq,
            first_seq=item.first_seq,
            notify=(item.id and self._notify_of(item.id))
            or self._notify_of(key)
            or level_at_first(item.kind),
        )
        self._state.rooms[key] = room
        if item.id:
            self._identify(room, item.id)
        self._take_counts(room, item)
        self._partner(item)
        return room

    def _take_counts(self, room: RoomState, item: Room) -> None:
        """Take when something was said last, and how much is unread, as far as the server tells."""
        room.last_at = max(room.last_at, item.last_at or 0)
        if not room.joined:
            return
        if item.unread is not None:
            self.timeline(room).told(item.read_seq, item.last_seq, item.unread, item.mentions or 0)
        elif item.last_seq > item.read_seq:
            room.counts_wanted = True

    def _partner(self, item: Room) -> None:
        if item.kind == "direct" and item.status:
            name = item.name.removeprefix(DIRECT_PREFIX)
            self._people.learn(Member(name, item.display_name or name, item.status, avatar=item.avatar))

    def _identify(self, room: RoomState, room_id: str) -> None:
        room.id = room_id
        self._by_id[room_id] = room

    def _follow_ids(self, items: Sequence[Room]) -> None:
        """Let known ids have the names that they have now, and forget rooms whose name is another's now."""
        names = {item.id: item.name for item in items if item.id}
        takers = {key_of(name): room_id for room_id, name in names.items()}
        moved = []
        for room in list(self._by_id.values()):
            if room.id in names and key_of(names[room.id]) != room.key:
                moved.append((room, self._take_out(room.key)))
            elif takers.get(room.key, room.id) != room.id:
                self._forget(room.key)
        opened = next((room for room, _ in moved if room.key == self._state.open_room), None)
        for room, (timeline, plan) in moved:
            self._put_in(room, names[room.id], timeline, plan)
        if opened is not None:
            self._state.open_room = opened.key

    def _take_out(self, key: str) -> tuple[Timeline | None, HistoryPlan | None]:
        self._state.rooms.pop(key, None)
        return self._timelines.pop(key, None), self._plans.pop(key, None)

    def _put_in(
        self, room: RoomState, name: str, timeline: Timeline | None, plan: HistoryPlan | None
    ) -> None:
        if room.key in self._joining:
            self._joining.remove(room.key)
            self._joining.add(key_of(name))
        room.key, room.name = key_of(name), name
        self._state.rooms[room.key] = room
        if timeline is not None:
            self._timelines[room.key] = timeline
        if plan is not None:
            self._plans[room.key] = plan

    def _rename(self, old: str, name: str) -> None:
        """Follow a renaming by a server without ids."""
        room = self._state.rooms.get(old)
        if room is None:
            return
        self._put_in(room, name, *self._take_out(old))
        if self._state.open_room == old:
            self._state.open_room = room.key

    def _drop(self, key: str) -> None:
        self._forget(key)
        if self._state.open_room == key:
            self._state.open_room = None

    def _forget(self, key: str) -> None:
        room = self._state.rooms.get(key)
        if room is not None:
            self._by_id.pop(room.id, None)
        self._take_out(key)

    def _forget_messages(self, room: RoomState) -> None:
        room.messages, room.covered = [], SeqRanges()
        room.last_seq = room.read_seq = room.unread = room.mentions = 0
        room.counts, room.counts_wanted = None, False
        room.members, room.members_known = [], False
        room.owners = set()
        self._timelines.pop(room.key, None)
        self._plans.pop(room.key, None)
