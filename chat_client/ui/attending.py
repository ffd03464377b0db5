"""Lets the user choose about attention: pauses, quiet hours, words, receipts; Tk thread only."""

from collections.abc import Callable
from datetime import datetime

from chat_client.engine.client import Client
from chat_client.i18n import _
from chat_client.model.attention import calling_words, pause_until
from chat_client.model.state import NotifyLevel, RoomState
from chat_client.ui.look import dates
from chat_client.ui.look.look import Look
from chat_client.ui.sheets.questions import ask_text
from chat_protocol.errors import ChatError
from chat_protocol.limits import CALLING_WORD_MAX_CHARS, CALLING_WORDS_MAX
from chat_protocol.own_settings import SETTINGS, Value
from chat_protocol.times import from_rfc3339


class Attending:
    """Ask and choose; what is chosen holds on all of the user's devices.

    :param say: tells something in passing.
    :param now: returns the time by the clock of this computer.
    """

    def __init__(
        self,
        look: Look,
        client: Client,
        say: Callable[[str], object],
        now: Callable[[], datetime] = datetime.now,
    ) -> None:
        self._look, self._client, self._say, self._now = look, client, say, now

    @property
    def paused(self) -> bool:
        """Whether a pause holds now."""
        return self._client.state.attention.paused_at(self._now())

    @property
    def receipts(self) -> bool:
        """Whether others are told how far the user has read."""
        return self._client.own_settings.get("receipts") is not False

    def pause(self, name: str) -> None:
        """Let nothing call for attention for a while (see `model.attention.PAUSES`)."""
        until = pause_until(name, self._now())
        if until is not None:
            self._client.own_settings.choose("pause_until", until)
            self._say(_("attention.paused", time=dates.moment(from_rfc3339(until), dates.today())))

    def end_pause(self) -> None:
        """Let messages call again."""
        self._client.own_settings.choose("pause_until", None)
        self._say(_("attention.pause_ended"))

    def set_receipts(self, on: bool) -> None:
        """Let others be told how far the user has read, or not."""
        self._choose("receipts", on)

    def set_notify(self, room: RoomState, level: NotifyLevel) -> None:
        """Choose which messages of a room call."""
        self._client.rooms.set_notify(room.key, level)

    @property
    def tells_time(self) -> bool:
        """Whether others see how late it is here."""
        return self._client.own_settings.get("utc_offset") is not False

    def tell_time(self, on: bool) -> None:
        """Let others see how late it is here, or not."""
        self._client.own_settings.tell_offset(on)
        self._say(_("attention.kept"))

    def ask_quiet_hours(self) -> None:
        """Ask between which hours nothing is to call."""
        ask_text(
            self._look,
            _("attention.quiet_hours"),
            _("attention.quiet_hours_label"),
            _("action.save"),
            self._set_quiet_hours,
            value=self._client.state.attention.quiet_hours,
            words=_("attention.quiet_hours_words"),
        )

    def ask_words(self) -> None:
        """Ask for the words that call."""
        words = self._client.own_settings.get("words")
        ask_text(
            self._look,
            _("attention.words"),
            _("attention.words_label"),
            _("action.save"),
            self._set_words,
            value=", ".join(words) if isinstance(words, tuple) else "",
            words=_("attention.words_words"),
        )

    def _set_quiet_hours(self, text: str) -> None:
        try:
            hours = SETTINGS["quiet_hours"].check("value", text) if text else None
        except ChatError:
            self._say(_("attention.quiet_hours_wrong"))
        else:
            self._choose("quiet_hours", hours)

    def _set_words(self, text: str) -> None:
        words = calling_words(text)
        if words is None:
            self._say(_("attention.words_wrong", most=CALLING_WORDS_MAX, length=CALLING_WORD_MAX_CHARS))
        else:
            self._choose("words", words or None)

    def _choose(self, setting: str, value: Value | None) -> None:
        self._client.own_settings.choose(setting, value)
        self._say(_("attention.kept"))
