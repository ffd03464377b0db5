"""Who is there: names, presence, typing and members, as frames tell them; no socket and no view in it."""

from collections.abc import Callable, Iterable

from chat_client.model.changes import AvatarChanged, Emit, MembersChanged, PeopleChanged, TypingChanged
from chat_client.model.keys import key_of, user_key
from chat_client.model.state import ClientState, PersonState, RoomState
from chat_protocol.objects import Member
from chat_protocol.room_events import AvatarEvent, MemberEvent, PresenceEvent, TypingEvent

TYPING_SHOWN_S = 6.0
_ORDER = {"online": 0, "busy": 1, "away": 2}


class People:
    """Keep `state.people`, and the members and the typing users of rooms.

    :param emit: takes what views have to redraw.
    :param monotonic: seconds that never go back, for the end of "is typing".
    """

    def __init__(self, state: ClientState, emit: Emit, monotonic: Callable[[], float]) -> None:
        self._state = state
        self._emit = emit
        self._monotonic = monotonic

    def person(self, username: str) -> PersonState:
        """Return what is known of a user, made on first sight."""
        key = user_key(username)
        found = self._state.people.get(key)
        if found is None:
            found = self._state.people[key] = PersonState(username, username)
        return found

    def learn(self, member: Member) -> PersonState:
        """Apply a name and a presence as the server gives them."""
        person = self.person(member.username)
        person.username, person.display_name = member.username, member.display_name or member.username
        person.status, person.text = member.status or "offline", member.text
        person.bot = person.bot or member.bot  # a private conversation does not tell it
        self.shows(member.username, member.avatar)
        return person

    def shows(self, username: str, avatar: str) -> None:
        """Take which picture somebody shows, by its name; empty for none."""
        key, avatars = user_key(username), self._state.avatars
        was, avatars[key] = avatars.get(key, ""), avatar
        if was != avatar:
            self._emit(AvatarChanged(username))

    def avatar(self, event: AvatarEvent) -> None:
        """Apply an avatar event: somebody shows another picture, or none."""
        self.shows(event.username, event.avatar or "")

    def members(self, room: RoomState, members: Iterable[Member], online: int, total: int) -> None:
        """Apply the answer to `members`."""
        members = tuple(members)
        room.members = [self.learn(member).username for member in members]
        room.owners = {member.username for member in members if member.owner}
        room.online, room.total, room.members_known = online, total, True
        self._sort(room)
        self._emit(MembersChanged(room.key), PeopleChanged())

    def presence(self, event: PresenceEvent) -> None:
        """Apply a presence event: who came, went or changed status."""
        for username, status in event.changes.items():
            person = self.person(username)
            person.status = status
            person.text = (event.texts or {}).get(username, "" if status == "offline" else person.text)
            person.display_name = (event.names or {}).get(username, person.display_name)
        self._emit(PeopleChanged(tuple(event.changes)))
        room = self._state.rooms.get(key_of(event.room))
        if room is not None:
            room.online, room.total = event.online, event.total
            self._sort(room)
            self._emit(MembersChanged(room.key))

    def member(self, event: MemberEvent) -> None:
        """Apply a member event: another user joined or left the watched room."""
        room = self._state.rooms.get(key_of(event.room))
        if room is None:
            return
        person = self.person(event.username)
        if event.display_name:
            person.display_name = event.display_name
        if event.avatar:
            self.shows(event.username, event.avatar)
        there = person.username in room.members
        if event.change == "joined" and not there:
            room.members.append(person.username)
            room.total += 1
        elif event.change == "left":
            room.members = [name for name in room.members if name != person.username]
            room.total = max(0, room.total - 1)
        self._sort(room)
        self._emit(MembersChanged(room.key))

    def typing(self, event: TypingEvent) -> None:
        """Show that somebody types, for some seconds."""
        room = self._state.rooms.get(key_of(event.room))
        if room is None or user_key(event.username) == user_key(self._state.username):
            return
        new = event.username not in room.typing
        room.typing[event.username] = self._monotonic() + TYPING_SHOWN_S
        if new:
            self._emit(TypingChanged(room.key))

    def stopped_typing(self, room: RoomState, username: str) -> None:
        """Take "is typing" away from somebody whose message has come."""
        if room.typing.pop(username, None) is not None:
            self._emit(TypingChanged(room.key))

    def expire(self) -> None:
        """Take "is typing" away where nothing was heard for a while."""
        now = self._monotonic()
        for room in self._state.rooms.values():
            over = [name for name, until in room.typing.items() if until <= now]
            for name in over:
                del room.typing[name]
            if over:
                self._emit(TypingChanged(room.key))

    def disconnected(self) -> None:
        """Forget what only a live connection knows."""
        for person in self._state.people.values():
            person.status = "offline"
        for room in self._state.rooms.values():
            room.typing.clear()
            room.members_known = False
        self._emit(PeopleChanged())

    def _sort(self, room: RoomState) -> None:
        def order(username: str) -> tuple[int, str]:
            person = self.person(username)
            return _ORDER.get(person.status, 3), person.display_name.casefold()

        room.members.sort(key=order)
