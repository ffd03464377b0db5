"""The pictures that users show of themselves: set, shown, taken away; it must not know the wire nor any SQL.

Any thread. A picture travels in one frame and is kept in the database, not among the files: it belongs to no
room, is small, is there where files are switched off, and goes with its account in one transaction.
"""

import base64
import binascii
from typing import Final

from chat_protocol.errors import ChatError, ErrorCode, bad_request
from chat_protocol.limits import AVATAR_SIDE_MAX
from chat_protocol.people_requests import AvatarReply, avatar_name
from chat_protocol.room_events import AvatarEvent
from chat_server.files.kinds import HEAD_BYTES, type_of
from chat_server.files.pictures import size_of
from chat_server.live.presence import Presence
from chat_server.live.session import Session
from chat_server.services.audience import Audience
from chat_server.services.messages.messages import muted
from chat_server.services.moderation.audit import Audit
from chat_server.services.moderation.sanctions import SanctionBook
from chat_server.services.people.roles import find_user
from chat_server.services.vocabulary.actors import Actor, rank, require
from chat_server.storage import Storage
from chat_server.storage.core.records import UserRecord

NO_ROOM: Final = 0
KINDS: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})


class Avatars:
    """Let users show a picture of themselves, and moderators take it away."""

    def __init__(
        self, storage: Storage, audience: Audience, presence: Presence, sanctions: SanctionBook, audit: Audit
    ) -> None:
        self._storage = storage
        self._audience = audience
        self._presence = presence
        self._sanctions = sanctions
        self._audit = audit

    def of(self, name: str) -> AvatarReply:
        """Return somebody's picture.

        :raises ChatError: `no_such_user`.
        """
        user = find_user(self._storage, name)
        avatar, data = self._storage.avatars.of_user(user.id) or (None, None)
        return AvatarReply(user.username, avatar, data)

    def choose(self, session: Session, data: str | None) -> str:
        """Show a picture of the user from now on, or none; return what names it.

        :param data: its bytes in base64.
        :raises ChatError: `bad_request` when it is no picture or too large; `muted`: who may not write may
            show none, but take it away.
        """
        picture = b"" if data is None else _checked(data)
        mute = self._sanctions.mute_of(session.user_id, NO_ROOM, session.address)
        if picture and mute is not None:
            raise muted(mute)
        avatar = avatar_name(picture) if picture else ""
        user = self._storage.users.by_id(session.user_id)
        if user is not None and user.avatar != avatar:
            self._change(user, avatar, base64.b64encode(picture).decode())
        return avatar

    def remove(self, actor: Actor, name: str) -> UserRecord:
        """Take away the picture that a user shows, and return the user.

        :raises ChatError: `forbidden`, also where the user's role is the actor's or above; `no_such_user`.
        """
        with self._audit.act(actor, "remove avatar", name[:40]) as act:
            require(actor, "moderator")
            user = find_user(self._storage, name)
            act.target = user.username
            if not actor.may_act_as("admin") and rank(user.role) >= rank(actor.role):
                text = f"{user.username} is {user.role}, as you are or above."
                raise ChatError(ErrorCode.FORBIDDEN, text)
            if user.avatar:
                self._change(user, "", "")
            else:
                act.note("there was none")
        return user

    def _change(self, user: UserRecord, avatar: str, data: str) -> None:
        if not self._storage.avatars.set(user.id, avatar, data):
            raise ChatError(ErrorCode.NO_SUCH_USER, f"There is no user “{user.username}”.")
        if (account := self._presence.account_of(user.id)) is not None:
            account.avatar = avatar
        self._audience.elsewhere("user", user.id)
        self._audience.to_everyone(AvatarEvent(user.username, avatar or None))


def _checked(data: str) -> bytes:
    """Return the bytes of a picture that clients may decode without harm."""
    try:
        picture = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise bad_request("data", "data must be base64.") from None
    kind = type_of(picture[:HEAD_BYTES])
    if kind not in KINDS:
        raise bad_request("data", "A picture is a PNG, JPEG, GIF or WebP.")
    size = size_of(picture[:HEAD_BYTES], kind, len(picture))
    if size is None or max(size) > AVATAR_SIDE_MAX:
        raise bad_request("data", f"A picture has at most {AVATAR_SIDE_MAX} pixels a side.")
    return picture
