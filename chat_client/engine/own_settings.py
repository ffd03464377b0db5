"""The user's settings that the server keeps: chosen, sent, taken from other devices; it draws nothing.

A choice holds here at once. It is sent when there is a connection, after the server has told what it has, and
of the choices of several devices the one that the server stored last holds on all of them.
"""

from datetime import datetime
from typing import Final

from chat_client.engine.core import RETRIED_LATER, Core, failure, retry_after
from chat_client.model.attention import AttentionSettings
from chat_client.model.changes import OwnSettingsChanged, RoomChanged, RoomsChanged
from chat_client.model.local_time import offset_here
from chat_client.model.state import NotifyLevel, RoomState, level_at_first
from chat_client.store.own_settings import Kept, OwnSettingsFile
from chat_client.store.settings import Settings
from chat_protocol.errors import ChatError
from chat_protocol.own_events import SettingsEvent
from chat_protocol.own_replies import SettingKept
from chat_protocol.own_requests import SetSetting
from chat_protocol.own_requests import Settings as SettingsRequest
from chat_protocol.own_settings import SETTINGS, Value

CAPABILITY: Final = "settings"
OFFSET: Final = "utc_offset"  # the setting, and
PERSON: Final = "person"  # the capability of a server that tells it
SENT_AT_ONCE_MAX: Final = 20
RETRY_S: Final = 5.0


