"""Words an entry of the timeline: which runs of text in which styles; it makes no widget.

The styles are the names of the text widget's tags; what they look like stands in :mod:`timeline_text`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from chat_client.file_words import said_in, size_words
from chat_client.i18n import _, error_text, ngettext
from chat_client.model.state import MessageState, Status
from chat_client.model.transfer_state import TransferState
from chat_client.ui.look.dates import clock
from chat_client.ui.look.mixed import EMOJI
from chat_client.ui.room.markup import ACTION_PREFIX, Span, is_action, parse, plain
from chat_client.ui.room.timeline.entries import Entry
from chat_protocol.objects import File

#: A message of more lines is shown folded, so that it does not push all others away.
FOLD_OVER_LINES = 40
FOLDED_LINES = 24

PREVIEW_MAX_CHARS = 120

#: The style of a file's name ends in which of the message's it is.
FILE_STYLE = "file-"

#: Of emoji alone, so many characters are shown larger; one emoji may take several.
ALONE_MAX_CHARS = 24
_JOINS = dict.fromkeys(map(ord, "\u200d\ufe0f"))

#: Tk lays a line out anew for each change of style in it: hundreds of them would hold the window up.
STYLED_MAX = 60


@dataclass(frozen=True, slots=True)
class Run:
    """Text in some styles, or an icon (``picture``), ``chips`` of reactions, a sent ``file``, a transfer."""

    text: str
    styles: tuple[str, ...] = ()
    picture: str = ""
    chips: tuple[tuple[str, int, bool], ...] = ()
    file: File | None = None
    transfer: TransferState | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """What wording needs beside the entry.

    :param safe: makes text safe to show; ``safe_line`` on one line.
    :param name_of: a username's display name.
    :param find: the message with a seq, where it is loaded.
    :param me: the reader's username.
    :param unfolded: keys of long messages that the reader has unfolded.
    :param transfer: how far a file has come that is under way.
    :param shows: whether a file is shown as a picture.
    :param complaint: why a picture is not shown, in words.
    :param rooms: what finds rooms that a text names; None where there are none.
    """

    safe: Callable[[str], str]
    safe_line: Callable[[str], str]
    name_of: Callable[[str], str]
    find: Callable[[int], MessageState | None]
    me: str
    unfolded: set[str] = field(default_factory=set)
    transfer: Callable[[File], TransferState | None] = lambda _file: None
    shows: Callable[[File], bool] = lambda _file: False
    complaint: Callable[[File], str] = lambda _file: ""
    rooms: Callable[[str], re.Pattern[str] | None] = lambda _text: None


def word(entry: Entry, context: Context) -> list[Run]:
    """Word a message; each line of it ends in a newline, the last too."""
    message = entry.message
    assert message is not None
    runs: list[Run] = []
    action = is_action(message.body) and not message.deleted
    if entry.head and not action:
        runs += _head(message, context)
    if message.reply_to is not None and not message.deleted:
        runs += _quote(message.reply_to, context)
    runs += _body(entry, message, context, action)
    runs += _files(message, context)
    runs += _after(message)
    runs.append(Run("\n", _line_end(runs, message)))
    runs += _refusal(message)
    runs += _reactions(message, context)
    return runs


def _head(message: MessageState, context: Context) -> list[Run]:
    name = context.name_of(message.author) if message.author else _("timeline.erased_author")
    badge = [Run(f"  {_('people.bot').upper()}", ("head", "badge"))] if message.bot else []
    return [
        *with_emoji(context.safe_line(name), ("head", "author")),
        *badge,
        Run(f"  {clock(message.sent_at)}\n", ("head", "time")),
    ]


def _quote(seq: int, context: Context) -> list[Run]:
    original = context.find(seq)
    if original is None:
        text = _("timeline.reply_unloaded")
    elif original.deleted:
        text = _("timeline.reply_deleted")
    else:
        name = context.name_of(original.author) if original.author else _("timeline.erased_author")
        text = f"{name} — {_shortened(plain(said_in(original)))}"
    line = Run(f" {context.safe_line(text)}\n", ("quote", f"to{seq}"))
    return [Run("", ("quote",), picture="reply"), line]


def _shortened(text: str) -> str:
    return text if len(text) <= PREVIEW_MAX_CHARS else text[: PREVIEW_MAX_CHARS - 1] + "…"


def _body(entry: Entry, message: MessageState, context: Context, action: bool) -> list[Run]:
    if message.deleted:
        return [Run(_("timeline.deleted"), ("body", "deleted"))]
    extra = _state_styles(message)
    runs: list[Run] = []
    body = message.body
    if action:
        body = body[len(ACTION_PREFIX) :].strip()
        name = context.safe_line(context.name_of(message.author))
        runs += with_emoji(f"{name} ", ("body", "author", "action", *extra))
        extra = ("action", *extra)
    if is_emoji_alone(body):
        return with_emoji(context.safe(body).strip(), ("body", *extra), "emoji_alone")
    body, hidden = _folded(context.safe(body).strip("\n"), entry.key in context.unfolded)
    for span in _bounded(parse(body, context.me, context.rooms(body))):
        if "block" in span.styles and span.text.startswith("\n"):
            runs.append(Run("\n", ("body", *extra)))
        text = span.text.removeprefix("\n") if "block" in span.styles else span.text
        if text.startswith("\n") and runs and "block" in runs[-1].styles:
            # The end of the line belongs to the code: its ground reaches to the margin.
            runs.append(Run("\n", ("body", "block")))
            text = text[1:]
        runs += with_emoji(text, ("body", *_styles(span), *extra))
    if hidden:
        runs.append(Run("\n" + ngettext("timeline.unfold", hidden), ("body", "button", "unfold")))
    return runs


def _files(message: MessageState, context: Context) -> list[Run]:
    """Word the files, each on a line of its own below the text; pictures with their name below them."""
    runs: list[Run] = []
    for number, file in enumerate(message.files):
        if message.body or number:
            runs.append(Run("\n", ("body",)))
        shown = context.shows(file)
        if shown:
            runs += [Run("", ("picture",), file=file), Run("\n", ("body",))]
        runs.append(Run("", ("body",), picture="clip"))
        styles = ("body", "caption") if shown else ("body", *_state_styles(message))
        runs += with_emoji(" ", styles)
        if message.seq is not None:
            styles += ("file" if shown else "file_name", f"{FILE_STYLE}{number}")
        runs += with_emoji(context.safe_line(file.name), styles)
        runs.append(Run(f"  {size_words(file.size)}", ("body", "note")))
        if complaint := context.complaint(file):
            runs.append(Run(f"  {complaint}", ("body", "note")))
        if transfer := context.transfer(file):
            runs += [Run("\n", ("body",)), Run("", ("body",), transfer=transfer)]
    return runs


def with_emoji(text: str, styles: tuple[str, ...], emoji: str = "emoji") -> list[Run]:
    """Put emoji into a style of their own: text fonts have some of them too, in black and white."""
    if not text or text.isascii():
        return [Run(text, styles)] if text else []
    pieces = EMOJI.split(text)
    if len(pieces) > STYLED_MAX:
        return [Run(text, styles)]
    return [Run(piece, (*styles, emoji) if odd % 2 else styles) for odd, piece in enumerate(pieces) if piece]


def is_emoji_alone(body: str) -> bool:
    """Say whether a message is a few emoji and nothing else, which are then shown larger."""
    pieces = EMOJI.findall(body)
    rest = EMOJI.sub("", body).translate(_JOINS)
    return bool(pieces) and not rest.strip() and sum(map(len, pieces)) <= ALONE_MAX_CHARS


def _bounded(spans: list[Span]) -> list[Span]:
    """Keep the marks of a message's beginning; with more of them than people use the rest is plain."""
    if len(spans) <= STYLED_MAX:
        return spans
    return [*spans[:STYLED_MAX], Span("".join(span.text for span in spans[STYLED_MAX:]))]


