"""The window after the sign-in: puts the panes together and hands each change to those it concerns.

Tk thread only.
"""

import tkinter as tk
from collections.abc import Callable, Sequence
from tkinter import ttk
from typing import Any

from chat_client.engine.client import Client
from chat_client.i18n import _
from chat_client.model import changes as ch
from chat_client.model.state import ClientState, RoomState
from chat_client.ui.action_targets import Program
from chat_client.ui.actions import Actions
from chat_client.ui.keeping import RoomKeeping
from chat_client.ui.look import dates
from chat_client.ui.look.look import Look
from chat_client.ui.menus import Menus, below
from chat_client.ui.outcomes import Outcomes
from chat_client.ui.panes.files_pane import FilesPane
from chat_client.ui.panes.inbox_pane import InboxPane
from chat_client.ui.panes.members_pane import MembersPane
from chat_client.ui.panes.pane_head import AskedPane
from chat_client.ui.panes.panes import Panes
from chat_client.ui.panes.people import person_of, title_of
from chat_client.ui.panes.pins_pane import PinsPane
from chat_client.ui.panes.requests_pane import RequestsPane
from chat_client.ui.panes.rooms_pane import RoomsPane
from chat_client.ui.panes.search_pane import SearchPane
from chat_client.ui.panes.walking import walk
from chat_client.ui.room.room_view import RoomView
from chat_client.ui.sheets.keeping_sheet import KeepingSheet
from chat_client.ui.sheets.keys_sheet import KeysSheet
from chat_client.ui.sheets.picture_sheet import PictureSheet
from chat_client.ui.sheets.questions import tell
from chat_client.ui.sheets.saved_sheet import SavedSheet
from chat_client.ui.sheets.settings_sheet import PasswordSheet
from chat_client.ui.sheets.sheet import Sheet
from chat_client.ui.sheets.switcher import Switcher
from chat_client.ui.timer import Timer
from chat_client.ui.widgets.toast import Toast
from chat_protocol.objects import File


