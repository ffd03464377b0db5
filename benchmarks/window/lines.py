"""Notes when messages stand on the screen of a Tk window; Tk thread only, it knows no other window."""

import time

from chat_client.model.state import RoomState
from chat_client.ui.room.timeline.view import TimelineView


class Lines:
    """Records from :meth:`start` on.

    :param timeline: where the messages of `room` are drawn.
    """

    def __init__(self, timeline: TimelineView, room: RoomState) -> None:
        self._paper = timeline.paper
        self._room = room
        self._before = 0
        #: When each message that the server has stored was drawn as that, by ``time.perf_counter``.
        self.stored: list[float] = []
        self._paper.bind("<<Modified>>", lambda _event: self._written(), add="+")

    def start(self) -> None:
        self._before = len(self._room.messages)
        self.stored.clear()
        self._paper.edit_modified(False)

    def _written(self) -> None:
        # Setting the mark back is told by the same event.
        if self._paper.edit_modified():
            self._paper.edit_modified(False)
            # The text draws itself when Tk is idle, and asked for that before this does.
            self._paper.after_idle(self._drawn, len(self._room.messages) - self._before)

    def _drawn(self, stored: int) -> None:
        # The X server answers in order: with this answer it has drawn.
        self._paper.winfo_pointerxy()
        self.stored += [time.perf_counter()] * (stored - len(self.stored))
