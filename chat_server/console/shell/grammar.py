"""Commands as their usage lines describe them, and the reading of typed words by them; it must not run any
command.

A usage line is the grammar: `kick ip <address|network> <duration> [reason] [--yes]` has the command's words,
then what must be given, then what may be given, then options. What stands between the brackets names a kind
of
:mod:`chat_server.console.shell.kinds`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from keyword import iskeyword
from typing import Any, Final, Protocol

from chat_server.console.shell.tokens import Token

COMMON_FLAGS: Final = frozenset({"--yes", "--json", "--help"})

_PIECE = re.compile(r"\[(--[a-z-]+)(?: ([^\]]+))?\]|<([^>]+)>|\[([^\]]+)\]|(\S+)")


class UsageError(Exception):
    """Say what is wrong with a typed line; the shell adds the usage."""


class Kind(Protocol):
    """Read one kind of argument."""

    greedy: bool
    """Whether it takes all that is left of the line."""

    def fits(self, word: str) -> bool:
        """Return whether the word is meant for this argument, where the argument may be left out."""

    def read(self, word: str) -> object:
        """Return the value; raise :class:`UsageError` or a :class:`ChatError`."""

    def complete(self, prefix: str) -> Sequence[str]:
        """Return the values that begin with the prefix."""

    def missing(self, name: str) -> str:
        """Return the sentence for a line where nothing was typed for it.

        :param name: what the usage line calls it.
        """


@dataclass(frozen=True, slots=True)
class Param:
    """One argument: the name of its kind, and whether it may be left out."""

    kind: str
    optional: bool


@dataclass(frozen=True, slots=True)
class Given:
    """What was typed after a command's words."""

    arguments: tuple[object, ...]
    flags: dict[str, object]
    common: frozenset[str]


@dataclass(frozen=True)
class CommandSpec:
    """A command: its words, its arguments, its options, its help, and what carries it out."""

    words: tuple[str, ...]
    usage: str
    help: str
    run: Callable[..., Any]
    params: tuple[Param, ...] = ()
    flags: Mapping[str, str | None] = field(default_factory=dict)
    topic: str = ""

    @property
    def name(self) -> str:
        """Return the command's words."""
        return " ".join(self.words)


def parse_usage(usage: str, help_text: str, run: Callable[..., Any], topic: str) -> CommandSpec:
    """Read a usage line into a command."""
    words: list[str] = []
    params: list[Param] = []
    flags: dict[str, str | None] = {}
    for flag, flag_kind, required, optional, word in _PIECE.findall(usage):
        if flag:
            flags[flag] = flag_kind or None
        elif required or optional:
            params.append(Param(required or optional, not required))
        else:
            words.append(word)
    return CommandSpec(tuple(words), usage, help_text, run, tuple(params), flags, topic)


def read_arguments(
    spec: CommandSpec, line: str, tokens: Sequence[Token], kinds: Callable[[str], Kind]
) -> Given:
    """Read the words after the command's own.

    :raises UsageError: for too few or too many words, or one that its kind cannot read.
    """
    reader = _Reader(spec, line, kinds)
    return reader.read(list(tokens))


