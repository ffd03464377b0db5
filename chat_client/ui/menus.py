"""The menus of the window: one's own status, a room, a person; Tk thread only. Each entry is a call."""

import tkinter as tk
from collections.abc import Callable
from functools import partial

from chat_client.engine.client import Client
from chat_client.i18n import _
from chat_client.model.keys import user_key
from chat_client.model.state import NotifyLevel, PersonState, RoomState
from chat_client.ui.action_targets import ChosenPerson, ChosenRoom, KeepingCommands
from chat_client.ui.actions import ATTENTION, Actions
from chat_client.ui.attending import Attending
from chat_client.ui.list_actions import PERSON, ROOM
from chat_client.ui.look.look import Look
from chat_client.ui.moderating import Moderating
from chat_client.ui.own_picture import OwnPicture
from chat_client.ui.panes.people import title_of
from chat_client.ui.sheets.questions import ask, ask_text
from chat_client.ui.sheets.saved_sheet import SavedSheet
from chat_client.ui.sheets.sheet import Sheet
from chat_client.ui.widgets.action_widgets import add_actions

STATUSES = ("online", "away", "busy")


def below(widget: tk.Misc) -> tuple[int, int]:
    """Give the place on the screen for a menu that hangs from a widget."""
    return widget.winfo_rootx(), widget.winfo_rooty() + widget.winfo_height()


