"""Searches for messages on the server and keeps the results in the state; it shows nothing."""

from collections.abc import Sequence

from chat_client.engine.core import Core
from chat_client.model.changes import SearchChanged
from chat_client.model.keys import key_of, user_key
from chat_client.model.state import FoundMessage, SearchState
from chat_client.model.timeline import message_state
from chat_protocol.errors import ChatError
from chat_protocol.message_replies import SearchPage
from chat_protocol.objects import Message
from chat_protocol.requests import Search


class MessageSearch:
    """Run one search at a time; an answer to an earlier one is not shown."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def start(self, query: str, room: str | None = None) -> None:
        """Search for the newest, in one room or in all; the answer comes in `state.search`."""
        search = self._core.state.search = SearchState(query=query, room=room, busy=True)
        self._core.emit(SearchChanged())
        self._ask(search, None)

    def more(self) -> None:
        """Search for what is older than the last result."""
        search = self._core.state.search
        if search.results and search.more and not search.busy:
            search.busy = True
            # One millisecond on: others of the same one may follow; those that are known are left out.
            self._ask(search, search.results[-1].message.sent_at + 1)

    def clear(self) -> None:
        """Forget the last search."""
        self._core.state.search = SearchState()
        self._core.emit(SearchChanged())

    def _ask(self, search: SearchState, before: int | None) -> None:
        def answered(page: SearchPage) -> None:
            count = len(search.results)
            self._add_results(search, page.messages)
            search.busy, search.more = False, page.more and len(search.results) > count
            search.incomplete = bool(page.incomplete)
            self._core.emit(SearchChanged())

        def refused(error: ChatError) -> None:
            search.busy, search.code = False, error.code
            self._core.emit(SearchChanged())

        known = self._core.room(search.room) if search.room is not None else None
        request = Search(query=search.query, room=known.address if known else None, before=before)
        self._core.ask(request, answered, refused)

    def _add_results(self, search: SearchState, messages: Sequence[Message]) -> None:
        me = user_key(self._core.state.username)
        listed = {(found.room, found.message.seq) for found in search.results}
        for message in messages:
            room = self._core.model.rooms.find(message.room, message.room_id)
            found = FoundMessage(room.key if room else key_of(message.room), message_state(message, me))
            if (found.room, found.message.seq) not in listed:
                search.results.append(found)
