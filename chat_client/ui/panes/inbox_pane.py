"""All that is unread or mentions one, at the right, to be worked off by keyboard; Tk thread only."""

import tkinter as tk

from chat_client.engine.client import Client
from chat_client.file_words import said_in
from chat_client.i18n import _, ngettext
from chat_client.model.inbox import InboxEntry, inbox
from chat_client.ui.actions import Actions
from chat_client.ui.look import dates
from chat_client.ui.look.look import Look
from chat_client.ui.panes.pane_head import ListPane
from chat_client.ui.panes.people import author_of, room_icon, title_of
from chat_client.ui.room.markup import plain
from chat_client.ui.widgets.row_list import Row
from chat_client.ui.widgets.widgets import button, on_plain_key

SHOWN_CHARS = 300


class InboxPane(ListPane):
    """The widget: Return or a click opens a room at what calls, R marks it as read and goes to the next."""

    def __init__(self, parent: tk.Misc, look: Look, client: Client, actions: Actions) -> None:
        super().__init__(parent, look, actions, _("inbox.title"))
        self._look, self._client, self._window = look, client, actions.window
        self.all = button(self, _("inbox.read_all"), self._read_all, kind="Quiet", surface="side")
        self.list.on_choose = self._choose
        self.list.on_menu = self._offer
        for key in ("r", "Delete"):
            on_plain_key(self.list.canvas, key, self._read_at_cursor)

    def draw(self) -> None:
        """Draw what is unread."""
        at = self.list.cursor
        entries = inbox(self._client.state)
        self.say("" if entries else _("inbox.none"))
        self.list.set_rows([self._row(entry) for entry in entries])
        if self.list.cursor < 0 <= at and entries:  # what was there is read: the next one takes its place
            self.list.put_cursor(self.list.rows[min(at, len(entries) - 1)].key)
        if len(entries) > 1:
            self.all.pack(side="bottom", pady=self._look.px(8), before=self.list)
        else:
            self.all.pack_forget()

    def _row(self, entry: InboxEntry) -> Row:
        look, state, room, message = self._look, self._client.state, entry.room, entry.message
        title = title_of(state, room)
        if message is None:
            detail, when = ngettext("inbox.unread", room.unread), room.last_at
        else:
            author = author_of(state, message.author)
            said = plain(said_in(message))[:SHOWN_CHARS]
            detail, when = said if room.is_direct else f"{author}: {said}", message.sent_at
        return Row(
            key=room.key,
            title=look.line(title),
            detail=look.line(detail),
            avatar=(title, room.partner) if room.is_direct else None,
            icon="" if room.is_direct else room_icon(room),
            badge=room.unread,
            calls=room.mentions,
            loud=room.is_direct,
            trailing=dates.moment(when, dates.today()) if when else "",
            tall=True,
        )

    # What can be done

    def _choose(self, key: str) -> None:
        """Open a room: at the message that mentions the user, or where the unread ones begin."""
        entry = next((each for each in inbox(self._client.state) if each.room.key == key), None)
        message = entry.message if entry is not None else None
        if message is not None and message.mentions_me and message.seq is not None:
            self._window.jump(key, message.seq)
        else:
            self._window.open_room(key)

    def _offer(self, key: str, x: int, y: int) -> None:
        self.menu.delete(0, "end")
        self.menu.add_command(label=_("inbox.open"), command=lambda: self._choose(key))
        self.menu.add_command(label=_("room.mark_read"), accelerator="R", command=lambda: self._read(key))
        self.menu.tk_popup(x, y)

    def _read_at_cursor(self) -> str:
        key = self.key_at_cursor()
        if key is not None:
            self._read(key)
        return "break"

    def _read(self, key: str) -> None:
        self._client.history.mark_read(key)
        self.show()

    def _read_all(self) -> None:
        for row in list(self.list.rows):
            self._client.history.mark_read(row.key)
        self.show()
        self.list.canvas.focus_set()
