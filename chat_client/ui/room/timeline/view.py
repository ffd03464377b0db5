"""Shows the timeline of one room: where it is scrolled, what is loaded as one scrolls; Tk thread only.

The model may know 100,000 messages; the paper holds a portion of them, which moves with the reader. While the
reader is at the newest message, the view follows.
"""

import tkinter as tk
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from tkinter import ttk

from chat_client.model.state import MessageState, RoomState
from chat_client.ui.look.look import Look
from chat_client.ui.room.timeline.entries import Entry, message_key, seq_of
from chat_client.ui.room.timeline.gutter import Gutter
from chat_client.ui.room.timeline.jump_button import JumpButton
from chat_client.ui.room.timeline.loaded_range import MESSAGES_MAX, LoadedRange, place_in
from chat_client.ui.room.timeline.new_line import NewLine
from chat_client.ui.room.timeline.reader import Reader
from chat_client.ui.room.timeline.scroll_position import KeepScrollPosition
from chat_client.ui.room.timeline.shown_words import ShownWords
from chat_client.ui.room.timeline.timeline_text import TimelineText
from chat_client.ui.room.timeline.wording import Context
from chat_client.ui.timer import Timer
from chat_client.ui.widgets.widgets import on_event, on_wheel

#: How many messages are written at first; those before the first unread one that are shown with it.
FIRST_MESSAGES = 60
BEFORE_UNREAD = 15

_FLASH_MS = 2200


