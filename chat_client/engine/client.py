"""The client without a window: puts its parts together and runs them from one poll; it knows no tkinter.

Every method of the parts returns at once. Call all of them from one thread (the Tk thread). What they cause
appears in `state`, and in the changes that `poll` returns.
"""

import logging
import queue
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from chat_client.engine.administration import Administration
from chat_client.engine.avatars import Avatars
from chat_client.engine.core import Core
from chat_client.engine.date_jump import DateJump
from chat_client.engine.devices import OwnDevices, device_name
from chat_client.engine.emoji import RecentEmoji
from chat_client.engine.files import FileTransfers
from chat_client.engine.history import HistoryLoader
from chat_client.engine.moderation import Moderation
from chat_client.engine.open_room import OpenRoom
from chat_client.engine.own_rooms import OwnRooms
from chat_client.engine.own_settings import OwnSettings
from chat_client.engine.people import PeopleLookup
from chat_client.engine.pictures import PictureLoader
from chat_client.engine.pins import PinnedMessages
from chat_client.engine.room_files import RoomFileList
from chat_client.engine.rooms import RoomActions
from chat_client.engine.saved import SavedMessages
from chat_client.engine.search import MessageSearch
from chat_client.engine.sending import Sender
from chat_client.engine.session import Session
from chat_client.engine.status import OwnStatus
from chat_client.engine.transcript import Transcripts
from chat_client.engine.trust import Trust
from chat_client.model.changes import Change, ConnectionChanged
from chat_client.model.state import ClientState, Phase
from chat_client.net.events import FrameReceived, NetworkEvent
from chat_client.net.link import Connector, Link
from chat_client.net.network import Connection
from chat_client.net.reconnect import SleepWatch
from chat_client.store.accounts import Accounts
from chat_client.store.drafts import Drafts
from chat_client.store.folder import open_settings_folder
from chat_client.store.known_servers import KnownServers
from chat_client.store.own_settings import OwnSettingsFile
from chat_client.store.saved_choices import SavedChoicesFile
from chat_client.store.settings import Settings
from chat_protocol.events import parse_event
from chat_protocol.own_events import SavedEvent, SettingsEvent
from chat_protocol.printable import escape
from chat_protocol.room_events import (
    AvatarEvent,
    MemberEvent,
    MessageEvent,
    ModerationEvent,
    PinEvent,
    RoomEvent,
)
from chat_protocol.server_events import CertificateEvent, EndEvent, Hello, ServersEvent

POLL_EVENTS_MAX: Final = 200
UNREADABLE_SHOWN: Final = 200  # characters of what a server has sent and nobody understands
_log = logging.getLogger("chat.client")