class MainWindow(tk.Frame):
    """The widget; none of ttk's, whose ``state`` is something else.

    :param program: what there is without this window too.
    """

    def __init__(self, parent: tk.Misc, look: Look, client: Client, program: Program) -> None:
        super().__init__(parent, background=look.palette.paper)
        self._look = look
        self._client = client
        self.program = program
        self.actions = Actions(self)
        self.sheet: Sheet | None = None
        self._rooms_timer = Timer(self, self._show_rooms_now)
        self._dated = dates.today()
        self.rooms = RoomsPane(self, look, client, self.actions)
        self.view = RoomView(self, look, client, self.actions)
        self.members = MembersPane(self, look, self.actions)
        self.search = SearchPane(self, look, client, self.actions)
        self.requests = RequestsPane(self, look, client, self.actions)
        self.files = FilesPane(self, look, client, self.actions, self.view.pictures)
        self.toast = Toast(self, look)
        self.keeping = RoomKeeping(look, client, self, self.open_sheet)
        self.menus = Menus(look, client, self.actions, self.toast.say, self.keeping, self.open_sheet)
        self.pins = PinsPane(self, look, client, self.actions)
        self._asked_for: dict[str, AskedPane] = {"requests": self.requests, "files": self.files}
        self.inbox = InboxPane(self, look, client, self.actions)
        self._asked_for |= {"pins": self.pins, "inbox": self.inbox}
        asides: dict[str, ttk.Frame] = {"members": self.members, "search": self.search, **self._asked_for}
        self.panes = Panes(self, look, self.rooms, self.view, asides, self._room_is_joined)
        self.outcomes = Outcomes(look, lambda: self.state, self.view, self.toast, lambda: self.sheet, program)
        self._table = self._make_table()
        self.show_rooms()
        if self.state.open_room is not None:
            self._show_open_room()

    @property
    def state(self) -> ClientState:
        """What there is to show."""
        return self._client.state

    @property
    def room(self) -> RoomState | None:
        """The open room."""
        return self.state.rooms.get(self.state.open_room or "")

    def _room_is_joined(self) -> bool:
        return self.room is not None and self.room.joined

    # Changes of the state

    def _make_table(self) -> dict[type[object], Callable[..., object]]:
        return {
            ch.SignedIn: self._signed_in,
            ch.ConnectionChanged: lambda _c: self.show_rooms(),
            ch.ProfileChanged: lambda _c: self._profile_changed(),
            ch.RoomsChanged: lambda _c: self._rooms_changed(),
            ch.RoomChanged: lambda _c: self._room_changed(),
            ch.MessagesAppended: self._appended,
            ch.MessagesInserted: self._here(lambda c: self.view.timeline.inserted(c.at_front)),
            ch.MessageChanged: self._message_changed,
            ch.PendingChanged: self._here(lambda _c: self.view.timeline.pending_changed()),
            ch.MembersChanged: self._members_changed,
            ch.PeopleChanged: lambda _c: self._people_changed(),
            ch.AvatarChanged: lambda _c: self._look.pictures.changed(),
            ch.TypingChanged: self._here(lambda _c: self.view.show_typing()),
            ch.SearchChanged: lambda _c: self.search.show(),
            ch.RoomFilesChanged: lambda _c: self.files.show(),
            ch.PinsChanged: self._here(lambda _c: self._show_pins()),
            ch.JumpReady: lambda c: self._jump_ready(c.room, c.seq),
            ch.ModerationChanged: lambda _c: self._moderation_changed(),
            ch.NoticeArrived: lambda c: tell(self._look, _("notice.title"), c.text),
            ch.RequestFailed: self.outcomes.failed,
            ch.MembershipDecided: self._decided,
            ch.DeviceSignedIn: self.outcomes.signed_in_elsewhere,
            ch.RequestDone: self.outcomes.done,
            ch.FileSaved: self.outcomes.saved,
            ch.PictureChanged: self._picture_changed,
            ch.TransferChanged: self._transfer_changed,
        }

    def _here(self, act: Callable[[Any], object]) -> Callable[[Any], object]:
        """Do something for a change of the open room alone."""
        return lambda change: act(change) if change.room == self.state.open_room else None

    def follow_time(self) -> None:
        """Draw what depends on the time; after midnight also the times in the panes at the right."""
        self.view.follow_time()
        self.members.follow_time(self.state, self.room)
        if self._dated != dates.today():
            self._dated = dates.today()
            self.search.show()
            self.files.show()
            self.pins.show()
            self.requests.show(again=True)

    def apply(self, change: ch.Change) -> None:
        """Draw what one change concerns."""
        handler = self._table.get(type(change))
        if handler is not None:
            handler(change)
        if isinstance(self.sheet, KeepingSheet | SavedSheet | Switcher) and not self.sheet.closed:
            self.sheet.apply(change)

    def _signed_in(self, change: ch.SignedIn) -> None:
        self.show_rooms()
        if self.room is None:
            self._room_is_gone()
        elif change.fresh:
            self._show_open_room()
        else:
            self.view.came_back()
        if self.state.must_change_password:
            self._ask_new_password()

    def _open_first(self) -> None:
        rooms = [*self.state.joined_rooms(), *self.state.conversations()]
        if rooms:
            last = self._client.rooms.last_open()
            self.open_room(next((room for room in rooms if room.key == last), rooms[0]).key)

    def _room_is_gone(self) -> None:
        """Say that the open room was removed; open one where none was."""
        if self.view.tells_loss:
            return
        gone = self.view.room
        if gone is None:
            self._open_first()
            return
        name = self._look.plain_line(title_of(self.state, gone))
        self.view.show_loss(gone, _("loss.taken_out" if gone.refused else "loss.removed", room=name))
        self.members.show(self.state, None)
        self.panes.arrange()

    def go_on(self) -> None:
        """After a room was lost: show the way back into it, or another room."""
        if self.room is not None:
            self._show_open_room()
        else:
            self.view.show_room(None)
            self._open_first()

    def _profile_changed(self) -> None:
        self.show_rooms()
        self.view.refresh()
        if self.state.must_change_password:
            self._ask_new_password()

    def _ask_new_password(self) -> None:
        if not isinstance(self.sheet, PasswordSheet) or self.sheet.closed:
            self.sheet = PasswordSheet(self._look, self._client, forced=True)

    def _rooms_changed(self) -> None:
        self.show_rooms()
        if self.room is None:
            self._room_is_gone()
        elif self.view.tells_loss:
            pass  # until the user goes on
        elif self.view.room is not self.room:
            self._show_open_room()
        else:
            self.view.refresh()
            self.view.membership_changed()
        self.panes.follow()

    def _room_changed(self) -> None:
        self.show_rooms()
        self.view.refresh()
        self.panes.follow()

    def _appended(self, change: ch.MessagesAppended) -> None:
        self.show_rooms()
        if change.room == self.state.open_room:
            self.view.appended()
            self.files.show()

    def _message_changed(self, change: ch.MessageChanged) -> None:
        if change.room == self.state.open_room:
            self.view.timeline.changed(change.seq)
            self.files.show()
            self._show_pins()

    def _show_pins(self) -> None:
        self.view.pin_bar.show(self.state, self.room)
        self.pins.show()

    def _members_changed(self, change: ch.MembersChanged) -> None:
        if change.room == self.state.open_room:
            self.members.show(self.state, self.room)
            self.view.refresh()

    def _people_changed(self) -> None:
        self.show_rooms()
        self.members.show(self.state, self.room)
        self.view.refresh()
        self.view.timeline.names_changed()
        self.view.timeline.gutter.follow()

    def _moderation_changed(self) -> None:
        self.show_rooms()
        self.requests.show()

    def _transfer_changed(self, change: ch.TransferChanged) -> None:
        self.view.transfers.changed(change.key)
        self.files.show_soon()

    def _picture_changed(self, change: ch.PictureChanged) -> None:
        self.view.pictures.changed(change.file)
        if isinstance(self.sheet, PictureSheet) and not self.sheet.closed:
            self.sheet.changed(change.file)

    def _decided(self, change: ch.MembershipDecided) -> None:
        self.show_rooms()
        self.outcomes.decided(change)

    # Rooms

    def show_rooms(self) -> None:
        """Draw the list at the left once all that is due now has been applied."""
        self._rooms_timer.soon()

    def _show_rooms_now(self) -> None:
        self.rooms.show(self.state)
        self.inbox.show()

    def open_room(self, key: str) -> None:
        """Show a room by its key."""
        self.view.keep_draft()
        self._client.rooms.open(key)
        self._show_open_room()

    def _show_open_room(self) -> None:
        self.view.show_room(self.room)
        self.members.show(self.state, self.room)
        self.show_rooms()
        self.panes.arrange()
        if self.files.winfo_manager():
            self.files.follow()
        self.pins.show()

    def jump(self, key: str, seq: int) -> None:
        """Show a message of any room."""
        if key != self.state.open_room:
            self.open_room(key)
        self.view.jump(seq)

    def _jump_ready(self, key: str, seq: int) -> None:
        if key == self.state.open_room:
            self.view.timeline.show_around(seq)

    def go(self, step: int, *, unread_only: bool = False) -> str:
        """Open the room above or below."""
        key = self.rooms.neighbour(self.state, step, unread_only=unread_only)
        if key is not None:
            self.open_room(key)
        return "break"

    # The pane at the right

    def toggle_members(self) -> None:
        """Show or hide who is there."""
        self.panes.toggle_usual()

    def toggle_search(self) -> str:
        """Show the search, or take the keyboard back to it."""
        self.panes.choose("search")
        self.search.start()
        return "break"

    def find_here(self) -> None:
        """Search in the open room alone."""
        self.search.here.set(True)
        self.toggle_search()

    def show_pane(self, name: str) -> str:
        """Show who asks to be let in, the files or what is pinned, or take the keyboard back to it."""
        self.panes.choose(name)
        self._asked_for[name].start()
        return "break"

    def show_members_again(self) -> None:
        """Leave the pane that was asked for."""
        self.panes.choose()
        self.take_focus()

    def next_pane(self, step: int) -> None:
        """Take the keyboard to the next pane: rooms, timeline, composer, the pane at the right."""
        walk(step, self.rooms, self.view, self.members, self.search, self.files, self.pins, self.inbox)

    def take_focus(self) -> None:
        """Give the keyboard a place where it is seen: what the open room has for it, or the rooms."""
        if not self.view.take_focus():
            self.rooms.list.canvas.focus_set()

    # Menus and sheets

    def show_switcher(self) -> str:
        """Open the quick way to any room or person."""
        if self.sheet is None or self.sheet.closed:
            self.sheet = switcher = Switcher(self._look, self._client, self.actions)
            switcher.show(switcher.entry)
        return "break"

    def show_keys(self) -> str:
        """Tell the keys of the window."""
        self.open_sheet(lambda: KeysSheet(self._look))
        return "break"

    def open_sheet(self, make: Callable[[], Sheet]) -> None:
        """Show a sheet, unless there is one."""
        if self.sheet is None or self.sheet.closed:
            self.sheet = make()

    def show_picture(self, file: File, among: Sequence[File] = ()) -> None:
        """Show a picture of the open room over the window, and `among` others where it is none loaded."""
        if self.room is not None and (self.sheet is None or self.sheet.closed):
            files = among or self.view.pictures.of_room(self.room)
            if file in files:
                self.sheet = PictureSheet(self._look, self._client, files, files.index(file))

    def open_direct(self, username: str) -> None:
        """Open the private conversation with somebody."""
        self.open_room(self._client.rooms.direct(username))

    def show_account_menu(self) -> None:
        """Offer what concerns the user's own account."""
        self.menus.account(*below(self.rooms.account))

    def show_open_room_menu(self) -> None:
        """Offer what can be done with the open room."""
        if self.room is not None:
            self.menus.room(self.room.key, *below(self.view.header.menu_button))

    def show_room_menu(self, key: str, x: int, y: int) -> None:
        """Offer what can be done with a room."""
        self.menus.room(key, x, y)

    def show_person(self, username: str, x: int, y: int) -> None:
        """Offer what can be done with a person."""
        self.menus.person(person_of(self.state, username), self.room, x, y)

    def mention(self, name: str) -> None:
        """Write a name into the composer."""
        self.view.composer.insert(name)

    def jump_to_newest(self) -> None:
        """Show the newest messages of the open room."""
        self.view.timeline.jump_to_newest()
