"""The strip left of the timeline: avatars and minutes; it follows the text. Tk thread only."""

import tkinter as tk
from collections.abc import Callable

from chat_client.ui.look.dates import clock
from chat_client.ui.look.look import Look
from chat_client.ui.room.markup import is_action
from chat_client.ui.room.timeline.entries import Entry
from chat_client.ui.room.timeline.timeline_text import TimelineText
from chat_client.ui.timer import Timer
from chat_client.ui.widgets.widgets import on_event

WIDTH = 64
AVATAR = 36


class Gutter(tk.Canvas):
    """The widget. ``on_person`` is called with the username of an avatar that was pressed."""

    def __init__(
        self,
        parent: tk.Misc,
        look: Look,
        paper: TimelineText,
        name_of: Callable[[str], str],
        on_person: Callable[[str], object],
    ) -> None:
        super().__init__(
            parent,
            width=look.px(WIDTH),
            height=10,
            background=look.palette.paper,
            highlightthickness=0,
            borderwidth=0,
        )
        self._look = look
        self._paper = paper
        self._name_of = name_of
        self._on_person = on_person
        self._drawing = Timer(self, self._draw)
        self.bind("<Configure>", lambda _event: self.follow())
        look.pictures.follow(self, self.follow)

    def follow(self) -> None:
        """Draw anew beside the lines that are in view, once this event has been handled."""
        self._drawing.soon()

    def _draw(self) -> None:
        self.delete("all")
        paper = self._paper
        place = paper.place_of(paper.key_at("@0,0"))
        if place < 0:
            place = 0
        for entry in paper.entries[place:]:
            if entry.kind != "message":
                continue
            info = paper.dlineinfo(f"{entry.key}.first")
            if info is not None:
                # A picture's line has its base line far below: the minute stands at its top.
                self._draw_entry(entry, info[1], min(info[4], self._look.font("body").metrics("linespace")))
            elif paper.compare(f"{entry.key}.first", ">", f"@0,{paper.winfo_height()}"):
                break

    def _draw_entry(self, entry: Entry, top: int, baseline: int) -> None:
        message = entry.message
        assert message is not None
        look = self._look
        if message.mentions_me and not message.mine:
            self._draw_mention(entry, top)
        if entry.head and not is_action(message.body):
            image = look.pictures.avatar(self._name_of(message.author), message.author, AVATAR)
            y = top + look.px(13)
            item = self.create_image(look.px(16), y, image=image, anchor="nw")
            if message.author:
                self.tag_bind(item, "<Button-1>", on_event(self._on_person, message.author))
                self.configure(cursor="")
        elif entry.minute:
            self.create_text(
                look.px(16) + look.px(AVATAR),
                top + baseline,
                text=clock(message.sent_at),
                font=look.font("tiny"),
                fill=look.palette.faint,
                anchor="se",
            )

    def _draw_mention(self, entry: Entry, top: int) -> None:
        """Draw a bar beside a message that names the reader."""
        last = self._paper.dlineinfo(f"{entry.key}.last - 1 chars")
        bottom = last[1] + last[3] if last is not None else self.winfo_height()
        inset = self._look.px(14) if entry.head else 0
        self.create_rectangle(
            0, top + inset, self._look.px(3), bottom, fill=self._look.palette.away, outline=""
        )
