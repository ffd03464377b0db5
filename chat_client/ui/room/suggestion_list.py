"""The list over the composer from which a name, a room or an emoji is taken; it never has the keyboard.

Tk thread only.
"""

import tkinter as tk
from collections.abc import Callable, Sequence

from chat_client.ui.look.look import Look
from chat_client.ui.room.suggesting import Suggestion
from chat_client.ui.widgets.row_list import RowList

WIDTH = 300
MARGIN = 8


class SuggestionList:
    """The list of one composer.

    :param take: is given what was chosen.
    """

    def __init__(self, look: Look, take: Callable[[Suggestion], object]) -> None:
        self._look = look
        self._take = take
        self.suggestions: Sequence[Suggestion] = ()
        self._frame = tk.Frame(look.root, background=look.palette.field_line, padx=1, pady=1)
        self.list = RowList(self._frame, look, surface="raised")
        self.list.canvas.configure(takefocus=False)
        self.list.mark = True
        self.list.on_choose = self._chosen
        self.list.pack(fill="both", expand=True)

    @property
    def shown(self) -> bool:
        """Whether it is to be seen."""
        return bool(self._frame.winfo_manager())

    def show(self, suggestions: Sequence[Suggestion], left: int, bottom: int) -> None:
        """Show what fits above a place on the screen, the first one chosen; nothing hides the list."""
        self.suggestions = suggestions
        if not suggestions:
            self.hide()
            return
        look, root = self._look, self._look.root
        self.list.set_rows([suggestion.row for suggestion in suggestions])
        self.list.put_cursor(suggestions[0].row.key)
        width = look.px(WIDTH)
        most = bottom - root.winfo_rooty() - look.px(MARGIN)
        height = min(self.list.content_height + 2, max(look.px(40), most))
        x = min(left - root.winfo_rootx(), root.winfo_width() - width - look.px(MARGIN))
        y = bottom - root.winfo_rooty() - height
        self._frame.place(x=max(look.px(MARGIN), x), y=max(0, y), width=width, height=height)
        self._frame.lift()

    def hide(self) -> None:
        """Take it away."""
        self.suggestions = ()
        self._frame.place_forget()

    def move(self, step: int) -> bool:
        """Choose the row above or below; False where there is no list."""
        if not self.shown:
            return False
        self.list.move_cursor(step)
        return True

    def take(self) -> bool:
        """Take what is chosen; False where there is no list."""
        if not self.shown:
            return False
        self.list.choose_cursor()
        return True

    def destroy(self) -> None:
        """Go with the composer."""
        self._frame.destroy()

    def _chosen(self, key: str) -> None:
        found = next((one for one in self.suggestions if one.row.key == key), None)
        self.hide()
        if found is not None:
            self._take(found)
