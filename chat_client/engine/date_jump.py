"""Finds where in a room's history a day begins, by asking for single messages; it shows nothing."""

from collections.abc import Callable

from chat_client.engine.core import Core
from chat_client.engine.history import HistoryLoader
from chat_client.model.state import RoomState
from chat_protocol.limits import HISTORY_MAX
from chat_protocol.message_replies import HistoryPage
from chat_protocol.requests import History


class DateJump:
    """Halve the range in which the first message of a day is: twenty answers for a million messages."""

    def __init__(self, core: Core, history: HistoryLoader) -> None:
        self._core = core
        self._history = history
        self._newest = object()  # the last jump: of two the later one holds

    def go(self, room: str, at_ms: int) -> None:
        """Show the first message since a time, or the last one before it where there is none.

        :param at_ms: milliseconds since 1970 UTC.
        """
        known = self._core.room(room)
        if known is None or not known.joined or known.last_seq == 0:
            return
        self._newest = object()
        self._halve(known, at_ms, known.first_seq, known.last_seq, self._newest)

    def _halve(self, room: RoomState, at_ms: int, low: int, high: int, jump: object) -> None:
        """Look for the first seq from `low` on whose message is not older than `at_ms`; `high` if none is."""
        if low >= high:
            self._show(room, low, jump)
            return
        middle = (low + high) // 2

        def answered(page: HistoryPage) -> None:
            if page.messages and page.messages[0].sent_at < at_ms:
                self._halve(room, at_ms, page.messages[0].seq + 1, high, jump)
            else:
                self._halve(room, at_ms, low, middle, jump)

        self._ask(room, History(room.address, after=middle - 1, limit=1), answered, jump)

    def _show(self, room: RoomState, seq: int, jump: object) -> None:
        """Show the first text from a seq on; edits and reactions have no place of their own."""

        def answered(page: HistoryPage) -> None:
            texts = [message.seq for message in page.messages if message.kind == "text"]
            self._history.jump_to(room.key, texts[0] if texts else min(seq, room.last_seq))

        self._ask(room, History(room.address, after=max(0, seq - 1), limit=HISTORY_MAX), answered, jump)

    def _ask(
        self, room: RoomState, request: History, answered: Callable[[HistoryPage], None], jump: object
    ) -> None:
        def if_wanted(page: HistoryPage) -> None:
            if jump is self._newest:
                answered(page)

        self._core.ask(request, if_wanted, room=room.key)
