"""The files of the open room at the right, newest first: open, save, go to the message; Tk thread only."""

import tkinter as tk
from functools import partial

from chat_client.engine.client import Client
from chat_client.file_words import size_words, transfer_words
from chat_client.i18n import _, error_text
from chat_client.model.room_files import RoomFile
from chat_client.store.saving import safe_name
from chat_client.ui.action_targets import ChosenFile
from chat_client.ui.actions import Actions
from chat_client.ui.file_actions import FILE
from chat_client.ui.look import dates
from chat_client.ui.look.look import Look
from chat_client.ui.opening import is_harmless, open_outside
from chat_client.ui.panes.pane_head import ListPane
from chat_client.ui.panes.people import author_of
from chat_client.ui.room.attaching import ask_where
from chat_client.ui.room.pictures import RoomPictures
from chat_client.ui.timer import Timer
from chat_client.ui.widgets.action_widgets import add_actions
from chat_client.ui.widgets.row_list import Row
from chat_client.ui.widgets.widgets import on_plain_key


class FilesPane(ListPane):
    """The widget.

    :param pictures: knows which files the viewer shows.
    """

    def __init__(
        self, parent: tk.Misc, look: Look, client: Client, actions: Actions, pictures: RoomPictures
    ) -> None:
        super().__init__(parent, look, actions, _("files.title"))
        self._look, self._client, self._window, self._pictures = look, client, actions.window, pictures
        self.list.on_choose = self._choose
        self.list.on_menu = self._offer
        self.list.on_near_end = self._more
        for action in FILE:
            for key in action.keys:
                on_plain_key(self.list.canvas, key, partial(self._do_at_cursor, key))
        self._listed: dict[str, RoomFile] = {}
        self._showing = Timer(self, self.show)

    def start(self) -> None:
        """Ask for the files of the open room, and take the keyboard."""
        self._ask()
        super().start()

    def follow(self) -> None:
        """Ask again: another room is open."""
        self._ask()
        self.show()

    def _ask(self) -> None:
        room = self._client.state.open_room
        if room is not None:
            self._client.room_files.show(room)

    def show(self) -> None:
        """Draw the files where the pane is there; nothing is due after that."""
        self._showing.cancel()
        super().show()

    def draw(self) -> None:
        """Draw what is known of the files."""
        state = self._client.state.room_files
        files = self._client.room_files.files()
        self._listed = {listed.key: listed for listed in files}
        words = error_text(state.code) if state.code else ""
        if not files and not words:
            words = _("files.busy") if state.busy else _("files.none")
        self.say(words)
        self.list.set_rows([self._row(listed) for listed in files])

    def show_soon(self) -> None:
        """Draw once all that is due has been applied: files under way come further many times a second."""
        if self.winfo_manager():
            self._showing.soon()

    def _row(self, listed: RoomFile) -> Row:
        look, file, message = self._look, listed.file, listed.message
        author = author_of(self._client.state, message.author)
        transfer = self._client.state.transfers.get(file.id)
        size = transfer_words(transfer) if transfer is not None and transfer.asked else size_words(file.size)
        return Row(
            key=listed.key,
            title=look.line(file.name),
            detail=f"{size}  ·  {look.line(author)}",
            icon="picture" if file.type.startswith("image/") else "clip",
            trailing=dates.moment(message.sent_at, dates.today()),
        )

    def _more(self) -> None:
        state = self._client.state.room_files
        if state.more and not state.busy:
            self._client.room_files.more()

    # What can be done with one

    def _choose(self, key: str) -> None:
        listed = self._listed.get(key)
        if listed is not None:
            (self.open if self.may_open(listed) else self.save)(listed)

    def _offer(self, key: str, x: int, y: int) -> None:
        listed = self._listed.get(key)
        if listed is not None:
            self.menu.delete(0, "end")
            add_actions(self.menu, self._look, FILE, ChosenFile(self, listed))
            self.menu.tk_popup(x, y)

    def _do_at_cursor(self, key: str) -> str:
        listed = self._listed.get(self.key_at_cursor() or "")
        if listed is not None:
            for action in FILE:
                if key in action.keys:
                    action.perform(ChosenFile(self, listed))
        return "break"

    def may_open(self, listed: RoomFile) -> bool:
        """Say whether a file is shown or opened; what could do harm is only saved."""
        return self._pictures.opens(listed.file) or is_harmless(listed.file)

    def open(self, listed: RoomFile) -> None:
        """Show a picture, and open what else does no harm with the system's program."""
        if self._pictures.opens(listed.file):
            shown = [one.file for one in reversed(self._listed.values()) if self._pictures.opens(one.file)]
            self._window.show_picture(listed.file, shown)
        else:
            open_outside(self._client, listed.file, lambda: self.save(listed))

    def save(self, listed: RoomFile) -> None:
        """Save a file where the user wants it."""
        target = ask_where(self, safe_name(listed.file.name))
        if target is not None:
            self._client.files.save(listed.file, target)

    def show_message(self, listed: RoomFile) -> None:
        """Show the message that a file came with."""
        room, seq = self._client.state.open_room, listed.message.seq
        if room is not None and seq is not None:
            self._window.jump(room, seq)
