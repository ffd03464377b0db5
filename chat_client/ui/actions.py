"""Owns the table of actions: what the user can do, on which key, under which label and when; no widget.

Menus, toolbars, the switcher, the sheet of keys (F1) and the table of keys in ``docs/use/client.md`` are made
from it. It imports no view: what an action is done to is described in :mod:`action_targets`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final, Generic, TypeVar

from chat_client.i18n import _
from chat_client.model.room_rights import (
    has_past,
    has_pins,
    has_settings,
    may_add,
    may_continue,
    may_create,
    may_edit,
)
from chat_client.model.state import NotifyLevel
from chat_client.ui.action_targets import (
    Program,
    Timeline,
    Window,
    Writing,
    has_directory,
    has_tools,
    keeps_time,
    tells_time,
)
from chat_client.ui.room.markup import BOLD, CODE, ITALIC

On = TypeVar("On")


def _always(_on: object) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Action(Generic[On]):
    """One thing that the user can do.

    :param id: its name in the code.
    :param label: the id of its words in the catalogues.
    :param run: does it; where Tk should go on with the key, the answer is None.
    :param keys: as Tk names them; two actions may share a key when never both are enabled.
    :param icon: its picture in a toolbar.
    :param enabled: whether it can be done now; what cannot is in no menu.
    :param group: the menu draws a line between two groups.
    :param danger: shown in the colour of what cannot be undone.
    """

    id: str
    label: str
    run: Callable[[On], object]
    keys: tuple[str, ...] = ()
    icon: str = ""
    enabled: Callable[[On], bool] = _always
    group: str = ""
    danger: bool = False

    def perform(self, on: On) -> object:
        """Do it if it can be done now; return what ``run`` returns, or "break" where it cannot."""
        return self.run(on) if self.enabled(on) else "break"

    @property
    def words(self) -> str:
        """The label in the user's language."""
        return _(self.label)

    @property
    def tip(self) -> str:
        """The label with the key, for a tooltip."""
        return f"{self.words} ({self.accelerator})" if self.keys else self.words

    @property
    def accelerator(self) -> str:
        """The first key, as it is written on the keyboard."""
        return key_name(self.keys[0]) if self.keys else ""

    @property
    def key_names(self) -> list[str]:
        """The keys as they are written on the keyboard, each once."""
        return list(dict.fromkeys(key_name(key) for key in self.keys))


def _pause(name: str, on: Window) -> object:
    return on.menus.attending.pause(name)


def _set_notify(level: NotifyLevel, on: Window) -> object:
    return None if on.room is None else on.menus.attending.set_notify(on.room, level)


def _may_set_notify(level: NotifyLevel, on: Window) -> bool:
    return on.room is not None and on.room.joined and on.room.notify != level


PROGRAM: Final[tuple[Action[Program], ...]] = (
    Action("settings", "settings.title", lambda p: p.show_settings(), ("Control-comma",), "settings"),
    Action("other_account", "account.other", lambda p: p.add_account()),
    Action("quit", "keys.quit", lambda p: p.close(), ("Control-q",)),
)

_PAUSING: Final[tuple[Action[Window], ...]] = tuple(
    Action(
        f"pause_{name}",
        label,
        partial(_pause, name),
        enabled=lambda w: not w.menus.attending.paused,
    )
    for name, label in (
        ("30m", "attention.pause_30m"),
        ("1h", "attention.pause_1h"),
        ("tomorrow", "attention.pause_tomorrow"),
    )
)

ATTENTION: Final[tuple[Action[Window], ...]] = (
    *_PAUSING,
    Action(
        "end_pause",
        "attention.pause_end",
        lambda w: w.menus.attending.end_pause(),
        enabled=lambda w: w.menus.attending.paused,
    ),
    Action("quiet_hours", "attention.quiet_hours", lambda w: w.menus.attending.ask_quiet_hours()),
    Action("calling_words", "attention.words", lambda w: w.menus.attending.ask_words()),
    Action(
        "receipts_on",
        "attention.receipts_on",
        lambda w: w.menus.attending.set_receipts(True),
        enabled=lambda w: "receipts" in w.state.connection.capabilities and not w.menus.attending.receipts,
    ),
    Action(
        "receipts_off",
        "attention.receipts_off",
        lambda w: w.menus.attending.set_receipts(False),
        enabled=lambda w: "receipts" in w.state.connection.capabilities and w.menus.attending.receipts,
    ),
    Action("time_on", "attention.time_on", lambda w: w.menus.attending.tell_time(True), enabled=keeps_time),
    Action(
        "time_off", "attention.time_off", lambda w: w.menus.attending.tell_time(False), enabled=tells_time
    ),
)

