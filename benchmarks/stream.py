"""What the members of a room are sent, checked to the byte: no socket, no clock.

All members that only listen are sent the same bytes. The first to receive a part has it parsed; for each
other one it is enough to compare, which costs the load generator a fraction of a parse.
"""

import re
from bisect import bisect_right
from itertools import accumulate, pairwise

SEQ = re.compile(rb'"seq":(\d+)')
MESSAGE = b'"type":"message"'


class SeqCheck:
    """Checks that the seqs given to it run upwards by one, each once."""

    def __init__(self) -> None:
        self.first: int | None = None
        self.next = 0
        self.repeats = 0
        # Seqs that came before the one expected: an `ok` may stand beside its place among the messages.
        self._early: set[int] = set()

    @property
    def holes(self) -> int:
        """How many are missing below the highest one seen."""
        return max(self._early) + 1 - self.next - len(self._early) if self._early else 0

    @property
    def seen(self) -> int:
        return 0 if self.first is None else self.next - self.first + len(self._early)

    def expect(self, seq: int) -> None:
        """The next one must be *seq*, instead of any."""
        self.first = self.next = seq

    def take(self, seqs: list[int]) -> None:
        if not seqs:
            return
        if self.first is None:
            self.expect(min(seqs))
        if not self._early and seqs == list(range(self.next, self.next + len(seqs))):
            self.next += len(seqs)
            return
        for seq in seqs:
            self._take_one(seq)

    def _take_one(self, seq: int) -> None:
        if seq < self.next or seq in self._early:
            self.repeats += 1
            return
        self._early.add(seq)
        while self.next in self._early:
            self._early.remove(self.next)
            self.next += 1


class RoomStream:
    """The bytes that listeners of one room receive, as far as any has them, and where each message ends."""

    def __init__(self) -> None:
        self.seqs = SeqCheck()
        self.out_of_order = 0
        self._data = bytearray()
        self._parsed = 0
        # The offset behind each message.
        self._ends: list[int] = []

    @property
    def messages(self) -> int:
        return len(self._ends)

    def accept(self, offset: int, chunk: memoryview) -> bool:
        """Compare a listener's bytes from *offset* on; take over what is new. Return whether they agree."""
        known = len(self._data) - offset
        if known >= len(chunk):
            return self._data.startswith(chunk, offset)
        if not self._data.startswith(chunk[:known], offset):
            return False
        self._data += chunk[known:]
        self._parse()
        return True

    def count_at(self, offset: int) -> int:
        """How many whole messages stand before *offset*."""
        return bisect_right(self._ends, offset)

    def line_before(self, offset: int) -> tuple[bytes, int]:
        """The beginning of the line that *offset* cuts, and the number of messages before it."""
        start = self._data.rfind(b"\n", 0, offset) + 1
        return bytes(self._data[start:offset]), self.count_at(offset)

    def _parse(self) -> None:
        end = self._data.rfind(b"\n", self._parsed) + 1
        if not end:
            return
        block = bytes(self._data[self._parsed : end])
        lines = block.splitlines(keepends=True)
        ends = accumulate(map(len, lines), initial=self._parsed)
        next(ends)
        self._parsed = end
        self._ends += [at for line, at in zip(lines, ends, strict=True) if MESSAGE in line]
        seqs = [int(digits) for digits in SEQ.findall(block)]
        self.out_of_order += sum(later < earlier for earlier, later in pairwise(seqs))
        self.seqs.take(seqs)


class ListenerCheck:
    """One listener's place in its room's stream; on its own once its bytes differ from the others'."""

    __slots__ = ("_counted", "_offset", "_rest", "_stream", "seqs")

    def __init__(self, stream: RoomStream) -> None:
        self._stream = stream
        self._offset = 0
        self._counted = 0
        self._rest = b""
        # Set once this listener is on its own.
        self.seqs: SeqCheck | None = None

    @property
    def messages(self) -> int:
        """How many messages this listener has received."""
        return self._counted if self.seqs is not None else self._stream.count_at(self._offset)

    @property
    def faults(self) -> int:
        """Holes and repeats that this listener alone saw."""
        return 0 if self.seqs is None else self.seqs.holes + self.seqs.repeats

    def feed(self, chunk: memoryview) -> None:
        if self.seqs is None:
            if self._stream.accept(self._offset, chunk):
                self._offset += len(chunk)
                return
            self._leave()
        self._parse(bytes(chunk))

    def _leave(self) -> None:
        self._rest, self._counted = self._stream.line_before(self._offset)
        self.seqs = SeqCheck()
        if self._stream.seqs.first is not None:
            self.seqs.expect(self._stream.seqs.first + self._counted)

    def _parse(self, data: bytes) -> None:
        assert self.seqs is not None
        block, newline, rest = (self._rest + data).rpartition(b"\n")
        self._rest = rest
        lines = [line for line in (block + newline).splitlines() if MESSAGE in line]
        self._counted += len(lines)
        self.seqs.take([int(match[1]) for match in map(SEQ.search, lines) if match is not None])
