"""Usernames and room names: what is allowed, and what counts as the same name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_protocol.errors import ChatError
from chat_protocol.names import (
    clean_room_name,
    clean_username,
    fold_text,
    room_key,
    username_key,
)

KEYS = [
    ("Zoé", "zoe"),
    ("jules_2", "jules_2"),
    ("Jules", "jules"),
    ("julès", "jules"),
    ("jule\u0300s", "jules"),
    ("ｊｕｌｅｓ", "jules"),
    ("@jules", "jules"),
    ("𝓳𝓾𝓵𝓮𝓼", "jules"),
    ("ⓙules", "jules"),
    ("Łukasz", "lukasz"),
    ("Øyvind", "oyvind"),
    ("Đorđe", "dorde"),
    ("Ægir", "aegir"),
    ("Œdipe", "oedipe"),
    ("Strauß", "strauss"),
    ("STRAUẞ", "strauss"),
    ("Þór", "thor"),
    ("Guðrún", "gudrun"),
    ("ılgın", "ilgin"),
    ("İlgin", "ilgin"),
    ("ILGIN", "ilgin"),
    ("ﬁona", "fiona"),
    ("Ħal", "hal"),
    ("a.b-c_d", "a.b-c_d"),
    ("ßß", "ssss"),
    ("42", "42"),
    ("Ab\u030c", "ab"),
]


@pytest.mark.parametrize(("name", "key"), KEYS)
def test_username_key_folds_spellings_together(name: str, key: str) -> None:
    """Case, accents, width and ligatures make no different name."""
    assert username_key(name) == key


REFUSED_USERNAMES = {
    "empty": "",
    "one character": "a",
    "only an @": "@",
    "one character after the @": "@a",
    "two @": "@@jules",
    "33 characters": "a" * 33,
    "a space": "jules b",
    "a trailing space": "jules ",
    "a no-break space": "jules\u00a0b",
    "an ideographic space": "jules\u3000b",
    "a newline": "jules\n",
    "a NUL": "jul\0es",
    "a control character": "jul\x1bes",
    "a zero-width space": "jul\u200bes",
    "a zero-width joiner": "jul\u200des",
    "a zero-width non-joiner": "jul\u200ces",
    "a word joiner": "jul\u2060es",
    "a byte order mark": "jul\ufeffes",
    "a soft hyphen": "jul\u00ades",
    "a right-to-left override": "jul\u202ees",
    "a direction isolate": "jul\u2066es",
    "a left-to-right mark": "jules\u200e",
    "an Arabic letter mark": "jules\u061c",
    "a variation selector": "jules\ufe0f",
    "a grapheme joiner": "ju\u034fles",
    "a Hangul filler": "ju\u3164les",
    "an empty Braille cell": "ju\u2800les",
    "a tag character": "jules\U000e0041",
    "a private character": "jules\ue000",
    "half a surrogate pair": "jules\ud83d",
    "Cyrillic letters": "јулес",
    "one Cyrillic letter": "jul\u0435s",
    "Greek": "ζωή",
    "one Greek letter": "j\u03bfules",
    "Hebrew": "יולס",
    "Chinese": "朱尔",
    "Cherokee": "\u13aa\u13a1",
    "an emoji": "jules😀",
    "a leading dot": ".jules",
    "a trailing dash": "jules-",
    "a leading underscore": "_jules",
    "a slash": "a/b",
    "a comma": "a,b",
    "a quote": 'a"b',
    "a fullwidth @": "＠jules",
    "a spacing accent": "jul´es",
    "a dotless j": "ȷules",
    "reserved: ip": "IP",
    "reserved: all": "all",
    "reserved: all, accented": "Äll",
    "reserved: ip, fullwidth": "ｉｐ",
}


@pytest.mark.parametrize("name", REFUSED_USERNAMES.values(), ids=REFUSED_USERNAMES)
def test_username_that_is_not_allowed(name: str) -> None:
    """A name outside the rules is `invalid_username`."""
    for read in (clean_username, username_key):
        with pytest.raises(ChatError) as caught:
            read(name)
        assert caught.value.code == "invalid_username"


def test_username_at_its_limits() -> None:
    """Two and 32 characters are allowed, counted after composition."""
    assert clean_username("ab") == "ab"
    assert clean_username("é" * 32) == "é" * 32
    assert clean_username("e\u0301" * 32) == "é" * 32


def test_username_is_kept_as_typed() -> None:
    """The spelling stays; only the @ is dropped and decomposed letters are composed."""
    assert clean_username("@Zoe\u0301") == "Zoé"
    assert clean_username("Jules_2") == "Jules_2"


ROOM_KEYS = [
    ("Général", "general"),
    ("GENERAL", "general"),
    ("Ｇｅｎｅｒａｌ", "general"),
    ("Salle de réunion", "salle de reunion"),
    ("日本語", "日本語"),
    ("Дизайн", "дизаин"),
    ("Straße", "strasse"),
    ("🎉 fête", "🎉 fete"),
    ("C++ / C#", "c++ / c#"),
    ("한국어", "한국어"),
]


@pytest.mark.parametrize(("name", "key"), ROOM_KEYS)
def test_room_key_folds_spellings_together(name: str, key: str) -> None:
    """Case, accents and width make no different room; any script is allowed."""
    assert room_key(clean_room_name(name)) == key


REFUSED_ROOMS = {
    "empty": "",
    "61 characters": "a" * 61,
    "a leading @": "@jules",
    "a leading fullwidth @": "＠jules",
    "a leading small @": "﹫jules",
    "a comma": "a,b",
    "a control character": "a\x07b",
    "a newline": "a\nb",
    "a tab": "a\tb",
    "a line separator": "a\u2028b",
    "a zero-width space": "a\u200bb",
    "a zero-width joiner": "a\u200db",
    "a right-to-left override": "a\u202eb",
    "a soft hyphen": "a\u00adb",
    "a Hangul filler": "\u3164",
    "an empty Braille cell": "a\u2800",
    "half a surrogate pair": "a\ud83d",
    "a leading space": " a",
    "a trailing space": "a ",
    "a double space": "a  b",
    "a no-break space": "a\u00a0b",
    "only a space": " ",
    "only a mark": "\u0301",
    "reserved: all": "ALL",
    "reserved: ip": "ip",
}


@pytest.mark.parametrize("name", REFUSED_ROOMS.values(), ids=REFUSED_ROOMS)
def test_room_name_that_is_not_allowed(name: str) -> None:
    """A room name outside the rules is `bad_request` about `room`."""
    with pytest.raises(ChatError) as caught:
        clean_room_name(name)
    assert (caught.value.code, caught.value.extra) == ("bad_request", {"field": "room"})


def test_room_name_at_its_limits() -> None:
    """One and 60 characters are allowed, counted after composition."""
    assert clean_room_name("a") == "a"
    assert clean_room_name("e\u0301" * 60) == "é" * 60


@given(st.text(max_size=40))
def test_names_given_any_text(name: str) -> None:
    """Any text is a valid name or a ChatError; a valid one is stable and has a plain key."""
    fold_text(name)
    room_key(name)
    try:
        kept = clean_username(name)
    except ChatError:
        pass
    else:
        assert clean_username(kept) == kept
        assert username_key(kept) == username_key(name)
        assert username_key(name).isascii()
    try:
        kept = clean_room_name(name)
    except ChatError:
        pass
    else:
        assert clean_room_name(kept) == kept
        assert room_key(kept) == room_key(name) == room_key(room_key(name))


@given(st.text(max_size=30))
def test_fold_text_is_stable(text: str) -> None:
    """Folding what is folded changes nothing."""
    assert fold_text(fold_text(text)) == fold_text(text)


@pytest.mark.parametrize(
    ("text", "folded"), [("Éléphant", "elephant"), ("ŒUVRE", "oeuvre"), ("Ключ", "ключ")]
)
def test_fold_text_for_search(text: str, folded: str) -> None:
    """Search compares without case and accents, in any script."""
    assert fold_text(text) == folded
