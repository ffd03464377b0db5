"""Owns the tables of what can be done with a room or a person of a list; it makes no widget."""

from typing import Final

from chat_client.model.room_rights import has_past, has_settings, may_add, may_archive, may_continue
from chat_client.ui.action_targets import ChosenPerson, ChosenRoom
from chat_client.ui.actions import Action

ROOM: Final[tuple[Action[ChosenRoom], ...]] = (
    Action(
        "mark_read",
        "room.mark_read",
        lambda c: c.commands.mark_read(c.room),
        enabled=lambda c: c.room.joined and c.room.unread > 0,
    ),
    Action(
        "favourite",
        "rooms.make_favourite",
        lambda c: c.commands.set_favourite(c.room, True),
        enabled=lambda c: (c.room.joined or c.room.is_direct) and not c.commands.is_favourite(c.room),
    ),
    Action(
        "no_favourite",
        "rooms.end_favourite",
        lambda c: c.commands.set_favourite(c.room, False),
        enabled=lambda c: c.commands.is_favourite(c.room),
    ),
    Action(
        "date_of_room",
        "date_jump.action",
        lambda c: c.commands.keeping.ask_date(c.room.key),
        enabled=lambda c: has_past(c.room),
    ),
    Action(
        "save_room",
        "transcript.action",
        lambda c: c.commands.keeping.save_conversation(c.room.key),
        enabled=lambda c: has_past(c.room),
    ),
    Action(
        "copy_partner",
        "person.copy_name",
        lambda c: c.commands.copy_name(c.room.partner),
        enabled=lambda c: c.room.is_direct,
    ),
    Action(
        "about_room",
        "keeping.settings",
        lambda c: c.commands.keeping.show_settings(c.room.key),
        enabled=lambda c: has_settings(c.room),
        group="keeping",
    ),
    Action(
        "add_to_room",
        "keeping.add",
        lambda c: c.commands.keeping.ask_people(c.room.key),
        enabled=lambda c: may_add(c.state, c.room),
        group="keeping",
    ),
    Action(
        "continue_conversation",
        "keeping.continue_with",
        lambda c: c.commands.keeping.continue_with(c.room.key),
        enabled=lambda c: c.room.is_direct and may_continue(c.state),
        group="keeping",
    ),
    Action(
        "unarchive",
        "keeping.unarchive",
        lambda c: c.commands.keeping.unarchive(c.room.key),
        enabled=lambda c: c.room.archived and may_archive(c.state, c.room),
        group="keeping",
    ),
    Action(
        "archive",
        "keeping.archive",
        lambda c: c.commands.keeping.ask_archive(c.room.key),
        enabled=lambda c: not c.room.archived and may_archive(c.state, c.room),
        group="end",
        danger=True,
    ),
    Action(
        "leave",
        "room.leave",
        lambda c: c.commands.ask_leave(c.room),
        enabled=lambda c: c.room.joined and not c.room.is_direct,
        group="end",
        danger=True,
    ),
    Action(
        "open",
        "room.open",
        lambda c: c.commands.open(c.room),
        enabled=lambda c: not c.room.joined and not c.room.is_direct,
    ),
)

PERSON: Final[tuple[Action[ChosenPerson], ...]] = (
    Action(
        "write_to", "action.direct", lambda c: c.commands.write_to(c.username), enabled=lambda c: not c.is_me
    ),
    Action(
        "mention",
        "person.mention",
        lambda c: c.commands.mention(c.username),
        enabled=lambda c: not c.is_me and c.room is not None,
    ),
    Action(
        "make_owner",
        "keeping.make_owner",
        lambda c: c.commands.keeping.make_owner(c.place_key, c.username, True),
        enabled=lambda c: c.may_own(True),
        group="keeping",
    ),
    Action(
        "end_owner",
        "keeping.end_owner",
        lambda c: c.commands.keeping.make_owner(c.place_key, c.username, False),
        enabled=lambda c: c.may_own(False),
        group="keeping",
    ),
    Action(
        "remove_from_room",
        "keeping.remove",
        lambda c: c.commands.keeping.ask_remove(c.place_key, c.username),
        enabled=lambda c: c.removable,
        group="keeping",
        danger=True,
    ),
    Action(
        "mute",
        "person.mute",
        lambda c: c.commands.ask_sanction("mute", c.username, c.room),
        enabled=lambda c: c.moderated,
        group="moderation",
        danger=True,
    ),
    Action(
        "kick",
        "person.kick",
        lambda c: c.commands.ask_sanction("kick", c.username, None),
        enabled=lambda c: c.moderated,
        group="moderation",
        danger=True,
    ),
    Action(
        "ban",
        "person.ban",
        lambda c: c.commands.ask_sanction("ban", c.username, None),
        enabled=lambda c: c.moderated and c.commands.may_ban,
        group="moderation",
        danger=True,
    ),
    Action(
        "show_person",
        "person.show",
        lambda c: c.commands.show_person(c.username),
        enabled=lambda c: "moderation" in c.state.connection.capabilities,
    ),
    Action("copy_name", "person.copy_name", lambda c: c.commands.copy_name(c.username)),
)
