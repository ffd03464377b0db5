"""Keeps the view of a timeline still while its text is written; it knows no message. Tk thread only."""

from typing import Protocol

from chat_client.ui.room.timeline.gutter import Gutter
from chat_client.ui.room.timeline.timeline_text import TimelineText


class Scrolled(Protocol):
    """A timeline's view."""

    follows: bool
    paper: TimelineText
    gutter: Gutter


class KeepScrollPosition:
    """A ``with`` block after which the view stands where it stood: at the end, or at the same message."""

    def __init__(self, view: Scrolled) -> None:
        self._view = view

    def __enter__(self) -> None:
        self._anchor = None if self._view.follows else self._view.paper.remember_place()

    def __exit__(self, *_error: object) -> None:
        if self._view.follows:
            self._view.paper.yview_moveto(1.0)
        else:
            self._view.paper.return_to(self._anchor)
        self._view.gutter.follow()
