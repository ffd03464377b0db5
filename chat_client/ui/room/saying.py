"""What is said below the timeline and above the composer: who is typing, and why nothing may be written."""

from datetime import date
from typing import Final

from chat_client.i18n import _, ngettext
from chat_client.model.keys import user_key
from chat_client.model.receipts import read_by_partner
from chat_client.model.state import ClientState, Mute, RoomState
from chat_client.ui.look import dates
from chat_client.ui.look.look import Look
from chat_client.ui.panes.people import name_of

TYPING_NAMED_MAX: Final = 3


def typing_words(look: Look, state: ClientState, room: RoomState | None) -> str:
    """Say who is typing in a room, or that the other one has read all."""
    names = [
        look.line(name_of(state, name))
        for name in (room.typing if room is not None else ())
        if user_key(name) != user_key(state.username)
    ]
    if len(names) > TYPING_NAMED_MAX:
        return _("typing.many")
    if names:
        return ngettext("typing.who", min(len(names), 2), names=", ".join(names))
    return _("receipt.read") if read_by_partner(room) else ""


def mute_words(look: Look, mute: Mute | None) -> str:
    """Say that the user may not write, until when and why; nothing where nothing is in the way."""
    if mute is None:
        return ""
    words = _("composer.muted")
    if mute.until is not None:
        words += " " + _("connection.until", time=dates.moment(mute.until, date.today()))
    if mute.reason:
        words += " " + _("connection.because", reason=look.line(mute.reason))
    return words