class OwnSettings:
    """Keep one account's settings in step with the server.

    :param settings: has the notification levels and favourites that were kept on this computer alone.
    """

    def __init__(self, core: Core, file: OwnSettingsFile, settings: Settings) -> None:
        self._core, self._file, self._settings = core, file, settings
        self._account = ""
        self._kept: dict[str, Kept] = {}
        self._on_their_way: set[str] = set()
        self._favourites: frozenset[str] = frozenset()  # as they were shown
        self._listed = False
        self._not_before = 0.0

    @property
    def known(self) -> bool:
        """Whether the server keeps settings."""
        return CAPABILITY in self._core.state.connection.capabilities

    # What the user chooses

    def choose(self, setting: str, value: Value | None, room: RoomState | None = None) -> None:
        """Choose a value (None: as at first); it is sent when there is a connection.

        A private conversation has no settings before its first message.
        """
        if room is not None and not room.id:
            return
        self._load()
        key = _key(setting, room.kept_as if room else "")
        if key in self._kept and self._kept[key].holds == value:
            return
        kept = self._kept.setdefault(key, Kept())
        kept.wanted, kept.waiting = value, True
        self._changed()

    def set_notify_level(self, room: RoomState, level: NotifyLevel) -> None:
        """Choose a room's level: for all devices, or here alone as long as the server has no id for it."""
        if room.id:
            self.choose("notify", str(level), room)
        else:
            self._settings.set_notify_level(self._core.account, room.kept_as, level)

    def set_favourite(self, room: RoomState, favourite: bool) -> None:
        """Put a room among the favourites or take it out, as `set_notify_level` does."""
        if room.id:
            self.choose("favourite", favourite or None, room)
        else:
            self._settings.set_favourite(self._core.account, room.kept_as, favourite)
            self._show()

    def get(self, setting: str, room: RoomState | None = None) -> Value | None:
        """Return what is chosen; None where nothing is."""
        self._load()
        kept = self._kept.get(_key(setting, room.kept_as if room else ""))
        return None if kept is None else kept.holds

    def notify_level(self, account: str, room: str) -> NotifyLevel | None:
        """Return the level that an account's user chose for a room (`kept_as`); None where there is none."""
        self._load()
        kept = self._kept.get(_key("notify", room)) if account == self._account else None
        if kept is None:
            return self._settings.notify_level(account, room)
        return NotifyLevel(str(kept.holds)) if kept.holds in list(NotifyLevel) else None

    def favourites(self) -> frozenset[str]:
        """Return what the user's favourite rooms are kept under (`RoomState.kept_as`)."""
        self._load()
        mark = _key("favourite", "")
        kept = {key.removeprefix(mark): one for key, one in self._kept.items() if key.startswith(mark)}
        here_alone = self._settings.favourites(self._account) - kept.keys()
        return here_alone | {room for room, one in kept.items() if one.holds is True}

    # What the server says

    def begin(self) -> None:
        """Ask, after a sign-in, what the server has; only then it is told of choices made meanwhile."""
        self._load()
        self._listed, self._not_before = False, 0.0
        self._show()
        if self.known:
            for kept in self._kept.values():
                kept.version = 0  # a database that was restored counts from an earlier choice
            self._core.tell(SettingsRequest(), lambda _reply: self._told_all())

    def told(self, event: SettingsEvent) -> None:
        """Take what the server has, or what another device has chosen."""
        for setting in event.settings:
            if setting.setting in SETTINGS:  # others are of a later server
                kept = self._kept.setdefault(_key(setting.setting, setting.room or ""), Kept())
                kept.told(setting.value, setting.version)
        self._changed()

    def pump(self) -> None:
        """Send the choices that wait."""
        core = self._core
        if not (self._listed and core.online) or core.monotonic() < self._not_before:
            return
        for key, kept in self._kept.items():
            if kept.waiting and key not in self._on_their_way:
                if len(self._on_their_way) >= SENT_AT_ONCE_MAX:
                    return
                self._send(key, kept)

    def _told_all(self) -> None:
        """Forget what the server does not have, and go on with what it has not heard of."""
        self._kept = {key: kept for key, kept in self._kept.items() if kept.version or kept.waiting}
        self._listed = True
        self._move_up()
        self._tell_offset()
        self._changed()

    def _move_up(self) -> None:
        """Choose for all devices what was chosen on this computer alone, where nothing else is chosen."""
        local, account = self._settings, self._account
        favourites = local.favourites(account)
        for room in self._core.state.rooms.values():
            if not (room.joined and room.id):
                continue
            level = local.notify_level(account, room.id) or local.notify_level(account, room.key)
            favourite = not favourites.isdisjoint((room.id, room.key))
            for setting, value in (("notify", level and str(level)), ("favourite", favourite or None)):
                key = _key(setting, room.id)
                if value is not None and key not in self._kept:
                    self._kept[key] = Kept(wanted=value, waiting=True)

    def _tell_offset(self) -> None:
        """Choose this computer's offset from UTC, unless the user does not want that to be told."""
        offset = offset_here(datetime.fromtimestamp(self._core.clock()).astimezone())
        if offset and self.get(OFFSET) is not False and PERSON in self._core.state.connection.capabilities:
            self.choose(OFFSET, offset)

    def tell_offset(self, wanted: bool) -> None:
        """Let others see how late it is here, or not."""
        if wanted:
            self.choose(OFFSET, None)
            self._tell_offset()
        else:
            self.choose(OFFSET, False)

    def _send(self, key: str, kept: Kept) -> None:
        setting, _space, room = key.partition(" ")
        sent, core = kept.wanted, self._core

        def answered(reply: SettingKept) -> None:
            self._on_their_way.discard(key)
            kept.told(sent, reply.version)
            kept.waiting = kept.waiting and kept.wanted != sent
            self._changed()

        def refused(error: ChatError) -> None:
            self._on_their_way.discard(key)
            if error.code in RETRIED_LATER:
                self._not_before = core.monotonic() + (retry_after(error) or RETRY_S)
                return
            kept.waiting = kept.waiting and kept.wanted != sent
            self._changed()
            core.emit(failure(SetSetting.TYPE, error))

        self._on_their_way.add(key)
        core.replies.ask(SetSetting(setting, sent, room or None), answered, refused)

    # The copy on this computer, and what is shown

    def _load(self) -> None:
        if self._account != self._core.account:
            self._account = self._core.account
            self._kept = self._file.of(self._account) if self._account else {}
            self._listed = False

    def _changed(self) -> None:
        if self._account:
            self._file.keep(self._account, self._kept)
        self._show()

    def _show(self) -> None:
        """Put what holds into the state."""
        state = self._core.state
        state.attention = AttentionSettings.of(
            self.get("pause_until"), self.get("quiet_hours"), self.get("words")
        )
        for room in state.rooms.values():
            if self.get("receipts") is False:
                self._core.model.partner_read(room, 0)
            level = self.notify_level(self._account, room.kept_as) or level_at_first(room.kind)
            if _key("notify", room.kept_as) in self._kept and room.notify != level:
                room.notify = level
                self._core.emit(RoomChanged(room.key))
        favourites = self.favourites()
        if favourites != self._favourites:
            self._favourites = favourites
            self._core.emit(RoomsChanged())
        self._core.emit(OwnSettingsChanged())


def _key(setting: str, room: str) -> str:
    """Return under what a setting is kept: its name, and the room's id where it is for one."""
    return f"{setting} {room}" if SETTINGS[setting].of_rooms else setting
