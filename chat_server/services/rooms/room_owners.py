"""What people do with rooms of their own: make, edit and archive them; not who belongs to them.

Runs on the thread of whoever acts; it must not know whether that is the console or the wire.
"""

from collections.abc import Callable
from dataclasses import replace

from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.objects import Room
from chat_protocol.room_requests import RoomCreate, RoomEdit
from chat_server.limits import Limits
from chat_server.live.directory import Conversation, RoomDirectory
from chat_server.services.moderation.audit import Audit
from chat_server.services.rooms.creation_policy import CreationPolicy
from chat_server.services.rooms.room_names import clean_topic, store_under_name
from chat_server.services.rooms.room_news import RoomNews
from chat_server.services.rooms.room_people import RoomPeople, refuse_archived
from chat_server.services.rooms.rooms import Rooms
from chat_server.services.vocabulary.actors import Actor
from chat_server.storage import Storage
from chat_server.storage.core.records import RoomRecord


class RoomOwners:
    """Let owners, and those above them, keep rooms; each act is in the audit.

    :param limits: how many rooms a user may own; replaced at a reload.
    :param clock: milliseconds since 1970 UTC.
    """

    def __init__(
        self,
        storage: Storage,
        directory: RoomDirectory,
        rooms: Rooms,
        people: RoomPeople,
        policy: CreationPolicy,
        news: RoomNews,
        audit: Audit,
        limits: Limits,
        clock: Callable[[], int],
    ) -> None:
        self._storage = storage
        self._directory = directory
        self._rooms = rooms
        self._people = people
        self._policy = policy
        self._news = news
        self._audit = audit
        self.limits = limits
        self._clock = clock

    def kinds_for(self, actor: Actor) -> tuple[str, ...]:
        """Return the kinds of rooms that somebody may make."""
        return self._policy.kinds_for(actor)

    # -- what they do -----------------------------------------------------------------------------

    def create(self, actor: Actor, user_id: int, request: RoomCreate) -> Room:
        """Make a room of a user's own, with people in it; return it as its owner sees it.

        :raises ChatError: `forbidden`, `room_limit`, `no_such_user`, or `bad_request` for the name.
        """
        detail = f"{request.kind} {', '.join(request.people)}".strip()
        with self._audit.act(actor, "add room", request.name, detail) as act:
            self._policy.require(actor, request.kind)
            self._require_place(actor, user_id)
            people = self._people.found(request.people)
            topic, now = clean_topic(request.topic or ""), self._clock()

            def store(name: str, key: str) -> RoomRecord:
                return self._storage.rooms.create(name, key, request.kind, topic, now, owner_id=user_id)

            record = store_under_name(request.kind, request.name, store, field="name")
            act.target = record.name
            room = self._directory.put(record)
            owner = self._storage.users.by_id(user_id)
            assert owner is not None
            view = self._rooms.let_in(user_id, owner.username, owner.display_name, room)
            if not record.members_only:
                self._news.changed(record)
            for user in people:
                self._people.enter(user, room)
        return view

    def edit(self, actor: Actor, room: Conversation, request: RoomEdit) -> None:
        """Change a room's name, topic, description or kind.

        :raises ChatError: `forbidden`, also for a private room that is to be anything else; `bad_request`.
        """
        with self._audit.act(actor, "edit room", room.record.name, _told(request)):
            self._people.require_keeper(actor, room.record, "admin")
            self._rooms.as_stored(room)
            record = room.record
            refuse_archived(record)
            kind = self._new_kind(actor, record, request.kind or record.kind)
            edited = replace(
                record,
                kind=kind,
                topic=record.topic if request.topic is None else clean_topic(request.topic),
                description=record.description if request.description is None else request.description,
            )

            def store(name: str, key: str) -> RoomRecord:
                stored = self._storage.rooms.edit(record, replace(edited, name=name, name_key=key))
                if stored is None:
                    text = f"Somebody has just changed {record.name}: look at it again."
                    raise ChatError(ErrorCode.FORBIDDEN, text)
                return stored

            if request.name is None and (kind == record.kind or kind != "private"):
                stored = store(record.name, record.name_key)
            else:
                stored = store_under_name(kind, request.name or record.name, store, field="name")
            self._changed(record, stored)

    def archive(self, actor: Actor, room: Conversation, *, on: bool) -> None:
        """Make a room read-only and its members' alone, or take that back.

        :raises ChatError: `forbidden`; also for the arrival room, where every newcomer goes.
        """
        with self._audit.act(actor, "archive room" if on else "unarchive room", room.record.name):
            self._rooms.as_stored(room)
            record = room.record
            self._people.require_keeper(actor, record, "admin")
            _refuse_arrival(record)
            stored = self._storage.rooms.set_read_only(record.id, on)
            self._changed(record, stored)

    # -- help -------------------------------------------------------------------------------------

    def _changed(self, before: RoomRecord, stored: RoomRecord) -> None:
        """Keep a room as it is now, and tell of it; to those who may know of it no more it is gone."""
        self._directory.put(stored)
        if stored.members_only and not before.members_only:
            self._people.hidden(stored, before.name)
        else:
            self._news.changed(stored, None if stored.name == before.name else before.name)

    def _require_place(self, actor: Actor, user_id: int) -> None:
        most = self.limits.rooms_per_user
        if not actor.may_act_as("admin") and self._storage.members.count_owned(user_id) >= most:
            raise ChatError(ErrorCode.ROOM_LIMIT, f"You own {most} rooms, as many as each user may.")

    def _new_kind(self, actor: Actor, record: RoomRecord, kind: str) -> str:
        if kind == record.kind:
            return kind
        self._policy.require(actor, kind)
        if record.kind == "private":
            raise ChatError(ErrorCode.FORBIDDEN, "What was said in private stays private: make a new room.")
        if kind == "private":
            _refuse_arrival(record)
        return kind


def _refuse_arrival(record: RoomRecord) -> None:
    if record.arrival:
        raise ChatError(ErrorCode.FORBIDDEN, f"{record.name} is where newcomers arrive: it stays as it is.")


def _told(request: RoomEdit) -> str:
    """Return what is to be changed, for the audit."""
    given = {
        "name": request.name,
        "topic": request.topic,
        "kind": request.kind,
        "description": request.description,
    }
    return ", ".join(f"{what}: {value}" for what, value in given.items() if value is not None)
