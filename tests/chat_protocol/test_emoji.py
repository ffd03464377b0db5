"""What counts as an emoji: sequences of Unicode's emoji data, no words and no lone joiners."""

import unicodedata

import pytest

from chat_client.ui.room.emoji import PLAIN_REACTIONS, REACTIONS
from chat_client.ui.room.emoji_names import all_emoji
from chat_protocol.emoji import is_emoji, without_emoji
from chat_protocol.limits import EMOJI_MAX_CHARS

ONES = (
    *(
        "👍",
        "👍🏽",
        "❤️",
        "❤",
        "☕",
        "1️⃣",
        "#️⃣",
        "*⃣",
        "🇫🇷",
        "👨‍👩‍👧",
        "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
        "👩🏽‍❤️‍💋‍👩🏽",
        "🏳️‍🌈",
        "🧑‍🚀",
        "©️",
        "🫨",
    ),
    *all_emoji(),
    *REACTIONS,
    *PLAIN_REACTIONS,
)
NONE = (
    *(
        "",
        "no",
        ":)",
        "1",
        "#",
        "a",
        "é",
        "\u200d",
        "\ufe0f",
        "\u20e3",
        "👍👍",
        "👍 ",
        "👍\u200d",
        "\u200d👍",
    ),
    *("👨\u200dx", "🇫", "🇫🇷🇫", "1\ufe0f", "a\ufe0f", "👍\n", "⠀", "\U0001f3fb\u200d", "日"),
)


@pytest.mark.parametrize("text", ONES)
def test_emoji_of_any_make(text: str) -> None:
    """Single signs, with a skin or a colour, keycaps, flags, families, and what the window offers."""
    assert is_emoji(text)
    assert len(text) <= EMOJI_MAX_CHARS


@pytest.mark.parametrize("text", NONE)
def test_no_emoji(text: str) -> None:
    """Words, signs made of ASCII, joiners without what they join, two at once, half of a flag."""
    assert not is_emoji(text)


def test_table_holds_no_letter() -> None:
    """No letter, digit, mark or space of any script is taken for an emoji, but the sign for information."""
    everything = (chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000)
    found = [char for char in everything if is_emoji(char)]
    others = {char for char in found if unicodedata.category(char)[0] not in "SP"}
    assert {char for char in others if unicodedata.category(char) != "Cn"} == {"ℹ"}


def test_text_without_its_emoji() -> None:
    """The joiners of a family go with it; one that joins nothing stays."""
    assert without_emoji("Zoé 👨‍👩‍👧!") == "Zoé !"
    assert without_emoji("Zo\u200dé 12") == "Zo\u200dé 12"
