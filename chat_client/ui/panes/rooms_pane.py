"""The pane at the left: oneself, the way to everything (Ctrl+K), and the rooms in sections that fold.

Tk thread only; it shows the state and reports what was chosen.
"""

import tkinter as tk
from collections.abc import Callable
from functools import partial
from tkinter import ttk

from chat_client.engine.client import Client
from chat_client.i18n import _, ngettext
from chat_client.model.room_rights import may_create
from chat_client.model.room_sections import (
    ARCHIVED,
    DIRECT,
    FAVOURITES,
    JOINED,
    OTHER,
    OWN,
    Section,
    sections,
)
from chat_client.model.state import ClientState, Phase
from chat_client.ui.actions import Actions
from chat_client.ui.look.look import Look
from chat_client.ui.panes.people import status_words
from chat_client.ui.panes.room_filter import RoomFilter
from chat_client.ui.panes.room_rows import RoomRows
from chat_client.ui.widgets.action_widgets import action_button
from chat_client.ui.widgets.row_list import Row, RowList
from chat_client.ui.widgets.widgets import (
    Tooltip,
    button,
    fit,
    on_plain_key,
    press_with_return,
    tab_from_left,
)

WIDTH = 256
#: The keys of the rows of headings; the comma tells them from those of rooms.
_HEADING = {name: f",{name}" for name in (FAVOURITES, JOINED, DIRECT, OTHER, ARCHIVED)}
_SECTION_OF = {key: name for name, key in _HEADING.items()}


class AccountButton(tk.Canvas):
    """Oneself: avatar, name and status; pressed, it offers the statuses."""

    def __init__(self, parent: tk.Misc, look: Look, command: Callable[[], object]) -> None:
        super().__init__(
            parent,
            height=look.px(52),
            width=10,
            background=look.palette.side,
            highlightthickness=0,
            borderwidth=0,
            cursor="hand2",
            takefocus=True,
        )
        self._look = look
        self._shown = ("", "", "", "")
        self._over = False
        for event in ("<Button-1>", "<Return>", "<space>", "<Down>"):
            self.bind(event, lambda _event: command())
        self.bind("<Configure>", lambda _event: self._draw())
        self.bind("<Enter>", lambda _event: self._hover(True))
        self.bind("<Leave>", lambda _event: self._hover(False))
        self.bind("<FocusIn>", lambda _event: self._draw())
        self.bind("<FocusOut>", lambda _event: self._draw())
        look.pictures.follow(self, self._draw)

    def show(self, name: str, username: str, status: str, words: str) -> None:
        """Show who is signed in, with their status and its text."""
        if self._shown != (name, username, status, words):
            self._shown = (name, username, status, words)
            self._draw()

    def _hover(self, over: bool) -> None:
        self._over = over
        self._draw()

    def _draw(self) -> None:
        look, palette = self._look, self._look.palette
        name, username, status, words = self._shown
        self.delete("all")
        width, height = self.winfo_width(), self.winfo_height()
        ground = "side"
        if self.focus_get() is self or self._over:
            fill = palette.accent if self.focus_get() is self else palette.side_hover
            self.create_image(0, 0, image=look.pictures.pill(width, height, fill, look.px(8)), anchor="nw")
            if self.focus_get() is self:
                rim = look.px(2)
                inner = look.pictures.pill(width - rim * 2, height - rim * 2, palette.side_hover, look.px(7))
                self.create_image(rim, rim, image=inner, anchor="nw")
            ground = "side_hover"
        left, middle = look.px(10), height // 2
        self.create_image(left, middle, image=look.pictures.avatar(name, username, 36), anchor="w")
        self.create_image(
            left + look.px(38), middle + look.px(19), image=look.pictures.dot(status, ground, 13), anchor="se"
        )
        text_left = left + look.px(47)
        space = width - text_left - look.px(10)
        bold, small = look.mixed("label_bold"), look.mixed("small")
        bold.draw(self, text_left, middle, fit(look.line(name), bold, space), palette.text, "sw")
        line = fit(look.line(words), small, space)
        small.draw(self, text_left, middle + look.px(1), line, palette.muted, "nw")


