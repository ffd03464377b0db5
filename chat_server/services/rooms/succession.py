"""Who owns a private room when its last owner is gone: the member who has been there longest.

Any thread; it must not know why somebody is gone.
"""

from chat_server.live.directory import RoomDirectory
from chat_server.services.audience import Audience
from chat_server.services.rooms.room_news import RoomNews
from chat_server.storage import Storage
from chat_server.storage.core.records import RoomRecord


class Succession:
    """Give private rooms an owner as long as they have a member."""

    def __init__(
        self, storage: Storage, audience: Audience, directory: RoomDirectory, news: RoomNews
    ) -> None:
        self._storage = storage
        self._directory = directory
        self._news = news
        audience.on_change("user", self._user_changed)

    def settle(self, record: RoomRecord) -> None:
        """Find an owner for a private room that has none, and tell that member."""
        if record.kind == "private":
            heir = self._storage.members.settle_owner(record.id)
            if heir is not None:
                self._news.told_to(record.id, heir)

    def _user_changed(self, _user_id: int) -> None:
        """Settle the rooms of somebody who was erased; without any, this is one query."""
        for room_id in self._storage.members.ownerless():
            record = self._directory.by_id(room_id)
            if record is not None:
                self.settle(record)