def _line_end(runs: list[Run], message: MessageState) -> tuple[str, ...]:
    """Choose the style of the last line's end: what has a ground of its own reaches to the margin."""
    last = next((run.styles for run in reversed(runs) if "note" not in run.styles), ())
    for ground in ("block", "quoted"):
        if ground in last:
            return ("body", ground)
    mentioned = message.mentions_me and not message.mine and not message.deleted
    return ("body", "mentioned") if mentioned else ("body",)


def is_long(body: str) -> bool:
    """Say whether a message is shown folded."""
    return body.strip("\n").count("\n") >= FOLD_OVER_LINES


def _folded(body: str, unfolded: bool) -> tuple[str, int]:
    lines = body.split("\n")
    if unfolded or not is_long(body):
        return body, 0
    return "\n".join(lines[:FOLDED_LINES]), len(lines) - FOLDED_LINES


def _state_styles(message: MessageState) -> tuple[str, ...]:
    if message.status == Status.PENDING:
        return ("pending",)
    return ("mentioned",) if message.mentions_me and not message.mine else ()


def _styles(span: Span) -> tuple[str, ...]:
    styles = set(span.styles)
    if {"bold", "italic"} <= styles:
        styles = styles - {"bold", "italic"} | {"bold_italic"}
    return tuple(sorted(styles))


def _after(message: MessageState) -> list[Run]:
    runs: list[Run] = []
    if message.edited_at is not None and not message.deleted:
        runs.append(Run(f"  {_('timeline.edited')}", ("body", "note")))
    if not message.mine or message.deleted:
        return runs
    if message.status == Status.STORED:
        runs.append(Run("  ", ("body", "note"), picture="check"))
    elif message.status == Status.PENDING:
        runs.append(Run("  ", ("body", "note"), picture="clock"))
    if not message.kept:
        runs.append(Run("  ", ("body", "note"), picture="warning"))
        runs.append(Run(f" {_('timeline.not_kept')}", ("body", "note")))
    return runs


def _refusal(message: MessageState) -> list[Run]:
    if message.status != Status.REFUSED:
        return []
    reason = error_text(message.error or "internal")
    return [
        Run("", ("refused",), picture="warning"),
        Run(f" {_('timeline.not_sent', reason=reason)}  ", ("refused",)),
        Run(_("timeline.retry"), ("refused", "button", "retry")),
        Run("   ", ("refused",)),
        Run(_("timeline.discard"), ("refused", "button", "discard")),
        Run("\n", ("refused",)),
    ]


def _reactions(message: MessageState, context: Context) -> list[Run]:
    if message.deleted or not message.reactions:
        return []
    chips = tuple(
        (context.safe_line(emoji)[:24], len(names), context.me in names)
        for emoji, names in message.reactions.items()
        if names
    )
    return [Run("", ("chips",), chips=chips), Run("\n", ("chips",))] if chips else []
