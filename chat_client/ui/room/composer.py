"""Where one writes: a field that grows, with a reply or an edit above it, and a list while a name is typed.

Tk thread only. It knows texts and keys; what is sent goes out through callbacks.
"""

import tkinter as tk
from collections.abc import Callable, Sequence
from functools import partial
from tkinter import ttk
from typing import Protocol

from chat_client.i18n import _, ngettext
from chat_client.ui.actions import WRITING
from chat_client.ui.look.look import Look
from chat_client.ui.room.composer_menu import ComposerMenu
from chat_client.ui.room.marking import toggle_mark
from chat_client.ui.room.offering import Offer
from chat_client.ui.room.said import Said
from chat_client.ui.room.suggesting import Suggestion, Typed
from chat_client.ui.widgets.editing import Paster
from chat_client.ui.widgets.widgets import IconButton, fit, icon_button, on_key, tab_from_left
from chat_client.ui.widgets.words import Words, mark_emoji
from chat_protocol.limits import BODY_MAX_CHARS

LINES_MAX = 9
#: The number of characters left is told from here on.
COUNT_FROM = BODY_MAX_CHARS - 300


class Writer(Protocol):
    """Takes what is written in the composer."""

    def send_text(self, body: str) -> bool:
        """Take a text; False where it stays in the composer."""

    def typed(self) -> None:
        """Hear that a key has changed the text; it may be empty now."""

    def edit_last(self) -> None:
        """Bring the user's last message into the composer."""

    def cancel(self) -> None:
        """Give up the reply or the edit."""

    def suggest(self, typed: Typed) -> Sequence[Suggestion]:
        """Give what may take the place of what is being typed."""


