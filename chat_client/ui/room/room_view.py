"""The middle of the window: one room's header, timeline, who is typing and the composer, or the way into it.

Tk thread only. It turns what is pressed into calls of the client, and changes into redrawing.
"""

import time
import tkinter as tk
from collections.abc import Sequence
from tkinter import ttk

from chat_client.engine.client import Client
from chat_client.file_words import said_in
from chat_client.i18n import LANGUAGES, _, error_text, language
from chat_client.model.state import ClientState, MessageState, Phase, RoomState
from chat_client.ui.actions import Actions
from chat_client.ui.look.look import Look
from chat_client.ui.look.mixed import MixedLabel
from chat_client.ui.panes.people import name_of, title_of
from chat_client.ui.panes.status_bar import refusal
from chat_client.ui.room.attaching import Attaching
from chat_client.ui.room.composer import Composer
from chat_client.ui.room.dropping import take_drops
from chat_client.ui.room.emoji import EmojiChooser
from chat_client.ui.room.header import Header
from chat_client.ui.room.join_card import JoinCard
from chat_client.ui.room.loss_card import LossCard
from chat_client.ui.room.markup import plain
from chat_client.ui.room.message_commands import RoomMessages
from chat_client.ui.room.pictures import RoomPictures
from chat_client.ui.room.pin_bar import PinBar
from chat_client.ui.room.room_links import RoomLinks
from chat_client.ui.room.saying import mute_words, typing_words
from chat_client.ui.room.spell_marks import SpellMarks
from chat_client.ui.room.spelling import SpellChecker, is_installed
from chat_client.ui.room.suggesting import Suggester, Suggestion, Typed
from chat_client.ui.room.timeline.actions import TimelineActions
from chat_client.ui.room.timeline.gutter import WIDTH
from chat_client.ui.room.timeline.timeline_text import COLUMN_MAX
from chat_client.ui.room.timeline.view import TimelineView
from chat_client.ui.room.timeline.wording import Context
from chat_client.ui.room.transfers import RoomTransfers
from chat_protocol.errors import ChatError

#: The Up key looks for a message to edit among so many.
EDITABLE_MAX = 200


