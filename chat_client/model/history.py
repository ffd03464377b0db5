"""Which part of a room's history to ask for next, one request under way per room; it sends nothing."""

from collections import deque

from chat_client.model.state import RoomState
from chat_protocol.limits import HISTORY_MAX
from chat_protocol.requests import History

PAGE_MESSAGES = 50
OLDER_MESSAGES = 100
# A longer absence is not read in full: the newest page comes, the rest on scrolling up.
CATCH_UP_MAX = 5_000


class HistoryPlan:
    """Know what one room still needs.

    `live_from` is the seq from which nothing may be missing; what is older is loaded when somebody looks.
    `follows` says that somebody reads all of it, however much that is after an absence.
    """

    def __init__(self, room: RoomState) -> None:
        self.room = room
        self.live_from = room.last_seq + 1
        self.asked: History | None = None
        self.asked_at_seq = 0
        self.jump_to: int | None = None
        self.follows = False
        self._queue: deque[History] = deque()
        self._vain_after = -1
        self._just_joined = False
        self._line_wanted = self._line_refused = False

    def signed_in(self) -> None:
        """Decide after a sign-in how to come from what is loaded to the room's `last_seq`."""
        self.asked, self._just_joined, self._line_refused = None, False, False
        loaded_to = self.room.covered.highest()
        if loaded_to is None and not (self._line_wanted or self.follows):
            self.live_from = self.room.last_seq + 1
            if self.room.last_seq > self.room.read_seq and self.room.counts is None:
                self.want_newest()  # the server does not tell how much of it is unread
            return
        # A room that somebody looked at while it was empty is one of which all is wanted since then.
        self.live_from = min(self.live_from, (loaded_to or self.room.last_seq) + 1)
        missing = self.room.covered.missing(self.live_from, self.room.last_seq)
        if missing > CATCH_UP_MAX and not self.follows:
            self.live_from = self.room.last_seq + 1
            self.want_newest()

    def disconnected(self) -> None:
        """Forget the request under way; the gaps that it was for are found again."""
        self.asked = None
        self.jump_to = None
        self._queue.clear()

    def joined(self) -> None:
        """Begin with the newest page: what is older is loaded when somebody looks."""
        self._just_joined = True
        self.want_newest()

    def follow(self, after: int) -> None:
        """Have nothing missing after a seq from now on, however much that is."""
        self.follows = True
        self.live_from = min(self.live_from, after + 1)

    def want_newest(self) -> None:
        """Ask for the newest page."""
        unread = self.room.last_seq - self.room.read_seq
        self._want(History(self.room.address, limit=max(PAGE_MESSAGES, min(unread, HISTORY_MAX))))

    def want_line(self) -> None:
        """Ask, now and after each absence, for what is around the first unread message."""
        self._line_wanted = True

    def want_older(self) -> None:
        """Ask for the page before the newest unbroken part, unless it begins at the start."""
        low = self.room.covered.start_of(self.room.last_seq)
        if low > self.room.last_seq:
            self.want_newest()
        else:
            self.want_before(low)

    def want_before(self, seq: int) -> None:
        """Ask for the page that ends before `seq`."""
        if seq > max(1, self.room.first_seq) and not self.room.covered.holds(seq - 1):
            self._want(History(self.room.address, before=seq, limit=OLDER_MESSAGES))

    def want_around(self, seq: int) -> None:
        """Ask for the page in the middle of which `seq` stands."""
        self.jump_to = seq
        self._want(self._around(seq))

    def next_request(self) -> History | None:
        """Return what to ask now, and take it as asked; None when nothing is due."""
        if self.asked is not None:
            return None
        if self._just_joined and not self._queue:
            self.want_newest()
        request = self._queue.popleft() if self._queue else self._line_request() or self._gap_request()
        self.asked, self.asked_at_seq = request, self.room.last_seq
        self.room.loading = request is not None
        return request

    def answered(self, first: int | None, last: int | None, more: bool) -> tuple[int, int]:
        """Mark the answer as arrived.

        :param first: the seq of the page's first entry, :param last: of its last one (None: an empty page).
        :return: the first and the last seq that the page tells about.
        """
        request, self.asked = self.asked, None
        self.room.loading = False
        if self._just_joined:
            self._just_joined, self.live_from = False, first or 1
        if request is None:
            return (first or 1), (last or 0)
        if request.after is not None:
            return self._answered_after(request.after, last)
        high = last if request.before is None else request.before - 1
        low = 1 if first is None or not more else first
        return low, min(high or 0, max(self.asked_at_seq, last or 0))

    def failed(self, *, for_good: bool) -> None:
        """Mark the request under way as refused; a gap is asked for again, unless it is for good."""
        self.asked = None
        if for_good:
            self._just_joined, self._line_refused = False, True
            self.live_from = self.room.last_seq + 1
        self.jump_to = None
        self.room.loading = False

    def _answered_after(self, after: int, last: int | None) -> tuple[int, int]:
        if last is not None:
            return after + 1, last
        # An empty page in front of known messages: believed when it comes a second time.
        vain, self._vain_after = self._vain_after == after, after
        gaps = self.room.covered.gaps(after + 1, self.room.last_seq)
        return (after + 1, gaps[0][1]) if vain and gaps else (after + 1, after)

    def _line_request(self) -> History | None:
        if not self._line_wanted or self._line_refused or self.room.line_known:
            return None
        return self._around(self.room.unread_from)

    def _around(self, seq: int) -> History:
        return History(self.room.address, before=seq + PAGE_MESSAGES // 2 + 1, limit=PAGE_MESSAGES)

    def _gap_request(self) -> History | None:
        gaps = self.room.covered.gaps(max(self.live_from, self.room.first_seq), self.room.last_seq)
        return History(self.room.address, after=gaps[0][0] - 1, limit=HISTORY_MAX) if gaps else None

    def _want(self, request: History) -> None:
        if request not in self._queue and request != self.asked:
            self._queue.append(request)