class Menus:
    """Fills and shows menus.

    :param say: tells something in passing, such as that it was copied.
    :param keeping: makes and keeps rooms.
    :param open_sheet: shows the sheet that is made, unless there is one.
    """

    def __init__(
        self,
        look: Look,
        client: Client,
        actions: Actions,
        say: Callable[[str], object],
        keeping: KeepingCommands,
        open_sheet: Callable[[Callable[[], Sheet]], object],
    ) -> None:
        self._open_sheet = open_sheet
        self.keeping = keeping
        self._look = look
        self._client = client
        self.attending = Attending(look, client, say)
        self.own_picture = OwnPicture(look.root, client, say)
        self._moderating = Moderating(look, client, self, open_sheet)
        self._actions = actions
        self._window = actions.window
        self._say = say
        self.menu = look.menu(look.root)
        self._level = tk.StringVar(look.root)
        self._status = tk.StringVar(look.root)

    def _show(self, x: int, y: int) -> None:
        self.menu.tk_popup(x, y)

    # Oneself

    def account(self, x: int, y: int) -> None:
        """Offer the statuses, the text, the other accounts and the way out."""
        menu, client, state = self.menu, self._client, self._client.state
        menu.delete(0, "end")
        self._status.set(state.status)
        for status in STATUSES:
            menu.add_radiobutton(
                label=_(f"status.{status}"),
                value=status,
                variable=self._status,
                command=partial(client.status.set, status, state.status_text),
            )
        self._add("status_text")
        self._add(*(each for each in ("choose_avatar", "remove_avatar") if self._actions.can(each)))
        menu.add_separator()
        self._add(*(action.id for action in ATTENTION if self._actions.can(action.id)))
        menu.add_separator()
        if self._actions.can("saved_messages"):
            self._add("saved_messages")
        self._add(*(each for each in ("directory", "moderation") if self._actions.can(each)))
        self._add_accounts()
        self._add("other_account", "invite")
        menu.add_separator()
        self._add("keys", "settings", "sign_out")
        self._show(x, y)

    def _add(self, *action_ids: str) -> None:
        """Add actions of the window."""
        for action_id in action_ids:
            action = self._actions.find(action_id)
            self.menu.add_command(
                label=action.words,
                accelerator=action.accelerator,
                command=partial(self._actions.do, action_id),
            )

    def show_saved(self) -> None:
        """Show the messages that the user has saved."""
        self._open_sheet(lambda: SavedSheet(self._look, self._client, self._window.jump))

    def _add_accounts(self) -> None:
        client = self._client
        present = client.state.connection
        me = user_key(client.state.username)
        others = [
            account
            for account in client.accounts.all()
            if account.token
            and (user_key(account.username), account.host, account.port) != (me, present.host, present.port)
        ]
        for account in others[:5]:
            label = f"{account.display_name or account.username} — {account.server or account.host}"
            self.menu.add_command(
                label=self._look.line(label),
                command=partial(client.session.resume, account.id),
            )

    def copy_invitation(self) -> None:
        """Put a link on the clipboard that takes others to this server."""
        self._copy(self._client.trust.invitation().link())
        self._say(_("account.invited"))

    def ask_status_text(self) -> None:
        """Ask what the user says of their status."""
        state = self._client.state
        ask_text(
            self._look,
            _("status.text_title"),
            _("status.text_label"),
            _("action.save"),
            lambda text: self._client.status.set(state.status, text),
            value=state.status_text,
        )

    def ask_sign_out(self) -> None:
        """Sign out after a question."""
        ask(
            self._look,
            _("account.sign_out"),
            _("account.sign_out_words"),
            _("account.sign_out"),
            self._client.session.log_out,
        )

    # Rooms

    def room(self, key: str, x: int, y: int) -> None:
        """Offer what can be done with a room."""
        room = self._client.state.rooms.get(key)
        if room is None:
            return
        menu = self.menu
        menu.delete(0, "end")
        if room.joined:
            self._add_levels(room)
            menu.add_separator()
        add_actions(menu, self._look, ROOM, ChosenRoom(self, room, self._client.state))
        self._show(x, y)

    def mark_read(self, room: RoomState) -> None:
        """Take all messages of a room as read."""
        self._client.history.mark_read(room.key)

    def is_favourite(self, room: RoomState) -> bool:
        """Say whether a room stands among the favourites."""
        return room.kept_as in self._client.rooms.favourites()

    def set_favourite(self, room: RoomState, favourite: bool) -> None:
        """Put a room among the favourites, or take it out."""
        self._client.rooms.set_favourite(room.key, favourite)

    def open(self, room: RoomState) -> None:
        """Show a room."""
        self._window.open_room(room.key)

    def copy_name(self, username: str) -> None:
        """Put a name as one is mentioned by on the clipboard."""
        self._copy(f"@{username}")

    def _add_levels(self, room: RoomState) -> None:
        self._level.set(room.notify.value)
        for level in NotifyLevel:
            self.menu.add_radiobutton(
                label=_(f"notify.{level.value}"),
                value=level.value,
                variable=self._level,
                command=partial(self.attending.set_notify, room, level),
            )

    def ask_leave(self, room: RoomState) -> None:
        """Leave a room after a question."""
        name = self._look.plain_line(title_of(self._client.state, room))
        ask(
            self._look,
            _("room.leave_title", room=name),
            _("room.leave_words"),
            _("room.leave"),
            lambda: self._client.rooms.leave(room.key),
            danger=True,
        )

    # People

    def person(self, person: PersonState, room: RoomState | None, x: int, y: int) -> None:
        """Offer what can be done with a person."""
        menu, name = self.menu, person.username
        menu.delete(0, "end")
        menu.add_command(label=self._look.line(f"{person.display_name}  @{name}"), state="disabled")
        place = room if room is not None and room.joined and not room.is_direct else None
        state = self._client.state
        is_me = user_key(name) == user_key(state.username)
        add_actions(menu, self._look, PERSON, ChosenPerson(self, name, is_me, place, state))
        self._show(x, y)

    @property
    def may_moderate(self) -> bool:
        """Whether the user may mute and kick."""
        return self._client.state.moderator

    @property
    def may_ban(self) -> bool:
        """Whether the user may ban."""
        return self._client.state.role == "admin"

    def write_to(self, username: str) -> None:
        """Open the private conversation with somebody."""
        self._window.open_direct(username)

    def mention(self, username: str) -> None:
        """Write a person's name into the composer."""
        self._window.mention(f"@{username} ")

    def ask_sanction(self, kind: str, username: str, room: str | None) -> None:
        """Mute, kick or ban somebody after the question for how long and why."""
        self._moderating.ask_sanction(kind, username, room)

    def show_moderation(self) -> None:
        """Show the moderators' window."""
        self._moderating.show()

    def show_everybody(self) -> None:
        """Show everybody who has an account."""
        self._moderating.show_everybody()

    def show_person(self, username: str) -> None:
        """Show who somebody is."""
        self._moderating.show_person(username)

    def _copy(self, text: str) -> None:
        self._look.root.clipboard_clear()
        self._look.root.clipboard_append(text)
