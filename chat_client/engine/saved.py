"""The messages that the user has saved: asks the server, saves and takes off; it shows nothing."""

from typing import Final

from chat_client.engine.core import Core
from chat_client.model.changes import RequestDone, SavedChanged
from chat_protocol.own_events import SavedEvent
from chat_protocol.own_replies import SavedPage
from chat_protocol.own_requests import Save, Saved

CAPABILITY: Final = "saved"


class SavedMessages:
    """Keep the list of saved messages in `state.saved`, once a view has asked for it."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._next: int | None = None

    @property
    def known(self) -> bool:
        """Whether the server keeps such a list."""
        return CAPABILITY in self._core.state.connection.capabilities

    @property
    def more(self) -> bool:
        """Whether the server has others behind those in the state."""
        return self._next is not None

    def refresh(self) -> None:
        """Ask for the messages that were saved last."""

        def listed(page: SavedPage) -> None:
            self._core.state.saved = list(page.messages)
            self._next = page.next
            self._core.emit(SavedChanged())

        self._core.ask(Saved(), listed)

    def load_more(self) -> None:
        """Ask for the page behind those in the state."""
        wanted = self._next

        def listed(page: SavedPage) -> None:
            saved = self._core.state.saved
            if saved is not None and self._next == wanted:
                saved += page.messages
                self._next = page.next
                self._core.emit(SavedChanged())

        if wanted is not None:
            self._core.ask(Saved(wanted), listed)

    def save(self, room: str, seq: int, *, on: bool = True) -> None:
        """Put a message on the list, or take it off.

        :param room: its key.
        """

        def done(_reply: object) -> None:
            self._core.emit(RequestDone(Save.TYPE))
            self._changed(address, seq, on)

        if (known := self._core.room(room)) is not None:
            address = known.address
            self._core.ask(Save(address, seq, on), done, room=room)

    def told(self, event: SavedEvent) -> None:
        """Take what another device has saved, or taken off."""
        self._changed(event.room, event.seq, event.on)

    def _changed(self, room_id: str, seq: int, on: bool) -> None:
        state = self._core.state
        if state.saved is None:
            return  # nobody has looked at it
        if on:
            self.refresh()
            return
        state.saved = [one for one in state.saved if (one.room_id, one.seq) != (room_id, seq)]
        self._core.emit(SavedChanged())
