"""How much is new from the "new" line on, what of it was in view, and the button that leads to the line.

It does not scroll. Tk thread only.
"""

from collections.abc import Callable

from chat_client.i18n import ngettext
from chat_client.ui.look.look import Look
from chat_client.ui.room.timeline.entries import seq_of
from chat_client.ui.room.timeline.loaded_range import LoadedRange, place_in
from chat_client.ui.room.timeline.timeline_text import TimelineText
from chat_client.ui.widgets.widgets import button


class NewLine:
    """Belongs to one timeline.

    :param on_press: goes to the line.
    """

    def __init__(
        self, look: Look, paper: TimelineText, portion: LoadedRange, on_press: Callable[[], object]
    ) -> None:
        self._paper, self._portion = paper, portion
        self._top = look.px(12)
        self._count = 0
        self._reached = False
        self.button = button(paper.master, "", on_press, kind="Accent")
        self.button.configure(image=look.pictures.icon("up", "on_accent", 15), compound="left")

    def begin(self, count: int) -> None:
        """Begin with a line that the reader has not seen, and so many new messages."""
        self._count, self._reached = count, False

    def grow_to(self, count: int) -> None:
        """Note how many messages are unread now; those that are read stay new."""
        self._count = max(self._count, count)

    def reach(self) -> None:
        """Note that the reader has been led to the line."""
        self._reached = True

    def in_view(self) -> bool:
        """Say whether the line can be seen."""
        return bool(self._paper.tag_ranges("n")) and self._paper.dlineinfo("n.first") is not None

    def show_button(self) -> None:
        """Offer the way to the line where it is above the view and the reader has not been there."""
        if not self._is_above():
            self.button.place_forget()
            return
        self.button.configure(text=" " + ngettext("timeline.new_above", self._count))
        self.button.place(in_=self._paper, relx=0.5, rely=0.0, y=self._top, anchor="n")
        self.button.lift()

    def _is_above(self) -> bool:
        new_from = self._portion.new_from
        if self._portion.room is None or new_from is None or not self._count:
            return False
        self._reached = self._reached or self.in_view()
        top = seq_of(self._paper.key_at("@0,0 linestart"))
        return not self._reached and top is not None and top >= new_from

    def read_to(self) -> int | None:
        """Return up to which seq all that was unread is in view or above it; None where nothing new is."""
        room, seqs, seq = self._portion.room, self._portion.seqs(), self._last_in_view()
        if room is None or seqs is None or seq is None:
            return None
        from_the_mark = place_in(room, seqs[0]) <= place_in(room, room.unread_from)
        return seq if from_the_mark and room.covered.spans(room.unread_from, seq) else None

    def _last_in_view(self) -> int | None:
        """Return the seq of the lowest message in view."""
        paper = self._paper
        bottom = f"@0,{paper.winfo_height() - 1}"
        key = paper.key_at(f"{bottom} linestart") or paper.key_at(f"{bottom} linestart - 1 lines")
        shown = reversed(paper.entries[: paper.place_of(key) + 1])
        return next((seq for entry in shown if (seq := seq_of(entry.key)) is not None), None)
