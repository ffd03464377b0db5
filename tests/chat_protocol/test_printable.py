"""Text that people chose cannot write a line of its own, nor move a cursor or turn the direction."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_protocol.printable import escape, escape_json, is_shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("Zoë 日本", "Zoë 日本"),
        ("a\nb", r"a\x0ab"),
        ("\x1b[2J", r"\x1b[2J"),
        ("\x9b2J", r"\x9b2J"),
        ("a\u2028b\u202ec", r"a\u2028b\u202ec"),
        ("\U000e0001", r"\U000e0001"),
        ("\ud800", r"\ud800"),
    ],
)
def test_escape_shows_what_a_terminal_would_obey(text: str, shown: str) -> None:
    """Control, format and line characters are written out, letters of any script are not."""
    assert escape(text) == shown


@given(st.text(st.characters(exclude_categories=[])))
def test_escaped_json_says_the_same(text: str) -> None:
    """A script reads the same text back, and nothing in between is obeyed by a terminal."""
    encoded = escape_json(json.dumps({"text": text}, ensure_ascii=False))
    assert json.loads(encoded)["text"] == text
    assert all(map(is_shown, encoded))


def test_json_escapes_are_pairs_beyond_the_basic_plane() -> None:
    """As JSON has them, so that what is read is what was said."""
    text = json.dumps("a\U000e0041\x9b\u202eé", ensure_ascii=False)
    escaped = escape_json(text)
    assert escaped == '"a\\udb40\\udc41\\u009b\\u202eé"'
    assert json.loads(escaped) == json.loads(text)
