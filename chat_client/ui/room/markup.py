"""Reads a message's body into styled spans: bold, italic, code, links, mentions; pure text, no tkinter.

What is not closed, or opens nothing, stays as it was typed: no text is ever lost, and none is an error.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from chat_client.model.keys import user_key
from chat_protocol.mentions import ALL

BOLD: Final = "**"
ITALIC: Final = "*"
CODE: Final = "`"
FENCE: Final = "```"


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text in one style.

    ``styles`` is a set of ``bold``, ``italic``, ``code``, ``block`` (fenced code), ``link``, ``mention``
    (somebody is named), ``me`` (the reader is), ``room`` (a room is), ``quoted`` (lines
    after ``>``); ``target`` is a link's address or a mention's username.
    """

    text: str
    styles: frozenset[str] = frozenset()
    target: str = ""


_FENCE = re.compile(r"```[^\S\n]*(?:[\w+#.-]{0,20}[^\S\n]*\n)?(.+?)```", re.DOTALL)
_INLINE = re.compile(
    r"`(?P<code>[^`\n]+)`"
    r"|(?P<link>https?://[^\s<>\"'`\u201c\u201d]+)"
    r"|(?<!\w)@(?P<mention>\w(?:[\w.-]*\w)?)"
    r"|(?<![\w*])\*\*(?P<bold>[^\s*](?:[^*\n]*[^\s*])?)\*\*(?![\w*])"
    r"|(?<![\w*])\*(?P<italic>[^\s*](?:[^*\n]*[^\s*])?)\*(?![\w*])"
)
_NOT_TEXT = frozenset({"code", "block", "link", "mention"})
_QUOTE = ">"
_LINK_END = ".,;:!?"
ACTION_PREFIX = "/me "


def is_action(body: str) -> bool:
    """Say whether a body is told in the third person (``/me waves``)."""
    return body.startswith(ACTION_PREFIX) and bool(body[len(ACTION_PREFIX) :].strip())


def parse(body: str, mine: str = "", rooms: re.Pattern[str] | None = None) -> list[Span]:
    """Read a body.

    :param mine: the reader's own username.
    :param rooms: finds where rooms are named.
    """
    spans = _parse(body, mine)
    return spans if rooms is None else [part for span in spans for part in _with_rooms(span, rooms)]


def _with_rooms(span: Span, rooms: re.Pattern[str]) -> Iterator[Span]:
    """Cut the names of rooms out of a run of text that is nothing else."""
    at = 0
    if not span.styles & _NOT_TEXT:
        for found in rooms.finditer(span.text):
            if found.start() > at:
                yield Span(span.text[at : found.start()], span.styles)
            yield Span(found.group(), span.styles | {"room"})
            at = found.end()
    if at < len(span.text) or not at:
        yield Span(span.text[at:], span.styles, span.target)


def _parse(body: str, mine: str) -> list[Span]:
    spans: list[Span] = []
    at = 0
    for fence in _FENCE.finditer(body):
        spans += _lines(body[at : fence.start()].rstrip("\n") if at or fence.start() else "", mine)
        code = fence.group(1).strip("\n")
        spans.append(Span(("\n" if spans else "") + code, frozenset({"block"})))
        at = fence.end()
    rest = body[at:]
    if at and rest.strip():
        rest = "\n" + rest.lstrip("\n")
    return spans + list(_lines(rest if rest.strip() or not at else "", mine))


def _lines(text: str, mine: str) -> Iterator[Span]:
    """Read lines, those after ``>`` as quoted."""
    for quoted, lines in groupby(text.splitlines(keepends=True), key=lambda line: line.startswith(_QUOTE)):
        if quoted:
            inner = "".join(line[len(_QUOTE) :].removeprefix(" ") for line in lines)
            yield from _inline(inner, frozenset({"quoted"}), mine)
        else:
            yield from _inline("".join(lines), frozenset(), mine)


def _inline(text: str, styles: frozenset[str], mine: str) -> Iterator[Span]:
    at = 0
    for found in _INLINE.finditer(text):
        if found.start() > at:
            yield Span(text[at : found.start()], styles)
        at = found.end()
        kind = found.lastgroup or ""
        inner = found.group(kind)
        if kind in ("bold", "italic"):
            yield from _inline(inner, styles | {kind}, mine)
        elif kind == "link":
            link = _trimmed(inner)
            yield Span(link, styles | {"link"}, link)
            at -= len(inner) - len(link)
        elif kind == "mention":
            yield Span(found.group(), styles | _mention_styles(inner, mine), inner)
        else:
            yield Span(inner, styles | {"code"})
    if at < len(text):
        yield Span(text[at:], styles)


def _mention_styles(name: str, mine: str) -> frozenset[str]:
    is_me = mine and user_key(name) in (user_key(mine), ALL)
    return frozenset({"mention", "me"}) if is_me else frozenset({"mention"})


def _trimmed(link: str) -> str:
    """Leave the punctuation of the sentence out of a link; a bracket that opened in it may close in it."""
    while link[-1] in _LINK_END or (link[-1] == ")" and link.count("(") < link.count(")")):
        link = link[:-1]
    return link


def plain(body: str) -> str:
    """Give a body without its marks on one line, for previews and notifications."""
    spans = parse(body)
    return " ".join("".join(span.text for span in spans).split())
