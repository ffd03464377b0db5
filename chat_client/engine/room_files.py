"""Asks the server for the files of one room, page by page; it shows nothing."""

from chat_client.engine.core import Core
from chat_client.model.changes import RoomFilesChanged
from chat_client.model.keys import user_key
from chat_client.model.room_files import RoomFile, room_files
from chat_client.model.state import RoomFilesState
from chat_client.model.timeline import message_state
from chat_protocol.errors import ChatError
from chat_protocol.message_replies import SearchPage
from chat_protocol.requests import Search

#: Finds each message that has files.
ANY_FILE = "file:*"


class RoomFileList:
    """`client.room_files`: the files of one room at a time, the newest first."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def show(self, room: str) -> None:
        """Ask for the newest files of a room (by its key); what was known of another is forgotten."""
        listed = self._core.state.room_files = RoomFilesState(room=room)
        self._ask(listed, None)

    def more(self) -> None:
        """Ask for older ones than the last."""
        listed = self._core.state.room_files
        if listed.found and listed.more and not listed.busy:
            # One millisecond on: others of the same one may follow; those that are known are left out.
            self._ask(listed, listed.found[-1].sent_at + 1)

    def files(self) -> list[RoomFile]:
        """Return what is known of the room's files, the newest first."""
        listed = self._core.state.room_files
        room = self._core.room(listed.room)
        return room_files(room, listed.found, complete=listed.complete) if room is not None else []

    def _ask(self, listed: RoomFilesState, before: int | None) -> None:
        room = self._core.room(listed.room)
        if room is None:
            return

        def answered(page: SearchPage) -> None:
            known = {message.seq for message in listed.found}
            me = user_key(self._core.state.username)
            fresh = [message_state(message, me) for message in page.messages if message.seq not in known]
            listed.found += fresh
            listed.busy, listed.more = False, page.more and bool(fresh)
            listed.complete = not listed.more
            self._core.emit(RoomFilesChanged())

        def refused(error: ChatError) -> None:
            listed.busy, listed.code = False, error.code
            self._core.emit(RoomFilesChanged())

        listed.busy, listed.code = True, ""
        self._core.emit(RoomFilesChanged())
        self._core.ask(Search(query=ANY_FILE, room=room.address, before=before), answered, refused)
