"""What can be typed about pictures of people; a terminal shows none of them."""

from pathlib import Path

from chat_client.engine.client import Client
from chat_client.i18n import _
from chat_client.model.pictures import PictureRefused
from chat_client.store.avatars import read_avatar
from chat_client.terminal.moderating import Lines, Mistake
from chat_protocol.limits import AVATAR_MAX_BYTES, AVATAR_SIDE_MAX


class Picturing:
    """Carry out the lines about pictures of people."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.lines: Lines = {
            "picture": self._choose,
            "no-picture": lambda _rest: client.avatars.choose(None),
            "remove-picture": self._remove,
        }

    def _choose(self, rest: str) -> None:
        """Show the picture in a file, as it is: nothing here makes it smaller."""
        path = Path(rest).expanduser()
        if not rest:
            raise Mistake(_("terminal.which_picture"))
        try:
            picture = read_avatar(path)
        except OSError as error:
            raise Mistake(_("avatar.unreadable", reason=error.strerror or error)) from None
        except PictureRefused:
            size = AVATAR_MAX_BYTES // 1024
            raise Mistake(_("terminal.picture_refused", size=size, side=AVATAR_SIDE_MAX)) from None
        self._client.avatars.choose(picture)

    def _remove(self, rest: str) -> None:
        if not rest:
            raise Mistake(_("terminal.which_person"))
        self._client.avatars.take_away(rest.removeprefix("@"))
