"""Misspelled words: asked of a program on a thread of its own, underlined once the typing rests."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from chat_client.ui.room import spelling
from chat_client.ui.room.spell_marks import SpellMarks, words_in
from chat_client.ui.room.spelling import SpellChecker, find_programs
from tests.support.waiting import until

#: Speaks the protocol of ispell; it knows the words that it is given, and ends at `end`.
PROGRAM = """
import sys
print("@(#) International Ispell Version 3.2.06", flush=True)
for line in sys.stdin:
    word = line.strip().lstrip("^")
    if word == "end":
        break
    print("*" if word in sys.argv[1:] else f"& {word} 1 0: x", end="\\n\\n", flush=True)
"""


def speaking(*words: str) -> list[str]:
    return [sys.executable, "-c", PROGRAM, *words]


def answered(checker: SpellChecker, *words: str) -> list[bool]:
    """Ask about words until all is known, and return which are wrong."""
    for word in words:
        checker.is_wrong(word)
    until(lambda: not checker.waiting)
    return [checker.is_wrong(word) for word in words]


@pytest.fixture
def checker() -> Iterator[SpellChecker]:
    """A checker with two dictionaries."""
    made = SpellChecker(("fr", "en"), lambda _languages: [speaking("bonjour", "l'eau"), speaking("hello")])
    yield made
    made.close()
    if made._thread is not None:
        made._thread.join(10)


def test_right_in_either_language(checker: SpellChecker) -> None:
    """A word is wrong where no dictionary knows it; what is not known yet is not marked."""
    assert not checker.is_wrong("helo")
    assert answered(checker, "bonjour", "hello", "l'eau", "helo") == [False, False, False, True]


def test_program_that_ends(checker: SpellChecker) -> None:
    """Then nothing is marked any more, and nothing waits."""
    assert answered(checker, "helo", "end") == [True, False]
    assert not checker.waiting
    assert not checker.is_wrong("anew")


def test_no_dictionary() -> None:
    """Without one nothing is marked, and nothing waits."""
    checker = SpellChecker(("fr",), lambda _languages: [])
    assert answered(checker, "helo") == [False]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("Bonjour l’eau", ["Bonjour", "l'eau"]),
        ("@zoe in #Hall: `cod x` https://exmple.org/abc :smil a x2 2nd", ["in"]),
        ("me@here.org /tmp/abc ok", ["ok"]),
    ],
)
def test_words_of_a_language(line: str, words: list[str]) -> None:
    """Names, rooms, code and addresses are none."""
    assert [word for _start, word in words_in(line)] == words


def test_underlined_but_for_the_word_being_typed(hand, checker) -> None:
    """The word at the cursor is left alone until the cursor goes on; Tk never waits for the program."""
    text = hand.view.composer.text
    marks = SpellMarks(text, hand.app.look, checker, lambda: True)
    hand.write("hello helo")
    answered(checker, "hello", "helo")
    marks.mark()
    assert text.tag_ranges("misspelled") == ()
    hand.write(" ")
    marks.mark()
    assert [str(index) for index in text.tag_ranges("misspelled")] == ["1.6", "1.10"]


def test_switched_off(hand, checker) -> None:
    """Where the user does not want it, nothing is marked and nothing asked."""
    marks = SpellMarks(hand.view.composer.text, hand.app.look, checker, lambda: False)
    hand.write("helo ")
    marks.mark()
    assert not checker.waiting
    assert hand.view.composer.text.tag_ranges("misspelled") == ()


@pytest.mark.parametrize(
    ("program", "listing", "commands"),
    [
        (
            "hunspell",
            "SEARCH PATH:\n.::/usr\nAVAILABLE DICTIONARIES\n/usr/share/hunspell/en_US\n"
            "/usr/share/hunspell/fr_CA\n/usr/share/hunspell/fr\n",
            [["-d", "fr"], ["-d", "en_US"]],
        ),
        ("aspell", "de\nen\nen_GB\nfr-lrg\n", [["--lang=fr-lrg"], ["--lang=en"]]),
    ],
)
def test_installed_dictionaries(
    monkeypatch: pytest.MonkeyPatch, program: str, listing: str, commands: list[list[str]]
) -> None:
    """One of each language is asked, the plainest."""
    monkeypatch.setattr("shutil.which", lambda name: f"/bin/{name}" if name == program else None)
    monkeypatch.setattr(spelling, "_listed", lambda _command: listing.splitlines())
    found = find_programs(("fr", "en"))
    assert [command[-len(wanted) :] for command, wanted in zip(found, commands, strict=True)] == commands


def test_program_that_is_not_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A program that cannot be started lists nothing, and is no error."""
    assert spelling._listed([str(tmp_path / "none")]) == []
    checker = SpellChecker(("fr",), lambda _languages: [[str(tmp_path / "none")]])
    assert answered(checker, "helo") == [False]
