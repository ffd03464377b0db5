"""The client's state in words, with nothing in them that could drive the terminal; it writes nothing."""

import time
from collections.abc import Callable
from typing import Final

from chat_client.file_words import said_in, size_words
from chat_client.i18n import _, error_text
from chat_client.model.keys import user_key
from chat_client.model.state import ClientState, ConnectionState, MessageState, Phase, RoomState
from chat_protocol.objects import File

Write = Callable[[str], None]
QUOTE_MAX: Final = 40


def printable(text: str) -> str:
    """Return text without control sequences and direction overrides; further lines are indented."""
    lines = text.split("\n")
    clean = ["".join(c if c.isprintable() else "\ufffd" for c in line.expandtabs(4)) for line in lines]
    return "\n    ".join(clean)


def name_of(username: str, state: ClientState) -> str:
    """Return how a user is called, with the username where that is another word."""
    if not username:
        return _("timeline.erased_author")
    person = state.people.get(user_key(username))
    if person is None or person.display_name in ("", username):
        return username
    return f"{person.display_name} @{username}"


def message_line(message: MessageState, room: RoomState | None, state: ClientState) -> str:
    """Return a message with its time, number and author.

    :param room: where it was said; None where that is not known, so that what it answers is not quoted.
    """
    body = _("terminal.deleted") if message.deleted else _said(message)
    edited = f" ({_('terminal.edited')})" if message.edited_at and not message.deleted else ""
    reactions = "".join(f" {emoji}{len(names)}" for emoji, names in message.reactions.items())
    reactions = f" [{reactions.strip()}]" if reactions else ""
    sent_at = time.strftime("%H:%M", time.localtime(message.sent_at / 1000))
    mark = f" [{_('people.bot')}]" if message.bot else ""
    where = f"[{sent_at}] #{message.seq} <{name_of(message.author, state)}{mark}>"
    return printable(f"{where} {_quote(message, room, state)}{body}{edited}{reactions}")


def _quote(message: MessageState, room: RoomState | None, state: ClientState) -> str:
    """Return which message this one answers, with its beginning where it is loaded."""
    if message.reply_to is None:
        return ""
    original = room.message(message.reply_to) if room is not None else None
    words = ""
    if original is not None and not original.deleted:
        body = " ".join(said_in(original).split())
        cut = body if len(body) <= QUOTE_MAX else f"{body[:QUOTE_MAX]}…"
        words = f" <{name_of(original.author, state)}> {cut}"
    return f"(↪ #{message.reply_to}{words}) "


def file_offer(file: File, place: str) -> str:
    """Return what a file is and how it is fetched: `place` is what `/download` takes."""
    name = " ".join(file.name.split())
    return _("terminal.file", name=name, size=size_words(file.size), place=place)


def _said(message: MessageState) -> str:
    """Return the text of a message, and of each of its files what it is and how it is fetched."""
    words = [message.body] if message.body else []
    for number, file in enumerate(message.files, 1):
        place = f"{message.seq}" if len(message.files) == 1 else f"{message.seq}.{number}"
        words.append(file_offer(file, place))
    return " ".join(words)


def status_line(state: ClientState) -> str:
    """Return one line that tells how the connection stands."""
    connection = state.connection
    where = f"{connection.host}:{connection.port}"
    if connection.phase == Phase.FINGERPRINT:
        question = _("terminal.fingerprint", place=where, fingerprint=connection.fingerprint)
        return "\n".join(f"* {line}" for line in question.split("\n"))
    if connection.phase == Phase.ONLINE:
        words = _("terminal.online" if connection.encrypted else "terminal.online_plain", place=where)
        return f"* {words}" + ("" if connection.storing_ok else f" {_('connection.not_storing')}")
    if connection.phase == Phase.WAITING:
        return f"* {_reason(connection)} {_('terminal.again')}"
    if connection.phase == Phase.REFUSED:
        return printable(f"* {_reason(connection)}")
    return f"* {_('terminal.connecting', place=where)}"


def _reason(connection: ConnectionState) -> str:
    """Say in words why there is no connection."""
    if connection.code == "unreachable":
        return _("connection.unreachable", place=f"{connection.host}:{connection.port}")
    words = error_text(connection.code or "internal")
    if connection.detail and connection.code in ("kicked", "banned", "killed"):
        words += " " + _("connection.because", reason=connection.detail)
    return words
