"""The part of a room's messages that the paper holds: writes it, lets it grow at either end, keeps it small.

It knows nothing of scrolling: who calls it keeps the view still. Tk thread only.
"""

from bisect import bisect_left

from chat_client.model.state import MessageState, RoomState
from chat_client.ui.room.timeline.entries import Entry, arrange, seq_of
from chat_client.ui.room.timeline.timeline_text import TimelineText

#: How many messages each step of scrolling past an end adds.
STEP_MESSAGES = 50
#: More than these are not kept in the widget: the far end is taken out.
MESSAGES_MAX = 300
LINES_MAX = 3000


def place_in(room: RoomState, seq: int) -> int:
    """Give the index of the first message from a seq on."""
    return bisect_left(room.messages, seq, key=lambda message: message.seq or 0)


class LoadedRange:
    """An unbroken run of the messages of ``room``, as entries of the paper.

    ``tail`` says whether it reaches the newest message; then what waits in the outbox stands below it.
    ``new_from`` is the seq of the first message that was unread.
    """

    def __init__(self, paper: TimelineText) -> None:
        self._paper = paper
        self.room: RoomState | None = None
        self.new_from: int | None = None
        self.tail = True

    # Writing

    def write(self, first: int, last: int) -> None:
        """Write ``messages[first:last]`` in place of everything."""
        self._paper.clear()
        room = self.room
        if room is None:
            return
        self.tail = last >= len(room.messages)
        messages = room.messages[first:last] + (room.pending if self.tail else [])
        self._paper.insert_entries(0, self._arranged(messages, None))

    def _arranged(self, messages: list[MessageState], before: MessageState | None) -> list[Entry]:
        entries = arrange(messages, before, new_from=self.new_from, gap_before=self._gap_before)
        return [*self._beginning(messages), *entries] if before is None else entries

    def _beginning(self, messages: list[MessageState]) -> list[Entry]:
        """Say where the history begins, above its first message."""
        room = self.room
        if room is None or not room.at_start or messages[:1] != (room.messages or room.pending)[:1]:
            return []
        return [Entry("s", "start")]

    def _gap_before(self, message: MessageState) -> bool:
        room = self.room
        if room is None or message.seq is None:
            return False
        index = room.index_of(message.seq)
        return index is not None and index > 0 and room.gap_before(index)

    # What it holds

    def seqs(self) -> tuple[int, int] | None:
        """Give the first and the last stored seq that it holds."""
        found = [seq for entry in self._paper.entries if (seq := seq_of(entry.key)) is not None]
        return (found[0], found[-1]) if found else None

    def size(self) -> int:
        """Count the messages that it holds."""
        return sum(entry.kind == "message" for entry in self._paper.entries)

    def last_stored(self) -> tuple[int, MessageState | None]:
        """Give the place behind the last stored message, and that message."""
        entries = self._paper.entries
        for place in range(len(entries) - 1, -1, -1):
            if seq_of(entries[place].key) is not None:
                return place + 1, entries[place].message
        return 0, None

    def unseen(self) -> list[MessageState]:
        """Give the messages of the room that come after what it holds."""
        room = self.room
        last = self.last_stored()[1]
        if room is None:
            return []
        return (
            room.messages[place_in(room, (last.seq or 0) + 1) :] if last is not None else list(room.messages)
        )

    # The newest end

    def rewrite_tail(self, fresh: list[MessageState]) -> None:
        """Write new messages and what waits behind the last stored message."""
        room = self.room
        if room is None:
            return
        place, last = self.last_stored()
        if last is None:
            self.write(0, len(room.messages))
            return
        self._paper.remove_entries(place, len(self._paper.entries))
        self._paper.insert_entries(place, self._arranged(fresh + room.pending, last))

    def drop_tail(self) -> None:
        """Take out what waits: the newest messages are not here, and it must not stand behind older ones."""
        if self.tail:
            self.tail = False
            self._paper.remove_entries(self.last_stored()[0], len(self._paper.entries))

    def extend_down(self) -> None:
        """Write the messages that follow."""
        place, last = self.last_stored()
        room = self.room
        if room is None or last is None:
            return
        newer = self.unseen()
        self.tail = len(newer) <= STEP_MESSAGES
        newer = newer[:STEP_MESSAGES]
        self._paper.insert_entries(place, self._arranged(newer + (room.pending if self.tail else []), last))

    # The oldest end

    def extend_up(self) -> bool:
        """Write the messages that come before; False where the model has none."""
        room, seqs = self.room, self.seqs()
        if room is None:
            return False
        first = place_in(room, seqs[0]) if seqs is not None else len(room.messages)
        if first == 0:
            return False
        older = room.messages[max(0, first - STEP_MESSAGES) : first]
        entries = self._paper.entries
        head = next((place for place, entry in enumerate(entries) if entry.kind == "message"), None)
        boundary = entries[head].message if head is not None else None
        self._paper.remove_entries(0, head + 1 if head is not None else len(entries))
        self._paper.insert_entries(0, self._arranged(older + ([boundary] if boundary else []), None))
        return True

    # Size

    def trim_top(self) -> None:
        """Take messages out at the top when there are too many of them, or too many lines."""
        entries = self._paper.entries
        surplus = len(entries) - MESSAGES_MAX
        lines = self._paper.line_count() - LINES_MAX
        if surplus < STEP_MESSAGES and lines < 0:
            return
        cut = max(surplus, 0)
        if lines >= 0:
            cut = max(cut, sum(self._paper.line_of(entry.key) < lines + 200 for entry in entries))
        cut = min(cut, len(entries) - 10)
        while 0 < cut < len(entries) and entries[cut].kind != "message":
            cut += 1
        if 0 < cut < len(entries) and entries[cut].message is not None:
            first = entries[cut].message
            self._paper.remove_entries(0, cut + 1)
            self._paper.insert_entries(0, self._arranged([first] if first else [], None))

    def trim_bottom(self) -> None:
        """Take messages out at the bottom when there are too many of them."""
        surplus = len(self._paper.entries) - MESSAGES_MAX
        lines = self._paper.line_count() - LINES_MAX
        if lines > 0:
            entries = self._paper.entries
            surplus = max(surplus, sum(self._paper.line_of(entry.key) > LINES_MAX for entry in entries))
        if surplus > 0:
            self.drop_tail()
            entries = self._paper.entries
            self._paper.remove_entries(max(1, len(entries) - surplus), len(entries))


def newest_seq(room: RoomState) -> int:
    """Give the seq of the newest message that is loaded, 0 where none is."""
    return (room.messages[-1].seq or 0) if room.messages else 0