class RoomsPane(ttk.Frame):
    """The pane."""

    def __init__(self, parent: tk.Misc, look: Look, client: Client, actions: Actions) -> None:
        super().__init__(parent, style="Side.TFrame", width=look.px(WIDTH))
        self.pack_propagate(False)
        self._look, self._client = look, client
        top = ttk.Frame(self, style="Side.TFrame", padding=(look.px(8), look.px(10), look.px(8), look.px(4)))
        top.pack(fill="x")
        self.account = AccountButton(top, look, partial(actions.do, "account_menu"))
        self.account.pack(fill="x")
        row = ttk.Frame(top, style="Side.TFrame")
        row.pack(fill="x", pady=(look.px(8), 0))
        self.create = action_button(row, look, actions, "create_room", surface="side")
        self.filter_button = action_button(row, look, actions, "filter_rooms", surface="side")
        self.filter_button.pack(side="right", padx=(look.px(4), 0))
        self.switch = ttk.Button(
            row,
            text=" " + _("rooms.go_to"),
            image=look.pictures.icon("search", "muted", 15),
            compound="left",
            style="Side.Search.TButton",
            command=partial(actions.do, "switch"),
        )
        press_with_return(self.switch)
        self.switch.pack(side="left", fill="x", expand=True)
        for right in (self.filter_button, self.create):
            right.lift()  # in the order of reading, for Tab
        self._followed: str | None = None
        self._cache = RoomRows(look)
        self.list = RowList(self, look, surface="side", empty=_("rooms.none_fit"))
        self.filter = RoomFilter(top, look, self.list, self._filtered)
        bottom = ttk.Frame(self, style="Side.TFrame", padding=look.px(8))
        bottom.pack(side="bottom", fill="x")
        self.settings = action_button(bottom, look, actions, "settings", surface="side")
        self.settings.pack(side="right")
        self.inbox = action_button(bottom, look, actions, "inbox", surface="side")
        self.inbox.pack(side="right", padx=(0, look.px(4)))
        self.requests = button(bottom, "", partial(actions.do, "requests"), kind="Quiet", surface="side")
        self.requests.configure(image=look.pictures.icon("inbox", "accent_text", 18), compound="left")
        Tooltip(look, self.requests, _("requests.tip"))
        tab_from_left(bottom)
        self.list.pack(fill="both", expand=True)
        self._open, self._menu = actions.window.open_room, actions.window.show_room_menu
        self.list.on_choose = self._choose
        self.list.on_menu = lambda key, x, y: None if key in _SECTION_OF else self._menu(key, x, y)
        on_plain_key(self.list.canvas, "Left", partial(self._fold_at_cursor, True))
        on_plain_key(self.list.canvas, "Right", partial(self._fold_at_cursor, False))

    def show(self, state: ClientState) -> None:
        """Draw the state."""
        online = state.connection.phase == Phase.ONLINE
        status = state.status if online else "offline"
        words = status_words(status, state.status_text if online else "")
        self.account.show(state.display_name or state.username, state.username, status, words)
        if may_create(state):
            self.create.pack(side="right", padx=(self._look.px(4), 0), before=self.filter_button)
        else:
            self.create.pack_forget()
        self.list.set_rows(self._rows(state))
        self._follow(state.open_room)
        self._show_requests(state)

    def _follow(self, key: str | None) -> None:
        """Bring a room that was opened in another way into view."""
        if key != self._followed:
            self._followed = key
            place = next((at for at, row in enumerate(self.list.rows) if row.key and row.key == key), -1)
            self.list.see(place)

    # Sections

    def open_filter(self) -> None:
        """Leave those rooms whose name fits what is typed from now on."""
        self.filter.open()

    def toggle_unread_first(self) -> None:
        """Let unread rooms come first in their section, or no more."""
        settings = self._client.settings
        settings.set("unread_first", not settings.get("unread_first"))
        self.show(self._client.state)

    def sections(self, state: ClientState) -> list[Section]:
        """Give what the list shows, the folded sections, too."""
        return sections(
            state,
            query=self.filter.query,
            favourites=self._client.rooms.favourites(),
            unread_first=bool(self._client.settings.get("unread_first")),
        )

    def _rows(self, state: ClientState) -> list[Row]:
        rows: list[Row] = []
        for section in self.sections(state):
            folded = not self.filter.query and self._client.settings.folded(section.id)
            title = _(f"rooms.{section.id}").upper()
            badge = section.unread if folded else 0
            rows.append(Row(_HEADING[section.id], title, badge=badge, heading=True, folded=folded))
            if not folded:
                rows += [self._cache.row(state, room) for room in section.rooms]
        return rows

    def _choose(self, key: str) -> None:
        """Open a room, or fold a section or unfold it."""
        section = _SECTION_OF.get(key)
        if section is not None:
            self._fold(section, not self._client.settings.folded(section))
        else:
            self.filter.close()
            self._open(key)

    def _fold(self, section: str, folded: bool) -> None:
        if not self.filter.query:
            self._client.settings.set_folded(section, folded)
            self.show(self._client.state)

    def _fold_at_cursor(self, folded: bool) -> str:
        """Fold the section in which the keyboard's place is, or unfold it; the place goes to its heading."""
        before = self.list.rows[: self.list.cursor + 1] if self.list.cursor >= 0 else ()
        heading = next((row.key for row in reversed(before) if row.heading), "")
        if heading:
            self._fold(_SECTION_OF[heading], folded)
            self.list.put_cursor(heading)
            if not folded:
                self.list.move_cursor(1)
        return "break"

    def _filtered(self) -> None:
        self.show(self._client.state)
        if self.filter.query:
            first = next((row.key for row in self.list.rows if not row.heading), "")
            self.list.put_cursor(first)

    def _show_requests(self, state: ClientState) -> None:
        waiting = state.join_request_count
        if state.moderator and waiting:
            self.requests.configure(text=" " + ngettext("requests.waiting", waiting))
            self.requests.pack(side="left")
        elif self.requests.winfo_manager():
            self.requests.pack_forget()

    def neighbour(self, state: ClientState, step: int, *, unread_only: bool = False) -> str | None:
        """Give the room above or below the open one, of those that one belongs to."""
        rooms = [room for section in self.sections(state) if section.id in OWN for room in section.rooms]
        if unread_only:
            rooms = [room for room in rooms if room.unread or room.key == state.open_room]
        keys = [room.key for room in rooms]
        if not keys:
            return None
        if state.open_room not in keys:
            return keys[0 if step > 0 else -1]
        return keys[(keys.index(state.open_room) + step) % len(keys)]