class Client:
    """Own the state of one active account and its connection.

    :param home: the settings folder (None: the platform's own, or CHAT_CLIENT_HOME).
    :param insecure: plain TCP instead of TLS; refused for any host that is not a loopback address.
    :param clock: wall clock in seconds since 1970.
    :param monotonic: seconds that never go back.
    :param rng: the source of jitter and nonces.
    :param connector: makes connections (replaced in tests).

    :raises NewerFileError: when a later version of the client has written the files of the folder.

    Its parts: `session`, `trust`, `rooms`, `history`, `outbox`, `files`, `pictures`, `avatars`, `people`,
    `status`, `search`, `room_files`, `moderation`, `administration`, `devices`, `own_rooms`, `own_settings`,
    `saved`, `pins`, `transcripts`, `dates`, `emoji`. `settings`, `accounts`, `known_servers` and `home` (the
    folder) may be used directly. A room is named by its key (`RoomState.key`); a call for a room that is gone
    does nothing.
    """

    def __init__(
        self,
        home: Path | None = None,
        *,
        insecure: bool = False,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        rng: random.Random | None = None,
        connector: Connector = Connection,
    ) -> None:
        self.home = open_settings_folder(home)
        self.settings = Settings(self.home)
        self.accounts = Accounts(self.home)
        self.known_servers = KnownServers(self.home)
        self._sleep = SleepWatch()
        self._drafts = Drafts(self.home, monotonic)
        core = self._core = Core(
            clock,
            monotonic,
            rng or random.SystemRandom(),
            lambda account, room: self.own_settings.notify_level(account, room),
        )
        self.own_settings = OwnSettings(core, OwnSettingsFile(self.home), self.settings)
        link = self._link = Link(
            core.state.connection, self.known_servers, connector, clock, monotonic, core.rng
        )
        core.replies.transmit = link.transmit
        self._wake: Callable[[], object] = lambda: None
        self._polling = False
        core.wake = self._ask_for_poll
        self.trust = Trust(core, link, self.known_servers)
        self.people = PeopleLookup(core)
        self.rooms = RoomActions(core, self.settings, self._drafts, self.own_settings)
        self.history = HistoryLoader(core)
        self.outbox = Sender(core, self.home)
        self.files = FileTransfers(core, link, self.outbox, self.home)
        self.files.wake_with(lambda: self._wake())
        self.pictures = PictureLoader(core, self.files, lambda: self._wake())
        self.avatars = Avatars(core, self.home)
        self.status = OwnStatus(core, self._away_after_s)
        self.search = MessageSearch(core)
        self.room_files = RoomFileList(core)
        self.moderation = Moderation(core)
        self.administration = Administration(core, self.trust.invitation)
        self.devices = OwnDevices(core)
        self.saved = SavedMessages(core, SavedChoicesFile(self.home))
        self.pins = PinnedMessages(core)
        self.own_rooms = OwnRooms(core)
        self.transcripts = Transcripts(core)
        self.dates = DateJump(core, self.history)
        self.emoji = RecentEmoji(core, self.settings)
        self.session = Session(
            core,
            link,
            self.outbox,
            self.accounts,
            self.settings,
            self._drafts,
            self._begin,
            device=device_name(),
            insecure=insecure,
        )
        self._open_room = OpenRoom(core, self.people, self.pins)
        self._duties: tuple[Callable[[], None], ...] = (
            self._watch_sleep,
            self._watch_link,
            self.status.tick,
            self._expire_typing,
            self.files.pump,
            self.pictures.pump,
            self.outbox.pump,
            self._open_room.pump,
            self.own_settings.pump,
            self._serve_what_waits,
            self.history.pump,
            self.outbox.sync,
            self._watch_keeping,
        )

    @property
    def state(self) -> ClientState:
        """What there is to show; another object after each sign-out, so views ask for it again."""
        return self._core.state

    @property
    def more_waits(self) -> bool:
        """Whether events are left over from the last poll."""
        return not self._link.events.empty()

    def poll(self, max_events: int = POLL_EVENTS_MAX) -> list[Change]:
        """Apply what arrived, run what is due (reconnection, timeouts, away), return what to redraw.

        Call it every 50 ms, or when it wakes you (`wake_with`) and now and then; at once again while
        `more_waits`. Never raises: a failing event is logged.
        """
        self._polling = True
        for _ in range(max_events):
            try:
                event = self._link.events.get_nowait()
            except queue.Empty:
                break
            self._take_safely(event)
        for duty in self._duties:
            try:
                duty()
            except Exception:
                _log.exception("a duty of the poll failed")
        self._polling = False
        return self._core.take_changes()

    def wake_with(self, wake: Callable[[], object]) -> None:
        """Have a function called whenever a poll has something to do; from any thread.

        What is due at a time (trying again, the end of somebody's typing) does not call it.
        """
        self._wake = wake
        self._link.events.on_put = wake

    def _ask_for_poll(self) -> None:
        if not self._polling:
            self._wake()

    def close(self) -> None:
        """End the connection and the threads and close the files; unsent messages stay for the next start."""
        self._drafts.flush()
        self.files.close()
        self.pictures.close()
        self.transcripts.close()
        self.outbox.close()
        self.history.close()
        self.session.close()
        self._link.close()

    # Events

    def _take_safely(self, event: NetworkEvent) -> None:
        try:
            if self._link.is_current(event):
                self._take(event)
        except Exception:
            _log.exception("an event from the server could not be applied")

    def _take(self, event: NetworkEvent) -> None:
        if isinstance(event, FrameReceived):
            self._take_frame(event.frame)
            return
        self._link.take(event)
        if not self._link.is_current(event):
            self.session.after_loss()

    def _take_frame(self, frame: dict[str, Any]) -> None:
        if frame.get("type") in ("ok", "error"):
            self._core.replies.take(frame)
            return
        try:
            event = parse_event(frame)
        except ValueError as error:  # the server's fault, not this program's
            _log.warning("%s", escape(str(error))[:UNREADABLE_SHOWN])
            return
        if event is None:
            return
        if isinstance(event, Hello):
            self.session.hello(event)
        elif isinstance(event, ServersEvent):
            self._link.servers_told(event.servers)
        elif isinstance(event, CertificateEvent):
            self._link.announced(event.next_fingerprint)
        elif isinstance(event, EndEvent):
            self.session.end(event)
        elif isinstance(event, RoomEvent) and event.was and event.room is not None:
            self.outbox.rename_room(event.was, event.room)
        elif isinstance(event, MemberEvent) and event.change == "joined":
            self._open_room.somebody_joined()
        elif isinstance(event, AvatarEvent):
            self.avatars.changed(event.username, event.avatar or "")
        elif isinstance(event, ModerationEvent):
            self.moderation.begin()
        elif isinstance(event, SettingsEvent):
            self.own_settings.told(event)
        elif isinstance(event, SavedEvent):
            self.saved.told(event)
        elif isinstance(event, PinEvent):
            self.pins.told(event)
        elif isinstance(event, MessageEvent):
            self.pins.changed(event.message)
        self._core.model.apply(event)

    # What is due at each poll

    def _begin(self) -> None:
        """Ask, after a sign-in, for what the views show."""
        self.status.begin()
        self.rooms.begin()
        self.own_settings.begin()
        self.saved.begin()
        self._open_room.begin()
        self.history.begin()
        self.moderation.begin()

    def _serve_what_waits(self) -> None:
        """Give the parts their turn that mostly have nothing to do."""
        if self.avatars.wanted:
            self.avatars.pump()
        if self.saved.waiting:
            self.saved.pump()
        if self.transcripts.busy:
            self.transcripts.pump()
        if self._drafts.write_at is not None:
            self._drafts.tick()

    def _watch_sleep(self) -> None:
        if not self._sleep.slept(self._core.clock()):
            return
        _log.info("the computer has slept: connecting again")
        if self.state.connection.phase == Phase.WAITING:
            self.session.reconnect_now()
        elif self._link.persistent and self.state.connection.phase != Phase.REFUSED:
            self.session.lost("suspended")

    def _watch_link(self) -> None:
        if self._link.tick():
            self._core.emit(ConnectionChanged())

    def _watch_keeping(self) -> None:
        """Tell when this computer does not keep what waits to be sent, or the drafts."""
        connection = self.state.connection
        keeping_ok = not (self.outbox.stored.failing or self._drafts.failing)
        if keeping_ok != connection.keeping_ok:
            connection.keeping_ok = keeping_ok
            self._core.emit(ConnectionChanged())

    def _expire_typing(self) -> None:
        self._core.model.people.expire()

    def _away_after_s(self) -> float:
        return 60.0 * int(self.settings.get("away_after_minutes"))