class Composer(ttk.Frame):
    """The widget. What is written goes to ``writer``."""

    def __init__(self, parent: tk.Misc, look: Look, writer: Writer) -> None:
        super().__init__(
            parent, style="Paper.TFrame", padding=(look.px(16), look.px(4), look.px(16), look.px(12))
        )
        self._look = look
        self._writer = writer
        self._hint = ""
        self._has_files = False
        #: Lets the user choose files; attaches what is on the clipboard, False where there are no files.
        self.on_attach: Callable[[], object] = lambda: None
        self.on_paste: Callable[[], bool] = lambda: False
        #: Says whether a text may go as a file; makes it one for the next message, False where it cannot.
        self.takes_file: Callable[[], bool] = lambda: False
        self.on_text_file: Callable[[str], bool] = lambda _text: False
        #: Opens the palette of emoji with its corner at a place on the screen.
        self.on_emoji: Callable[[int, int], object] = lambda _x, _y: None
        self._context_words = ""
        self._build_context()
        self.box = ttk.Frame(
            self, style="Paper.Field.TFrame", padding=(look.px(12), look.px(6), look.px(6), look.px(6))
        )
        self.box.pack(fill="x")
        palette = look.palette
        self.text = tk.Text(
            self.box,
            height=1,
            width=10,
            wrap="word",
            undo=True,
            maxundo=200,
            font=look.font("body"),
            borderwidth=0,
            highlightthickness=0,
            background=palette.raised,
            foreground=palette.text,
            insertbackground=palette.text,
            insertwidth=max(2, look.px(1.5)),
            selectbackground=palette.selection,
            selectforeground=palette.text,
            spacing2=look.px(3),
            pady=look.px(5),
            padx=0,
        )
        self.send_button = self._button("send", self.send_now, "accent_text")
        self.attach_button = self._button("attach")
        self.emoji_button = self._button("emoji")
        tab_from_left(self.box)
        self.text.pack(side="left", fill="x", expand=True)
        self._placeholder = Words(self.text, look, "Raised.Tiny", font="body")
        self._placeholder.configure(cursor="xterm")
        self._placeholder.bind("<Button-1>", lambda _event: self.text.focus_set())
        self._counter = ttk.Label(self, style="Paper.Tiny.TLabel")
        #: Said until the text is another one, and for as long as nothing can be sent.
        self.noticed = Said(self, look, self.box)
        self.banner = Said(self, look, self.box)
        self._noticed_text = ""
        self.menu = ComposerMenu(look, self.text, self).menu
        self._offer = Offer(look, self.text, self.box, writer.suggest)
        self.suggestions = self._offer.list
        self._bind_events()

    def _build_context(self) -> None:
        look = self._look
        self._context = ttk.Frame(self, style="Paper.TFrame", padding=(look.px(2), 0, look.px(2), look.px(6)))
        self._context_icon = ttk.Label(self._context, style="Paper.TLabel")
        self._context_icon.pack(side="left", padx=(0, look.px(8)))
        self._context_text = Words(self._context, look, "Paper.Small", filled=True)
        self._context_close = icon_button(
            self._context, look, "close", _("action.cancel"), self.cancel, size=14
        )
        self._context_close.pack(side="right")
        self._context_text.pack(side="left", fill="x", expand=True)

    def _button(
        self, action_id: str, act: Callable[[], object] | None = None, colour: str = "muted"
    ) -> IconButton:
        """Put a button for an action into the box, at the left of those that are there."""
        action = next(action for action in WRITING if action.id == action_id)
        act = act or partial(action.perform, self)
        made = icon_button(self.box, self._look, action.icon, action.tip, act, colour=colour)
        made.configure(style="Raised.Icon.TButton")
        made.pack(side="right", anchor="s")
        return made

    def _bind_events(self) -> None:
        text = self.text
        for action in WRITING:
            for key in action.keys:
                on_key(text, key, partial(action.perform, self))
        text.bind("<Shift-Tab>", lambda _event: self._leave(back=True))
        text.bind("<ISO_Left_Tab>", lambda _event: self._leave(back=True)) if _has_keysym(text) else None
        text.bind("<<Modified>>", lambda _event: self._modified())
        Paster(
            text,
            self._look.text,
            BODY_MAX_CHARS,
            self._left_out,
            lambda why: self.notice(_(why)),
            lambda: self.on_paste(),
        )
        text.bind("<FocusIn>", lambda _event: self.box.state(["focus"]))
        text.bind("<FocusOut>", lambda _event: self._focus_went())
        on_key(text, "Down", self._below)
        self.bind("<Destroy>", lambda event: self.suggestions.destroy() if event.widget is self else None)
        text.bind("<Configure>", lambda _event: self._resized())

    # The text

    def get(self) -> str:
        """Return what has been typed."""
        return self.text.get("1.0", "end-1c")

    @property
    def caret(self) -> str:
        """Where the cursor stands, for :meth:`set`."""
        return self.text.index("insert")

    def set(self, value: str, hint: str | None = None, caret: str = "") -> None:
        """Put another text into the field, without a notice of typing.

        :param caret: where the cursor stands then.
        """
        if value != self.get():
            self.text.replace("1.0", "end", self._look.text(value))
        if caret:
            self.text.mark_set("insert", caret)
            self.text.see("insert")
        self.text.edit_reset()
        self.text.edit_modified(False)
        self._offer.forget()
        if hint is not None:
            self._hint = hint
        self._refresh()

    def insert(self, piece: str) -> None:
        """Put a piece in at the cursor, and the keyboard into the field."""
        self.text.insert("insert", self._look.text(piece))
        self.text.focus_set()

    def submit(self) -> str:
        """Take what the list over the field offers; without one send what stands in the field."""
        return "break" if self.suggestions.take() else self.send_now()

    def send_now(self) -> str:
        """Send what stands in the field."""
        body = self.get().strip("\n")
        over = len(body) - BODY_MAX_CHARS
        if over > 0:
            words = ngettext("composer.not_sent_too_long", over, most=BODY_MAX_CHARS)
            self.notice(words, lambda: self._send_as_file(self.get(), "1.0", "end"))
        elif (body.strip() or self._has_files) and self._writer.send_text(body):
            self.set("")
        return "break"

    @property
    def has_files(self) -> bool:
        """Whether files go with the next message, which may have no text then."""
        return self._has_files

    @has_files.setter
    def has_files(self, has: bool) -> None:
        self._has_files = has
        self._refresh()

    def attach(self) -> str:
        """Choose files for the next message."""
        self.on_attach()
        return "break"

    def choose_emoji(self) -> str:
        """Choose an emoji for the text, from the palette beside the field."""
        box = self.box
        self.on_emoji(box.winfo_rootx() + box.winfo_width(), box.winfo_rooty() - self._look.px(4))
        return "break"

    def _left_out(self, count: int, pasted: str, start: str) -> None:
        """Say that not all of a paste has found room, and offer to send all of it as a file."""
        end = self.text.index("insert")
        words = ngettext("composer.left_out", count)
        self.notice(words, lambda: self._send_as_file(pasted, start, end))

    def _send_as_file(self, text: str, start: str, end: str) -> None:
        """Send a text as a file, with what else stands in the field as the message."""
        if self.on_text_file(text):
            self.text.delete(start, end)
            self.submit()
            self.text.focus_set()

    def notice(self, words: str, as_file: Callable[[], object] | None = None) -> None:
        """Say something above the field until its text is another.

        :param as_file: what sends as a file what is too long for a message; offered where files may go.
        """
        self._noticed_text = self.get()
        self.noticed.say(words, _("composer.send_as_file"), as_file if self.takes_file() else None)

    def show_banner(self, words: str, again: Callable[[], object] | None = None) -> None:
        """Say above the field, until it is told otherwise, why nothing can be sent; without words nothing.

        :param again: what a button behind the words does.
        """
        if not words:
            self.banner.hide()
        elif words != self.banner.words:
            self.banner.say(words, _("connection.retry"), again)

    def cancel(self) -> str:
        """Send the list over the field away; without one give up the reply or the edit."""
        if not self._offer.send_away():
            self._writer.cancel()
        return "break"

    def show_context(self, icon: str, words: str) -> None:
        """Say above the field what the next text is: a reply or an edit; without words nothing."""
        if not words:
            self._context.pack_forget()
            return
        look = self._look
        self._context_words = words
        self._context_icon.configure(image=look.pictures.icon(icon, "accent_text", 15))
        self._fit_context()
        self._context.pack(fill="x", before=self.box)

    def _fit_context(self) -> None:
        look = self._look
        width = max(look.px(120), self.winfo_width() - look.px(110))
        self._context_text.say(fit(look.line(self._context_words), look.mixed("small"), width))

    @property
    def context_words(self) -> str:
        """What the line above says about a reply or an edit, or nothing."""
        return self._context_words if self._context.winfo_manager() else ""

    # Keys

    def break_line(self) -> str:
        """Begin a new line."""
        self.text.insert("insert", "\n")
        self.text.see("insert")
        return "break"

    def edit_last(self) -> str | None:
        """Go up in the list, or edit the last message where the field is empty; otherwise move the cursor."""
        if self.suggestions.move(-1):
            return "break"
        if not self.get():
            self._writer.edit_last()
            return "break"
        return None

    def _focus_went(self) -> None:
        self.box.state(["!focus"])
        self.suggestions.hide()

    def _leave(self, back: bool) -> str:
        target = self.text.tk_focusPrev() if back else self.text.tk_focusNext()
        if target is not None:
            target.focus_set()
        return "break"

    def complete_name(self) -> str:
        """Take what the list over the field offers; without one go to the next widget."""
        if not self.suggestions.take():
            self._leave(back=False)
        return "break"

    def mark(self, mark: str) -> str:
        """Put marks around what is selected, or take them off."""
        toggle_mark(self.text, mark)
        return "break"

    def _below(self) -> str | None:
        """Go down in the list over the field; without one the key moves the cursor."""
        return "break" if self.suggestions.move(1) else None

    def _modified(self) -> None:
        if self.text.edit_modified():
            self.text.edit_modified(False)
            self._refresh()
            self._writer.typed()
            self._offer.follow()

    # Looks

    def _refresh(self) -> None:
        length = len(self.get())
        look = self._look
        if self.noticed.words and self._noticed_text != self.get():
            self.noticed.hide()
        if length:
            self._placeholder.place_forget()
        else:
            width = max(look.px(60), self.text.winfo_width() - look.px(4))
            self._placeholder.say(fit(self._hint, look.mixed("body"), width))
            self._placeholder.place(x=look.px(3), y=0)
        mark_emoji(self.text, look)
        left = BODY_MAX_CHARS - length
        if length >= COUNT_FROM:
            words = ngettext("composer.left", left) if left >= 0 else ngettext("composer.too_long", -left)
            self._counter.configure(
                text=words, style="Paper.Tiny.TLabel" if left >= 0 else "Paper.Danger.TLabel"
            )
            self._counter.pack(anchor="e", pady=(look.px(2), 0))
        else:
            self._counter.pack_forget()
        self.send_button.state(["!disabled" if (length or self._has_files) and left >= 0 else "disabled"])
        self._grow()

    def _resized(self) -> None:
        self._fit_context()
        self._refresh()

    def _grow(self) -> None:
        lines = self.text.count("1.0", "end", "displaylines")
        count = lines[0] if isinstance(lines, tuple) else int(lines or 1)
        height = max(1, min(LINES_MAX, count))
        if int(self.text.cget("height")) != height:
            self.text.configure(height=height)
            self.text.see("insert")


def _has_keysym(widget: tk.Misc) -> bool:
    return str(widget.tk.call("tk", "windowingsystem")) == "x11"
