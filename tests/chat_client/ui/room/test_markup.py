"""The marks in a message's body."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_client.ui.room.markup import is_action, parse, plain


def read(body, mine=""):
    return [(span.text, "+".join(sorted(span.styles))) for span in parse(body, mine)]


@pytest.mark.parametrize(
    ("body", "spans"),
    [
        ("plain", [("plain", "")]),
        ("a **b** c", [("a ", ""), ("b", "bold"), (" c", "")]),
        ("*b*", [("b", "italic")]),
        ("`a*b*c`", [("a*b*c", "code")]),
        ("2*3*4 and 2 ** 3", [("2*3*4 and 2 ** 3", "")]),
        ("**open", [("**open", "")]),
        ("```\nx = 1\n```", [("x = 1", "block")]),
        ("see:\n```py\na\nb\n```\nso", [("see:", ""), ("\na\nb", "block"), ("\nso", "")]),
        ("(https://a.org/x_(y)).", [("(", ""), ("https://a.org/x_(y)", "link"), (").", "")]),
        ("javascript:alert(1)", [("javascript:alert(1)", "")]),
        ("@jules, me@here.org", [("@jules", "mention"), (", me@here.org", "")]),
        ("", []),
    ],
)
def test_parse(body, spans):
    """Marks become styles; what is no mark stays as it was typed."""
    assert read(body) == spans


def test_mention_of_oneself_in_any_spelling():
    """The reader's name is found in every case and accent."""
    assert read("@Zoé!", "zoe") == [("@Zoé", "me+mention"), ("!", "")]


def test_action():
    """A body in the third person is one, an empty one is not."""
    assert is_action("/me waves")
    assert not is_action("/me  ")
    assert not is_action("/mexico")


def test_plain_text_for_previews():
    """A preview has one line and no marks."""
    assert plain("**a**\n```\ncode\n```\n`b`") == "a code b"


@given(st.text(alphabet="ab *`_@\n/:.htps()", max_size=120))
def test_no_letter_is_lost(body):
    """Whatever the marks, each letter of the body is shown."""
    shown = "".join(span.text for span in parse(body))
    for letter in "abhtps@":
        kept = shown.count(letter)
        assert kept == body.count(letter) or "```" in body


@pytest.mark.parametrize("piece", ["*a", "**", "`", "```", "@a", "http://", "(", "**a*", "[("])
def test_parsing_takes_no_time(piece):
    """No body of 4,000 characters takes noticeably long."""
    body = piece * (4000 // len(piece))
    before = time.process_time()
    parse(body)
    assert time.process_time() - before < 0.2
