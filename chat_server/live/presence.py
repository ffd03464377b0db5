"""Who is there: statuses, watchers, and the digest that is sent once a second; it must not know the wire.

Changes come from client threads; `digest` runs on the timer thread.
"""

import threading
from collections.abc import Callable, Iterable, Sequence

from chat_protocol.frames import encode_frame
from chat_protocol.limits import FRAME_MAX_BYTES
from chat_protocol.room_events import MemberEvent, PresenceEvent, TypingEvent
from chat_server.live.directory import Conversation
from chat_server.live.registry import ConnectionRegistry
from chat_server.live.remote_users import RemoteUser, RemoteUsers, State
from chat_server.live.session import Account, Session
from chat_server.storage import Storage
from chat_server.storage.core.errors import StorageError

DIGEST_EVERY_S = 1.0
CHANGES_MAX = 500  # in one frame; the others wait for the next second
Names = dict[str, str]  # by username
ENVELOPE_BYTES = 1_024  # what the frame carries beside the changes and texts


class Presence:
    """Tell those who watch a room who came, went or changed status, at most once a second.

    What it costs grows with the watched rooms, not with their members: a change in a room that nobody
    watches is dropped at once.
    """

    def __init__(self, storage: Storage, registry: ConnectionRegistry) -> None:
        self._storage = storage
        self._registry = registry
        #: Who is connected to other servers.
        self.remote = RemoteUsers()
        self._lock = threading.Lock()  # guards all below
        self._moved: set[int] | None = None  # of whom other servers are to be told; None without such
        #: Called, on any thread, when there is somebody to be told of.
        self.on_moved: Callable[[], object] = lambda: None
        #: Called, on any thread, with a room and a user who is writing there.
        self.on_typing: Callable[[int, int], object] = lambda _room_id, _user_id: None
        self._watchers: dict[int, dict[Session, Conversation]] = {}
        self._changed: dict[int, dict[int, str]] = {}  # room id -> user id -> username
        self._changed_partners: dict[int, tuple[str, dict[int, str]]] = {}  # user id -> name, partners
        # Connected users who have taken a text back, or changed their display name: told with each change.
        self._without_text: set[int] = set()
        self._renamed: dict[int, str] = {}

    # -- what happens (client threads) ------------------------------------------------------------

    def signed_in(self, session: Session) -> None:
        """Count a sign-in; who is connected elsewhere has the same status here."""
        elsewhere = self.remote.of(session.user_id)
        if elsewhere is not None and len(self._registry.sessions_of(session.user_id)) == 1:
            account = session.account
            account.status, account.status_text = elsewhere.account.status, elsewhere.account.status_text
        self.changed(session)

    def left(self, session: Session) -> None:
        """Count the end of a session, after the registry has forgotten it."""
        self.watch(session, ())
        if not self._registry.is_online(session.user_id):
            self._without_text.discard(session.user_id)
            self._renamed.pop(session.user_id, None)
        self.changed(session)

    def renamed(self, session: Session) -> None:
        """Remember that a user has another display name."""
        self._renamed[session.user_id] = session.display_name
        self.changed(session)

    def changed(self, session: Session) -> None:
        """Remember that something about a user is to be told."""
        self.moved((session.user_id,))
        with self._lock:
            if not self._watchers:
                return
            for room_id in self._watchers:
                if room_id in session.rooms:
                    self._changed.setdefault(room_id, {})[session.user_id] = session.username
            if session.partners:
                self._changed_partners[session.user_id] = (session.username, session.partners)

    def changed_user(self, user_id: int) -> None:
        """Remember that something about a user, if connected to any server, is to be told."""
        for session in self._registry.sessions_of(user_id)[:1]:
            self.changed(session)
        remote = self.remote.of(user_id)
        if remote is not None:
            self.changed_elsewhere([remote])

    def set_status(self, session: Session, status: str, text: str) -> None:
        """Change the status of the user, in all sessions."""
        account = session.account
        if (account.status, account.status_text) != (status, text):
            if account.status_text and not text:
                self._without_text.add(session.user_id)
            account.status, account.status_text = status, text
            self.changed(session)

    def watch(self, session: Session, conversations: Sequence[Conversation]) -> None:
        """Choose the rooms whose presence and typing the session is told."""
        with self._lock:
            for left in session.watching:
                watchers = self._watchers.get(left.id, {})
                watchers.pop(session, None)
                if not watchers:
                    self._watchers.pop(left.id, None)
                    self._changed.pop(left.id, None)
            session.watching = tuple(conversations)
            for conversation in conversations:
                self._watchers.setdefault(conversation.id, {})[session] = conversation

    def first(self, session: Session, conversation: Conversation) -> PresenceEvent:
        """Return who is there, as far as it fits in a frame, for a session that begins to watch a room.

        :raises StorageUnavailable: when the members cannot be counted.
        """
        online = self.online_in(conversation)
        there = {user_id: account.username for user_id, account in online[:CHANGES_MAX]}
        changes, texts, _ = self._fitting(conversation.id, there, keep_rest=False)
        total = len(conversation.names) or self._storage.members.count(conversation.id)
        label, counts = conversation.label(session.user_id), (len(online), max(total, len(online)))
        return PresenceEvent(label, changes, *counts, texts or None, conversation.public_id)

    def stop_watching(self, user_id: int, room_id: int) -> None:
        """End what a user may no longer watch."""
        for session in self._registry.sessions_of(user_id):
            kept = tuple(watched for watched in session.watching if watched.id != room_id)
            if len(kept) < len(session.watching):
                self.watch(session, kept)

    def typing(self, session: Session, conversation: Conversation) -> None:
        """Tell the others who watch the room that somebody is writing."""
        self._tell_typing(conversation, session.user_id, session.username)
        self.on_typing(conversation.id, session.user_id)

    def _tell_typing(self, conversation: Conversation, user_id: int, username: str) -> None:
        for watcher in self._watchers_of(conversation.id):
            if watcher.user_id != user_id:
                label = conversation.label(watcher.user_id)
                watcher.send(TypingEvent(label, username, conversation.public_id))

    def tell_watchers(self, room_id: int, event: MemberEvent) -> None:
        """Tell the others who watch a room that somebody joined or left."""
        frame = encode_frame(event.to_frame())
        for watcher in self._watchers_of(room_id):
            if watcher.username != event.username:
                watcher.send(frame)

    # -- other servers (the cluster's thread) -------------------------------------------------------

    def share(self) -> None:
        """Remember from now on of whom other servers are to be told; at assembly only."""
        self._moved = set()

    def moved(self, user_ids: Iterable[int]) -> None:
        """Have other servers told of these users."""
        if self._moved is None:
            return
        with self._lock:
            self._moved.update(user_ids)
        self.on_moved()

    def take_moved(self) -> set[int]:
        """Return of whom other servers are to be told, and begin anew."""
        with self._lock:
            moved, self._moved = self._moved or set(), set()
        return moved

    def users_here(self) -> list[int]:
        """Return who is connected to this server."""
        return self._registry.online_users()

    def state_here(self, user_id: int) -> State | None:
        """Return the status of a user of this server; None for one who is not connected to it."""
        sessions = self._registry.sessions_of(user_id)
        return (sessions[0].status, sessions[0].status_text) if sessions else None

    def take_status(self, user_id: int, status: str, text: str) -> None:
        """Let a user who is connected here, too, have the status that was chosen elsewhere."""
        for session in self._registry.sessions_of(user_id)[:1]:
            session.account.status, session.account.status_text = status, text

    def changed_elsewhere(self, users: Sequence[RemoteUser]) -> None:
        """Remember that something about users of other servers is to be told to those who watch here."""
        with self._lock:
            if not users or not self._watchers:
                return
            for user in users:
                for room_id in user.rooms & self._watchers.keys():
                    names = self._changed.setdefault(room_id, {})
                    names[user.account.user_id] = user.account.username
        names = {user.account.user_id: user.account.username for user in users}
        for session in self._registry.sessions():
            for user_id in session.partners.keys() & names.keys():
                with self._lock:
                    _, partners = self._changed_partners.get(user_id, ("", {}))
                    others = {**partners, session.user_id: session.username}
                    self._changed_partners[user_id] = (names[user_id], others)

    def renamed_elsewhere(self, user_id: int, display_name: str) -> None:
        """Take another display name of somebody who is connected anywhere."""
        remote = self.remote.of(user_id)
        if remote is not None and remote.account.display_name != display_name:
            remote.account.display_name = display_name
            self._renamed[user_id] = display_name
            self.changed_elsewhere([remote])

    def typing_elsewhere(self, room_id: int, user_id: int) -> None:
        """Tell those who watch a room here that a member who is connected elsewhere is writing."""
        remote = self.remote.of(user_id)
        with self._lock:
            conversation = next(iter(self._watchers.get(room_id, {}).values()), None)
        if remote and conversation and (room_id in remote.rooms or user_id in conversation.names):
            self._tell_typing(conversation, user_id, remote.account.username)

    def is_watched(self, room_id: int) -> bool:
        """Return whether anybody here watches a room."""
        return room_id in self._watchers

    # -- what is there (any thread) ---------------------------------------------------------------

    def online_in(self, conversation: Conversation) -> list[tuple[int, Account]]:
        """Return the users of a room who are connected, by name."""
        if conversation.is_direct:
            sessions: Iterable[Session] = (
                session for user_id in conversation.names for session in self._registry.sessions_of(user_id)
            )
        else:
            sessions = self._registry.in_room(conversation.id)
        accounts = {user.account.user_id: user.account for user in self._remote_in(conversation)}
        accounts |= {session.user_id: session.account for session in sessions}
        return sorted(accounts.items(), key=lambda item: item[1].user_key)

    def account_of(self, user_id: int) -> Account | None:
        """Return the account of a user who is connected, to whichever server; else None."""
        sessions = self._registry.sessions_of(user_id)
        if sessions:
            return sessions[0].account
        remote = self.remote.of(user_id)
        return remote.account if remote else None

    def _remote_in(self, conversation: Conversation) -> list[RemoteUser]:
        if not conversation.is_direct:
            return self.remote.in_room(conversation.id)
        return [user for user_id in conversation.names if (user := self.remote.of(user_id))]

    # -- the digest (timer thread) ----------------------------------------------------------------

    def digest(self) -> None:
        """Send what has changed in the last second: one frame for a room and watcher."""
        with self._lock:
            changed = {room_id: self._take_locked(room_id) for room_id in list(self._changed)}
            partners, self._changed_partners = self._changed_partners, {}
        for room_id, users in changed.items():
            self._tell_room(room_id, users)
        for user_id, (username, others) in partners.items():
            self._tell_partners(user_id, username, others)

    def _take_locked(self, room_id: int) -> dict[int, str]:
        waiting = self._changed.pop(room_id)
        if len(waiting) <= CHANGES_MAX:
            return waiting
        items = list(waiting.items())
        self._changed[room_id] = dict(items[CHANGES_MAX:])
        return dict(items[:CHANGES_MAX])

    def _tell_room(self, room_id: int, users: dict[int, str]) -> None:
        with self._lock:
            watchers = dict(self._watchers.get(room_id, {}))
        if not watchers:
            return
        conversation = next(iter(watchers.values()))
        try:
            total = len(conversation.names) or self._storage.members.count(room_id)
        except StorageError:
            total = 0  # the database is away: the next digest has it again
        online = len(self.online_in(conversation))
        changes, texts, names = self._fitting(room_id, users)
        frames: dict[str, bytes] = {}  # encoded once for all who know the room by this name
        for watcher in watchers:
            label = conversation.label(watcher.user_id)
            if label not in frames:
                counts, public_id = (online, max(total, online)), conversation.public_id
                event = PresenceEvent(label, changes, *counts, texts or None, public_id, names or None)
                frames[label] = encode_frame(event.to_frame())
            watcher.send(frames[label])

    def _fitting(
        self, room_id: int, users: dict[int, str], *, keep_rest: bool = True
    ) -> tuple[Names, Names, Names]:
        """Return the statuses, texts and display names that fit in one frame.

        :param keep_rest: let the others wait for the next second.
        """
        changes: Names = {}
        texts: Names = {}
        names: Names = {}
        left = FRAME_MAX_BYTES - ENVELOPE_BYTES
        for position, (user_id, name) in enumerate(users.items()):
            status, text, shown = self._status(user_id), self._text(user_id), self._renamed.get(user_id)
            told = (status, *(one for one in (text, shown) if one is not None))
            left -= sum(len(encode_frame({name: one})) for one in told)
            if left < 0:
                if keep_rest:
                    self._keep_rest(room_id, dict(list(users.items())[position:]))
                break
            changes[name] = status
            if text is not None:
                texts[name] = text
            if shown is not None:
                names[name] = shown
        return changes, texts, names

    def _keep_rest(self, room_id: int, rest: dict[int, str]) -> None:
        with self._lock:
            self._changed[room_id] = rest | self._changed.get(room_id, {})

    def _tell_partners(self, user_id: int, username: str, partners: dict[int, str]) -> None:
        status, text, shown = self._status(user_id), self._text(user_id), self._renamed.get(user_id)
        texts = None if text is None else {username: text}
        names = None if shown is None else {username: shown}
        for partner_id in partners:
            for session in self._registry.sessions_of(partner_id):
                if session.watching:
                    online = 1 + (status != "offline")
                    label, changes = f"@{username}", {username: status}
                    session.send(PresenceEvent(label, changes, online, 2, texts, names=names))

    def _status(self, user_id: int) -> str:
        account = self.account_of(user_id)
        return account.status if account else "offline"

    def _text(self, user_id: int) -> str | None:
        """Return what a user says about the status: empty after it was taken back, None without one."""
        account = self.account_of(user_id)
        text = account.status_text if account else ""
        return text if text or user_id in self._without_text else None

    def _watchers_of(self, room_id: int) -> list[Session]:
        with self._lock:
            return list(self._watchers.get(room_id, ()))
