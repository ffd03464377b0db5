"""The menus of the window: one's own status, a room, a person; Tk thread only. Each entry is a call."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable
from functools import partial

from chat_client.engine.client import Client
from chat_client.i18n import _
from chat_client.invitation import Invitation
from chat_client.model.keys import user_key
from chat_client.model.state import NotifyLevel, PersonState, RoomState
from chat_client.ui.actions import Actions
from chat_client.ui.look.look import Look
from chat_client.ui.panes.people import title_of
from chat_client.ui.sheets.questions import ask, ask_text

STATUSES = ("online", "away", "busy")
MUTE_S = 3600
KICK_S = 3600


class Menus:
    """Fills and shows menus.

    :param say: tells something in passing, such as that it was copied.
    """

    def __init__(self, look: Look, client: Client, actions: Actions, say: Callable[[str], object]) -> None:
        self._look = look
        self._client = client
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
                command=lambda status=status: client.status.set(status, state.status_text),  # type: ignore[misc]
            )
        self._add("status_text")
        menu.add_separator()
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
                command=lambda account=account: client.session.resume(account.id),  # type: ignore[misc]
            )

    def copy_invitation(self) -> None:
        """Put a link on the clipboard that takes others to this server."""
        connection, known = self._client.state.connection, self._client.known_servers
        fingerprint = known.fingerprint(connection.host, connection.port) if connection.encrypted else ""
        self._copy(Invitation(connection.host, connection.port, fingerprint, connection.server).link())
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
            if room.unread:
                menu.add_command(
                    label=_("room.mark_read"), command=lambda: self._client.history.mark_read(key)
                )
        if room.is_direct:
            menu.add_command(label=_("person.copy_name"), command=lambda: self._copy(f"@{room.partner}"))
        elif room.joined:
            menu.add_command(
                label=_("room.leave"),
                foreground=self._look.palette.danger_text,
                command=lambda: self._ask_leave(room),
            )
        else:
            menu.add_command(label=_("room.open"), command=lambda: self._window.open_room(key))
        self._show(x, y)

    def _add_levels(self, room: RoomState) -> None:
        self._level.set(room.notify.value)
        for level in NotifyLevel:
            self.menu.add_radiobutton(
                label=_(f"notify.{level.value}"),
                value=level.value,
                variable=self._level,
                command=lambda level=level: self._client.rooms.set_notify(room.key, level),  # type: ignore[misc]
            )

    def _ask_leave(self, room: RoomState) -> None:
        name = self._look.line(title_of(self._client.state, room))
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
        menu, client = self.menu, self._client
        menu.delete(0, "end")
        name = person.username
        menu.add_command(label=self._look.line(f"{person.display_name}  @{name}"), state="disabled")
        if user_key(name) != user_key(client.state.username):
            menu.add_command(label=_("action.direct"), command=lambda: self._window.open_direct(name))
            if room is not None and room.joined and not room.is_direct:
                menu.add_command(label=_("person.mention"), command=lambda: self._window.mention(f"@{name} "))
            if client.state.moderator:
                self._add_moderation(name, room)
        menu.add_command(label=_("person.copy_name"), command=lambda: self._copy(f"@{name}"))
        self._show(x, y)

    def _add_moderation(self, name: str, room: RoomState | None) -> None:
        menu, ink = self.menu, self._look.palette.danger_text
        menu.add_separator()
        place = room.name if room is not None and room.joined and not room.is_direct else None
        menu.add_command(
            label=_("person.mute"),
            foreground=ink,
            command=lambda: self._sanction("mute", name, MUTE_S, place),
        )
        menu.add_command(
            label=_("person.kick"), foreground=ink, command=lambda: self._sanction("kick", name, KICK_S, None)
        )
        if self._client.state.role == "admin":
            menu.add_command(
                label=_("person.ban"), foreground=ink, command=lambda: self._sanction("ban", name, None, None)
            )
        menu.add_separator()

    def _sanction(self, kind: str, name: str, duration_s: int | None, room: str | None) -> None:
        ask_text(
            self._look,
            _(f"person.{kind}_title", name=self._look.line(name)),
            _("person.reason"),
            _(f"person.{kind}"),
            lambda reason: self._client.moderation.sanction(
                kind, username=name, duration_s=duration_s, room=room, reason=reason
            ),
        )

    def _copy(self, text: str) -> None:
        self._look.root.clipboard_clear()
        self._look.root.clipboard_append(text)
