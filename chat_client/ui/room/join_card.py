"""What stands in the middle for a room one does not belong to, and the way in; Tk thread only."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from chat_client.i18n import _
from chat_client.model.state import RoomState
from chat_client.ui.look.look import Look
from chat_client.ui.panes.people import room_icon
from chat_client.ui.widgets.editing import Paster
from chat_client.ui.widgets.widgets import button, text_box
from chat_client.ui.widgets.words import Words, keep_emoji_marked
from chat_protocol.limits import REASON_MAX_CHARS

WIDTH = 400
MARGIN = 16


class JoinCard(ttk.Frame):
    """The widget. ``join`` gets a room and a reason, ``leave`` a room."""

    def __init__(
        self, parent: tk.Misc, look: Look, join: Callable[[str, str], object], leave: Callable[[str], object]
    ) -> None:
        super().__init__(parent, style="Paper.TFrame")
        self._look = look
        self._join = join
        self._leave = leave
        self._room: RoomState | None = None
        card = ttk.Frame(self, style="Paper.TFrame")
        self.bind("<Configure>", lambda event: self._fit(event.width))
        self._icon = ttk.Label(card, style="Paper.TLabel")
        self._icon.pack(pady=(0, look.px(12)))
        self.title = Words(card, look, "Paper.Display", justify="center")
        self.title.pack()
        self.topic = Words(card, look, "Paper.Muted", justify="center")
        self.topic.pack(pady=(look.px(4), look.px(16)))
        self.words = Words(card, look, "Paper", justify="center")
        self.words.pack(pady=(0, look.px(12)))
        self._reason_box = ttk.Frame(card, style="Paper.Field.TFrame", padding=(look.px(10), look.px(6)))
        self._reason_label = ttk.Label(card, text=_("join.reason"), style="Paper.SmallBold.TLabel")
        self.reason = text_box(self._reason_box, look)
        self.reason.configure(height=3)
        self.reason.pack(fill="both")
        Paster(self.reason, look.text, REASON_MAX_CHARS, lambda *_: None, lambda _why: None)
        keep_emoji_marked(self.reason, look)
        self.reason.bind("<FocusIn>", lambda _event: self._reason_box.state(["focus"]))
        self.reason.bind("<FocusOut>", lambda _event: self._reason_box.state(["!focus"]))
        self.reason.bind("<Tab>", self._leave_reason)
        self.reason.bind("<Return>", lambda _event: self._press())
        self.button = button(card, "", self._press, kind="Accent")
        self.take_back = button(card, _("join.take_back"), self._take_back, kind="Quiet")
        self._card = card

    def take_focus(self) -> bool:
        """Take the keyboard, where there is something to write or to press."""
        target = next(
            (
                widget
                for widget, box in (
                    (self.reason, self._reason_box),
                    (self.button, self.button),
                    (self.take_back, self.take_back),
                )
                if box.winfo_manager()
            ),
            None,
        )
        if target is not None:
            target.focus_set()
        return target is not None

    def _fit(self, space: int) -> None:
        """Take the width that reads well, or what there is beside a search in a small window."""
        width = min(self._look.px(WIDTH), space - 2 * self._look.px(MARGIN))
        self._card.place(relx=0.5, rely=0.42, anchor="center", width=max(width, 1))
        for label in (self.title, self.topic, self.words):
            label.wrap(max(width, 1))
        self._reason_label.configure(wraplength=max(width, 1))

    def show(self, room: RoomState | None, look: Look) -> None:
        """Draw the way into a room."""
        same = room is self._room
        self._room = room
        for widget in (self._reason_label, self._reason_box, self.button, self.take_back):
            widget.pack_forget()
        if room is None:
            self._icon.configure(image=look.pictures.icon("bubble", "field_line", 56))
            self.title.say(_("join.nothing_title"))
            self.topic.say(_("join.nothing"))
            self.words.say("")
            return
        self._icon.configure(image=look.pictures.icon(room_icon(room), "accent", 44))
        self.title.say(look.line(room.title))
        self.topic.say(look.line(room.topic))
        self.words.say(self._words(room))
        if not same:
            self.reason.delete("1.0", "end")
        if room.membership == "pending":
            self.take_back.pack()
        else:
            self._show_way_in(room.kind == "moderated")

    def _show_way_in(self, moderated: bool) -> None:
        look = self._look
        if moderated:
            self._reason_label.pack(anchor="w", pady=(0, look.px(3)))
            self._reason_box.pack(fill="x", pady=(0, look.px(14)))
        self.button.configure(text=_("join.ask") if moderated else _("join.join"))
        self.button.pack()

    def _words(self, room: RoomState) -> str:
        if room.membership == "pending":
            return _("join.pending")
        if room.refusal:
            return _("join.refused_because", reason=self._look.line(room.refusal))
        return _("join.moderated") if room.kind == "moderated" else _("join.public")

    def _press(self) -> str:
        if self._room is not None:
            reason = self.reason.get("1.0", "end-1c").strip()[:REASON_MAX_CHARS]
            self._join(self._room.key, reason if self._room.kind == "moderated" else "")
        return "break"

    def _take_back(self) -> None:
        if self._room is not None:
            self._leave(self._room.key)

    def _leave_reason(self, _event: object) -> str:
        self.button.focus_set()
        return "break"
