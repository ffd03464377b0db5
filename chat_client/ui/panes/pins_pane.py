"""All that is pinned in the open room, at the right, the one pinned last first; Tk thread only."""

import tkinter as tk

from chat_client.engine.client import Client
from chat_client.file_words import said_in
from chat_client.i18n import _
from chat_client.model.pins import pins_of
from chat_client.model.room_rights import may_pin
from chat_client.ui.actions import Actions
from chat_client.ui.look import dates
from chat_client.ui.look.look import Look
from chat_client.ui.panes.pane_head import ListPane
from chat_client.ui.panes.people import author_of
from chat_client.ui.room.markup import plain
from chat_client.ui.widgets.row_list import Row
from chat_client.ui.widgets.widgets import on_plain_key
from chat_protocol.objects import Message

SHOWN_CHARS = 300


class PinsPane(ListPane):
    """The widget: Return or a click shows a message in the timeline, T or Delete takes it off."""

    def __init__(self, parent: tk.Misc, look: Look, client: Client, actions: Actions) -> None:
        super().__init__(parent, look, actions, _("pins.title"))
        self._look, self._client, self._window = look, client, actions.window
        self.list.on_choose = self._jump
        self.list.on_menu = self._offer
        for key in ("t", "Delete"):
            on_plain_key(self.list.canvas, key, self._unpin_at_cursor)

    def draw(self) -> None:
        """Draw what is pinned."""
        room = self._window.room
        pins = pins_of(room)
        self.say("" if pins else _("pins.busy" if room is not None and room.pins is None else "pins.none"))
        self.list.set_rows([self._row(pin) for pin in pins])

    def _row(self, pin: Message) -> Row:
        look = self._look
        author = author_of(self._client.state, "" if pin.former else pin.author)
        return Row(
            key=str(pin.seq),
            title=look.line(author),
            detail=look.line(plain(said_in(pin))[:SHOWN_CHARS]),
            avatar=(author, pin.author),
            trailing=dates.moment(pin.sent_at, dates.today()),
            tall=True,
        )

    def _jump(self, key: str) -> None:
        if self._window.room is not None:
            self._window.jump(self._window.room.key, int(key))

    def _offer(self, key: str, x: int, y: int) -> None:
        self.menu.delete(0, "end")
        self.menu.add_command(label=_("action.show_message"), command=lambda: self._jump(key))
        if self._may_unpin():
            self.menu.add_command(label=_("pins.unpin"), accelerator="T", command=lambda: self._unpin(key))
        self.menu.tk_popup(x, y)

    def _may_unpin(self) -> bool:
        return self._window.room is not None and may_pin(self._client.state, self._window.room)

    def _unpin_at_cursor(self) -> str:
        key = self.key_at_cursor()
        if key is not None:
            self._unpin(key)
        return "break"

    def _unpin(self, key: str) -> None:
        if self._window.room is not None and self._may_unpin():
            self._client.pins.pin(self._window.room.key, int(key), on=False)
