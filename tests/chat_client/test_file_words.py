"""What is said of a message's files."""

import pytest

from chat_client import i18n
from chat_client.file_words import said_in, size_words
from chat_client.model.state import MessageState
from chat_protocol.objects import File


@pytest.fixture(autouse=True)
def _english() -> None:
    i18n.use("en")


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1 KB"),
        (12_345, "12 KB"),
        (1 << 20, "1.0 MB"),
        (52_428_800, "50.0 MB"),
    ],
)
def test_sizes_are_said_in_the_unit_that_fits(size: int, words: str) -> None:
    """Bytes, kilobytes and megabytes, of 1,024 each."""
    assert size_words(size) == words


def test_file_names_stand_behind_the_text_or_alone() -> None:
    """A message of files without a text still says something on one line."""
    files = (File("f1", "a.png", 1), File("f2", "b.txt", 2))
    assert said_in(MessageState(1, "zoe", "look", 0, files=files)) == "look [file: a.png, b.txt]"
    assert said_in(MessageState(1, "zoe", "", 0, files=files[:1])) == "[file: a.png]"
    assert said_in(MessageState(1, "zoe", "look", 0)) == "look"
