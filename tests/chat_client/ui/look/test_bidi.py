"""The order of text that is read from the right, held to another implementation of it."""

import arabic_reshaper
import pytest
from bidi import get_display
from hypothesis import given
from hypothesis import strategies as st

from chat_client.ui.look.bidi import arranged, begins_right_to_left, in_reading_order, is_right_to_left

#: Letters of both directions, digits of both kinds, signs, spaces and brackets.
_MIXED = st.text("abcאבגשלامعءو 12٣(),.-+%!$[]:", min_size=1, max_size=16)
#: The other implementation leaves brackets as they are: here both of a pair count as one.
_UNTURNED = str.maketrans("])", "[(")


@given(_MIXED)
def test_order_is_that_of_the_standard(text):
    """Any mixture comes out in the order, and in the joined forms, that the reference gives it."""
    if is_right_to_left(text):
        wanted = get_display(arabic_reshaper.reshape(text))
        assert in_reading_order(text).translate(_UNTURNED) == wanted.translate(_UNTURNED)


@given(_MIXED)
def test_nothing_is_lost(text):
    """Each character of the text is shown once, alone or as a part of a joined form."""
    places = [place for line in arranged(text) for glyph in line for place in glyph.sources]
    assert sorted(places) == list(range(len(text)))


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("hello", "hello"),
        ("שלום", "םולש"),
        ("(שלום)", "(םולש)"),
        ("see שלום there", "see םולש there"),
        ("שלום world 12", "world 12 םולש"),
        ("one\nשתיים", "one\nםייתש"),
    ],
)
def test_examples(stored, shown):
    """What is read from the left stays; brackets turn with their text; each line is its own paragraph."""
    assert in_reading_order(stored) == shown


def test_marks_stay_on_their_letter():
    """A vowel sign stands behind its letter in the shown order, too: it is drawn over what precedes it."""
    assert in_reading_order("בָא") == "אבָ"


def test_long_paragraph_is_broken_before_it_is_turned():
    """The first words stand on the first line."""
    lines = arranged("אב גד הו", lambda piece: len(piece) <= 5)
    assert ["".join(glyph.text for glyph in line).strip() for line in lines] == ["דג בא", "וה"]


def test_direction_of_a_paragraph():
    """The first letter decides; digits and signs have no say."""
    assert begins_right_to_left("1. שלום abc")
    assert not begins_right_to_left("- abc שלום")
