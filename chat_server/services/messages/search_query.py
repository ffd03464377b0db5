"""What a person types to search, cut into words, phrases and filters; it must not know who asks, nor storage.

Any text is a query: what is no filter is words, and what holds no word asks for nothing.
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from chat_protocol.times import from_rfc3339
from chat_server.storage.search.records import Clause
from chat_server.storage.search.words import ANY_FILE, MARK, file_words_of, is_unspaced_script, words_of

PREFIX_MIN_CHARS: Final = 2

_QUOTES = str.maketrans(dict.fromkeys("“”„«»", '"'))
_PART = re.compile(
    r'(?P<key>from|in|before|after|file):(?:"(?P<quoted>[^"]*)"?|(?P<value>[^\s"]+))'
    r'|"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+)',
    re.IGNORECASE,
)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(slots=True)
class Asked:
    """What a query asks for.

    :param authors: names; from any of these, or from anybody when there is none.
    :param rooms: names of rooms, or `@` and that of a user.
    :param since: sent then or later, in milliseconds since 1970 UTC.
    :param until: sent before.
    """

    clauses: list[Clause] = field(default_factory=list)
    authors: list[str] = field(default_factory=list)
    rooms: list[str] = field(default_factory=list)
    since: int | None = None
    until: int | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing is asked for."""
        filters = (self.authors, self.rooms, self.since is not None, self.until is not None)
        return not self.clauses and not any(filters)


def parse_query(text: str) -> Asked:
    """Cut a query up. The last word, while it is being typed, need only be how a word begins."""
    asked = Asked()
    text = text.translate(_QUOTES)
    for match in _PART.finditer(text):
        key, quoted, value, phrase, word = match.groups()
        if key is None:
            _add_words(asked, phrase or word or "", typing=bool(word) and match.end() == len(text))
        elif key.lower() == "file" and _add_file_name(asked, quoted, value):
            pass
        elif not _add_filter(asked, key.lower(), (quoted or value or "").strip()):
            _add_words(asked, match[0], typing=False)
    return asked


def _add_words(asked: Asked, text: str, *, typing: bool) -> None:
    words = tuple(words_of(text))
    if not words:
        return
    begun = typing and text[-1].isalnum() and not is_unspaced_script(text[-1])
    clause = Clause(words, begun and len(words[-1]) >= len(MARK) + PREFIX_MIN_CHARS)
    if clause not in asked.clauses:
        asked.clauses.append(clause)


def _add_file_name(asked: Asked, quoted: str | None, value: str | None) -> bool:
    """Look for a file by words of its name, the last of which may be begun; `*` is any file."""
    if value == "*":
        asked.clauses.append(Clause((ANY_FILE,)))
        return True
    words = tuple(file_words_of(quoted or value or ""))
    if words:
        asked.clauses.append(Clause(words, quoted is None))
    return bool(words)


def _add_filter(asked: Asked, key: str, value: str) -> bool:
    """Apply a filter; return False when it is none."""
    if not value or key == "file":
        return False
    if key in ("from", "in"):
        (asked.authors if key == "from" else asked.rooms).append(value)
        return True
    moment = _moment(value)
    if moment is None:
        return False
    if key == "before":
        asked.until = moment if asked.until is None else min(asked.until, moment)
    else:
        asked.since = moment if asked.since is None else max(asked.since, moment)
    return True


def _moment(text: str) -> int | None:
    """Read a day (its beginning, in UTC) or an RFC 3339 time; return milliseconds since 1970, or None."""
    try:
        if _DAY.fullmatch(text):
            return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)
        return from_rfc3339(text)
    except (ValueError, OverflowError):
        return None
