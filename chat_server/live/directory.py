"""The rooms, in memory: by name in any spelling and by number; it reads storage once and knows no session.

Changes come from any thread under a lock; look-ups take none (each is one dict read).
"""

import json
import threading
import weakref
from collections.abc import Iterable
from dataclasses import replace

from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.names import room_key
from chat_protocol.room_events import RoomEvent
from chat_server.storage.core.records import RoomRecord

_SPELLINGS_MAX = 1_000


class Conversation:
    """A room, or a private conversation, as messages pass through it.

    :param record: what is stored of it; replaced when the room is renamed.
    :param names: of a direct one, user id -> username; empty otherwise.
    """

    __slots__ = ("__weakref__", "_heads", "_labels", "_record", "delivered_seq", "introductions", "names")

    def __init__(self, record: RoomRecord, names: dict[int, str] | None = None) -> None:
        self._record = record
        self._labels: dict[int, str] = {}  # label_json, by user; by 0 where all see the same
        self._heads: dict[int, str] = {}  # head_json, likewise
        self.names = names or {}
        # Of a private one that has not begun, user id -> the event that goes ahead of the first message.
        self.introductions: dict[int, RoomEvent] = {}
        # The delivery thread's: the last seq that was sent out. Of a private one 0 before the first; whoever
        # enters a room later is told its last seq, which is no smaller than that of the record.
        self.delivered_seq = 0 if names else record.last_seq

    @property
    def record(self) -> RoomRecord:
        """What is stored of the room."""
        return self._record

    @record.setter
    def record(self, record: RoomRecord) -> None:
        self._record = record
        self._forget_labels()

    @property
    def id(self) -> int:
        """The room's number."""
        return self._record.id

    @property
    def is_direct(self) -> bool:
        """Whether it is a private conversation of two."""
        return bool(self.names)

    @property
    def begun(self) -> bool:
        """Whether something was said in it, as far as is known here."""
        return not self.introductions or self.delivered_seq > 0

    def rename(self, user_id: int, username: str) -> None:
        """Give one of the two another name; readers see the old names or the new ones."""
        self.names = {**self.names, user_id: username}
        self._forget_labels()

    def label(self, user_id: int) -> str:
        """Return the name under which a user sees it: a direct one under the other's name."""
        if not self.names:
            return self.record.name
        return "@" + next(
            (name for key, name in self.names.items() if key != user_id), self.names.get(user_id, "")
        )

    @property
    def public_id(self) -> str:
        """The id under which clients keep it."""
        return self._record.public_id

    def head_json(self, user_id: int) -> str:
        """Return the label as a JSON string and the id behind it; it is written into each message."""
        key = user_id if self.names else 0
        heads = self._heads
        found = heads.get(key)
        if found is None:
            found = heads[key] = f'{self.label_json(key)},"room_id":"{self.public_id}"'
        return found

    def label_json(self, user_id: int) -> str:
        """Return the label as a JSON string; it is written into each reply."""
        key = user_id if self.names else 0
        labels = self._labels  # replaced with the names: an old label goes with the old dict
        found = labels.get(key)
        if found is None:
            found = labels[key] = json.dumps(self.label(user_id), ensure_ascii=False)
        return found

    def _forget_labels(self) -> None:
        self._labels, self._heads = {}, {}


class RoomDirectory:
    """All rooms that are not private conversations, and those private ones that are in use.

    :param rooms: what storage has at the start.
    """

    def __init__(self, rooms: Iterable[RoomRecord]) -> None:
        self._lock = threading.Lock()  # serialises changes of the dicts
        self._by_id: dict[int, Conversation] = {}
        self._by_key: dict[str, Conversation] = {}
        self._by_public_id: dict[str, Conversation] = {}
        self._spellings: dict[str, Conversation] = {}  # as clients wrote it -> room; dropped at each change
        self._directs: weakref.WeakValueDictionary[int, Conversation] = weakref.WeakValueDictionary()
        self._renames = 0
        for room in rooms:
            self.put(room)

    def all(self) -> list[RoomRecord]:
        """Return the public and moderated rooms, oldest first."""
        return [
            conversation.record for conversation in sorted(self._by_id.values(), key=lambda item: item.id)
        ]

    def find(self, name: str) -> RoomRecord:
        """Return the room of that name in any spelling.

        :raises ChatError: `no_such_room`.
        """
        return self.conversation(name).record

    def by_id(self, room_id: int) -> RoomRecord | None:
        """Return the room, or None when it was removed, or is a private conversation."""
        conversation = self._by_id.get(room_id)
        return conversation.record if conversation else None

    def conversation(self, name: str) -> Conversation:
        """Return the conversation of a room's name in any spelling, or of its id.

        :raises ChatError: `no_such_room`.
        """
        found = self._spellings.get(name)
        if found is None:
            found = self._by_public_id.get(name) or self._by_key.get(room_key(name))
            if found is None:
                raise no_such_room(name)
            if len(self._spellings) < _SPELLINGS_MAX:
                self._spellings[name] = found
        return found

    def conversation_of(self, room_id: int) -> Conversation | None:
        """Return the conversation of a room's number, or None when the room was removed."""
        return self._by_id.get(room_id) or self._directs.get(room_id)

    @property
    def renames(self) -> int:
        """How often a user has got another name, or none, since the start."""
        return self._renames

    def direct(self, record: RoomRecord, names: dict[int, str], as_of: int) -> Conversation | None:
        """Return the one conversation of a private room; it is forgotten when nobody uses it.

        :param as_of: `renames` as it was before the names were read from storage.
        :return: None when a name has changed since: read again.
        """
        with self._lock:
            if self._renames != as_of:
                return None
            found = self._directs.get(record.id)
            if found is None:
                found = self._directs[record.id] = Conversation(record, names)
            return found

    def rename_user(self, user_id: int, username: str) -> None:
        """Give a user another name in the private conversations; one kept by the old name shows it."""
        with self._lock:
            self._renames += 1
            for conversation in list(self._directs.values()):
                if user_id in conversation.names:
                    conversation.rename(user_id, username)

    def put(self, record: RoomRecord) -> Conversation:
        """Add a room, or take over what has changed of it."""
        with self._lock:
            conversation = self._by_id.get(record.id)
            if conversation is None:
                conversation = self._by_id[record.id] = Conversation(record)
            else:
                self._forget_name_locked(conversation)
                conversation.record = record
            self._by_key[record.name_key] = conversation
            self._by_public_id[record.public_id] = conversation
            self._spellings = {}
            return conversation

    def set_first_seq(self, room_id: int, first_seq: int) -> None:
        """Note that a room's older messages have been removed."""
        with self._lock:
            conversation = self.conversation_of(room_id)
            if conversation is not None:
                conversation.record = replace(conversation.record, first_seq=first_seq)

    def drop(self, room_id: int) -> None:
        """Forget a removed room."""
        with self._lock:
            conversation = self._by_id.pop(room_id, None)
            if conversation is not None:
                self._forget_name_locked(conversation)
                self._by_public_id.pop(conversation.record.public_id, None)
            self._spellings = {}

    def _forget_name_locked(self, conversation: Conversation) -> None:
        """Free a room's name, unless another room has it already: that one may be heard of first."""
        key = conversation.record.name_key
        if self._by_key.get(key) is conversation:
            del self._by_key[key]


def no_such_room(name: str) -> ChatError:
    """Return the refusal of a name that means no room to whoever has used it."""
    return ChatError(ErrorCode.NO_SUCH_ROOM, f"There is no room “{name}”.", field="room")
