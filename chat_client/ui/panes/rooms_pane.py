"""The pane at the left: oneself, the way to everything (Ctrl+K), rooms, conversations, rooms to be joined.

Tk thread only; it shows the state and reports what was chosen.
"""

import tkinter as tk
from collections.abc import Callable
from functools import partial
from tkinter import ttk

from chat_client.i18n import _, ngettext
from chat_client.model.state import ClientState, Phase
from chat_client.ui.actions import Actions
from chat_client.ui.look.look import Look
from chat_client.ui.panes.people import room_row, status_words
from chat_client.ui.widgets.action_widgets import action_button
from chat_client.ui.widgets.row_list import Row, RowList
from chat_client.ui.widgets.widgets import Tooltip, button, fit, press_with_return

WIDTH = 256


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

    def __init__(self, parent: tk.Misc, look: Look, actions: Actions) -> None:
        super().__init__(parent, style="Side.TFrame", width=look.px(WIDTH))
        self.pack_propagate(False)
        self._look = look
        top = ttk.Frame(self, style="Side.TFrame", padding=(look.px(8), look.px(10), look.px(8), look.px(4)))
        top.pack(fill="x")
        self.account = AccountButton(top, look, partial(actions.do, "account_menu"))
        self.account.pack(fill="x")
        row = ttk.Frame(top, style="Side.TFrame")
        row.pack(fill="x", pady=(look.px(8), 0))
        self.create = action_button(row, look, actions, "create_room", surface="side")
        self.switch = ttk.Button(
            row,
            text=" " + _("rooms.go_to"),
            image=look.pictures.icon("search", "muted", 15),
            compound="left",
            style="Side.Search.TButton",
            command=partial(actions.do, "switch"),
        )
        press_with_return(self.switch)
        self.switch.configure(takefocus=True)
        self.switch.pack(side="left", fill="x", expand=True)
        self._followed: str | None = None
        self.list = RowList(self, look, surface="side")
        bottom = ttk.Frame(self, style="Side.TFrame", padding=look.px(8))
        bottom.pack(side="bottom", fill="x")
        self.settings = action_button(bottom, look, actions, "settings", surface="side")
        self.settings.pack(side="right")
        self.requests = button(bottom, "", partial(actions.do, "requests"), kind="Quiet", surface="side")
        self.requests.configure(image=look.pictures.icon("inbox", "accent_text", 18), compound="left")
        Tooltip(look, self.requests, _("requests.tip"))
        self.list.pack(fill="both", expand=True)
        self.list.on_choose = actions.window.open_room
        self.list.on_menu = actions.window.show_room_menu

    def show(self, state: ClientState) -> None:
        """Draw the state."""
        online = state.connection.phase == Phase.ONLINE
        status = state.status if online else "offline"
        words = status_words(status, state.status_text if online else "")
        self.account.show(state.display_name or state.username, state.username, status, words)
        if "rooms" in state.connection.capabilities:
            self.create.pack(side="right", padx=(self._look.px(4), 0))
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

    def _rows(self, state: ClientState) -> list[Row]:
        rows: list[Row] = []
        for heading, rooms in (
            (_("rooms.joined"), state.joined_rooms()),
            (_("rooms.direct"), state.conversations()),
            (_("rooms.other"), state.other_rooms()),
        ):
            if rooms:
                rows.append(Row("", heading.upper()))
                rows += [
                    room_row(self._look, state, room, active=room.key == state.open_room) for room in rooms
                ]
        return rows

    def _show_requests(self, state: ClientState) -> None:
        waiting = state.join_request_count
        if state.moderator and waiting:
            self.requests.configure(text=" " + ngettext("requests.waiting", waiting))
            self.requests.pack(side="left")
        elif self.requests.winfo_manager():
            self.requests.pack_forget()

    def neighbour(self, state: ClientState, step: int, *, unread_only: bool = False) -> str | None:
        """Give the room above or below the open one, of those that one belongs to."""
        rooms = [*state.joined_rooms(), *state.conversations()]
        if unread_only:
            rooms = [room for room in rooms if room.unread or room.key == state.open_room]
        keys = [room.key for room in rooms]
        if not keys:
            return None
        if state.open_room not in keys:
            return keys[0 if step > 0 else -1]
        return keys[(keys.index(state.open_room) + step) % len(keys)]
