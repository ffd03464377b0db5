"""What a person types to search: words, phrases and filters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_server.services.messages.search_query import Asked, parse_query
from chat_server.storage.search.records import Clause

DAY_MS = 86_400_000
DAY_2026_11_22_MS = 1_795_305_600_000


def clauses(text: str) -> list[tuple[str, bool]]:
    return [(" ".join(clause.words), clause.prefix) for clause in parse_query(text).clauses]


def test_parse_words() -> None:
    """Each word must be there; the last one is still being typed unless something follows it."""
    assert clauses("Réunion demain") == [("w_reunion", False), ("w_demain", True)]
    assert clauses("réunion demain ") == [("w_reunion", False), ("w_demain", False)]
    assert clauses("réunion, demain!") == [("w_reunion", False), ("w_demain", False)]
    assert clauses("a") == [("w_a", False)]
    assert clauses("un un") == [("w_un", False), ("w_un", True)]


def test_parse_phrases() -> None:
    """Quotes of any kind make a phrase, an unfinished one too; what is joined by signs is one as well."""
    expected = [("w_salle de reunion".replace(" ", " w_"), False)]
    for text in ('"salle de réunion"', "“salle de réunion”", "«salle de réunion»", '"salle de réunion'):
        assert clauses(text) == expected
    assert clauses("jean.dupont@example.org ") == [("w_jean w_dupont w_example w_org", False)]


def test_parse_filters() -> None:
    """Names may be quoted, days and times are UTC, and the narrowest time wins."""
    asked = parse_query(
        'from:@jules IN:"salle des fêtes" in:@bob before:2026-11-22 After:2026-11-21T12:00Z x'
    )
    assert asked == Asked(
        [Clause(("w_x",))],
        ["@jules"],
        ["salle des fêtes", "@bob"],
        DAY_2026_11_22_MS - DAY_MS // 2,
        DAY_2026_11_22_MS,
    )
    asked = parse_query("before:2026-11-22 before:2026-11-21 after:2026-11-19 after:2026-11-20")
    assert (asked.since, asked.until) == (DAY_2026_11_22_MS - 2 * DAY_MS, DAY_2026_11_22_MS - DAY_MS)


@pytest.mark.parametrize(
    "text", ["before:yesterday ", "after:2026-13-01 ", "xfrom:jules ", "from: ", 'in:"" ', "file:!! "]
)
def test_parse_no_filter(text: str) -> None:
    """What only looks like a filter is words."""
    asked = parse_query(text)
    assert asked.clauses
    assert (asked.authors, asked.rooms, asked.since, asked.until) == ([], [], None, None)


def test_parse_filter_that_is_none_keeps_its_own_word() -> None:
    """All of what was typed is looked for, not its value alone."""
    assert clauses("before:yesterday ") == [("w_before w_yesterday", False)]


def test_parse_nothing() -> None:
    """A text without a word asks for nothing; a filter alone asks for something."""
    for text in ("", " ", '"', '""', "!?", "-- ... *", "\x00"):
        assert parse_query(text).empty
    assert not parse_query("from:jules").empty


@given(st.text(max_size=300))
def test_parse_anything(text: str) -> None:
    """Every text is a query, and its words are of letters, digits and `_`."""
    for clause in parse_query(text).clauses:
        assert all(word.isascii() and word.replace("_", "a").isalnum() for word in clause.words)
