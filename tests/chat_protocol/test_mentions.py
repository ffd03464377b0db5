"""Where a message names a user."""

import pytest

from chat_protocol.mentions import mention_spans, mentions


@pytest.mark.parametrize(
    ("body", "spans"),
    [
        ("", []),
        ("no name", []),
        ("@zoe", [(0, 4, "zoe")]),
        ("Hi @Zoé, hi @JULES!", [(3, 7, "zoe"), (12, 18, "jules")]),
        ("ask @jules.verne.", [(4, 16, "jules.verne")]),
        ("ask @jules-verne--", [(4, 16, "jules-verne")]),
        ("(@zoe)", [(1, 5, "zoe")]),
        ("zoe@example.org", []),
        ("a.@zoe", []),
        ("@@zoe", []),
        ("@ zoe", []),
        ("@-zoe", []),
    ],
)
def test_spans_of_mentions(body: str, spans: list[tuple[int, int, str]]) -> None:
    """Each begins at its @ and ends with the name; what ends the sentence is not part of it."""
    assert mention_spans(body) == spans
    for start, end, key in spans:
        assert len(key) == end - start - 1


@pytest.mark.parametrize(
    ("username", "expected"), [("zoe", True), ("Zoé", True), ("@ZOE", True), ("zo", False), ("jules", False)]
)
def test_mention_in_any_spelling(username: str, expected: bool) -> None:
    """Case and accents do not matter, the beginning of a name is not the name."""
    assert mentions("hello @Zoé.", username) is expected
    assert not mentions("hello Zoé", username)
