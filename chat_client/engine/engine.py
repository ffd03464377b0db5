"""Puts the client's parts together and runs them from one poll: events in, changes out; no tkinter."""

from __future__ import annotations

import logging
import queue
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chat_client.engine.core import Core
from chat_client.engine.errands import Errands, Moderation, Presence
from chat_client.engine.reading import Reader
from chat_client.engine.sending import Sender
from chat_client.engine.session import Session
from chat_client.model.changes import Change, ConnectionChanged
from chat_client.model.state import Phase
from chat_client.net.events import FrameReceived, NetworkEvent
from chat_client.net.link import Connector, Link
from chat_client.net.reconnect import SleepWatch
from chat_client.store.accounts import Accounts
from chat_client.store.drafts import Drafts
from chat_client.store.known_servers import KnownServers
from chat_client.store.settings import Settings
from chat_protocol.events import EndEvent, Hello, MemberEvent, ModerationEvent, RoomEvent, parse_event

log = logging.getLogger("chat.client")


class Engine:
    """The parts behind the controller.

    :param folder: the settings folder.
    """

    def __init__(
        self,
        core: Core,
        connector: Connector,
        folder: Path,
        settings: Settings,
        accounts: Accounts,
        known: KnownServers,
    ) -> None:
        self._core = core
        self._settings = settings
        self._sleep = SleepWatch()
        self.drafts = Drafts(folder, core.monotonic)
        self.link = Link(core.state.connection, known, connector, core.clock, core.monotonic, core.rng)
        core.table.transmit = self.link.transmit
        self.sender = Sender(core)
        self.reader = Reader(core)
        self.presence = Presence(core, self._away_after_s)
        self.errands = Errands(core)
        self.moderation = Moderation(core)
        self.session = Session(
            core, self.link, self.sender, accounts, settings, self.drafts, folder, self._begin
        )
        self._duties: tuple[Callable[[], None], ...] = (
            self._watch_sleep,
            self._watch_link,
            self.presence.tick,
            self._expire_typing,
            self.sender.pump,
            self.reader.pump,
            self.drafts.tick,
            lambda: self.sender.outbox.sync(),
        )

    @property
    def more_waits(self) -> bool:
        """Whether events are left over from the last poll."""
        return not self.link.events.empty()

    def poll(self, max_events: int) -> list[Change]:
        """Apply at most so many events, run what is due, return what has changed."""
        changes: list[Change] = []
        for _ in range(max_events):
            try:
                event = self.link.events.get_nowait()
            except queue.Empty:
                break
            changes += self._take_safely(event)
        for duty in self._duties:
            try:
                duty()
            except Exception:
                log.exception("a duty of the poll failed")
        return self._core.take_changes() + changes

    def close(self) -> None:
        """Write what is unwritten, and end the connection."""
        self.drafts.flush()
        self.sender.close()
        self.reader.close()
        self.link.close()

    # Events

    def _take_safely(self, event: NetworkEvent) -> list[Change]:
        try:
            return self._take(event) if self.link.is_current(event) else []
        except Exception:
            log.exception("an event from the server could not be applied")
            return []

    def _take(self, event: NetworkEvent) -> list[Change]:
        if isinstance(event, FrameReceived):
            return self._take_frame(event.frame)
        was_up = self._core.state.connection.phase in (Phase.SIGNING_IN, Phase.ONLINE)
        self.link.take(event)
        lost = self.session.after_loss() if was_up and not self.link.is_current(event) else []
        return [*lost, ConnectionChanged()]

    def _take_frame(self, frame: dict[str, Any]) -> list[Change]:
        if frame.get("type") in ("ok", "error"):
            return self._core.table.take(frame)
        event = parse_event(frame)
        if isinstance(event, Hello):
            return self.session.hello(event)
        if isinstance(event, EndEvent):
            return self.session.end(event)
        if event is None:
            return []
        if isinstance(event, RoomEvent) and event.was and event.room is not None:
            self.sender.outbox.rename_room(event.was, event.room.room)
        if isinstance(event, MemberEvent) and event.change == "joined":
            self.reader.somebody_joined()
        if isinstance(event, ModerationEvent):
            self.moderation.begin()
        return self._core.model.apply(event)

    # What is due at each poll

    def _begin(self) -> None:
        """Ask, after a sign-in, for what the views show."""
        self.presence.begin()
        self.reader.begin()
        self.moderation.begin()

    def _watch_sleep(self) -> None:
        if not self._sleep.slept(self._core.clock()):
            return
        log.info("the computer has slept: connecting anew")
        if self._core.state.connection.phase == Phase.WAITING:
            self.link.retry_now()
            self._core.emit(ConnectionChanged())
        elif self.link.persistent and self._core.state.connection.phase != Phase.REFUSED:
            self._core.emit(*self.session.lost("suspended"))

    def _watch_link(self) -> None:
        if self.link.tick():
            self._core.emit(ConnectionChanged())

    def _expire_typing(self) -> None:
        self._core.emit(*self._core.model.people.expire())

    def _away_after_s(self) -> float:
        return 60.0 * int(self._settings.get("away_after_minutes"))
