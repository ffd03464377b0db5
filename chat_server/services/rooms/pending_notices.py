"""What became of requests to join while their users were away, told at the next sign-in; it decides nothing.

Any thread, on any server of a cluster: what waits stands in the database.
"""

import json
import logging
from collections.abc import Sequence
from typing import Final

from chat_protocol.room_events import MembershipEvent
from chat_server.services.audience import Audience
from chat_server.storage import Storage
from chat_server.storage.core.errors import StorageError

_log = logging.getLogger("chat.pending_notices")

SETTING: Final = "tidings"  # where versions up to 1.0.0 kept all of it, as one text
Fields = dict[str, str | None]


class PendingNotices:
    """Keep events for users who are away.

    :param storage: keeps them.
    :param audience: tells those who are not.
    """

    def __init__(self, storage: Storage, audience: Audience) -> None:
        self._storage = storage
        self._audience = audience
        self._take_over()

    def tell(self, user_id: int, event: MembershipEvent) -> None:
        """Tell a user's connections, wherever they are, or else keep the event until the user signs in.

        It is kept first: another server where the user is takes it back when it has told it.
        """
        away = self._audience.account_of(user_id) is None
        if away:
            self.save(user_id, event)
        if self._audience.to_user(user_id, event) and away:
            self.told(user_id, event)

    def save(self, user_id: int, event: MembershipEvent) -> None:
        """Keep an event until the user signs in; a later one about the same room takes its place.

        What cannot be written down is seen from the list of rooms alone: the membership itself is stored.
        """
        fields: Fields = {"room": event.room, "membership": event.membership, "reason": event.reason}
        fields["room_id"] = event.room_id
        try:
            self._keep(user_id, fields)
        except StorageError as error:
            _log.warning("what became of a request to join could not be written down: %s", error)

    def told(self, user_id: int, event: MembershipEvent) -> None:
        """Keep an event no longer that a user was told."""
        try:
            self._storage.pending_notices.drop(user_id, event.room_id or event.room)
        except StorageError as error:
            _log.warning("what a user was told is told again at the next sign-in: %s", error)

    def pop(self, user_id: int) -> Sequence[MembershipEvent]:
        """Return what waits for a user and is still so, and keep it no longer.

        :raises StorageUnavailable: when the database does not answer; it waits on then.
        """
        waiting = [
            MembershipEvent(one["room"], one["membership"], one["reason"], one.get("room_id"))
            for one in map(json.loads, self._storage.pending_notices.take(user_id))
        ]
        return [event for event in waiting if self._is_still_so(user_id, event)]

    def _is_still_so(self, user_id: int, event: MembershipEvent) -> bool:
        """Whether a notice says what the list of rooms says, too.

        The room may be gone since. And whoever has just come to another server of a cluster is not known here
        yet: such a user was told at once, and also what came after that.
        """
        try:
            room = self._storage.rooms.by_public_id(event.room_id) if event.room_id else None
            membership = self._storage.members.get(room.id, user_id) if room else None
        except StorageError:  # it waits no longer, so it is told
            return True
        if room is None:
            return True
        state = membership.state if membership else "none"
        return room.archived_at is None and state == event.membership

    def _keep(self, user_id: int, fields: Fields) -> None:
        key = fields.get("room_id") or fields["room"] or ""
        self._storage.pending_notices.keep(user_id, key, json.dumps(fields, ensure_ascii=False))

    def _take_over(self) -> None:
        """Give what an older version kept rows of its own, once."""
        stored: dict[str, list[Fields]] = json.loads(self._storage.settings.get(SETTING) or "{}")
        for user_id, events in stored.items():
            known = self._storage.users.by_id(int(user_id)) is not None
            for fields in events if known else ():
                self._keep(int(user_id), fields)
        if stored:
            self._storage.settings.set(SETTING, "{}")
