"""What one can do with a message, by pointer and by keyboard; Tk thread only."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from tkinter import ttk

from chat_client.i18n import _
from chat_client.model.state import MessageState, Status
from chat_client.ui.look.look import Look
from chat_client.ui.room.timeline.entries import Entry
from chat_client.ui.room.timeline.view import TimelineView
from chat_client.ui.widgets.widgets import icon_button, on_plain_key


@dataclass(frozen=True, slots=True)
class MessageActions:
    """What the window does with a message when asked to."""

    reply: Callable[[MessageState], object]
    react: Callable[[MessageState, int, int], object]
    edit: Callable[[MessageState], object]
    delete: Callable[[MessageState], object]
    copy: Callable[[str], object]
    direct: Callable[[str], object]
    retry: Callable[[str], object]
    discard: Callable[[str], object]
    open_link: Callable[[str], object]
    person: Callable[[str, int, int], object]
    may_edit: Callable[[MessageState], bool]
    may_delete: Callable[[MessageState], bool]
    may_write: Callable[[], bool]


class TimelineActions:
    """Binds the timeline's text to the actions."""

    def __init__(self, look: Look, view: TimelineView, actions: MessageActions) -> None:
        self._look = look
        self._view = view
        self._paper = view.paper
        self._actions = actions
        self._hovered = ""
        self.cursor = ""
        self.menu = look.menu(view.paper)
        self._build_toolbar()
        self._bind()

    def _build_toolbar(self) -> None:
        look = self._look
        self.toolbar = tk.Frame(self._paper, background=look.palette.line, padx=1, pady=1, cursor="arrow")
        inside = ttk.Frame(self.toolbar, style="Raised.TFrame")
        inside.pack()
        for icon, tip, act in (
            ("smile", _("action.react"), self._toolbar_react),
            ("reply", _("action.reply"), lambda: self._with_hovered(self._actions.reply)),
            ("more", _("action.more"), self._toolbar_menu),
        ):
            made = icon_button(inside, look, icon, tip, act, surface="raised", size=17, focus=False)
            made.pack(side="left")

    def _bind(self) -> None:
        paper = self._paper
        paper.bind("<Motion>", self._moved, add="+")
        paper.bind("<Leave>", self._left, add="+")
        paper.bind("<Button-1>", lambda _event: paper.focus_set(), add="+")
        context = ("<Button-2>", "<Button-3>", "<Control-Button-1>")
        is_mac = str(paper.tk.call("tk", "windowingsystem")) == "aqua"
        for sequence in context if is_mac else ("<Button-3>",):
            paper.bind(sequence, self._context)
        for tag, act in (
            ("link", self._open_link),
            ("mention", self._open_mention),
            ("unfold", self._unfold),
        ):
            self._bind_tag(tag, act)
        self._bind_tag("retry", lambda entry, _index: self._actions.retry(self._nonce(entry)))
        self._bind_tag("discard", lambda entry, _index: self._actions.discard(self._nonce(entry)))
        self._bind_tag("quote", self._jump_to_original)
        self._bind_tag("author", self._open_author)
        for key, step in (("Up", -1), ("Down", 1)):
            on_plain_key(paper, key, partial(self.move_cursor, step))
        for key in ("Menu", "Shift-F10", "Return", "space"):
            paper.bind(f"<{key}>", lambda _event: self._cursor_menu())
        # Tab has brought the keyboard here: show where it is.
        paper.bind("<<TraverseIn>>", lambda _event: self.move_cursor(0))
        paper.bind("<Escape>", lambda _event: self.clear_cursor())
        paper.bind("<FocusOut>", lambda _event: self.clear_cursor(), add="+")
        keys: tuple[tuple[str, Callable[[MessageState], object]], ...] = (
            ("r", self._actions.reply),
            ("e", self._try_edit),
            ("Delete", self._try_delete),
            ("plus", self._react_here),
            ("c", lambda message: self._actions.copy(message.body)),
            ("p", lambda m: self._actions.direct(m.author)),
        )
        for key, deed in keys:
            on_plain_key(paper, key, partial(self._with_cursor, deed))

    def _bind_tag(self, tag: str, act: Callable[[Entry, str], object]) -> None:
        def press(event: tk.Event[tk.Misc]) -> None:
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
        entry = self._entry(key)
        return entry.message if entry is not None and entry.kind == "message" else None

    def _nonce(self, entry: Entry) -> str:
        return (entry.message.nonce if entry.message is not None else None) or ""

    def _range(self, tag: str, index: str) -> str:
        """Give the text of the run of a tag at an index."""
        found = self._paper.tag_prevrange(tag, f"{index} + 1 chars")
        return self._paper.get(*found) if found else ""

    # Clicks in the text

    def _open_link(self, _entry: Entry, index: str) -> None:
        self._actions.open_link(self._range("link", index))

    def _open_mention(self, _entry: Entry, index: str) -> None:
        x, y = self._paper.winfo_pointerxy()
        self._actions.person(self._range("mention", index).removeprefix("@"), x, y)

    def _open_author(self, entry: Entry, _index: str) -> None:
        if entry.message is not None and entry.message.author:
            x, y = self._paper.winfo_pointerxy()
            self._actions.person(entry.message.author, x, y)

    def _unfold(self, entry: Entry, _index: str) -> None:
        unfolded = self._view.context.unfolded
        assert isinstance(unfolded, set)
        unfolded.add(entry.key)
        with self._view.keep_scroll_position():
            self._paper.replace_entry(self._paper.place_of(entry.key), entry)

    def _jump_to_original(self, entry: Entry, _index: str) -> None:
        if entry.message is not None and entry.message.reply_to is not None:
            self._view.on_jump(entry.message.reply_to)

    # The toolbar under the pointer

    def _moved(self, event: tk.Event[tk.Misc]) -> None:
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
        right = min(self._paper.winfo_width() - look.px(10), look.px(820))
        self.toolbar.place(x=right, y=max(look.px(2), top - look.px(6)), anchor="ne")
        self.toolbar.lift()

    def _hide_toolbar(self) -> None:
        self._hovered = ""
        self.toolbar.place_forget()

    def _left(self, event: tk.Event[tk.Misc]) -> None:
        under = self._paper.winfo_containing(event.x_root, event.y_root)
        if under is None or not str(under).startswith(str(self._paper)):
            self._hide_toolbar()

    def _with_hovered(self, act: Callable[[MessageState], object]) -> None:
        message = self.message(self._hovered)
        if message is not None:
            act(message)

    def _toolbar_react(self) -> None:
        x, y = self.toolbar.winfo_rootx(), self.toolbar.winfo_rooty() + self.toolbar.winfo_height()
        self._with_hovered(lambda message: self._actions.react(message, x, y))

    def _toolbar_menu(self) -> None:
        x, y = self.toolbar.winfo_rootx(), self.toolbar.winfo_rooty() + self.toolbar.winfo_height()
        self.open_menu(self._hovered, x, y)

    # The menu

    def _context(self, event: tk.Event[tk.Misc]) -> str:
        self.open_menu(self._paper.key_at(f"@{event.x},{event.y}"), event.x_root, event.y_root)
        return "break"

    def open_menu(self, key: str, x: int, y: int) -> None:
        """Offer what can be done with a message, at a place on the screen."""
        message = self.message(key)
        if message is not None:
            self._fill_menu(message, x, y)
            self.menu.tk_popup(x, y)

    def _fill_menu(self, message: MessageState, x: int, y: int) -> None:
        actions, menu = self._actions, self.menu
        menu.delete(0, "end")
        if self._paper.tag_ranges("sel"):
            selected = self._paper.get("sel.first", "sel.last")
            menu.add_command(label=_("action.copy_selection"), command=lambda: actions.copy(selected))
        if message.seq is None:
            self._fill_waiting(message)
            return
        if not message.deleted:
            if actions.may_write():
                menu.add_command(
                    label=_("action.reply"), accelerator="R", command=lambda: actions.reply(message)
                )
                menu.add_command(
                    label=_("action.react"), accelerator="+", command=lambda: actions.react(message, x, y)
                )
            menu.add_command(
                label=_("action.copy"), accelerator="C", command=lambda: actions.copy(message.body)
            )
            if actions.may_edit(message):
                menu.add_command(
                    label=_("action.edit"), accelerator="E", command=lambda: actions.edit(message)
                )
        if message.author and not message.mine:
            menu.add_separator()
            menu.add_command(
                label=_("action.direct"), accelerator="P", command=lambda: actions.direct(message.author)
            )
        if not message.deleted and actions.may_delete(message):
            menu.add_separator()
            menu.add_command(
                label=_("action.delete"),
                accelerator=_("key.delete"),
                foreground=self._look.palette.danger_text,
                command=lambda: actions.delete(message),
            )

    def _fill_waiting(self, message: MessageState) -> None:
        nonce = message.nonce or ""
        if message.status == Status.REFUSED:
            self.menu.add_command(label=_("timeline.retry"), command=lambda: self._actions.retry(nonce))
        self.menu.add_command(label=_("action.copy"), command=lambda: self._actions.copy(message.body))
        self.menu.add_command(label=_("timeline.discard"), command=lambda: self._actions.discard(nonce))

    # The keyboard's place

    def move_cursor(self, step: int) -> str:
        """Go to the message above or below."""
        entries = [entry for entry in self._paper.entries if entry.kind == "message"]
        if not entries:
            return "break"
        keys = [entry.key for entry in entries]
        at = keys.index(self.cursor) + step if self.cursor in keys else len(keys) - 1
        self.cursor = keys[max(0, min(len(keys) - 1, at))]
        self._paper.tag_remove("cursor", "1.0", "end")
        self._paper.tag_add("cursor", f"{self.cursor}.first", f"{self.cursor}.last")
        self._paper.see(f"{self.cursor}.last - 1 chars")
        self._paper.see(f"{self.cursor}.first")
        self._view.note_place()
        return "break"

    def clear_cursor(self) -> str:
        self.cursor = ""
        self._paper.tag_remove("cursor", "1.0", "end")
        return "break"

    def _cursor_place(self) -> tuple[int, int]:
        box = self._paper.dlineinfo(f"{self.cursor}.first") if self.cursor else None
        top = (box[1] + box[3]) if box is not None else 0
        return self._paper.winfo_rootx() + self._look.px(40), self._paper.winfo_rooty() + top

    def _cursor_menu(self) -> str:
        if self.cursor:
            self.open_menu(self.cursor, *self._cursor_place())
        return "break"

    def _with_cursor(self, act: Callable[[MessageState], object]) -> str:
        message = self.message(self.cursor)
        if message is not None and message.seq is not None and not message.deleted:
            act(message)
        return "break"

    def _try_edit(self, message: MessageState) -> None:
        if self._actions.may_edit(message):
            self._actions.edit(message)

    def _try_delete(self, message: MessageState) -> None:
        if self._actions.may_delete(message):
            self._actions.delete(message)

    def _react_here(self, message: MessageState) -> None:
        self._actions.react(message, *self._cursor_place())