NOTIFY: Final[tuple[Action[Window], ...]] = tuple(
    Action(
        f"notify_{level.value}",
        f"notify.{level.value}",
        partial(_set_notify, level),
        enabled=partial(_may_set_notify, level),
    )
    for level in NotifyLevel
)

WINDOW: Final[tuple[Action[Window], ...]] = (
    Action("switch", "keys.switch", lambda w: w.show_switcher(), ("Control-k",), "search"),
    Action("room_above", "keys.room_above", lambda w: w.go(-1), ("Alt-Up",)),
    Action("room_below", "keys.room_below", lambda w: w.go(1), ("Alt-Down",)),
    Action("unread_above", "keys.unread_above", lambda w: w.go(-1, unread_only=True), ("Alt-Shift-Up",)),
    Action("unread_below", "keys.unread_below", lambda w: w.go(1, unread_only=True), ("Alt-Shift-Down",)),
    Action("filter_rooms", "rooms.filter", lambda w: w.rooms.open_filter(), icon="filter"),
    Action("unread_first", "rooms.unread_first", lambda w: w.rooms.toggle_unread_first()),
    Action(
        "create_room",
        "keeping.create",
        lambda w: w.keeping.create(),
        (),
        "plus",
        lambda w: may_create(w.state),
    ),
    Action(
        "room_settings",
        "keeping.settings",
        lambda w: w.keeping.show_settings(w.state.open_room or ""),
        icon="settings",
        enabled=lambda w: has_settings(w.room),
    ),
    Action(
        "topic",
        "keeping.topic",
        lambda w: w.keeping.ask_topic(w.state.open_room or ""),
        enabled=lambda w: w.room is not None and may_edit(w.state, w.room),
    ),
    Action(
        "add_people",
        "keeping.add",
        lambda w: w.keeping.ask_people(w.state.open_room or ""),
        icon="plus",
        enabled=lambda w: w.room is not None and may_add(w.state, w.room),
    ),
    Action(
        "continue_with",
        "keeping.continue_with",
        lambda w: w.keeping.continue_with(w.state.open_room or ""),
        enabled=lambda w: w.room is not None and w.room.is_direct and may_continue(w.state),
    ),
    Action(
        "go_to_date",
        "date_jump.action",
        lambda w: w.keeping.ask_date(w.state.open_room or ""),
        enabled=lambda w: has_past(w.room),
    ),
    Action(
        "save_conversation",
        "transcript.action",
        lambda w: w.keeping.save_conversation(w.state.open_room or ""),
        enabled=lambda w: has_past(w.room),
    ),
    Action("search", "keys.search", lambda w: w.toggle_search(), ("Control-f",), "search"),
    Action(
        "files",
        "keys.files",
        lambda w: w.show_pane("files"),
        ("Control-j",),
        "folder",
        lambda w: w.room is not None and w.room.joined and "files" in w.state.connection.capabilities,
    ),
    Action(
        "pins",
        "pins.title",
        lambda w: w.show_pane("pins"),
        ("Control-p",),
        "pin",
        lambda w: w.room is not None and has_pins(w.state, w.room),
    ),
    Action("inbox", "inbox.title", lambda w: w.show_pane("inbox"), ("Control-u",), "bell"),
    Action("members", "keys.members", lambda w: w.toggle_members(), ("Control-m",), "people"),
    Action("newest", "keys.newest", lambda w: w.jump_to_newest(), ("Control-End",), "down"),
    Action("pane_next", "keys.pane_next", lambda w: w.next_pane(1), ("F6",)),
    Action("pane_previous", "keys.pane_previous", lambda w: w.next_pane(-1), ("Shift-F6",)),
    Action(
        "requests",
        "requests.title",
        lambda w: w.show_pane("requests"),
        (),
        "inbox",
        lambda w: w.state.moderator,
    ),
    Action(
        "room_menu",
        "header.menu",
        lambda w: w.show_open_room_menu(),
        (),
        "more",
        lambda w: w.room is not None,
    ),
    Action("directory", "directory.title", lambda w: w.menus.show_everybody(), (), "people", has_directory),
    Action("moderation", "moderation.title", lambda w: w.menus.show_moderation(), (), "shield", has_tools),
    Action("account_menu", "settings.account", lambda w: w.show_account_menu()),
    Action("status_text", "status.text", lambda w: w.menus.ask_status_text()),
    Action(
        "choose_avatar",
        "avatar.choose",
        lambda w: w.menus.own_picture.choose(),
        enabled=lambda w: w.menus.own_picture.known,
    ),
    Action(
        "remove_avatar",
        "avatar.remove",
        lambda w: w.menus.own_picture.remove(),
        enabled=lambda w: w.menus.own_picture.known and w.menus.own_picture.shown,
    ),
    Action("invite", "account.invite", lambda w: w.menus.copy_invitation()),
    Action(
        "devices",
        "settings.show_devices",
        lambda w: w.program.show_devices(),
        enabled=lambda w: "devices" in w.state.connection.capabilities,
    ),
    *NOTIFY,
    *ATTENTION,
    Action(
        "saved_messages",
        "saved.title",
        lambda w: w.menus.show_saved(),
        ("Control-l",),
        enabled=lambda w: "saved" in w.state.connection.capabilities,
    ),
    Action("keys", "keys.title", lambda w: w.show_keys(), ("F1",)),
    Action("sign_out", "account.sign_out", lambda w: w.menus.ask_sign_out()),
)

