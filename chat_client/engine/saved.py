"""The messages that the user has saved: asks the server, saves and takes off; it shows nothing.

A choice is kept on disk until the server has it. Of the choices of several devices about one message the one
that the server stored last holds on all of them.
"""

from typing import Final

from chat_client.engine.core import RETRIED_LATER, Core, failure, retry_after
from chat_client.model.changes import RequestDone, SavedChanged
from chat_client.store.saved_choices import Choices, SavedChoicesFile
from chat_protocol.errors import ChatError
from chat_protocol.own_events import SavedEvent
from chat_protocol.own_replies import SavedPage
from chat_protocol.own_requests import Save, Saved

CAPABILITY: Final = "saved"
SENT_AT_ONCE_MAX: Final = 20
RETRY_S: Final = 5.0


class SavedMessages:
    """Keep the list of saved messages in `state.saved`, once a view has asked for it."""

    def __init__(self, core: Core, file: SavedChoicesFile) -> None:
        self._core, self._file = core, file
        self._account = ""
        #: Choices that the server has not confirmed yet.
        self.waiting: Choices = {}
        self._on_their_way: set[tuple[str, int]] = set()
        self._promised: set[tuple[str, int]] = set()  # said to be done already
        self._not_before = 0.0
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
        """Put a message on the list, or take it off; without a connection, once there is one.

        :param room: its key.
        """
        if (known := self._core.room(room)) is None:
            return
        self.waiting[known.address, seq] = on
        self._keep()
        if not self._core.online:
            self._promised.add((known.address, seq))
            self._core.emit(RequestDone(Save.TYPE))
            if not on:
                self._changed(known.address, seq, on)
        self.pump()

    def begin(self) -> None:
        """Ask, after a sign-in, for the list that is shown: other devices may have changed it meanwhile."""
        self._load()
        self._not_before = 0.0
        if self._core.state.saved is not None and self.known:
            self.refresh()

    def pump(self) -> None:
        """Send the choices that wait."""
        core = self._core
        if not core.online or core.monotonic() < self._not_before:
            return
        for place in self.waiting.keys() - self._on_their_way:
            if len(self._on_their_way) < SENT_AT_ONCE_MAX:
                self._send(place, self.waiting[place])

    def _send(self, place: tuple[str, int], on: bool) -> None:
        core = self._core

        def answered(_reply: object) -> None:
            self._settle(place, on)
            if place not in self._promised:
                core.emit(RequestDone(Save.TYPE))
            self._promised.discard(place)
            self._changed(*place, on)

        def refused(error: ChatError) -> None:
            if error.code in RETRIED_LATER:
                self._on_their_way.discard(place)
                self._not_before = core.monotonic() + (retry_after(error) or RETRY_S)
                return
            self._settle(place, on)
            core.emit(failure(Save.TYPE, error))

        self._on_their_way.add(place)
        core.replies.ask(Save(*place, on), answered, refused)

    def _settle(self, place: tuple[str, int], on: bool) -> None:
        """Forget a choice that was answered, unless the user has chosen otherwise since."""
        self._on_their_way.discard(place)
        if self.waiting.get(place) == on:
            del self.waiting[place]
            self._keep()

    def _load(self) -> None:
        if self._account != self._core.account:
            self._account = self._core.account
            self.waiting = self._file.of(self._account) if self._account else {}
            self._promised.clear()

    def _keep(self) -> None:
        if self._account:
            self._file.keep(self._account, self.waiting)

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
