"""Asks the server who there is: users by the beginning of a name, the members of a room; it keeps nothing."""

from typing import Final

from chat_client.engine.core import Core
from chat_client.model.changes import FoundPeopleChanged, ListChanged, PeopleChanged
from chat_client.model.keys import user_key
from chat_protocol.limits import USERS_MAX
from chat_protocol.people_requests import Person, PersonReply
from chat_protocol.requests import Members, Users
from chat_protocol.room_replies import MemberList, PeopleFound

PERSON: Final = "person"  # the capability


class PeopleLookup:
    """Look people up."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._wanted = ""  # the beginning of a name that the directory was asked for last

    def find(self, prefix: str, limit: int = 20) -> None:
        """Look users up by the beginning of a name; the answer comes in `state.found_people`."""
        self._core.ask(Users(prefix, limit), self._found)

    def directory(self, prefix: str = "", *, more: bool = False) -> None:
        """Ask for everybody whose name begins so, or with `more` for those behind the ones that are known.

        The answer comes in `state.lists.directory`.
        """
        directory = self._core.state.lists.directory
        after = directory.next if more and isinstance(directory.next, str) else None
        if not more:
            self._wanted = prefix

        def listed(page: PeopleFound) -> None:
            if prefix == self._wanted:  # otherwise something else was typed meanwhile
                behind = page.users[-1].username if page.more and page.users else None
                for user in page.users:
                    self._core.model.people.shows(user.username, user.avatar)
                directory.take(page.users, behind, more=more)
                self._core.emit(ListChanged("directory"))

        self._core.ask(Users(prefix, USERS_MAX, after), listed)

    def ask_about(self, username: str) -> None:
        """Ask who somebody is; the answer comes in `state.lists.persons`."""
        persons = self._core.state.lists.persons

        def answered(reply: PersonReply) -> None:
            persons[user_key(username)] = reply
            self._core.model.people.shows(reply.username, reply.avatar or "")
            self._core.emit(PeopleChanged((username,)))

        if PERSON in self._core.state.connection.capabilities:
            self._core.tell(Person(username), answered)

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
