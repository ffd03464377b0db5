"""What the open room does with a message: asks, copies, follows and calls the engine; Tk thread only.

The actions of a message (``chat_client/ui/actions.py``) call it; it knows no key and no label of theirs.
"""

import time
import tkinter as tk
import webbrowser
from functools import partial
from typing import Protocol

from chat_client.engine.client import Client
from chat_client.file_words import said_in
from chat_client.i18n import _
from chat_client.model.keys import user_key
from chat_client.model.room_rights import may_pin
from chat_client.model.state import ClientState, MessageState, RoomState
from chat_client.model.transfer_state import TransferState
from chat_client.store.saving import safe_name
from chat_client.ui.look.look import Look
from chat_client.ui.opening import is_harmless, open_outside
from chat_client.ui.panes.people import name_of
from chat_client.ui.room.attaching import ask_folder, ask_where
from chat_client.ui.room.emoji import EmojiChooser
from chat_client.ui.room.markup import parse, plain
from chat_client.ui.room.pictures import RoomPictures
from chat_client.ui.room.room_links import SIGN, RoomLinks
from chat_client.ui.room.timeline.view import TimelineView
from chat_client.ui.room.timeline.wording import is_long
from chat_client.ui.room.transfers import RoomTransfers
from chat_client.ui.sheets.questions import ask
from chat_client.ui.widgets.widgets import Tooltip
from chat_protocol.limits import EDIT_WINDOW_MS
from chat_protocol.objects import File

_WEB = ("http://", "https://")
#: People named of one reaction; more would make a menu wider than the screen.
NAMED_MAX = 20


class OpenRoom(Protocol):
    """What the commands ask of the room's view."""

    @property
    def room(self) -> RoomState | None: ...

    pictures: RoomPictures
    transfers: RoomTransfers
    room_links: RoomLinks
    emoji: EmojiChooser

    def start_reply(self, message: MessageState) -> object: ...
    def start_edit(self, message: MessageState) -> object: ...
    def jump(self, seq: int) -> object: ...
    def write_to(self, username: str) -> object: ...
    def open_room(self, key: str) -> object: ...


