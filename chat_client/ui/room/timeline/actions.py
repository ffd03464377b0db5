"""Lets the user choose a message, by pointer and by keyboard, and do its actions; Tk thread only."""

import tkinter as tk
from collections.abc import Callable
from functools import partial
from tkinter import ttk

from chat_client.model.state import MessageState
from chat_client.ui.action_targets import Chosen
from chat_client.ui.actions import TIMELINE, Action, Actions
from chat_client.ui.look.look import Look
from chat_client.ui.message_actions import MESSAGE, MESSAGE_BY_ID
from chat_client.ui.room.message_commands import RoomMessages
from chat_client.ui.room.timeline.entries import Entry
from chat_client.ui.room.timeline.timeline_text import COLUMN_MAX
from chat_client.ui.room.timeline.view import TimelineView
from chat_client.ui.room.timeline.wording import FILE_STYLE
from chat_client.ui.widgets.action_widgets import add_actions
from chat_client.ui.widgets.widgets import icon_button, on_key

#: The styles of the text that do an action where they are pressed.
_PRESSED = {"unfold": "unfold", "quote": "follow_quote", "retry": "retry", "discard": "discard"}
#: Those that the toolbar under the pointer has beside the menu.
TOOLBAR = ("react", "reply")


class TimelineActions:
    """Binds the timeline's text to the actions of a message."""

    def __init__(self, look: Look, view: TimelineView, commands: RoomMessages, actions: Actions) -> None:
        self._look = look
        self._view = view
        self._paper = view.paper
        self._commands = commands
        self._window = actions.window
        self._hovered = ""
        self.menu = look.menu(view.paper)
        self._build_toolbar()
        self._bind()

    def _build_toolbar(self) -> None:
        look = self._look
        self.toolbar = tk.Frame(self._paper, background=look.palette.line, padx=1, pady=1, cursor="arrow")
        inside = ttk.Frame(self.toolbar, style="Raised.TFrame")
        inside.pack()
        more = next(action for action in TIMELINE if action.id == "message_menu")
        buttons: list[tuple[str, str, Callable[[], object]]] = [
            (made.icon, made.tip, partial(self._do_hovered, made))
            for made in (MESSAGE_BY_ID[name] for name in TOOLBAR)
        ]
        for icon, tip, act in (*buttons, (more.icon, more.tip, self._toolbar_menu)):
            made = icon_button(inside, look, icon, tip, act, surface="raised", size=17, focus=False)
            made.pack(side="left")

    def _bind(self) -> None:
        paper = self._paper
        paper.bind("<Motion>", self._moved, add="+")
        paper.bind("<Leave>", self._left, add="+")
        paper.bind("<Button-1>", lambda _event: self._pressed(), add="+")
        context = ("<Button-2>", "<Button-3>", "<Control-Button-1>")
        is_mac = str(paper.tk.call("tk", "windowingsystem")) == "aqua"
        for sequence in context if is_mac else ("<Button-3>",):
            paper.bind(sequence, self._context)
        for tag, act in (
            ("link", self._open_link),
            ("mention", self._open_mention),
            ("room", self._open_room),
            ("picture", self._open_picture),
            ("file", self._open_file),
            ("file_name", self._open_file),
        ):
            self._bind_tag(tag, act)
        for tag, name in _PRESSED.items():
            self._bind_tag(tag, partial(self._press, MESSAGE_BY_ID[name]))
        self._bind_tag("author", self._open_author)
        for action in TIMELINE:
            for key in action.keys:
                on_key(paper, key, partial(action.perform, self))
        for key in dict.fromkeys(key for action in MESSAGE for key in action.keys):
            on_key(paper, key, partial(self._do_at_cursor, key))
        # Tab has brought the keyboard here: show where it is.
        paper.bind("<<TraverseIn>>", lambda _event: self.move_cursor(0))
        paper.bind("<Escape>", lambda _event: self.clear_cursor())
        # A menu or a question takes the keyboard for a while: what was chosen stays chosen.
        paper.bind("<FocusIn>", lambda _event: paper.show_chosen(True), add="+")
        paper.bind("<FocusOut>", lambda _event: paper.show_chosen(False), add="+")

    def _bind_tag(self, tag: str, act: Callable[[Entry, str], object]) -> None:
        def press(event: "tk.Event[tk.Misc]") -> None:
            index = self._paper.index(f"@{event.x},{event.y}")
            entry = self._entry(self._paper.key_at(index))
            if entry is not None and not self._paper.tag_ranges("sel"):
                act(entry, index)

        paper = self._paper
        paper.tag_bind(tag, "<ButtonRelease-1>", press)
        paper.tag_bind(tag, "<Enter>", lambda _event: paper.configure(cursor="hand2"))
        paper.tag_bind(tag, "<Leave>", lambda _event: paper.configure(cursor="arrow"))

    # Finding

    def _entry(self, key: str) -> Entry | None:
        place = self._paper.place_of(key) if key else -1
        return self._paper.entries[place] if place >= 0 else None

    def message(self, key: str) -> MessageState | None:
        """Return the message of an entry, or None where the entry is something else."""
        entry = self._entry(key)
        return entry.message if entry is not None and entry.kind == "message" else None

    def _range(self, tag: str, index: str) -> str:
        """Give the text of the run of a tag at an index."""
        found = self._paper.tag_prevrange(tag, f"{index} + 1 chars")
        return self._paper.get(*found) if found else ""

    # Clicks in the text

    def _open_link(self, _entry: Entry, index: str) -> None:
        self._commands.open_link(self._range("link", index))

    def _open_room(self, _entry: Entry, index: str) -> None:
        self._commands.open_link(self._range("room", index))

    def _open_mention(self, _entry: Entry, index: str) -> None:
        x, y = self._paper.winfo_pointerxy()
        self._window.show_person(self._range("mention", index).removeprefix("@"), x, y)

    def _open_picture(self, _entry: Entry, index: str) -> None:
        file = self._paper.pictures.at(index)
        if file is not None:
            self._window.show_picture(file)

    def _open_file(self, entry: Entry, index: str) -> None:
        numbers = [name.removeprefix(FILE_STYLE) for name in self._paper.tag_names(index)]
        number = next((int(number) for number in numbers if number.isdecimal()), 0)
        if entry.message is not None and number < len(entry.message.files):
            self._commands.open_file(entry.message.files[number])

    def _open_author(self, entry: Entry, _index: str) -> None:
        if entry.message is not None and entry.message.author:
            x, y = self._paper.winfo_pointerxy()
            self._window.show_person(entry.message.author, x, y)

    def _press(self, action: Action[Chosen], entry: Entry, _index: str) -> None:
        if entry.message is not None:
            action.perform(self._chosen(entry.message, *self._paper.winfo_pointerxy()))

    def _chosen(self, message: MessageState, x: int, y: int) -> Chosen:
        return Chosen(self._commands, message, x, y)

    # The toolbar under the pointer

    def _moved(self, event: "tk.Event[tk.Misc]") -> None:
        key = self._paper.key_at(f"@{event.x},{event.y}")
        message = self.message(key)
        if message is None or message.seq is None or message.deleted:
            self._hide_toolbar()
        elif key != self._hovered or not self.toolbar.winfo_ismapped():
            self._hovered = key
            self._place_toolbar(key)

    def _place_toolbar(self, key: str) -> None:
        info = self._paper.dlineinfo(f"{key}.first")
        top = info[1] if info is not None else 0
        look = self._look
        right = min(self._paper.winfo_width() - look.px(10), look.px(COLUMN_MAX))
        beside = self._text_right(key) + look.px(24) + self.toolbar.winfo_reqwidth()
        self.toolbar.place(
            x=min(right, max(beside, look.px(260))), y=max(look.px(2), top - look.px(6)), anchor="ne"
        )
        self.toolbar.lift()

    def _text_right(self, key: str) -> int:
        """Give where the text ends at the right on the two lines that the toolbar stands beside."""
        start, ends = f"{key}.first", [0]
        for _line in range(2):
            info = self._paper.dlineinfo(start)
            if info is not None and self._paper.compare(start, "<", f"{key}.last"):
                ends.append(info[0] + info[2])
            start = self._paper.index(f"{start} + 1 display lines")
        return max(ends)

    def _hide_toolbar(self) -> None:
        self._hovered = ""
        self.toolbar.place_forget()

    def _left(self, event: "tk.Event[tk.Misc]") -> None:
        under = self._paper.winfo_containing(event.x_root, event.y_root)
        if under is None or not str(under).startswith(str(self._paper)):
            self._hide_toolbar()

    def _toolbar_place(self) -> tuple[int, int]:
        toolbar = self.toolbar
        return toolbar.winfo_rootx(), toolbar.winfo_rooty() + toolbar.winfo_height()

    def _do_hovered(self, action: Action[Chosen]) -> None:
        message = self.message(self._hovered)
        if message is not None:
            action.perform(self._chosen(message, *self._toolbar_place()))

    def _toolbar_menu(self) -> None:
        self.open_menu(self._hovered, *self._toolbar_place())

    # The menu

    def _context(self, event: "tk.Event[tk.Misc]") -> str:
        self.open_menu(self._paper.key_at(f"@{event.x},{event.y}"), event.x_root, event.y_root)
        return "break"

    def open_menu(self, key: str, x: int, y: int) -> None:
        """Offer what can be done with a message, at a place on the screen."""
        message = self.message(key)
        if message is not None:
            self._fill_menu(self._chosen(message, x, y))
            self.menu.tk_popup(x, y)

    def _fill_menu(self, chosen: Chosen) -> None:
        self.menu.delete(0, "end")
        add_actions(self.menu, self._look, MESSAGE, chosen)

    # The keyboard's place

    def move_cursor(self, step: int) -> str:
        """Go to the message above or below."""
        entries = [entry for entry in self._paper.entries if entry.kind == "message"]
        if not entries:
            return "break"
        keys = [entry.key for entry in entries]
        at = keys.index(self.cursor) + step if self.cursor in keys else len(keys) - 1
        self._paper.choose(keys[max(0, min(len(keys) - 1, at))])
        self._paper.see(f"{self.cursor}.last - 1 chars")
        self._paper.see(f"{self.cursor}.first")
        self._view.note_place()
        return "break"

    @property
    def cursor(self) -> str:
        """The key of the message that the keyboard has chosen."""
        return self._paper.chosen

    def clear_cursor(self) -> str:
        """Choose no message."""
        self._paper.choose("")
        return "break"

    def _pressed(self) -> None:
        self.clear_cursor()
        self._paper.focus_set()

    def _cursor_place(self) -> tuple[int, int]:
        box = self._paper.dlineinfo(f"{self.cursor}.first") if self.cursor else None
        top = (box[1] + box[3]) if box is not None else 0
        return self._paper.winfo_rootx() + self._look.px(40), self._paper.winfo_rooty() + top

    def open_cursor_menu(self) -> str:
        """Open the menu of the message that the keyboard has chosen."""
        if self.cursor:
            self.open_menu(self.cursor, *self._cursor_place())
        return "break"

    def _do_at_cursor(self, key: str) -> str:
        """Do what a key means for the chosen message; of those that share the key at most one can be done."""
        message = self.message(self.cursor)
        if message is not None:
            chosen = self._chosen(message, *self._cursor_place())
            action = next((a for a in MESSAGE if key in a.keys and a.enabled(chosen)), None)
            if action is not None:
                action.perform(chosen)
        return "break"
