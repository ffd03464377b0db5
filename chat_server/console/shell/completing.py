"""What Tab offers on a half-typed line; it must not know who shows it.

Runs on the thread that reads the lines.
"""

from collections.abc import Callable, Mapping, Sequence

from chat_protocol.printable import escape
from chat_server.console.shell.grammar import COMMON_FLAGS, CommandSpec, Kind
from chat_server.console.shell.tokens import Token, quote, split

Table = Mapping[tuple[str, ...], CommandSpec]


def completions(table: Table, kinds: Callable[[str], Kind], line: str, begin: int, end: int) -> list[str]:
    """Return what may stand in place of `line[begin:end]`, which is the end of the word under the cursor.

    The line editor ends a word at white space, so a name with spaces is offered whole, in quotes, and what
    stands before `begin` is left out again.
    """
    typed = line[:end]
    before, word_start = _words_before(typed)
    prefix = typed[word_start:].lstrip("\"'")
    candidates = _candidates(table, kinds, before, prefix)
    shown = [quote(candidate) if "," not in candidate else _quote_list(candidate) for candidate in candidates]
    shown = [candidate for candidate in shown if escape(candidate) == candidate]  # a terminal would obey it
    return _from_place(shown, typed[word_start:begin])


def _words_before(typed: str) -> tuple[list[Token], int]:
    """Return the finished words, and where the unfinished one begins; an open quote makes one word of the
    rest.
    """
    tokens = split(typed)
    for place, token in enumerate(tokens):
        if not token.quoted and token.text[:1] in ('"', "'"):
            return tokens[:place], token.start
    if tokens and tokens[-1].end == len(typed):
        return tokens[:-1], tokens[-1].start
    return tokens, len(typed)


def _candidates(
    table: Table, kinds: Callable[[str], Kind], before: Sequence[Token], prefix: str
) -> list[str]:
    words = tuple(token.text.lower() for token in before)
    if words[:1] == ("help",):
        return sorted(_next_words(table, words[1:], prefix))
    found = sorted(_next_words(table, words, prefix))
    spec = _command_of(table, words)
    if spec is None:
        return found
    given = [token.text for token in before[len(spec.words) :] if not token.text.startswith("--")]
    if prefix.startswith("--"):
        return found + sorted(
            flag for flag in {*spec.flags, *COMMON_FLAGS} if flag.startswith(prefix.lower())
        )
    return found + _values(spec, kinds, before, given, prefix)


def _next_words(table: Table, words: tuple[str, ...], prefix: str) -> set[str]:
    """Return the words that go on a command that begins with these."""
    size = len(words)
    following = {spec[size] for spec in table if len(spec) > size and spec[:size] == words}
    return {word for word in following if word.startswith(prefix.lower())}


def _values(
    spec: CommandSpec,
    kinds: Callable[[str], Kind],
    before: Sequence[Token],
    given: Sequence[str],
    prefix: str,
) -> list[str]:
    last = before[-1].text if before else ""
    flag_kind = spec.flags.get(last)
    if flag_kind is not None:
        return list(kinds(flag_kind).complete(prefix))
    if len(given) < len(spec.params):
        return list(kinds(spec.params[len(given)].kind).complete(prefix))
    return []


def _command_of(table: Table, words: tuple[str, ...]) -> CommandSpec | None:
    for size in range(len(words), 0, -1):
        if words[:size] in table:
            return table[words[:size]]
    return None


def _quote_list(candidate: str) -> str:
    return ",".join(quote(name) if name else "" for name in candidate.split(","))


def _from_place(candidates: Sequence[str], already: str) -> list[str]:
    """Return the candidates without what stands before the place that the line editor replaces from."""
    if not already:
        return list(candidates)
    return [candidate[len(already) :] for candidate in candidates if len(candidate) > len(already)]
