"""What can be typed about attention: pauses, quiet hours, words that call, receipts; it shows no message."""

from datetime import datetime

from chat_client.engine.client import Client
from chat_client.i18n import _
from chat_client.model.attention import PAUSES, TOMORROW, calling_words, pause_until
from chat_client.terminal.moderating import Lines, Mistake
from chat_protocol.errors import ChatError
from chat_protocol.limits import CALLING_WORD_MAX_CHARS, CALLING_WORDS_MAX
from chat_protocol.own_settings import SETTINGS

OFF = "off"


class Attending:
    """Carry out the lines that choose what calls for attention, on all of the user's devices."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.lines: Lines = {
            "pause": self._pause,
            "quiet": self._quiet,
            "words": self._words,
            "receipts": self._receipts,
            "tell-time": self._tell_time,
        }

    def _pause(self, rest: str) -> None:
        until = None if rest == OFF else pause_until(rest, datetime.now())
        if until is None and rest != OFF:
            raise Mistake(_("terminal.pause", names=", ".join([*PAUSES, TOMORROW, OFF])))
        self._client.own_settings.choose("pause_until", until)

    def _quiet(self, rest: str) -> None:
        try:
            hours = None if rest == OFF else SETTINGS["quiet_hours"].check("value", rest)
        except ChatError:
            raise Mistake(_("terminal.quiet")) from None
        self._client.own_settings.choose("quiet_hours", hours)

    def _words(self, rest: str) -> None:
        words = calling_words(rest)
        if not words:
            raise Mistake(_("terminal.words", most=CALLING_WORDS_MAX, length=CALLING_WORD_MAX_CHARS))
        self._client.own_settings.choose("words", None if words == (OFF,) else words)

    def _receipts(self, rest: str) -> None:
        if rest not in ("on", OFF):
            raise Mistake(_("terminal.receipts"))
        self._client.own_settings.choose("receipts", rest != OFF)

    def _tell_time(self, rest: str) -> None:
        if rest not in ("on", OFF):
            raise Mistake(_("terminal.tell_time"))
        self._client.own_settings.tell_offset(rest != OFF)
