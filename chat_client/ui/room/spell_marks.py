"""Underlines what is misspelled in the composer, once the typing rests; Tk thread only, never waiting."""

import re
import tkinter as tk
from collections.abc import Callable, Iterator
from typing import Final

from chat_client.ui.look.look import Look
from chat_client.ui.room.spelling import SpellChecker
from chat_client.ui.timer import Timer

REST_MS: Final = 400
LOOK_AGAIN_MS: Final = 100
_TAG: Final = "misspelled"
# Code, addresses, names, rooms and emoji are no words of a language.
_PASSED: Final = r"`[^`\n]*`|https?://\S+|[@#:/][\w.+-]+|\S*@\S*"
_WORDS: Final = re.compile(rf"(?:{_PASSED})|(?<!\w)(?P<word>[^\W\d_]+(?:['’][^\W\d_]+)*)(?!\w)")


def words_in(line: str) -> Iterator[tuple[int, str]]:
    """Yield the words of a line that may be misspelled, each with its place; a single letter is none."""
    for found in _WORDS.finditer(line):
        if found["word"] and len(found["word"]) > 1:
            yield found.start("word"), found["word"].replace("’", "'")


class SpellMarks:
    """The underlines of one text widget.

    :param wanted: says whether the user wants them.
    """

    def __init__(self, text: tk.Text, look: Look, checker: SpellChecker, wanted: Callable[[], bool]) -> None:
        self._text, self._checker, self._wanted = text, checker, wanted
        self._rest = Timer(text, self.mark)
        text.tag_configure(_TAG, underline=True, underlinefg=look.palette.danger_text)
        text.bind("<<Modified>>", lambda _event: self._rest.again(REST_MS), add="+")
        text.bind("<Destroy>", lambda _event: self._close(), add="+")

    def _close(self) -> None:
        self._checker.close()
        self._rest.cancel()

    def mark(self) -> None:
        """Underline what is known to be wrong, but for the word at the cursor, which is being typed."""
        text = self._text
        text.tag_remove(_TAG, "1.0", "end")
        if not self._wanted():
            return
        here_line, here = map(int, text.index("insert").split("."))
        for number, line in enumerate(text.get("1.0", "end-1c").split("\n"), 1):
            for start, word in words_in(line):
                typed = number == here_line and start <= here <= start + len(word)
                if not typed and self._checker.is_wrong(word):
                    text.tag_add(_TAG, f"{number}.{start}", f"{number}.{start + len(word)}")
        if self._checker.waiting:
            self._rest.again(LOOK_AGAIN_MS)
