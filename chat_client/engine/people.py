"""Asks the server who there is: users by the beginning of a name, the members of a room; it keeps nothing."""

from chat_client.engine.core import Core
from chat_client.model.changes import FoundPeopleChanged
from chat_protocol.requests import Members, Users
from chat_protocol.room_replies import MemberList, PeopleFound


class PeopleLookup:
    """Look people up."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def find(self, prefix: str, limit: int = 20) -> None:
        """Look users up by the beginning of a name; the answer comes in `state.found_people`."""
        self._core.ask(Users(prefix, limit), self._found)

    def refresh_members(self, room: str) -> None:
        """Ask for the members of a room again."""
        if (known := self._core.room(room)) is not None:
            self._core.tell(Members(known.address), self._members)

    def _found(self, reply: PeopleFound) -> None:
        self._core.state.found_people = [self._core.model.people.learn(user) for user in reply.users]
        self._core.emit(FoundPeopleChanged())

    def _members(self, reply: MemberList) -> None:
        room = self._core.model.rooms.find(reply.room)
        if room is not None:
            total = reply.total or len(reply.members)
            self._core.model.people.members(room, reply.members, reply.online, total)