class RoomView(ttk.Frame):
    """The widget."""

    def __init__(self, parent: tk.Misc, look: Look, client: Client, actions: Actions) -> None:
        super().__init__(parent, style="Paper.TFrame")
        self._look = look
        self._client = client
        self._window = actions.window
        self.room: RoomState | None = None
        self._reply_to: int | None = None
        self._editing: int | None = None
        self._unfolded: set[str] = set()
        self._carets: dict[str, str] = {}  # of the cursor in the drafts, by the keys of rooms
        self.header = Header(self, look, actions)
        self.pin_bar = PinBar(self, look, actions, self.header)
        self.pictures = RoomPictures(look, client, self._window.show_picture)
        self.room_links = RoomLinks(lambda: self._state)
        self.timeline = TimelineView(self, look, self._context(), self)
        self.pictures.serve(self.timeline)
        self.transfers = RoomTransfers(client, self.timeline)
        self.emoji = EmojiChooser(look, client)
        self.messages = RoomMessages(look, client, self, self.timeline)
        self.actions = TimelineActions(look, self.timeline, self.messages, actions)
        self.typing = MixedLabel(self, look.mixed("small"), look.palette.muted, look.palette.paper)
        self.typing.indent(look.px(20))
        self._suggester = Suggester(look)
        self.composer = Composer(self, look, self)
        self.composer.on_emoji = lambda x, y: self.emoji.offer(x, y, self.composer.insert)
        if is_installed():
            checker = SpellChecker(tuple(dict.fromkeys((language(), *LANGUAGES))))
            SpellMarks(self.composer.text, look, checker, lambda: bool(client.settings.get("spell_check")))
        self.files = Attaching(look, client, self.composer, lambda: self._editing is not None)
        take_drops((self.timeline.paper, self.composer.text, self.composer), self.files.drop)
        self.join_card = JoinCard(self, look, client.rooms.join, client.rooms.leave)
        self.loss_card = LossCard(self, look, self._window.go_on)
        self.header.pack(fill="x")
        self._margin = -1
        self.bind("<Configure>", lambda _event: self._centre())

    @property
    def _state(self) -> ClientState:
        return self._client.state

    def _context(self) -> Context:
        return Context(
            safe=self._look.text,
            safe_line=self._look.plain_line,
            name_of=lambda username: name_of(self._state, username),
            find=lambda seq: self.room.message(seq) if self.room is not None else None,
            me=self._state.username,
            unfolded=self._unfolded,
            transfer=lambda file: self.transfers.of(file),
            shows=self.pictures.shows,
            complaint=self.pictures.complaint,
            rooms=self.room_links.pattern,
        )

    def _centre(self) -> None:
        """On a wide screen, put the column of text and the composer below it into the middle."""
        look = self._look
        margin = max(0, (self.winfo_width() - look.px(WIDTH + COLUMN_MAX + 40)) // 2)
        if margin != self._margin:
            self._margin = margin
            self.timeline.gutter.pack_configure(padx=(margin, 0))
            self.typing.indent(margin + look.px(20))
            side = margin + look.px(16)
            self.composer.configure(padding=(side, look.px(4), side, look.px(12)))

    # Which room

    def show_room(self, room: RoomState | None, *, asked: bool = True) -> None:
        """Show another room: its draft, its timeline, or the way in where one is not a member.

        :param asked: the user has asked for it, and writes there from now on.
        """
        self.keep_draft()
        self.room = room
        self._reply_to = self._editing = None
        self.files.show_room(room.key if room is not None else "")
        self._unfolded.clear()
        self.actions.clear_cursor()
        self.timeline.context = self._context()
        self.composer.show_context("", "")
        self.refresh()
        joined = room is not None and room.joined
        self._arrange(joined)
        if room is not None and joined:
            self.timeline.show(room)
            hint = _("composer.hint", room=self._look.line(title_of(self._state, room)))
            self.composer.set(room.draft, hint, self._carets.get(room.key, "end"))
            self.seen()
        else:
            self.timeline.show(None)
            self.join_card.show(room, self._look)
        if not self.tk.call("grab", "current", self) and (asked or not self._writes_elsewhere()):
            self.take_focus()  # unless a question keeps the keyboard

    def _writes_elsewhere(self) -> bool:
        """Say whether the keyboard is in a field outside of the room."""
        field = self.focus_get()
        return isinstance(field, tk.Text | tk.Entry) and not str(field).startswith(f"{self}.")

    def take_focus(self) -> bool:
        """Give the keyboard to the composer or to the way in; False where the room has neither."""
        if self.composer.winfo_manager():
            self.composer.text.focus_set()
            return True
        return self.join_card.take_focus()

    def _arrange(self, joined: bool) -> None:
        for widget in (self.timeline, self.typing, self.composer, self.join_card, self.loss_card):
            widget.pack_forget()
        if joined:
            self.composer.pack(side="bottom", fill="x")
            self.typing.pack(side="bottom", fill="x")
            self.timeline.pack(fill="both", expand=True)
        else:
            self.join_card.pack(fill="both", expand=True)

    @property
    def tells_loss(self) -> bool:
        """Whether it says that a room was lost, until the user goes on."""
        return bool(self.loss_card.winfo_manager())

    def show_loss(self, room: RoomState, title: str) -> None:
        """Say that the room is gone for the user, and keep what was being written to copy."""
        unsent = (self.composer.get() if self.composer.winfo_manager() else room.draft).strip()
        self._client.rooms.forget_draft(room)
        self.room = None
        self.composer.set("")
        self.timeline.show(None)
        self._end_context()
        self.refresh()
        self._arrange(False)
        self.join_card.pack_forget()
        self.loss_card.pack(fill="both", expand=True)
        self.loss_card.show(title, room.refusal, unsent)

    def membership_changed(self) -> None:
        """Show the timeline in place of the way in, or vice versa, where that is due."""
        room = self.room
        if room is None:
            return
        was_in = bool(self.timeline.winfo_manager())
        if was_in and not room.joined and (room.refused or self.composer.get().strip()):
            key = "loss.taken_out" if room.refused else "loss.left"
            self.show_loss(room, _(key, room=self._look.plain_line(title_of(self._state, room))))
        elif room.joined != was_in:
            self.show_room(room, asked=False)
        elif not room.joined:
            self.join_card.show(room, self._look)

    def keep_draft(self) -> None:
        """Hand what stands in the composer to the room it belongs to."""
        room = self.room
        if room is not None and room.joined and room.key in self._state.rooms and self._editing is None:
            self._client.rooms.set_draft(room.key, self.composer.get())
            self._carets[room.key] = self.composer.caret

    # Redrawing

    def refresh(self) -> None:
        """Draw the header and who is typing."""
        self.header.show(self._state, self.room)
        self.pin_bar.show(self._state, self.room)
        self.show_typing()
        self.follow_time()

    def follow_time(self) -> None:
        """Draw what depends on the time: the day lines, and whether the user may not write."""
        self.timeline.follow_date()
        connection = self._state.connection
        if connection.phase == Phase.REFUSED:
            self.composer.show_banner(refusal(connection), self._client.session.reconnect_now)
            return
        now_ms = connection.server_now_ms(round(time.time() * 1000))
        mute = self._state.mute_in(self.room.key, now_ms) if self.room is not None else None
        self.composer.show_banner(mute_words(self._look, mute))

    def show_typing(self) -> None:
        """Say who is typing in the room shown, or that the other one has read all."""
        self.typing.say(typing_words(self._look, self._state, self.room))

    def appended(self) -> None:
        """Show what arrived; the "new" line goes before the first that came while nobody looked."""
        room = self.room
        if room is None or not room.joined:
            return
        if not (self._window.program.in_front and self.timeline.follows):
            self.timeline.move_line()
        self.timeline.appended()
        self.seen()

    def came_back(self) -> None:
        """After an absence, show what came meanwhile from its beginning, unless the reader is elsewhere."""
        room = self.room
        self.membership_changed()
        if room is not None and room.joined and room.unread and self.timeline.follows:
            self.timeline.show(room)

    def seen(self) -> None:
        """Tell up to where the user has read, which takes a window in front."""
        room = self.room
        if room is not None and room.joined and self._window.program.in_front:
            seq = self.timeline.read_to()
            if seq is not None:
                self._client.history.mark_read(room.key, seq)

    def focus_came(self) -> None:
        """Note that the window is in front again: what is in view has been read."""
        self.seen()

    # Writing

    def send_text(self, body: str) -> bool:
        """Send what was written, or store the edit of a message; False where it stays in the composer."""
        room = self.room
        if room is None:
            return False
        try:
            if self._editing is not None:
                self._client.outbox.edit(room.key, self._editing, body)
            else:
                self.timeline.portion.new_from = None
                send = self.files.send if self.files.paths else self._client.outbox.send
                send(room.key, body, self._reply_to)
        except ChatError as error:
            self.composer.show_context("warning", error_text(error.code))
            return False
        self._end_context()
        self._client.rooms.set_draft(room.key, "")
        self.timeline.jump_to_newest()
        return True

    def typed(self) -> None:
        """Tell the others that the user writes, and keep the draft."""
        room = self.room
        if room is not None and room.joined and self._editing is None:
            text = self.composer.get()
            if text:
                self._client.rooms.typing(room.key)
            self._client.rooms.set_draft(room.key, text)

    def start_reply(self, message: MessageState) -> None:
        """Let the next text be a reply to a message."""
        self._editing = None
        self._reply_to = message.seq
        words = _(
            "composer.reply_to", name=name_of(self._state, message.author), text=plain(said_in(message))[:200]
        )
        self.composer.show_context("reply", words)
        self.composer.text.focus_set()

    def start_edit(self, message: MessageState) -> None:
        """Let the composer change a message that was sent."""
        self.keep_draft()
        self._reply_to = None
        self._editing = message.seq
        self.composer.set(message.body)
        self.composer.show_context("edit", _("composer.editing"))
        self.composer.text.focus_set()

    def edit_last(self) -> None:
        """Bring the last message that may still be edited into the composer."""
        room = self.room
        if room is None:
            return
        last = next(
            (
                message
                for message in reversed(room.messages[-EDITABLE_MAX:])
                if self.messages.may_edit(message)
            ),
            None,
        )
        if last is not None:
            self.start_edit(last)

    def cancel(self) -> None:
        """Give up the reply or the edit."""
        if self._editing is not None and self.room is not None:
            self.composer.set(self.room.draft, caret=self._carets.get(self.room.key, "end"))
        self._end_context()
        self.composer.text.focus_set()

    def _end_context(self) -> None:
        self._reply_to = self._editing = None
        self.composer.show_context("", "")

    def suggest(self, typed: Typed) -> Sequence[Suggestion]:
        """Give what may take the place of what is being typed."""
        return self._suggester.find(self._state, self.room, typed) if self.room is not None else ()

    # Messages

    def write_to(self, username: str) -> None:
        """Open the private conversation with somebody."""
        self._window.open_direct(username)

    def open_room(self, key: str) -> None:
        """Show a room that a message leads to."""
        self._window.open_room(key)

    def load_older(self, room: str) -> None:
        """Ask for what is older than the oldest message that is loaded."""
        self._client.history.load_older(room)

    def fill_gap(self, room: str, seq: int) -> None:
        """Ask for what is missing before a message."""
        self._client.history.load_before(room, seq)

    def show_author(self, username: str) -> None:
        """Offer what can be done with an author whose picture was pressed."""
        self._window.show_person(username, *self.winfo_pointerxy())

    def toggle_chip(self, key: str, index: int) -> None:
        """Give or take back a reaction that was pressed."""
        message = self.actions.message(key)
        if message is not None:
            self.messages.toggle_chip(message, index)

    def tell_reactors(self, key: str, index: int) -> None:
        """Say who gave a reaction that the pointer is on."""
        message = self.actions.message(key)
        canvases = self.timeline.paper.embedded(key)
        if message is not None and canvases:
            self.messages.tell_reactors(message, index, canvases[0])

    def jump(self, seq: int) -> None:
        """Show a message of this room, also where it is not loaded yet."""
        room = self.room
        if room is None:
            return
        if room.index_of(seq) is not None:
            self.timeline.show_around(seq)
        else:
            self._client.history.jump_to(room.key, seq)
