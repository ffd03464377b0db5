"""What is remembered about characters and words has an end, and is found out again."""

import pytest

from chat_server.storage.search import index as index_module
from chat_server.storage.search import words as module
from chat_server.storage.search.index import SearchIndex
from chat_server.storage.search.words import _Folding, _Spelling


@pytest.mark.parametrize(("kind", "sign", "known"), [(_Folding, "É", "e"), (_Spelling, "\u4e16", "_")])
def test_characters_are_not_remembered_without_end(
    monkeypatch: pytest.MonkeyPatch, kind: type[dict[str, str]], sign: str, known: str
) -> None:
    """Somebody may send them one by one; past the limit all are forgotten, and the next begins anew."""
    monkeypatch.setattr(module, "KNOWN_MAX", 3)
    found = kind()
    first = found[sign]
    assert first.startswith(known)
    for number in range(3):
        found[chr(0x4E00 + number)]
    assert (len(found), sign in found) == (4, True)
    found["z"]
    assert list(found) == ["z"]
    assert found[sign] == first


def test_words_are_not_remembered_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are counted as new ones again."""
    monkeypatch.setattr(index_module, "KNOWN_WORDS_MAX", 2)
    index = object.__new__(SearchIndex)
    index._known_words = set()
    index._remember(["a", "b", "c"])
    assert index._known_words == {"a", "b", "c"}
    index._remember(["d"])
    assert index._known_words == {"d"}
