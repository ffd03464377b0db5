"""The pictures of people: asked for when they are to be shown, and the user's own; it decodes none."""

import base64
import binascii
import logging
from pathlib import Path
from typing import Final

from chat_client.engine.core import Core, retry_after
from chat_client.model.changes import AvatarChanged, RequestDone
from chat_client.model.keys import user_key
from chat_client.model.pictures import Fault, PictureRefused, check_avatar
from chat_client.model.state import ClientState
from chat_client.store.avatars import AvatarCache
from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.moderation_requests import ModerationAvatar
from chat_protocol.people_requests import Avatar, AvatarReply, AvatarSet, SetAvatar, avatar_name
from chat_protocol.reply import Done

CAPABILITY: Final = "avatars"
#: So many are on their way at once: messages need not wait long behind them.
AT_A_TIME_MAX: Final = 2
#: Of those that were to be shown last; the others are asked for when they are to be shown again.
WANTED_MAX: Final = 60
_log = logging.getLogger("chat.client")


class Avatars:
    """`client.avatars`: which pictures there are, and how they come. What comes is an `AvatarChanged`."""

    def __init__(self, core: Core, home: Path) -> None:
        self._core = core
        self._cache = AvatarCache(home)
        self._state: ClientState = core.state
        #: What waits to be asked for: username -> the name of the picture, empty where none was told; the
        #: latest wish last.
        self.wanted: dict[str, str] = {}
        self._on_their_way: set[str] = set()
        self._refused: set[str] = set()
        self._not_before = 0.0

    @property
    def known(self) -> bool:
        """Whether the server keeps pictures of people."""
        return CAPABILITY in self._core.state.connection.capabilities

    # Those of others

    def named(self, username: str) -> str:
        """Return what names somebody's picture; empty where there is none that can be shown.

        Of whom nothing was told, such as the author of an old message, the server is asked.
        """
        name = self._core.state.avatars.get(user_key(username))
        if name is None and username and self.known:
            self._want(username, "")
        return "" if name is None or name in self._refused else name

    def find(self, username: str) -> Path | None:
        """Return the checked file of somebody's picture; where it has not come, it is asked for."""
        name = self.named(username)
        path = self._cache.find(name) if name else None
        if name and path is None:
            self._want(username, name)
        return path

    def _want(self, username: str, name: str) -> None:
        self._forget_former()
        if username in self._on_their_way:
            return
        self.wanted.pop(username, None)
        self.wanted[username] = name
        if len(self.wanted) > WANTED_MAX:
            del self.wanted[next(iter(self.wanted))]
        self._core.wake()

    def refuse(self, username: str) -> None:
        """Note that somebody's picture could not be decoded after all."""
        self._refused.add(self.named(username))

    def pump(self) -> None:
        """Ask for what is wanted, the latest wish first."""
        self._forget_former()
        due = self._core.online and self._core.monotonic() >= self._not_before
        while due and self.wanted and len(self._on_their_way) < AT_A_TIME_MAX:
            username, name = self.wanted.popitem()
            known = self._state.avatars.get(user_key(username))
            if known is None or (known == name and self._cache.find(name) is None):
                self._ask(username)

    def _forget_former(self) -> None:
        """Start anew after a sign-out: what was wanted is of another account."""
        if self._core.state is not self._state:
            self._state = self._core.state
            self.wanted.clear()

    def _ask(self, username: str) -> None:
        self._on_their_way.add(username)

        def came(reply: AvatarReply) -> None:
            self._on_their_way.discard(username)
            self._take(username, reply)

        def failed(error: ChatError) -> None:
            self._on_their_way.discard(username)
            if error.code == ErrorCode.RATE_LIMITED:
                self._not_before = self._core.monotonic() + retry_after(error)
                self.wanted[username] = self._core.state.avatars.get(user_key(username), "")
            elif error.code == ErrorCode.NO_SUCH_USER:
                self._core.model.people.shows(username, "")

        self._core.replies.ask(Avatar(username), came, failed)

    def _take(self, username: str, reply: AvatarReply) -> None:
        name = reply.avatar or ""
        if name:
            try:
                self._cache.put(name, _checked(name, reply.data or ""))
            except PictureRefused as refused:
                _log.warning("the picture of %r is not shown: %s", username, refused.fault)
                self._refused.add(name)
            except OSError as error:
                _log.warning("a picture cannot be kept: %s", error)
                self._refused.add(name)
        self._core.model.people.shows(username, name)
        self._core.emit(AvatarChanged(username))

    def changed(self, username: str, name: str) -> None:
        """Let go of the picture that somebody has shown so far, unless others show it, too."""
        avatars = self._core.state.avatars
        was = avatars.get(user_key(username), "")
        if was and was != name and list(avatars.values()).count(was) == 1:
            self._cache.drop(was)

    # The user's own, and moderators

    def choose(self, picture: bytes | None) -> None:
        """Show a picture of the user from now on, or none."""

        def kept(reply: AvatarSet) -> None:
            self._core.model.people.shows(self._core.state.username, reply.avatar or "")
            self._core.emit(RequestDone("set_avatar" if picture else "no_avatar"))

        self._core.ask(SetAvatar(base64.b64encode(picture).decode() if picture else None), kept)

    def take_away(self, username: str) -> None:
        """Take away the picture that somebody shows."""

        def gone(_reply: Done) -> None:
            self._core.emit(RequestDone(ModerationAvatar.TYPE))

        self._core.ask(ModerationAvatar(username), gone)


def _checked(name: str, data: str) -> bytes:
    """Return the bytes of a picture that may be decoded.

    :raises PictureRefused: it is not the one that was named, too large, or no picture.
    """
    try:
        picture = base64.b64decode(data)
    except (binascii.Error, ValueError):
        picture = b""
    if avatar_name(picture) != name:
        raise PictureRefused(Fault.DAMAGED)
    check_avatar(picture)
    return picture
