"""Typed lines: their words, and what usage lines make of them."""

from collections.abc import Sequence

import pytest

from chat_server.console.shell.grammar import Given, Kind, UsageError, parse_usage, read_arguments
from chat_server.console.shell.text import safe, table, width
from chat_server.console.shell.tokens import quote, split


class Word:
    """A kind that takes any word, or all that is left."""

    def __init__(self, greedy: bool) -> None:
        self.greedy = greedy

    def fits(self, word: str) -> bool:
        return word.isdigit()

    def read(self, word: str) -> object:
        return word

    def complete(self, prefix: str) -> Sequence[str]:
        return ()

    def missing(self, name: str) -> str:
        return f"no {name}"


def kinds(name: str) -> Kind:
    return Word(name == "text")


def read(usage: str, line: str) -> Given:
    spec = parse_usage(usage, "", read, "")
    return read_arguments(spec, line, split(line)[len(spec.words) :], kinds)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", []),
        (" \t ", []),
        ("kick jules 10m", ["kick", "jules", "10m"]),
        ('room "Salle de pause"', ["room", "Salle de pause"]),
        ("room 'Salle de pause'", ["room", "Salle de pause"]),
        ('add room "Salle de pause",Sport', ["add", "room", "Salle de pause,Sport"]),
        ("ban jules don't", ["ban", "jules", "don't"]),
        ('ban "jules', ["ban", '"jules']),
        ("say \"a 'b' c\"", ["say", "a 'b' c"]),
        ('--topic="a b"', ["--topic=a b"]),
        ('""', [""]),
    ],
)
def test_line_is_split_into_words(line: str, words: list[str]) -> None:
    """Quotes hold words together; a lone quote or apostrophe is a character like the rest."""
    assert [token.text for token in split(line)] == words


def test_quoted_word_is_read_back() -> None:
    """What is offered in quotes is read as one word."""
    for word in ("Général", "Salle de pause", 'a "b" c', "'x'"):
        assert [token.text for token in split(quote(word))] == [word]


@pytest.mark.parametrize("line", ['add room "Salle', 'add room Sport,"Salle', 'add room "Salle --moderated'])
def test_name_with_an_open_quote_is_refused(line: str) -> None:
    """A forgotten quote does not become a part of a name."""
    with pytest.raises(UsageError, match="is not closed"):
        read("add room <new rooms> [--moderated]", line)


def test_missing_word_is_named() -> None:
    """The kind of the one missing is told what the usage calls it, and says so in its own sentence."""
    with pytest.raises(UsageError, match=r"^no duration$"):
        read("kick <user> <duration> [text]", "kick jules")


def test_word_too_many_is_named() -> None:
    """Extra words are shown, cut where they are endless."""
    with pytest.raises(UsageError, match="extra words: “b c”"):
        read("user <user>", "user a b c")
    with pytest.raises(UsageError) as error:
        read("user <user>", "user a " + "x" * 10_000)
    assert len(str(error.value)) < 200


def test_text_keeps_its_spaces_and_quotes() -> None:
    """Free text arrives as it was typed; quotes around all of it are dropped."""
    assert read("ban <user> [text]", 'ban jules too  much "noise"').arguments[1] == 'too  much "noise"'
    assert read("ban <user> [text]", 'ban jules "too  much"').arguments[1] == "too  much"
    assert read("ban <user> [text]", "ban jules").arguments[1] == ""


def test_optional_word_is_left_out_for_the_text() -> None:
    """A word that does not fit an optional argument begins the text."""
    usage = "mute <user> [number] [text]"
    assert read(usage, "mute jules 12 noise").arguments == ("jules", "12", "noise")
    assert read(usage, "mute jules noise").arguments == ("jules", None, "noise")


def test_options_stand_anywhere() -> None:
    """Options are found before, between and after words, with their values."""
    usage = "add room <a,b> [--moderated] [--topic T]"
    for line in (
        "add room --moderated a --topic x",
        "add room a --topic=x --moderated",
        'add room --topic "x" a --moderated',
    ):
        given = read(usage, line)
        assert given.arguments == ("a",)
        assert given.flags == {"moderated": True, "topic": "x"}
    assert read(usage, "add room a").flags == {"moderated": False, "topic": None}


@pytest.mark.parametrize("line", ["add room a --topik x", "add room a --topic", "add room a --moderated=yes"])
def test_wrong_option_is_refused(line: str) -> None:
    """An option that is unknown, lacks its value, or has one too many is refused."""
    with pytest.raises(UsageError, match="option"):
        read("add room <a,b> [--moderated] [--topic T]", line)


def test_text_may_hold_what_looks_like_an_option() -> None:
    """Within free text only known options are taken; after `--` none is."""
    assert read("announce <text>", "announce use --force please").arguments == ("use --force please",)
    given = read("announce <text>", "announce -- use --yes please")
    assert given.arguments == ("use --yes please",)
    assert not given.common
    assert read("announce <text>", "announce now --yes").common == {"--yes"}


def test_list_goes_on_after_a_comma() -> None:
    """A space after a comma does not end a list of names."""
    assert read("add room <a,b>", "add room a, b ,c").arguments == ("a,b,c",)


def test_shown_text_cannot_steer_the_terminal() -> None:
    """Control sequences, direction overrides and line ends are made visible."""
    assert safe("a\x1b[2Jb") == "a\\x1b[2Jb"
    assert safe("a\u202eb\u2028c") == "a\\u202eb\\u2028c"
    assert safe("Zoé 日本 🎉") == "Zoé 日本 🎉"
    assert safe("one\ntwo") == "one ⏎ two"


def test_table_is_aligned_with_wide_characters() -> None:
    """Columns line up by what a terminal shows, not by the number of characters."""
    lines = table(["Name", "X"], [["日本", "1"], ["e\u0301", "2"]]).split("\n")
    assert [width(line.rsplit(" ", 1)[0]) for line in lines] == [5, 5, 5, 5]