class RoomMessages:
    """Does what is asked with one message of the open room."""

    def __init__(self, look: Look, client: Client, view: OpenRoom, timeline: TimelineView) -> None:
        self._look = look
        self._client = client
        self._view = view
        self._timeline = timeline
        self.menu = look.menu(timeline)

    @property
    def _state(self) -> ClientState:
        return self._client.state

    # What can be done

    def may_write(self) -> bool:
        """Say whether the user belongs to the room."""
        room = self._view.room
        return room is not None and room.joined

    def _now_ms(self) -> int:
        """Give the server's time, by which messages are dated."""
        return self._state.connection.server_now_ms(round(time.time() * 1000))

    def may_edit(self, message: MessageState) -> bool:
        """Say whether the user may still change a message."""
        fresh = self._now_ms() - message.sent_at < EDIT_WINDOW_MS
        return message.mine and message.seq is not None and not message.deleted and fresh

    def may_delete(self, message: MessageState) -> bool:
        """Say whether the user may delete a message."""
        return message.seq is not None and not message.deleted and (message.mine or self._state.moderator)

    def links(self, message: MessageState) -> list[str]:
        """Give the addresses and rooms in a message, each once, as they are shown."""
        text = self._look.text(message.body)
        spans = parse(text, self._state.username, self._view.room_links.pattern(text))
        found = (span.text for span in spans if span.styles & {"link", "room"})
        return list(dict.fromkeys(link for link in found if link.startswith((*_WEB, SIGN))))

    def is_folded(self, message: MessageState) -> bool:
        """Say whether only the beginning of a message is shown."""
        return is_long(self._look.text(message.body)) and not self._timeline.is_unfolded(message)

    def selection(self) -> str:
        """Give what is selected in the timeline."""
        return self._timeline.paper.selected_text()

    # Doing it

    def reply(self, message: MessageState) -> None:
        """Let the next text be a reply."""
        self._view.start_reply(message)

    def edit(self, message: MessageState) -> None:
        """Bring the text into the composer."""
        self._view.start_edit(message)

    def copy(self, text: str) -> None:
        """Put a text on the clipboard."""
        self._timeline.clipboard_clear()
        self._timeline.clipboard_append(self._look.text(text))

    def open_links(self, message: MessageState, x: int, y: int) -> None:
        """Open the link of a message outside; of several offer each."""
        links = self.links(message)
        if len(links) == 1:
            self.open_link(links[0])
            return
        self.menu.delete(0, "end")
        for link in links:
            self.menu.add_command(
                label=self._look.line(link)[:100],
                command=partial(self.open_link, link),
            )
        self.menu.tk_popup(x, y)

    def open_link(self, address: str) -> None:
        """Open an address of the web outside, a room here."""
        if address.startswith(_WEB):
            webbrowser.open(address)
        elif address.startswith(SIGN) and (key := self._view.room_links.key(address)) is not None:
            self._view.open_room(key)

    def unfold(self, message: MessageState) -> None:
        """Show the whole of a long message."""
        self._timeline.unfold(message)

    def follow_quote(self, message: MessageState) -> None:
        """Show the message that this one answers."""
        if message.reply_to is not None:
            self._view.jump(message.reply_to)

    def write_to_author(self, message: MessageState) -> None:
        """Open the private conversation with the author."""
        self._view.write_to(message.author)

    def may_save(self) -> bool:
        """Say whether the server keeps a list of saved messages."""
        return self._client.saved.known

    def save(self, message: MessageState) -> None:
        """Put a message on the user's list."""
        if self._view.room is not None and message.seq is not None:
            self._client.saved.save(self._view.room.key, message.seq)

    def may_pin(self) -> bool:
        """Say whether the user may pin messages here."""
        return self._view.room is not None and may_pin(self._state, self._view.room)

    def is_pinned(self, message: MessageState) -> bool:
        """Say whether a message stands above the timeline."""
        room = self._view.room
        return room is not None and any(pin.seq == message.seq for pin in room.pins or ())

    def pin(self, message: MessageState, on: bool) -> None:
        """Put a message above the timeline, for all members, or take it off."""
        if self._view.room is not None and message.seq is not None:
            self._client.pins.pin(self._view.room.key, message.seq, on=on)

    def delete(self, message: MessageState) -> None:
        """Delete a message after a question."""
        room, seq = self._view.room, message.seq
        if room is None or seq is None:
            return
        ask(
            self._look,
            _("delete.title"),
            self._look.plain_line(plain(said_in(message)))[:200],
            _("action.delete"),
            lambda: self._client.outbox.delete(room.key, seq),
            danger=True,
        )

    def retry(self, message: MessageState) -> None:
        """Send a refused message again."""
        self._client.outbox.retry(message.nonce or "")

    def discard(self, message: MessageState) -> None:
        """Give up a message that was not sent."""
        self._client.outbox.discard(message.nonce or "")

    def pictures(self, message: MessageState) -> list[File]:
        """Give the pictures of a message that the viewer can show."""
        return self._view.pictures.of(message)

    def view_picture(self, message: MessageState) -> None:
        """Show the first picture of a message over the window."""
        for file in self.pictures(message)[:1]:
            self._view.pictures.open(file)

    def opens(self, file: File) -> bool:
        """Say whether a file is shown or opened; what could do harm is only saved."""
        return self._view.pictures.opens(file) or is_harmless(file)

    def open_file(self, file: File) -> None:
        """Show a picture, open what else does no harm with the system's program, and save all other files."""
        if self._view.pictures.opens(file):
            self._view.pictures.open(file)
        elif is_harmless(file):
            open_outside(self._client, file, lambda: self._save_file(file))
        else:
            self._save_file(file)

    def open_files(self, message: MessageState, x: int, y: int) -> None:
        """Do with the file of a message what a click on its name does; of several offer each."""
        if len(message.files) == 1:
            self.open_file(message.files[0])
            return
        self.menu.delete(0, "end")
        for file in message.files:
            name = self._look.plain_line(file.name)[:100]
            words = _("file.open_named", name=name) if self.opens(file) else _("file.save_named", name=name)
            self.menu.add_command(label=words, command=partial(self.open_file, file))
        self.menu.tk_popup(x, y)

    def _save_file(self, file: File) -> None:
        target = ask_where(self._timeline, safe_name(file.name))
        if target is not None:
            self._client.files.save(file, target)

    def save_files(self, message: MessageState) -> None:
        """Save the files of a message where the user wants them."""
        if len(message.files) == 1:
            self._save_file(message.files[0])
        elif (target := ask_folder(self._timeline)) is not None:
            for file in message.files:
                self._client.files.save(file, target)

    def transfers(self, message: MessageState) -> list[TransferState]:
        """Give the files of a message that are under way."""
        return self._view.transfers.of_message(message)

    def control(self, message: MessageState, what: str) -> None:
        """Pause, go on with or cancel them."""
        for state in self.transfers(message):
            self._view.transfers.press(state.key, what)

    # Reactions

    def offer_reactions(self, message: MessageState, x: int, y: int) -> None:
        """Offer the emoji."""
        self._view.emoji.offer(x, y, lambda emoji: self.toggle_reaction(message, emoji))

    def show_reactions(self, message: MessageState, x: int, y: int) -> None:
        """Say who reacted and how; what is chosen there is given or taken back."""
        self.menu.delete(0, "end")
        for emoji in self._chips(message):
            self.menu.add_command(
                label=f"{self._look.line(emoji)[:24]}  {self._look.line(self._names(message, emoji))}",
                command=partial(self.toggle_reaction, message, emoji),
                state="normal" if self.may_write() else "disabled",
            )
        self.menu.tk_popup(x, y)

    def toggle_chip(self, message: MessageState, index: int) -> None:
        """Give or take back the reaction with a number."""
        chips = self._chips(message)
        if index < len(chips):
            self.toggle_reaction(message, chips[index])

    def tell_reactors(self, message: MessageState, index: int, canvas: tk.Canvas) -> None:
        """Say in a tooltip who reacted."""
        chips = self._chips(message)
        if index < len(chips):
            if not hasattr(canvas, "tooltip"):
                canvas.tooltip = Tooltip(self._look, canvas, "")  # type: ignore[attr-defined]  # goes with it
            canvas.tooltip.text = self._names(message, chips[index])  # type: ignore[attr-defined]  # as above

    def _chips(self, message: MessageState) -> list[str]:
        return [emoji for emoji, names in message.reactions.items() if names]

    def _names(self, message: MessageState, emoji: str) -> str:
        return ", ".join(name_of(self._state, name) for name in list(message.reactions[emoji])[:NAMED_MAX])

    def toggle_reaction(self, message: MessageState, emoji: str) -> None:
        """Give a reaction, or take the user's own back."""
        room = self._view.room
        if room is not None and message.seq is not None:
            me = user_key(self._state.username)
            mine = any(user_key(name) == me for name in message.reactions.get(emoji, ()))
            self._client.outbox.react(room.key, message.seq, emoji, not mine)