WRITING: Final[tuple[Action[Writing], ...]] = (
    Action("send", "keys.send", lambda c: c.submit(), ("Return", "KP_Enter"), "send"),
    Action("line", "keys.line", lambda c: c.break_line(), ("Shift-Return", "Alt-Return", "Control-Return")),
    Action("edit_last", "keys.edit_last", lambda c: c.edit_last(), ("Up",)),
    Action("attach", "keys.attach", lambda c: c.attach(), ("Control-o",), "clip"),
    Action("emoji", "keys.emoji", lambda c: c.choose_emoji(), ("Control-period",), "smile"),
    Action("bold", "keys.bold", lambda c: c.mark(BOLD), ("Control-b",), group="marks"),
    Action("italic", "keys.italic", lambda c: c.mark(ITALIC), ("Control-i",), group="marks"),
    Action("code", "keys.code", lambda c: c.mark(CODE), ("Control-e",), group="marks"),
    Action("complete", "keys.complete", lambda c: c.complete_name(), ("Tab",)),
    Action("cancel", "keys.cancel", lambda c: c.cancel(), ("Escape",)),
)

TIMELINE: Final[tuple[Action[Timeline], ...]] = (
    Action("message_above", "keys.message_above", lambda t: t.move_cursor(-1), ("Up",)),
    Action("message_below", "keys.message_below", lambda t: t.move_cursor(1), ("Down",)),
    Action(
        "message_menu",
        "keys.message_menu",
        lambda t: t.open_cursor_menu(),
        ("Return", "space", "Menu", "Shift-F10"),
        "more",
    ),
)

_KEY_SIGNS: Final = {
    "Control": "Ctrl",
    "Up": "↑",
    "Down": "↓",
    "Left": "←",
    "Right": "→",
    "comma": ",",
    "period": ".",
    "plus": "+",
    "minus": "−",
}
_KEY_WORDS: Final = {
    "Return": "key.enter",
    "KP_Enter": "key.enter",
    "Delete": "key.delete",
    "space": "key.space",
    "Escape": "key.escape",
    "End": "key.end",
    "Shift": "key.shift",
}


def key_name(key: str) -> str:
    """Write a key of Tk's as it stands on the keyboard, such as ``Control-k`` as "Ctrl+K"."""
    return "+".join(_part_name(part) for part in key.split("-"))


def _part_name(part: str) -> str:
    if part in _KEY_WORDS:
        return _(_KEY_WORDS[part])
    return _KEY_SIGNS.get(part, part.upper() if len(part) == 1 else part)


class Actions:
    """The actions of one window, for its panes: done by id, or with something chosen through ``window``."""

    def __init__(self, window: Window) -> None:
        self.window = window

    def find(self, action_id: str) -> Action[Program] | Action[Window]:
        """Give an action of the window or the program.

        :raises KeyError: there is none of that id.
        """
        return _BY_ID[action_id]

    def can(self, action_id: str) -> bool:
        """Say whether what an id names can be done now."""
        return self.find(action_id) in self.commands()

    def do(self, action_id: str) -> None:
        """Do what an id names, if it can be done now."""
        program = _PROGRAM_BY_ID.get(action_id)
        if program is not None:
            program.perform(self.window.program)
        else:
            _WINDOW_BY_ID[action_id].perform(self.window)

    def commands(self) -> list[Action[Program] | Action[Window]]:
        """Give what can be done now, for the switcher."""
        window = [action for action in WINDOW if action.enabled(self.window)]
        return [*window, *(action for action in PROGRAM if action.enabled(self.window.program))]


_PROGRAM_BY_ID: Final = {action.id: action for action in PROGRAM}
_WINDOW_BY_ID: Final = {action.id: action for action in WINDOW}
_BY_ID: Final[dict[str, Action[Program] | Action[Window]]] = {**_PROGRAM_BY_ID, **_WINDOW_BY_ID}