class TimelineView(ttk.Frame):
    """The widget. What it cannot do itself it asks of the reader."""

    def __init__(
        self,
        parent: tk.Misc,
        look: Look,
        context: Context,
        reader: Reader,
        today: Callable[[], date] = date.today,
    ) -> None:
        super().__init__(parent, style="Paper.TFrame")
        self._look = look
        self.context = context
        self._words = ShownWords(context, today)
        self._reader = reader
        self.follows = True
        self._asked: tuple[str, int] | None = None
        self._near = Timer(self, self._look_around)
        self._flash = Timer(self, lambda: self.paper.tag_remove("found", "1.0", "end"))
        #: Whether the place where a room opens was loaded: around the "new" line, or at the newest.
        self._loaded = True
        self._build()

    def _build(self) -> None:
        look = self._look
        self.paper = TimelineText(self, look, self._words.word, self._words.label)
        self.paper.on_chip = self._reader.toggle_chip
        self.paper.on_chip_hover = self._reader.tell_reactors
        self.portion = LoadedRange(self.paper)
        self.gutter = Gutter(
            self, look, self.paper, lambda username: self.context.name_of(username), self._reader.show_author
        )
        self.bar = ttk.Scrollbar(
            self, orient="vertical", command=self._drag, style="Paper.Vertical.TScrollbar"
        )
        self.paper.configure(yscrollcommand=self._scrolled)
        self.gutter.pack(side="left", fill="y")
        self.bar.pack(side="right", fill="y")
        self.paper.pack(side="left", fill="both", expand=True)
        self.jump_button = JumpButton(look, self.paper, self.jump_to_newest)
        self.new_line = NewLine(look, self.paper, self.portion, self.go_to_line)
        for widget in (self.paper, self.gutter):
            on_wheel(widget, self._wheel)
        for key, act in (
            ("Prior", lambda: self.scroll_pages(-1)),
            ("Next", lambda: self.scroll_pages(1)),
            ("Home", self._to_top),
            ("End", self.jump_to_newest),
        ):
            self.paper.bind(f"<{key}>", on_event(act))
        self.paper.bind("<Configure>", lambda _event: self._resized(), add="+")
        # Tk measures long texts in the background; when it has finished, the end may lie elsewhere.
        self.paper.bind("<<WidgetViewSync>>", lambda _event: self._resized())

    @property
    def room(self) -> RoomState | None:
        """The room that is shown."""
        return self.portion.room

    # Which part

    def show(self, room: RoomState | None) -> None:
        """Show a room at its first unread message, or at the newest."""
        portion = self.portion
        portion.room = room
        portion.new_from = room.first_unread() if room is not None else None
        self._asked = None
        self._loaded = room is None or room.last_seq == 0 or (bool(room.messages) and room.line_known)
        self.new_line.begin(room.unread if room is not None else 0)
        self.jump_button.begin(room)
        self._words.forget()
        if room is None:
            self.paper.clear()
            self._show_buttons()
        elif portion.new_from is None:
            self._show_newest_part(room)
        else:
            self._show_line(room, portion.new_from)

    def _show_newest_part(self, room: RoomState) -> None:
        count = len(room.messages)
        self.portion.write(max(0, count - FIRST_MESSAGES), count)
        self.to_newest()
        self.look_around_soon()

    def _show_line(self, room: RoomState, new_from: int) -> None:
        """Show the "new" line and what is around it, without leaving the newest where all fits."""
        count = len(room.messages)
        first = max(0, min(count - FIRST_MESSAGES, place_in(room, new_from) - BEFORE_UNREAD))
        self.portion.write(first, min(count, first + MESSAGES_MAX))
        if self.portion.tail:
            self.to_newest()
            self.paper.update_idletasks()
        if not self.portion.tail or not self.new_line.in_view():
            self.paper.yview("n.first")
            self.paper.scroll_pixels(-self._look.px(60))
            self.jump_button.missed = max(self.jump_button.missed, room.unread)
        self.new_line.reach()
        self.note_place()

    def go_to_line(self) -> None:
        """Show the first of the new messages."""
        room, new_from = self.room, self.portion.new_from
        if room is not None and new_from is not None:
            self._show_line(room, new_from)

    def move_line(self) -> None:
        """Put the "new" line before the first unread message, where the old one has been read."""
        room, portion = self.room, self.portion
        if room is None or (portion.new_from is not None and portion.new_from > room.read_seq):
            return
        portion.new_from = room.first_unread()
        self.new_line.begin(0)
        seqs = portion.seqs()
        if self.paper.tag_ranges("n") and seqs is not None:
            self._write_anew(room, *seqs)

    def read_to(self) -> int | None:
        """Return up to which seq all that was unread has been in view; None where nothing new has."""
        room = self.room
        if room is None or not room.messages or not self._loaded:
            return None
        if self.follows:
            return room.last_seq if room.covered.holds(room.last_seq) else room.messages[-1].seq
        return self.new_line.read_to()

    def show_around(self, seq: int, *, flash: bool = True) -> None:
        """Show the part of the history around a message, and point it out."""
        room, key = self.room, f"m{seq}"
        if room is None:
            return
        if self.paper.place_of(key) < 0:
            index = place_in(room, seq)
            self.portion.write(
                max(0, index - FIRST_MESSAGES), min(len(room.messages), index + FIRST_MESSAGES)
            )
        if self.paper.place_of(key) < 0:
            return
        self.paper.update_idletasks()
        self.paper.yview(self.paper.start_of(key))
        self.paper.scroll_pixels(-self.paper.winfo_height() // 3)
        self.note_place()
        if flash:
            self.paper.tag_add("found", f"{key}.first", f"{key}.last")
            self._flash.again(_FLASH_MS)

    # Changes of the model

    def appended(self) -> None:
        """Show what came at the end of the room's messages."""
        room, portion = self.room, self.portion
        if room is None:
            return
        if not self._loaded:
            self.show(room)
            return
        news = self.jump_button.count(room)
        if portion.tail:
            fresh = portion.unseen()
            if self.follows and len(fresh) > MESSAGES_MAX:
                self._show_newest_part(room)
            elif not self.follows and portion.size() + len(fresh) > MESSAGES_MAX * 2:
                portion.drop_tail()
            elif fresh:
                self._rewrite_tail(fresh)
        self.jump_button.missed += 0 if self.follows else news
        self.new_line.grow_to(room.unread)
        self._show_buttons()

    def pending_changed(self) -> None:
        """Show anew what waits in the outbox."""
        if self.room is not None and self.portion.tail:
            self._rewrite_tail([])

    def _rewrite_tail(self, fresh: list[MessageState]) -> None:
        with self.keep_scroll_position():
            self.portion.rewrite_tail(fresh)
            if self.follows:
                self.portion.trim_top()
        if self.follows:
            self.to_newest()

    def inserted(self, at_front: bool) -> None:
        """Older messages came, or a gap was filled: write around what the reader sees."""
        self._asked = None
        room, seqs = self.room, self.portion.seqs()
        if room is None:
            return
        if seqs is None or not self._loaded:
            self.show(room)
        elif not at_front:
            self._write_anew(room, *seqs)
        self.look_around_soon()

    def _write_anew(self, room: RoomState, first_seq: int, last_seq: int) -> None:
        """Write the same part again, and what has come between, without a jump."""
        with self.keep_scroll_position():
            first, last = place_in(room, first_seq), place_in(room, last_seq + 1)
            if self.portion.tail:
                last = len(room.messages)
            if self.follows:
                first = max(first, last - MESSAGES_MAX)
            elif last - first > MESSAGES_MAX:
                seq = seq_of(self.paper.key_at("@0,0")) or first_seq
                middle = place_in(room, seq)
                first = max(first, middle - MESSAGES_MAX // 2)
                last = min(last, middle + MESSAGES_MAX // 2)
            self.portion.write(first, last)

    def changed(self, seq: int) -> None:
        """Write one message anew: it was edited, deleted or reacted to."""
        place = self.paper.place_of(f"m{seq}")
        message = self.room.message(seq) if self.room is not None else None
        if place >= 0 and message is not None:
            with self.keep_scroll_position():
                old = self.paper.entries[place]
                self.paper.replace_entry(place, replace(old, message=message))

    def is_unfolded(self, message: MessageState) -> bool:
        """Say whether a long message is shown whole."""
        return message_key(message) in self.context.unfolded

    def unfold(self, message: MessageState) -> None:
        """Show the whole of a long message."""
        key = message_key(message)
        place = self.paper.place_of(key)
        if place >= 0:
            self.context.unfolded.add(key)
            with self.keep_scroll_position():
                self.paper.replace_entry(place, self.paper.entries[place])

    def keep_scroll_position(self) -> KeepScrollPosition:
        """Give a ``with`` block after which the view stands where it stood."""
        return KeepScrollPosition(self)

    # Loading near the ends

    def look_around_soon(self) -> None:
        """Write or load more where the reader is near an end, once this event has been handled."""
        self._near.soon()

    def _look_around(self) -> None:
        room = self.room
        if room is None or not self.winfo_ismapped():
            return
        near = self.paper.winfo_height()
        if self.paper.pixels_between("1.0", "@0,0") < near:
            self._extend_up(room)
        if not self.portion.tail and self.paper.pixels_between(f"@0,{near}", "end") < near:
            with self.keep_scroll_position():
                self.portion.extend_down()
                self.portion.trim_top()
            self.note_place()
        self._ask_for_gap(room)

    def _extend_up(self, room: RoomState) -> None:
        with self.keep_scroll_position():
            grown = self.portion.extend_up()
            if grown and not self.follows:
                self.portion.trim_bottom()
        if grown:
            self._show_buttons()
            self.look_around_soon()
        elif not room.at_start and not room.loading and room.joined and self._asked != (room.key, 0):
            self._asked = (room.key, 0)
            self._reader.load_older(room.key)

    def _ask_for_gap(self, room: RoomState) -> None:
        bottom = f"@0,{self.paper.winfo_height()}"
        found = self.paper.tag_nextrange("gap", "@0,0 linestart", f"{bottom} lineend")
        key = self.paper.key_at(found[0]) if found else ""
        if key[:1] == "g" and self._asked != (room.key, int(key[1:])):
            self._asked = (room.key, int(key[1:]))
            self._reader.fill_gap(room.key, int(key[1:]))

    # Scrolling

    def to_newest(self) -> None:
        """Scroll to the end of the paper and follow from now on."""
        self.paper.yview_moveto(1.0)
        self.follows = True
        self.jump_button.missed = 0
        self._show_buttons()
        self.gutter.follow()

    def jump_to_newest(self) -> str:
        """Show the newest messages, also when the paper holds older ones."""
        room = self.room
        self._loaded = True
        if room is not None and not self.portion.tail:
            self._show_newest_part(room)
        self.to_newest()
        self._reader.seen()
        return "break"

    def _wheel(self, step: int) -> str:
        self.paper.scroll_pixels(step * self._look.px(54))
        self.note_place()
        return "break"

    def scroll_pages(self, pages: int) -> str:
        """Scroll by the height of the view."""
        self.paper.yview_scroll(pages, "pages")
        self.note_place()
        return "break"

    def _to_top(self) -> str:
        self.paper.yview_moveto(0.0)
        self.note_place()
        return "break"

    def _drag(self, *arguments: str) -> None:
        self.paper.yview(*arguments)
        self.note_place()

    def note_place(self) -> None:
        """After the reader has scrolled: follow at the end, and load near either end."""
        self.follows = self.portion.tail and self.paper.at_bottom()
        if self.follows:
            self.jump_button.missed = 0
        self._reader.seen()
        self._show_buttons()
        self.look_around_soon()

    def _scrolled(self, first: float, last: float) -> None:
        self.bar.set(first, last)
        self.gutter.follow()
        self.paper.on_places()

    def _resized(self) -> None:
        if self.follows:
            self.paper.yview_moveto(1.0)
        self.look_around_soon()

    def _show_buttons(self) -> None:
        """Offer the ways to the newest message and to the first new one, where these are not in view."""
        self.new_line.show_button()
        if self.follows and self.portion.tail:
            self.jump_button.hide()
        else:
            self.jump_button.show()

    # Words

    def follow_date(self) -> None:
        """After midnight write the day lines again."""
        if self._words.date_changed():
            self.rewrite(lambda entry: entry.kind == "day")

    def names_changed(self) -> None:
        """Write again what names somebody whose displayed name is another now."""
        self.rewrite(self._words.name_changed())

    def rewrite(self, concerned: Callable[[Entry], bool]) -> None:
        """Write some entries again, without a jump."""
        due = [(place, entry) for place, entry in enumerate(self.paper.entries) if concerned(entry)]
        if due:
            with self.keep_scroll_position():
                for place, entry in due:
                    self.paper.replace_entry(place, entry)
