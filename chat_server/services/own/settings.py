"""What users choose for all their devices; it must not know what a setting does.

Runs on client threads.
"""

import json
from collections.abc import Iterator
from typing import Final

from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.limits import ROOM_SETTINGS_MAX
from chat_protocol.objects import Setting
from chat_protocol.own_events import SettingsEvent
from chat_protocol.own_requests import SetSetting
from chat_protocol.paging import fitting
from chat_server.live.session import Session
from chat_server.services.audience import Audience
from chat_server.services.rooms.rooms import Rooms
from chat_server.storage import Storage
from chat_server.storage.core.records import OwnSettingRecord

_NO_ROOM: Final = 0


class OwnSettings:
    """Keep what users choose: of two choices of one thing, the later one."""

    def __init__(self, storage: Storage, audience: Audience, rooms: Rooms) -> None:
        self._storage = storage
        self._audience = audience
        self._rooms = rooms

    def all_of(self, session: Session) -> Iterator[SettingsEvent]:
        """Return all of the user's settings, as many events as it takes."""
        settings = [_setting(record) for record in self._storage.own_settings.of_user(session.user_id)]
        while settings:
            count = fitting(settings)
            yield SettingsEvent(settings[:count])
            settings = settings[count:]

    def choose(self, session: Session, request: SetSetting) -> int:
        """Keep a choice, tell the user's other sessions, and return its version.

        :raises ChatError: about the field `room`, as any request; `quota`.
        """
        room = None if request.room is None else self._rooms.conversation(session, request.room)
        room_id, public_id = (_NO_ROOM, None) if room is None else (room.id, room.public_id)
        version = self._storage.own_settings.set(
            session.user_id, room_id, request.setting, json.dumps(request.value), ROOM_SETTINGS_MAX
        )
        if version is None:
            raise ChatError(ErrorCode.QUOTA, f"You have {ROOM_SETTINGS_MAX} settings of rooms already.")
        told = SettingsEvent([Setting(request.setting, request.value, version, public_id)])
        self._audience.to_user(session.user_id, told, besides=session.id)
        return version


def _setting(record: OwnSettingRecord) -> Setting:
    value = json.loads(record.value)
    return Setting(
        record.name, tuple(value) if isinstance(value, list) else value, record.version, record.room
    )
