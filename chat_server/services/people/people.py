"""Finding people among all accounts, and how they are shown; it must not know rooms nor the wire."""

import json
from dataclasses import replace

from chat_protocol.emoji import without_emoji
from chat_protocol.errors import bad_request
from chat_protocol.names import DIRECT_PREFIX, fold_text
from chat_protocol.objects import Member, User
from chat_protocol.own_events import ProfileEvent
from chat_protocol.paging import fitting, fitting_texts
from chat_protocol.people_requests import PersonReply
from chat_protocol.room_replies import PeopleFound
from chat_server.live.presence import Presence
from chat_server.live.session import Session
from chat_server.services.audience import Audience
from chat_server.services.people.roles import find_user
from chat_server.storage import Storage


class People:
    """Look accounts up by the beginning of a username or display name, and change display names."""

    def __init__(self, storage: Storage, audience: Audience, presence: Presence) -> None:
        self._storage = storage
        self._audience = audience
        self._presence = presence

    def find(self, prefix: str, limit: int, after_username: str = "") -> PeopleFound:
        """Return up to `limit` accounts by username, with status and role, and whether there are others.

        :param after_username: only those behind this one.
        """
        key, after_key = (fold_text(name.removeprefix(DIRECT_PREFIX)) for name in (prefix, after_username))
        found = self._storage.users.search(key, limit + 1, after_key)
        people = []
        for user in found:
            account = self._presence.account_of(user.id)
            status = account.status if account else "offline"
            role = "" if user.role == "member" else user.role
            one = Member(user.username, user.display_name, status, bot=user.is_bot, role=role)
            people.append(replace(one, avatar=user.avatar))
        end = min(limit, fitting(people))
        return PeopleFound(people[:end], end < len(people) or None)

    def about(self, session: Session, name: str) -> PersonReply:
        """Return who somebody is: the role, the rooms that both belong to, and how late it is there.

        How late it is only those are told who share a room or a private conversation.

        :raises ChatError: `no_such_user`.
        """
        user = find_user(self._storage, name)
        theirs = [one.room_id for one in self._storage.members.of_user(user.id) if one.state == "joined"]
        shared = [session.rooms[room_id] for room_id in theirs if room_id in session.rooms]
        rooms = sorted(room.label(session.user_id) for room in shared if not room.is_direct)
        return PersonReply(
            user.username,
            user.display_name,
            user.role,
            rooms[: fitting_texts(rooms)],
            user.is_bot or None,
            self._offset(user.id) if shared else None,
            user.avatar or None,
        )

    def _offset(self, user_id: int) -> str | None:
        chosen = self._storage.own_settings.value_of(user_id, "utc_offset")
        value = None if chosen is None else json.loads(chosen)
        return value if isinstance(value, str) else None

    def set_display_name(self, session: Session, name: str) -> User:
        """Change one's display name."""
        shown = clean_display_name(name)
        self._storage.users.set_display_name(session.user_id, shown)
        session.account.display_name = shown
        self._audience.elsewhere("user", session.user_id)
        user = User(session.username, shown, session.role, session.account.avatar)
        self._audience.to_user(session.user_id, ProfileEvent(user), besides=session.id)
        self._presence.renamed(session)
        return user


def clean_display_name(name: str) -> str:
    """Return a display name without outer spaces and line ends.

    :raises ChatError: `bad_request` when nothing is left.
    """
    shown = " ".join(name.split())
    if not shown or not without_emoji(shown).isprintable():
        raise bad_request("display_name", "A display name has 1 to 60 printable characters.")
    return shown
