"""Text that would harm the window."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_client.ui.look.sanitise import MARKS_MAX, REPLACEMENT, safe_text

ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=()), max_size=200)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text", "plain text"),
        ("two\r\nlines\rand\u2028more", "two\nlines\nand\nmore"),
        ("été, œuvre — « ça »", "été, œuvre — « ça »"),
        ("a\x00b", "a␀b"),
        ("\x1b[31mred", "␛[31mred"),
        ("\x7f\x9b", REPLACEMENT * 2),
        ("\ud800x\udfff", f"{REPLACEMENT}x{REPLACEMENT}"),
        ("a\u202eb\u2066c\u200fd", "abcd"),
        ("in\u200bvis\u2060ible\ufeff", "invisible"),
        ("\U000e0041tag", "tag"),
        ("شكرا עברית", "شكرا עברית"),
        ("😀 👍🏽", "😀 👍🏽"),
        ("👩\u200d👧", "👩\u200d👧"),
    ],
)
def test_safe_text(text, shown):
    """What harms is replaced or dropped, and what people write stays."""
    assert safe_text(text) == shown


def test_tower_of_marks_is_cut():
    """A letter keeps some marks, and loses the tower above them."""
    assert safe_text("z" + "\u0301" * 500) == "z" + "\u0301" * MARKS_MAX


def test_tower_through_joiners_is_cut():
    """Invisible letters between the marks do not begin a new tower."""
    assert safe_text("z" + "\u0301\u200d" * 50).count("\u0301") == MARKS_MAX


def test_name_is_one_line():
    """A name cannot bring lines of its own."""
    assert safe_text("a\n\tb\u2028c", single_line=True) == "a b c"


def test_emoji_become_names_where_they_are_dangerous():
    """Where colour emoji would end the program, nothing past U+FFFF reaches Tk."""
    assert safe_text("ok 👍🏽 𝄞", emoji=False) == f"ok :thumbs_up_sign: {REPLACEMENT}"


@given(ANY_TEXT)
def test_any_text_is_harmless(text):
    """No control, no override and no lone surrogate ever comes through."""
    shown = safe_text(text)
    assert all(unicodedata.category(c) not in ("Cs", "Cn") for c in shown)
    assert all(c in "\n\t" or unicodedata.category(c) != "Cc" for c in shown)
    assert not set(shown) & set("\u202a\u202b\u202d\u202e\u2066\u2067\u2068")
    assert all(ord(c) <= 0xFFFF for c in safe_text(text, emoji=False))


@given(ANY_TEXT)
def test_safe_text_is_stable(text):
    """What is safe stays as it is."""
    assert safe_text(safe_text(text)) == safe_text(text)
