"""What a room is, on a sheet: its name, topic, description and kind, to be changed by those who may.

Tk thread only. It looks the rights up in the state, and leaves the questions to the window.
"""

import tkinter as tk
from collections.abc import Callable
from functools import partial
from tkinter import ttk
from typing import Final

from chat_client.engine.client import Client
from chat_client.i18n import _
from chat_client.model import changes as ch
from chat_client.model.room_rights import kinds_for, may_add, may_archive, may_edit
from chat_client.model.state import RoomState
from chat_client.ui.action_targets import KeepingCommands
from chat_client.ui.look.look import Look
from chat_client.ui.panes.people import name_of, title_of
from chat_client.ui.sheets.keeping_sheet import (
    KeepingSheet,
    KindChoice,
    submit_with_return,
    wrong_with_name,
)
from chat_client.ui.widgets.widgets import Field, button, text_box
from chat_client.ui.widgets.words import Words, keep_emoji_marked
from chat_protocol.limits import DESCRIPTION_MAX_CHARS, TOPIC_MAX_CHARS
from chat_protocol.room_requests import RoomEdit

WIDTH: Final = 560


class RoomSheet(KeepingSheet):
    """The sheet.

    :param keeping: asks the other questions about the room, in the place of this sheet.
    :param leave: asks whether to leave the room.
    """

    request = RoomEdit.TYPE

    def __init__(
        self,
        look: Look,
        client: Client,
        room: RoomState,
        keeping: KeepingCommands,
        leave: Callable[[], object],
    ) -> None:
        title = look.plain_line(title_of(client.state, room))
        super().__init__(look.root, look, title, width=WIDTH)
        self._client, self._keeping, self.room = client, keeping, room
        self._inner = look.px(WIDTH - 48)
        self.editable = may_edit(client.state, room)
        self.buttons: dict[str, ttk.Button] = {}
        self.button: ttk.Button | None = None
        if self.editable:
            self._fields()
        else:
            self._texts()
        self._button_row(leave)
        self.show(self.name.entry if self.editable else self.done)

    # What is there

    def _fields(self) -> None:
        look, room = self.look, self.room
        self.name = Field(self.inside, look, _("keeping.name"), surface="raised")
        self.name.set(room.title)
        self.topic = Field(self.inside, look, _("keeping.topic_label"), surface="raised")
        self.topic.set(room.topic)
        self.name.pack(fill="x")
        self.topic.pack(fill="x")
        label = ttk.Label(self.inside, text=_("keeping.description"), style="Raised.SmallBold.TLabel")
        label.pack(anchor="w", pady=(0, look.px(3)))
        box = ttk.Frame(self.inside, style="Raised.Field.TFrame", padding=(look.px(10), look.px(6)))
        box.pack(fill="x")
        self.description = text_box(box, look)
        self.description.configure(height=2)
        self.description.insert("1.0", room.description)
        self.description.bind("<Tab>", lambda _event: self._walk(tk.Misc.tk_focusNext))
        keep_emoji_marked(self.description, look)
        self.description.pack(fill="both")
        self.kind = KindChoice(self.inside, look, kinds_for(room), room.kind, self._inner)
        self.kind.pack(fill="x", pady=(look.px(12), 0))
        self.told = ttk.Label(
            self.inside, style="Raised.Danger.TLabel", wraplength=self._inner, justify="left"
        )
        self.name.recheck = self._wrong_with_name
        submit_with_return(self.submit, self.name, self.topic)

    def _texts(self) -> None:
        look, room, state = self.look, self.room, self._client.state
        owners = ", ".join(look.plain_line(name_of(state, name)) for name in sorted(room.owners))
        kind = _("keeping.archived_words") if room.archived else _(f"keeping.means_{room.kind}")
        for heading, words in (
            (_("keeping.topic_label"), room.topic),
            (_("keeping.description"), room.description),
            (_("keeping.owners"), owners),
            (_("keeping.kind"), kind),
        ):
            if words:
                ttk.Label(self.inside, text=heading, style="Raised.SmallBold.TLabel").pack(anchor="w")
                shown = look.paragraph(words, "label", self._inner)
                Words(self.inside, look, "Raised", shown, wrap=self._inner).pack(
                    anchor="w", pady=(look.px(2), look.px(12))
                )

    def _button_row(self, leave: Callable[[], object]) -> None:
        look, room, state, key = self.look, self.room, self._client.state, self.room.key
        others = ttk.Frame(self.inside, style="Raised.TFrame")  # made first: Tab goes there first
        row = ttk.Frame(self.inside, style="Raised.TFrame")
        row.pack(side="bottom", fill="x", pady=(look.px(14), 0))
        others.pack(side="bottom", fill="x", pady=(look.px(14), 0))
        offered: list[tuple[str, str, Callable[[], object]]] = []
        if may_add(state, room):
            offered.append(("add", "keeping.add", lambda: self._keeping.ask_people(key)))
        if may_archive(state, room) and room.archived:
            offered.append(("unarchive", "keeping.unarchive", lambda: self._keeping.unarchive(key)))
        elif may_archive(state, room):
            offered.append(("archive", "keeping.archive", lambda: self._keeping.ask_archive(key)))
        if room.joined:
            offered.append(("leave", "keeping.leave", leave))
        for name, label, act in offered:
            made = button(others, _(label), partial(self._instead, act), surface="raised")
            made.pack(side="left", padx=(0, look.px(8)))
            self.buttons[name] = made
        if self.editable:
            self.button = button(row, _("action.save"), self.submit, kind="Accent", surface="raised")
            self.button.pack(side="right")
        self.done = button(
            row,
            _("action.cancel") if self.editable else _("action.close"),
            self.close,
            kind="Outline" if self.editable else "Accent",
            surface="raised",
        )
        self.done.pack(side="right", padx=look.px(8) if self.editable else 0)

    def _instead(self, act: Callable[[], object]) -> None:
        """Close, and ask something else about the room."""
        self.close()
        act()

    # What is asked

    def _wrong_with_name(self) -> str:
        name = self.name.get().strip()
        return wrong_with_name(name, self.kind.get()) if name != self.room.title else ""

    def submit(self) -> None:
        """Ask the server for what was changed; close where nothing was."""
        self.name.complain(self._wrong_with_name())
        if self.name.complaint or self.button is None or self.button.instate(["disabled"]):
            return
        room = self.room
        given = {
            "name": (self.name.get().strip(), room.title),
            "topic": (self.topic.get().strip()[:TOPIC_MAX_CHARS], room.topic),
            "description": (
                self.description.get("1.0", "end-1c").strip()[:DESCRIPTION_MAX_CHARS],
                room.description,
            ),
            "kind": (self.kind.get(), room.kind),
        }
        changed = {field: value for field, (value, was) in given.items() if value != was}
        if not changed:
            self.close()
            return
        self.told.pack_forget()
        self.button.state(["disabled"])
        self._client.own_rooms.edit(room.key, **changed)

    def complain(self, words: str, field: str = "") -> None:
        """Show why the room was not changed, at the name where that is it."""
        if self.button is None:
            return
        self.button.state(["!disabled"])
        if field == "name":
            self.name.complain(words)
            self.name.entry.focus_set()
            return
        self.told.configure(text=words)
        self.told.pack(anchor="w", pady=(self.look.px(8), 0))
        self.grown()

    def apply(self, change: ch.Change) -> None:
        """Close when it is done, or when the room is gone."""
        done = isinstance(change, ch.RequestDone) and change.request == self.request
        if done or self.room.key not in self._client.state.rooms:
            self.close()
