"""The line above the timeline: which room this is, its topic, and what one can do with it; Tk thread only."""

import tkinter as tk

from chat_client.i18n import _, ngettext
from chat_client.model.room_rights import may_edit
from chat_client.model.state import ClientState, RoomState
from chat_client.ui.actions import Actions
from chat_client.ui.look.look import Look
from chat_client.ui.panes.people import person_of, room_icon, status_words, title_of
from chat_client.ui.widgets.action_widgets import action_button
from chat_client.ui.widgets.widgets import fit


class Header(tk.Canvas):
    """The widget; the title and the topic shorten themselves to the room there is."""

    def __init__(
        self,
        parent: tk.Misc,
        look: Look,
        actions: Actions,
    ) -> None:
        super().__init__(
            parent,
            height=look.px(60),
            width=10,
            background=look.palette.paper,
            highlightthickness=0,
            borderwidth=0,
        )
        self._look = look
        self._shown: tuple[str, str, str, str] = ("", "", "", "")
        self.menu_button = action_button(self, look, actions, "room_menu")
        self.members_button = action_button(self, look, actions, "members")
        self.search_button = action_button(self, look, actions, "search")
        self.files_button = action_button(self, look, actions, "files")
        for made in (self.files_button, self.search_button, self.members_button, self.menu_button):
            made.lift()  # in the order of reading, for Tab
        self._files = False
        self._actions = actions
        self.bind("<Configure>", lambda _event: self._draw())
        self.bind("<Button-1>", lambda _event: self._press())
        look.pictures.follow(self, self._draw)

    def show(self, state: ClientState, room: RoomState | None) -> None:
        """Draw what is known of a room."""
        if room is None:
            shown = ("", "", "", "")
        elif room.is_direct:
            person = person_of(state, room.partner)
            words = status_words(person.status, person.text)
            shown = (title_of(state, room), words, room.partner, person.status or "offline")
        else:
            shown = (room.title, self._topic(state, room), "", room_icon(room))
        self.configure(cursor="hand2" if room is not None and room.joined and not room.is_direct else "")
        files = room is not None and room.joined and "files" in state.connection.capabilities
        if (shown, files) != (self._shown, self._files):
            self._shown, self._files = shown, files
            self._draw()

    def _press(self) -> None:
        """Let those change the topic who may, and show the others what the room is."""
        self._actions.do("topic" if self._actions.can("topic") else "room_settings")

    def _topic(self, state: ClientState, room: RoomState) -> str:
        parts = [room.topic] if room.topic else []
        if room.archived:
            parts = [_("header.archived"), *parts]
        elif not room.topic and may_edit(state, room):
            parts = [_("header.add_topic")]
        if room.joined and room.total:
            parts.append(ngettext("header.people", room.total))
        return "  ·  ".join(parts)

    @property
    def texts(self) -> tuple[str, str]:
        """The title and the line under it, as they are meant to be read."""
        return self._shown[0], self._shown[1]

    def _draw(self) -> None:
        look, palette = self._look, self._look.palette
        title, detail, partner, picture = self._shown
        self.delete("all")
        width, height = self.winfo_width(), self.winfo_height()
        middle, right = height // 2, width - look.px(12)
        self.create_line(0, height - 1, width, height - 1, fill=palette.line)
        if not title:
            return
        buttons = [self.menu_button, self.members_button, self.search_button]
        for widget in [*buttons, self.files_button] if self._files else buttons:
            self.create_window(right, middle, window=widget, anchor="e")
            right -= widget.winfo_reqwidth() + look.px(4)
        left = look.px(16)
        if partner:
            self.create_image(left, middle, image=look.pictures.avatar(title, partner, 34), anchor="w")
            dot = look.pictures.dot(picture, "paper", 13)
            self.create_image(left + look.px(36), middle + look.px(18), image=dot, anchor="se")
            left += look.px(48)
        else:
            self.create_image(left, middle, image=look.pictures.icon(picture, "muted", 22), anchor="w")
            left += look.px(34)
        space = right - left - look.px(8)
        y = middle + look.px(1) if detail else middle
        font, small = look.mixed("title"), look.mixed("small")
        line = fit(look.line(title), font, space)
        font.draw(self, left, y, line, palette.text, "sw" if detail else "w")
        if detail:
            small.draw(self, left, y + look.px(1), fit(look.line(detail), small, space), palette.muted, "nw")
