"""What the administrator says to everyone: announcements, and the welcome message; it must not know who
types them.
"""

from typing import Final

from chat_protocol.errors import bad_request
from chat_protocol.limits import BODY_MAX_CHARS
from chat_protocol.server_events import NoticeEvent
from chat_server.services.audience import Audience
from chat_server.services.moderation.audit import Audit
from chat_server.services.vocabulary.actors import Actor, require
from chat_server.storage import Storage

SETTING: Final = "motd"


class Notices:
    """Speak to all who are connected, and to each who signs in.

    :param storage: keeps the welcome message.
    :param audience: tells those who are connected.
    :param audit: records what was said and by whom.
    """

    def __init__(self, storage: Storage, audience: Audience, audit: Audit) -> None:
        self._storage = storage
        self._audience = audience
        self._audit = audit
        self._read()
        audience.on_change("setting", lambda _key: self._read())

    @property
    def motd(self) -> str:
        """Return the welcome message, empty when there is none; sent as a `notice` after each sign-in."""
        return self._motd

    def announce(self, actor: Actor, text: str) -> int:
        """Send a `notice` to every connected session.

        :return: how many there are.
        :raises ChatError: `forbidden`, or `bad_request` for a text that is empty or too long.
        """
        with self._audit.act(actor, "announce", "", text):
            require(actor, "admin")
            return self._audience.to_everyone(NoticeEvent(_checked(text)))

    def set_motd(self, actor: Actor, text: str) -> None:
        """Set the welcome message; an empty text removes it.

        :raises ChatError: `forbidden`, or `bad_request` for a text that is too long.
        """
        with self._audit.act(actor, "motd", "", text or "removed"):
            require(actor, "admin")
            checked = _checked(text) if text else ""
            self._storage.settings.set(SETTING, checked)
            self._audience.changed("setting", 0)

    def _read(self) -> None:
        self._motd = self._storage.settings.get(SETTING) or ""


def _checked(text: str) -> str:
    if not text.strip():
        raise bad_request("text", "There is nothing to say.")
    if len(text) > BODY_MAX_CHARS:
        raise bad_request(
            "text", f"The text has at most {BODY_MAX_CHARS} characters; this one has {len(text)}."
        )
    return text
