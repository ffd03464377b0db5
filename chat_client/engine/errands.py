"""What the user asks for now and then: status, profile, people, search, moderation; each a request or two."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chat_client.engine.core import Core
from chat_client.model import changes as ch
from chat_client.model.changes import Change
from chat_client.model.keys import key_of, user_key
from chat_client.model.state import FoundMessage, JoinRequestState, SearchState
from chat_client.model.timeline import message_state
from chat_protocol.errors import ChatError
from chat_protocol.objects import Member, Message, User
from chat_protocol.requests import (
    ModerationDecide,
    ModerationLift,
    ModerationPending,
    ModerationSanction,
    Profile,
    Request,
    Search,
    Status,
    Users,
)
from chat_protocol.times import from_rfc3339


class Presence:
    """One's own status: chosen, or `away` after a while without input.

    :param away_after_s: returns after how many seconds; 0 for never.
    """

    def __init__(self, core: Core, away_after_s: Callable[[], float]) -> None:
        self._core = core
        self._away_after_s = away_after_s
        self._active_at = core.monotonic()
        self._away_by_itself = False

    def begin(self) -> None:
        """Say after a sign-in what the server does not know: that one is not simply online."""
        state = self._core.state
        if state.status != "online" or state.status_text:
            self._core.tell(Status(state.status, state.status_text))

    def user_active(self) -> None:
        """Note an input of the user."""
        self._active_at = self._core.monotonic()
        if self._away_by_itself:
            self._away_by_itself = False
            self._say("online", self._core.state.status_text)

    def set_status(self, status: str, text: str) -> None:
        """Take the user's choice."""
        self._active_at = self._core.monotonic()
        self._away_by_itself = False
        self._say(status, text)

    def tick(self) -> None:
        """Become away when it is time."""
        after_s = self._away_after_s()
        idle_s = self._core.monotonic() - self._active_at
        if self._core.online and self._core.state.status == "online" and 0 < after_s <= idle_s:
            self._away_by_itself = True
            self._say("away", self._core.state.status_text)

    def _say(self, status: str, text: str) -> None:
        state = self._core.state
        state.status, state.status_text = status, text
        self._core.emit(ch.ProfileChanged())
        self._core.tell(Status(status, text))


class Errands:
    """Profile, people and search."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def set_display_name(self, display_name: str) -> None:
        """Ask for another display name."""

        def answered(frame: dict[str, Any]) -> list[Change]:
            state, user = self._core.state, User.from_frame(frame["user"])
            state.display_name = user.display_name
            self._core.model.people.person(user.username).display_name = user.display_name
            return [ch.ProfileChanged(), ch.PeopleChanged((user.username,)), ch.RequestDone(Profile.TYPE)]

        self._core.ask(Profile(display_name), answered)

    def find_people(self, prefix: str, limit: int) -> None:
        """Look users up by the beginning of a name."""

        def answered(frame: dict[str, Any]) -> list[Change]:
            members = [Member.from_frame(item) for item in frame["users"]]
            self._core.state.found_people = [self._core.model.people.learn(member) for member in members]
            return [ch.FoundPeopleChanged()]

        self._core.ask(Users(prefix, limit), answered)

    def search(self, query: str, room: str | None) -> None:
        """Search for the newest."""
        search = self._core.state.search = SearchState(query=query, busy=True)
        self._core.emit(ch.SearchChanged())
        self._search(search, room, None)

    def search_more(self) -> None:
        """Search for what is older than the last result."""
        search = self._core.state.search
        if search.results and search.more and not search.busy:
            search.busy = True
            # One millisecond on: others of the same one may follow; those that are there are left out.
            self._search(search, search.room, search.results[-1].message.sent_at + 1)

    def clear_search(self) -> None:
        """Forget the last search."""
        self._core.state.search = SearchState()
        self._core.emit(ch.SearchChanged())

    def _search(self, search: SearchState, room: str | None, before: int | None) -> None:
        search.room = room
        known = self._core.state.rooms.get(room) if room is not None else None

        def answered(frame: dict[str, Any]) -> list[Change]:
            count = len(search.results)
            self._add_results(search, frame["messages"])
            search.busy, search.more = False, bool(frame.get("more")) and len(search.results) > count
            return [ch.SearchChanged()]

        def refused(error: ChatError) -> list[Change]:
            search.busy, search.code = False, error.code
            return [ch.SearchChanged()]

        request = Search(query=search.query, room=known.name if known else None, before=before)
        self._core.ask(request, answered, refused)

    def _add_results(self, search: SearchState, messages: list[dict[str, Any]]) -> None:
        me = user_key(self._core.state.username)
        there = {(found.room, found.message.seq) for found in search.results}
        for item in messages:
            message = Message.from_frame(item)
            found = FoundMessage(key_of(message.room), message_state(message, me))
            if (found.room, found.message.seq) not in there:
                search.results.append(found)


class Moderation:
    """What moderators and admins ask for."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def begin(self) -> None:
        """Ask after a sign-in who waits, where that is one's business."""
        if self._core.state.moderator:
            self._core.tell(ModerationPending(), self._pending)

    def pending(self) -> None:
        """Ask who waits to be let in."""
        self._core.ask(ModerationPending(), self._pending)

    def decide(self, username: str, room: str, accept: bool, reason: str) -> None:
        """Let somebody in, or refuse; afterwards the list is asked for anew."""
        known = self._core.state.rooms.get(room)
        name = known.name if known else room
        self._carry_out(ModerationDecide(username, name, accept, reason or None), room)

    def sanction(self, request: ModerationSanction) -> None:
        """Kick, ban or mute."""
        self._carry_out(request)

    def lift(self, request: ModerationLift) -> None:
        """End a sanction early."""
        self._carry_out(request)

    def _carry_out(self, request: Request, room: str = "") -> None:
        def answered(frame: dict[str, Any]) -> list[Change]:
            self.begin()
            return [ch.RequestDone(request.TYPE, room)]

        self._core.ask(request, answered, room=room)

    def _pending(self, frame: dict[str, Any]) -> list[Change]:
        state = self._core.state
        state.join_requests = [_join_request(item) for item in frame["requests"]]
        state.join_request_count = len(state.join_requests)
        return [ch.ModerationChanged()]


def _join_request(item: dict[str, Any]) -> JoinRequestState:
    username = str(item["username"])
    return JoinRequestState(
        username,
        str(item.get("display_name") or username),
        str(item["room"]),
        str(item.get("reason") or ""),
        from_rfc3339(item["requested_at"]),
    )
