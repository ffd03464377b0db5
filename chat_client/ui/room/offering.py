"""Offers what fits behind the sign that is typed in a field, and puts in what is chosen; Tk thread only."""

import tkinter as tk
from collections.abc import Callable, Sequence

from chat_client.ui.look.look import Look
from chat_client.ui.room.suggesting import Suggestion, Typed, typed_before
from chat_client.ui.room.suggestion_list import SuggestionList


class Offer:
    """What is offered while one types into one field.

    :param text: the field.
    :param box: the frame around it, above which the list stands.
    :param suggest: gives what may take the place of what is being typed.
    """

    def __init__(
        self, look: Look, text: tk.Text, box: tk.Misc, suggest: Callable[[Typed], Sequence[Suggestion]]
    ) -> None:
        self._look, self._text, self._box, self._suggest = look, text, box, suggest
        self._typed: Typed | None = None
        self._sent_away = ""  # where that began for which the user wants no list
        self.list = SuggestionList(look, self._put)
        for event in ("<KeyRelease>", "<ButtonRelease-1>"):
            text.bind(event, lambda _event: self.follow(), add="+")

    def follow(self) -> None:
        """Offer what fits behind the sign that is being typed."""
        text = self._text
        typed = typed_before(text.get("insert linestart", "insert"))
        if typed == self._typed:
            return
        self._typed, start = typed, self._start_of(typed)
        if typed is None or start == self._sent_away or text.tag_ranges("sel"):
            self._sent_away = start if typed is not None else ""
            self.list.hide()
            return
        self._sent_away = ""
        box = text.bbox(start)
        left = text.winfo_rootx() + (box[0] if box is not None else 0)
        self.list.show(self._suggest(typed), left, self._box.winfo_rooty() - self._look.px(4))

    def forget(self) -> None:
        """Take the list away: the field holds another text."""
        self._typed = None
        self.list.hide()

    def send_away(self) -> bool:
        """Take the list away until another word is typed; False where there is none."""
        if not self.list.shown:
            return False
        self._sent_away = self._start_of(self._typed)
        self.list.hide()
        return True

    def _start_of(self, typed: Typed | None) -> str:
        """Give where in the field that begins which is being typed."""
        return self._text.index(f"insert - {len(typed.text) if typed is not None else 0} chars")

    def _put(self, suggestion: Suggestion) -> None:
        """Put what was chosen in the place of what was typed."""
        text = self._text
        typed = typed_before(text.get("insert linestart", "insert"))
        if typed is not None:
            space = "" if typed.sign == ":" or text.get("insert") == " " else " "
            text.edit_separator()
            text.replace(f"insert - {len(typed.text)} chars", "insert", suggestion.text + space)
            text.focus_set()
