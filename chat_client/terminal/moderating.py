"""What moderators can type; who may do it the server decides, and the engine carries it out."""

import re
from collections.abc import Callable
from functools import partial
from typing import Final

from chat_client.engine.client import Client
from chat_client.i18n import _
from chat_client.model.keys import key_of

SECONDS_IN: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
FOR_GOOD: Final = "forever"
_DURATION: Final = re.compile(r"([0-9]{1,9})([smhd])")

#: Lines whose first word is the command, in the order of a help text.
Lines = dict[str, Callable[[str], None]]


class Mistake(Exception):
    """What was typed cannot be carried out; the text says why, in the user's language."""


class Moderating:
    """Carry out the lines of moderators."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.lines: Lines = {
            "accept": lambda rest: self._decide(rest, accept=True),
            "refuse": lambda rest: self._decide(rest, accept=False),
        }
        for kind in ("kick", "mute", "ban"):
            self.lines[kind] = partial(self._sanction, kind)
            self.lines[f"un{kind}"] = partial(self._lift, kind)

    def _decide(self, rest: str, *, accept: bool) -> None:
        words, reason = parts(rest)
        username, _space, room = words.partition(" ")
        if not room.strip():
            raise Mistake(_("terminal.which_request"))
        self._client.moderation.decide(username, key_of(room.strip()), accept, reason)

    def _sanction(self, kind: str, rest: str) -> None:
        words, reason = parts(rest)
        username, _space, more = words.partition(" ")
        duration, _space, room = more.strip().partition(" ")
        if not username:
            raise Mistake(_("terminal.which_person"))
        self._client.moderation.sanction(
            kind, username=username, duration_s=seconds_of(duration), room=self._place(room), reason=reason
        )

    def _lift(self, kind: str, rest: str) -> None:
        username, _space, room = rest.partition(" ")
        if not username:
            raise Mistake(_("terminal.which_person"))
        self._client.moderation.lift(kind, username=username, room=self._place(room))

    def _place(self, name: str) -> str | None:
        """Return the room a sanction is for; none: everywhere."""
        name = name.strip()
        if not name:
            return None
        if key_of(name) not in self._client.state.rooms:
            raise Mistake(_("terminal.no_room", name=name))
        return key_of(name)


def seconds_of(duration: str) -> int | None:
    """Return the seconds of `30s`, `10m`, `2h` or `1d`; None for good.

    :raises Mistake: it is no duration.
    """
    if duration == FOR_GOOD:
        return None
    found = _DURATION.fullmatch(duration)
    if found is None or not int(found[1]):
        raise Mistake(_("terminal.duration"))
    return int(found[1]) * SECONDS_IN[found[2]]


def parts(rest: str) -> tuple[str, str]:
    """Return what stands before ` : `, and the reason after it."""
    words, _mark, reason = rest.partition(" : ")
    return words.strip(), reason.strip()