class _Reader:
    def __init__(self, spec: CommandSpec, line: str, kinds: Callable[[str], Kind]) -> None:
        self._spec = spec
        self._line = line
        self._kinds = kinds
        self._flags: dict[str, object] = {
            _keyword(flag): False if kind is None else None for flag, kind in spec.flags.items()
        }
        self._common: set[str] = set()

    def read(self, tokens: list[Token]) -> Given:
        plain = self._take_flags(tokens)
        if "--help" in self._common:
            return Given((), self._flags, frozenset(self._common))
        values: list[object] = []
        for place, param in enumerate(self._spec.params):
            kind = self._kinds(param.kind)
            if kind.greedy:
                text = _text(self._line, plain)
                if not text and not param.optional:
                    raise UsageError(kind.missing(param.kind))
                values.append(kind.read(text) if text else "")
                plain = []
            elif plain and (not param.optional or self._is_meant(kind, plain[0].text, place)):
                values.append(kind.read(self._next_word(plain, param)))
            elif param.optional:
                values.append(None)
            else:
                raise UsageError(kind.missing(param.kind))
        self._refuse_rest(plain)
        return Given(tuple(values), self._flags, frozenset(self._common))

    def _is_meant(self, kind: Kind, word: str, place: int) -> bool:
        is_last = place == len(self._spec.params) - 1
        return is_last or kind.fits(word)

    def _next_word(self, plain: list[Token], param: Param) -> str:
        """Take one word; a list of names goes on after a comma, also where a space follows it."""
        _require_closed_quote(plain[0])
        word = plain.pop(0).text
        if "," in param.kind or param.kind.startswith("rooms"):
            while plain and (word.rstrip().endswith(",") or plain[0].text.startswith(",")):
                word += plain.pop(0).text
        return word

    def _refuse_rest(self, plain: list[Token]) -> None:
        if plain:
            rest = " ".join(token.text for token in plain)
            quotes = " (a name with spaces stands in quotes)" if self._spec.params else ""
            raise UsageError(f"Unexpected extra words: “{shorten(rest)}”{quotes}.")

    def _take_flags(self, tokens: list[Token]) -> list[Token]:
        """Take the options out of the words; after `--`, and within free text, only words are left."""
        plain: list[Token] = []
        texts_from = self._words_before_text()
        while tokens:
            token = tokens.pop(0)
            name, equals, value = token.text.partition("=")
            name = "--yes" if token.text == "-y" else name
            if token.text == "--" and not token.quoted:
                return [*plain, *tokens]
            if name in self._spec.flags and (equals or not token.quoted):
                self._take_flag(name, value if equals else None, tokens)
            elif name in COMMON_FLAGS and not equals and not token.quoted:
                self._common.add(name)
            elif name.startswith("--") and not token.quoted and len(plain) < texts_from:
                raise UsageError(f"There is no option “{shorten(name)}” here.")
            else:
                plain.append(token)
        return plain

    def _words_before_text(self) -> float:
        """Return after how many words free text may have begun; it may hold anything."""
        for place, param in enumerate(self._spec.params):
            if self._kinds(param.kind).greedy:
                return sum(not other.optional for other in self._spec.params[:place])
        return float("inf")

    def _take_flag(self, name: str, value: str | None, tokens: list[Token]) -> None:
        kind = self._spec.flags[name]
        if kind is None:
            if value is not None:
                raise UsageError(f"The option {name} takes no value.")
            self._flags[_keyword(name)] = True
            return
        if value is None:
            if not tokens:
                raise UsageError(f"The option {name} needs a value.")
            value = tokens.pop(0).text
        self._flags[_keyword(name)] = self._kinds(kind).read(value)


def _require_closed_quote(token: Token) -> None:
    """Refuse a name of which only the beginning is quoted: it would be taken with its quote.

    :raises UsageError: with the word.
    """
    if not token.quoted and any(
        part.startswith('"') and part.count('"') == 1 for part in token.text.split(",")
    ):
        raise UsageError(f"The quote of {shorten(token.text)} is not closed.")


def shorten(text: str, limit: int = 60) -> str:
    """Return the text, cut where it would fill the screen."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _keyword(flag: str) -> str:
    name = flag.removeprefix("--").replace("-", "_")
    return f"{name}_" if iskeyword(name) else name


def _text(line: str, tokens: list[Token]) -> str:
    """Return the words as they were typed, with their spaces and inner quotes, without the options."""
    if len(tokens) == 1:
        return tokens[0].text
    text = ""
    for before, token in zip([None, *tokens], tokens, strict=False):
        if before is not None:
            between = line[before.end : token.start]
            text += between if between.isspace() else " "
        text += line[token.start : token.end]
    return text
