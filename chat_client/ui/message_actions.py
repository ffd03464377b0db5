"""Owns the table of what can be done with a message, on which key, under which label and when; no widget."""

from typing import Final

from chat_client.ui.action_targets import Chosen
from chat_client.ui.actions import Action

MESSAGE: Final[tuple[Action[Chosen], ...]] = (
    Action(
        "copy_selection",
        "action.copy_selection",
        lambda c: c.commands.copy(c.commands.selection()),
        enabled=lambda c: bool(c.commands.selection()),
    ),
    Action(
        "retry", "timeline.retry", lambda c: c.commands.retry(c.message), ("r",), enabled=lambda c: c.refused
    ),
    Action(
        "reply",
        "action.reply",
        lambda c: c.commands.reply(c.message),
        ("r",),
        "reply",
        lambda c: c.readable and c.commands.may_write(),
    ),
    Action(
        "react",
        "action.react",
        lambda c: c.commands.offer_reactions(c.message, c.x, c.y),
        ("plus",),
        "smile",
        lambda c: c.readable and c.commands.may_write(),
    ),
    Action(
        "reactions",
        "action.reactions",
        lambda c: c.commands.show_reactions(c.message, c.x, c.y),
        ("w",),
        enabled=lambda c: c.readable and any(c.message.reactions.values()),
    ),
    Action(
        "pin", "pins.pin", lambda c: c.commands.pin(c.message, True), ("t",), "", lambda c: c.may_pin(True)
    ),
    Action(
        "unpin",
        "pins.unpin",
        lambda c: c.commands.pin(c.message, False),
        ("t",),
        "",
        lambda c: c.may_pin(False),
    ),
    Action("save", "saved.save", lambda c: c.commands.save(c.message), ("k",), "", lambda c: c.savable),
    Action(
        "copy",
        "action.copy",
        lambda c: c.commands.copy(c.message.body),
        ("c",),
        enabled=lambda c: not c.message.deleted,
    ),
    Action(
        "view_picture",
        "action.view_picture",
        lambda c: c.commands.view_picture(c.message),
        ("v",),
        enabled=lambda c: c.readable and bool(c.commands.pictures(c.message)),
    ),
    Action(
        "open_files",
        "action.open_file",
        lambda c: c.commands.open_files(c.message, c.x, c.y),
        ("a",),
        enabled=lambda c: c.readable and c.opens_files,
    ),
    Action(
        "save_files",
        "action.save_files",
        lambda c: c.commands.save_files(c.message),
        ("s",),
        enabled=lambda c: c.readable and bool(c.message.files),
    ),
    Action(
        "pause",
        "file.pause",
        lambda c: c.commands.control(c.message, "pause"),
        ("u",),
        "",
        lambda c: c.running,
    ),
    Action(
        "go_on",
        "file.go_on",
        lambda c: c.commands.control(c.message, "go_on"),
        ("u",),
        "",
        lambda c: c.resting,
    ),
    Action(
        "cancel_files",
        "file.cancel",
        lambda c: c.commands.control(c.message, "cancel"),
        ("x",),
        enabled=lambda c: c.running or c.resting,
    ),
    Action(
        "open_link",
        "action.open_link",
        lambda c: c.commands.open_links(c.message, c.x, c.y),
        ("o",),
        enabled=lambda c: not c.message.deleted and bool(c.commands.links(c.message)),
    ),
    Action(
        "unfold",
        "action.unfold",
        lambda c: c.commands.unfold(c.message),
        ("f",),
        enabled=lambda c: not c.message.deleted and c.commands.is_folded(c.message),
    ),
    Action(
        "follow_quote",
        "action.follow_quote",
        lambda c: c.commands.follow_quote(c.message),
        ("q",),
        enabled=lambda c: not c.message.deleted and c.message.reply_to is not None,
    ),
    Action(
        "edit",
        "action.edit",
        lambda c: c.commands.edit(c.message),
        ("e",),
        enabled=lambda c: c.readable and c.commands.may_edit(c.message),
    ),
    Action(
        "direct",
        "action.direct",
        lambda c: c.commands.write_to_author(c.message),
        ("p",),
        enabled=lambda c: c.message.seq is not None and bool(c.message.author) and not c.message.mine,
        group="author",
    ),
    Action(
        "delete",
        "action.delete",
        lambda c: c.commands.delete(c.message),
        ("Delete",),
        enabled=lambda c: c.readable and c.commands.may_delete(c.message),
        group="delete",
        danger=True,
    ),
    Action(
        "discard",
        "timeline.discard",
        lambda c: c.commands.discard(c.message),
        ("Delete",),
        enabled=lambda c: c.waiting,
    ),
)

MESSAGE_BY_ID: Final = {action.id: action for action in MESSAGE}
