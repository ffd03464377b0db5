"""The text widget of the timeline: writes, replaces and removes entries, and keeps the view still meanwhile.

It knows entries by their keys and nothing of rooms. An entry's key is a tag over all of its lines. Tk
thread only.
"""

import logging
import tkinter as tk
from collections.abc import Callable, Sequence
from functools import partial

from chat_client.model.pictures import Size
from chat_client.ui.look.look import Look
from chat_client.ui.room.timeline.embedded import Chips, DayLine, Embedded
from chat_client.ui.room.timeline.entries import Entry
from chat_client.ui.room.timeline.placed_pictures import PlacedPictures
from chat_client.ui.room.timeline.reading_order import Original, needs_reordering, reordered
from chat_client.ui.room.timeline.tags import configure_tags
from chat_client.ui.room.timeline.transfer_bar import TransferBar
from chat_client.ui.room.timeline.wording import Run, with_emoji
from chat_client.ui.timer import Timer
from chat_client.ui.widgets.widgets import fit, writable
from chat_protocol.objects import File

#: Lines longer than this tire the eye; on a wide screen the text stays a column.
COLUMN_MAX = 820

_log = logging.getLogger("chat.client")

Anchor = tuple[str, int]


class TimelineText(tk.Text):
    """The widget.

    :param word: words the runs of a message.
    :param label: words a line between messages.
    """

    def __init__(
        self, parent: tk.Misc, look: Look, word: Callable[[Entry], list[Run]], label: Callable[[Entry], str]
    ) -> None:
        palette = look.palette
        super().__init__(
            parent,
            wrap="word",
            state="disabled",
            background=palette.paper,
            foreground=palette.text,
            font=look.font("body"),
            borderwidth=0,
            highlightthickness=0,
            padx=0,
            pady=0,
            cursor="arrow",
            selectbackground=palette.selection,
            selectforeground=palette.text,
            inactiveselectbackground=palette.selection,
            insertwidth=0,
            spacing2=look.px(3),
            takefocus=True,
            exportselection=True,
            width=20,
            height=5,
            undo=False,
        )
        self._look = look
        self._word = word
        self._label = label
        #: Called with an entry's key and the number of a reaction that was pressed or pointed at.
        self.on_chip: Callable[[str, int], object] = lambda _key, _index: None
        self.on_chip_hover: Callable[[str, int], object] = lambda _key, _index: None
        #: Called with the key of a file under way and what is to be done with it.
        self.on_transfer: Callable[[str, str], object] = lambda _key, _what: None
        #: Says how large a picture is shown in a column of a width in pixels.
        self.size_of: Callable[[File, int], Size] = lambda _file, _column: Size(1, 1)
        #: Called when there may be other pictures in view.
        self.on_places: Callable[[], object] = lambda: None
        self.pictures = PlacedPictures(self, look)
        self.entries: list[Entry] = []
        self._keys: set[str] = set()
        self._embedded = Embedded(self)
        self._originals: dict[str, Original] = {}
        #: The entry that the keyboard has chosen; pointed out while the keyboard is here.
        self.chosen = ""
        self._chosen_shown = False
        configure_tags(self, look)
        self.mark_set("here", "1.0")
        self.bind("<Configure>", lambda event: self._fit(event.width), add="+")
        self.bind("<<Copy>>", lambda _event: self._copy())
        for kind in ("STRING", "UTF8_STRING"):
            self.selection_handle(self._give_selection, selection="PRIMARY", type=kind)
        self._width = 0
        self._refit = Timer(self, self._refit_replies)

    def clear(self) -> None:
        """Take everything out."""
        with writable(self):
            self.delete("1.0", "end")
            for entry in self.entries:
                self._forget(entry.key)
        self.entries = []

    def insert_entries(self, place: int, entries: Sequence[Entry]) -> None:
        """Write entries in front of the one that is number ``place`` now (or at the end)."""
        if not entries:
            return
        at_end = place >= len(self.entries)
        start = "end-1c" if at_end else self.start_of(self.entries[place].key)
        with writable(self):
            self.mark_set("here", start)
            self.mark_gravity("here", "right")
            for entry in entries:
                self._write(entry)
        self.entries[place:place] = entries
        self._keys.update(entry.key for entry in entries)

    def remove_entries(self, first: int, last: int) -> None:
        """Remove the entries numbered ``first`` up to but without ``last``."""
        gone = self.entries[first:last]
        if not gone:
            return
        with writable(self):
            self.delete(f"{gone[0].key}.first", f"{gone[-1].key}.last")
            for entry in gone:
                self._forget(entry.key)
        del self.entries[first:last]

    def replace_entry(self, place: int, entry: Entry) -> None:
        """Write one entry anew where it stands."""
        self.remove_entries(place, place + 1)
        self.insert_entries(place, [entry])

    def _forget(self, key: str) -> None:
        self._embedded.forget(key)
        self.pictures.forget(key)
        self.tag_delete(key)
        self._originals.pop(key, None)
        self._keys.discard(key)

    def _write(self, entry: Entry) -> None:
        start = self.index("here")
        if entry.kind == "message":
            self._write_message(entry)
        elif entry.kind in ("day", "new"):
            rule = DayLine(self, self._look, self._label(entry), strong=entry.kind == "new")
            self._embedded.add(entry.key, rule)
            rule.fit(self._column())
            self.window_create("here", window=rule)
            self.insert("here", "\n", ("rule",))
        else:
            self.insert("here", self._label(entry) + "\n", ("edge", entry.kind))
        self.tag_add(entry.key, start, "here")
        if entry.key == self.chosen:
            self._point_out()

    # The keyboard's place

    def choose(self, key: str) -> None:
        """Choose an entry by the keyboard; an empty key chooses none."""
        self.chosen = key
        self._point_out()

    def show_chosen(self, shown: bool) -> None:
        """Point the chosen entry out, or only remember it while the keyboard is elsewhere."""
        self._chosen_shown = shown
        self._point_out()

    def _point_out(self) -> None:
        self.tag_remove("cursor", "1.0", "end")
        if self._chosen_shown and self.chosen and self.tag_ranges(self.chosen):
            self.tag_add("cursor", f"{self.chosen}.first", f"{self.chosen}.last")

    def _write_message(self, entry: Entry) -> None:
        parts: list[object] = []
        runs = [fitted for run in self._worded(entry) for fitted in self._fitted(run)]
        for run in self._arranged(entry.key, runs):
            if run.text:
                parts += [run.text, run.styles]
            if run.picture or run.chips or run.file is not None or run.transfer is not None:
                self._flush(parts)
                if run.picture:
                    self._draw_picture(run)
                elif run.transfer is not None:
                    press = partial(self.on_transfer, run.transfer.key)
                    self._embed(entry.key, run, TransferBar(self, self._look, run.transfer, press))
                elif run.file is not None:
                    size = self.size_of(run.file, self._column())
                    self.pictures.insert(entry.key, run.file, size, run.styles)
                    self.on_places()
                else:
                    self._draw_chips(entry.key, run)
        self._flush(parts)

    def _worded(self, entry: Entry) -> list[Run]:
        """Word a message; one that cannot be worded costs its own line and no other."""
        try:
            return self._word(entry)
        except Exception:
            _log.exception("the message %s could not be worded", entry.key)
            return [Run("\ufffd\n", ("body",))]

    def _fitted(self, run: Run) -> list[Run]:
        """Shorten the line of a reply to the width there is."""
        if "quote" not in run.styles or not run.text:
            return [run]
        width = self._column() - self._look.px(24)
        line = fit(run.text.rstrip("\n"), self._look.mixed("small"), width) + "\n"
        return with_emoji(line, run.styles, "emoji_small")

    def _arranged(self, key: str, runs: list[Run]) -> list[Run]:
        """Put what is read from the right into reading order, and keep what it was."""
        self._originals.pop(key, None)
        if not (self._look.reorders and needs_reordering(runs)):
            return runs
        runs, self._originals[key] = reordered(runs, self._has_room)
        return runs

    def _has_room(self, text: str, styles: tuple[str, ...]) -> bool:
        if "quote" in styles:
            return True  # it is shortened already
        font = "bold" if {"bold", "author"} & set(styles) else "body"
        return self._look.font(font).measure(text) <= self._column()

    # Copying

    def selected_text(self) -> str:
        """Give what is selected, in the order in which it was written."""
        ranges = self.tag_ranges("sel")
        if not ranges:
            return ""
        first, last = str(ranges[0]), str(ranges[-1])
        if not self._originals:
            return self.get(first, last)
        return "".join(self._selected_of(entry.key, first, last) for entry in self.entries)

    def _selected_of(self, key: str, first: str, last: str) -> str:
        start, end = self.index(f"{key}.first"), self.index(f"{key}.last")
        if self.compare(end, "<=", first) or self.compare(start, ">=", last):
            return ""
        first = first if self.compare(first, ">", start) else start
        last = last if self.compare(last, "<", end) else end
        original = self._originals.get(key)
        if original is None:
            return self.get(first, last)
        return original.of(len(self.get(start, first)), len(self.get(start, last)))

    def _give_selection(self, offset: str, most: str) -> str:
        """Give a part of what is selected to another program, for the middle button."""
        return self.selected_text()[int(offset) : int(offset) + int(most)]

    def _copy(self) -> str:
        text = self.selected_text()
        if text:
            self.clipboard_clear()
            self.clipboard_append(text)
        return "break"

    def _flush(self, parts: list[object]) -> None:
        if parts:
            self.tk.call(str(self), "insert", "here", *parts)
            parts.clear()

    def _draw_picture(self, run: Run) -> None:
        ink = {
            "reply": "muted",
            "clip": "muted",
            "warning": "danger_text",
            "check": "accent_text",
            "clock": "faint",
        }[run.picture]
        image = self._look.pictures.icon(run.picture, ink, 13)
        start = self.index("here")
        self.image_create("here", image=image, align="center")
        for style in run.styles:
            self.tag_add(style, start, "here")

    def _draw_chips(self, key: str, run: Run) -> None:
        chips = Chips(
            self,
            self._look,
            run.chips,
            lambda index: self.on_chip(key, index),
            lambda index: self.on_chip_hover(key, index),
        )
        self._embed(key, run, chips)

    def _embed(self, key: str, run: Run, canvas: tk.Canvas) -> None:
        self._embedded.add(key, canvas)
        start = self.index("here")
        self.window_create("here", window=canvas, align="center")
        for style in run.styles:
            self.tag_add(style, start, "here")

    def embedded(self, key: str) -> list[tk.Canvas]:
        """Give the canvases of an entry."""
        return self._embedded.of(key)

    def transfer_bars(self, key: str) -> list[TransferBar]:
        """Give those that show a transfer."""
        return [one for one in self._embedded.all() if isinstance(one, TransferBar) and one.key == key]

    # Width

    def _column(self) -> int:
        width = max(self.winfo_width(), self._width)
        return max(80, min(width, self._look.px(COLUMN_MAX)) - self._look.px(20))

    def _fit(self, width: int) -> None:
        if width == self._width:
            return
        self._width = width
        right = max(self._look.px(16), width - self._look.px(COLUMN_MAX))
        for tag in ("body", "head", "quote", "refused", "chips", "picture", "edge", "block"):
            self.tag_configure(tag, rmargin=right)
        self._refit.soon()
        self._embedded.fit(self._column())

    def _refit_replies(self) -> None:
        """Write anew what was shortened to another width."""
        for place, entry in enumerate(list(self.entries)):
            message = entry.message
            fitted = message is not None and (message.reply_to is not None or message.files)
            if entry.kind == "message" and (fitted or entry.key in self._originals):
                self.replace_entry(place, entry)

    # Places

    def start_of(self, key: str) -> str:
        """Give the index of an entry's first character."""
        return self.index(f"{key}.first")

    def place_of(self, key: str) -> int:
        """Give the number of an entry, or -1."""
        return next((place for place, entry in enumerate(self.entries) if entry.key == key), -1)

    def key_at(self, index: str) -> str:
        """Name the entry at an index; an empty text between entries."""
        return next((tag for tag in self.tag_names(index) if tag in self._keys), "")

    def remember_place(self) -> Anchor | None:
        """Remember what stands at the top of the view, to return to with :meth:`return_to`."""
        key = self._first_visible()
        if key is None:
            return None
        return key, self.pixels_between(self.start_of(key), "@0,0", exact=True) - min(0, self._top_of("@0,0"))

    def return_to(self, anchor: Anchor | None) -> None:
        """Put the view back to where :meth:`remember_place` saw it."""
        if anchor is None or not self.tag_ranges(anchor[0]):
            return
        self.yview(self.start_of(anchor[0]))
        if anchor[1]:
            self.scroll_pixels(anchor[1])

    def _first_visible(self) -> str | None:
        """Prefer the second entry in view: the first of all is written anew below older ones."""
        place = self.place_of(self.key_at("@0,0"))
        if place < 0:
            return self.entries[0].key if self.entries else None
        below = self.entries[place + 1].key if place + 1 < len(self.entries) else ""
        if below and self.compare(f"{below}.first", "<=", f"@0,{self.winfo_height()}"):
            return below
        return self.entries[place].key

    def pixels_between(self, first: str, last: str, *, exact: bool = False) -> int:
        """Measure from one line to another; ``exact`` lays out the lines between first."""
        update = ("-update",) if exact else ()
        return int(self.tk.call(str(self), "count", *update, "-ypixels", first, last) or 0)

    def scroll_pixels(self, pixels: int) -> None:
        """Scroll, downwards positive."""
        self.tk.call(str(self), "yview", "scroll", pixels, "pixels")

    def _top_of(self, index: str) -> int:
        info = self.dlineinfo(index)
        return int(info[1]) if info else 0

    def at_bottom(self) -> bool:
        """Say whether the newest line is in view."""
        return self.dlineinfo("end-2c") is not None or self.yview()[1] >= 0.9999

    def line_count(self) -> int:
        """Count the lines, as they are before they are broken to the width."""
        return int(float(self.index("end"))) - 1

    def line_of(self, key: str) -> int:
        """Give the number of the line where an entry begins."""
        return int(float(self.index(f"{key}.first")))
