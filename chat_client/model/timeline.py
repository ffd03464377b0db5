"""One room's messages, sorted and unique by seq however they come; it knows no request and no view."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from chat_client.model.changes import Change, MessageChanged, MessagesAppended, MessagesInserted
from chat_client.model.keys import user_key
from chat_client.model.merging import ChangeMerger, sorted_reactions
from chat_client.model.state import SEQ_OF, MessageState, RoomState, UnloadedCounts
from chat_protocol.mentions import mentions
from chat_protocol.objects import Message

_ERASED_HAS = " "  # what older servers write for an erased author, without `former`; no username has it


@dataclass(slots=True)
class Added:
    """What an addition did: counts of new messages, and the seqs of known ones that changed."""

    appended: int = 0
    in_front: int = 0
    between: int = 0
    changed: set[int] = field(default_factory=set)

    def changes(self, room: str) -> list[Change]:
        """Return the same as changes for views."""
        found: list[Change] = []
        if self.between or self.in_front:
            count = self.in_front + self.between
            found.append(MessagesInserted(room, count, at_front=not self.between))
        if self.appended:
            found.append(MessagesAppended(room, self.appended))
        found.extend(MessageChanged(room, seq) for seq in sorted(self.changed))
        return found


class Timeline:
    """Add messages and changes to one room's state.

    :param me: returns the key of the signed-in user.
    """

    def __init__(self, room: RoomState, me: Callable[[], str]) -> None:
        self.room = room
        self._me = me
        self._merger = ChangeMerger()

    def add_live(self, message: Message) -> Added:
        """Add one entry that the server has just stored."""
        added, room = Added(), self.room
        new = self._take(message, message.seq, added)
        in_order = message.seq == room.last_seq + 1 and message.seq > room.read_seq
        room.covered.add(message.seq, message.seq)
        room.last_seq = max(room.last_seq, message.seq)
        if new is not None:
            self._place([new], added)
        if not in_order:
            self.recount()  # it was counted as one that is not loaded, or makes others such
        elif new is not None:
            self._count(new, 1)
        return added

    def add_page(self, messages: Sequence[Message], low: int, high: int, as_of: int) -> Added:
        """Add a page of history.

        :param low: the first seq that the page tells about, :param high: the last one. What is between
            them and not on the page does not exist.
        :param as_of: changes up to this seq were in the database when the page was asked for.
        """
        added = Added()
        page = sorted(messages, key=SEQ_OF)
        as_of = max([as_of, *(m.seq for m in page[-1:])])
        new = [entry for m in page if (entry := self._take(m, as_of, added)) is not None]
        self.room.covered.add(low, high)
        if page:
            self.room.last_seq = max(self.room.last_seq, page[-1].seq)
        self._uncount(new)
        self._place(new, added)
        self.recount()
        return added

    def forget_before(self, seq: int) -> None:
        """Let go of the messages before a seq; they count as loaded, so that nobody asks for them again."""
        messages = self.room.messages
        del messages[: bisect_left(messages, seq, key=SEQ_OF)]
        self._merger.forget_before(seq)

    def told(self, read_seq: int, last_seq: int, unread: int, mentions: int) -> None:
        """Take from the server how much is unread after `read_seq`, up to `last_seq`."""
        loaded = self._loaded_of_others(read_seq, last_seq)
        not_loaded = max(0, unread - len(loaded)), max(0, mentions - sum(m.mentions_me for m in loaded))
        self.room.counts, self.room.counts_wanted = UnloadedCounts(last_seq, *not_loaded), False

    def recount(self) -> None:
        """Recount unread messages and mentions; those that nobody counted are taken for others' messages."""
        room, counts = self.room, self.room.counts
        unread = self._loaded_of_others(room.read_seq, room.last_seq)
        room.unread, room.mentions = len(unread), sum(m.mentions_me for m in unread)
        counted_to = room.read_seq
        if counts is not None:
            if not room.covered.missing(room.read_seq + 1, counts.upto):
                counts.unread = counts.mentions = 0
            room.unread += counts.unread
            room.mentions += counts.mentions
            counted_to = max(counted_to, counts.upto)
        room.unread += room.covered.missing(counted_to + 1, room.last_seq)

    def read_to(self, seq: int) -> None:
        """Move the reading mark forward; past what is not loaded, how much is left has to be asked."""
        room = self.room
        passed = room.covered.missing(room.read_seq + 1, seq)
        room.read_seq = seq
        if room.counts is not None and passed and seq < room.counts.upto:
            room.counts_wanted = True
        self.recount()

    def _loaded_of_others(self, after: int, upto: int) -> list[MessageState]:
        messages = self.room.messages
        start = bisect_left(messages, after + 1, key=SEQ_OF)
        end = bisect_left(messages, upto + 1, key=SEQ_OF)
        return [m for m in messages[start:end] if not m.mine and not m.deleted]

    def _uncount(self, loaded: list[MessageState]) -> None:
        """Take messages that are loaded now out of what the server has counted."""
        room, counts = self.room, self.room.counts
        if counts is None:
            return
        for message in loaded:
            counted = room.read_seq < (message.seq or 0) <= counts.upto
            if counted and not message.mine and not message.deleted:
                counts.unread = max(0, counts.unread - 1)
                counts.mentions = max(0, counts.mentions - message.mentions_me)

    def _count(self, message: MessageState, sign: int) -> None:
        """Count a message of another that is not read, or (`sign` -1) count it no more."""
        if not message.mine and not message.deleted and (message.seq or 0) > self.room.read_seq:
            self.room.unread += sign
            self.room.mentions += sign * message.mentions_me

    def _take(self, message: Message, as_of: int, added: Added) -> MessageState | None:
        """Merge what is known; return a state for a message that is new."""
        if message.kind != "text":
            self._take_change(message, added)
            return None
        known = self.room.message(message.seq)
        if known is None:
            return self._settled(message_state(message, self._me(), as_of))
        if as_of > known.as_of:
            before = _shown(known)
            self._refresh(known, message, as_of)
            if before != _shown(known):
                added.changed.add(message.seq)
        return None

    def _take_change(self, change: Message, added: Added) -> None:
        if not isinstance(change.target, int) or not self._merger.record(change):
            return
        target = self.room.message(change.target)
        if target is None:
            self._unloaded_changed(change)
        if target is None or change.seq <= target.as_of:
            return
        self._count(target, -1)
        self._merger.merge(change, target)
        target.mentions_me = self._mentions_me(target)
        self._count(target, 1)
        added.changed.add(change.target)

    def _unloaded_changed(self, change: Message) -> None:
        """Ask for the counts again where a message may count otherwise now that is not loaded."""
        counts, unread = self.room.counts, (change.target or 0) > self.room.read_seq
        if counts is not None and change.kind != "react" and change.seq > counts.upto and unread:
            self.room.counts_wanted = True

    def _refresh(self, known: MessageState, message: Message, as_of: int) -> None:
        fresh = message_state(message, self._me(), as_of)
        known.author, known.body, known.edited_at = fresh.author, fresh.body, fresh.edited_at
        known.deleted, known.reactions, known.as_of = fresh.deleted, fresh.reactions, as_of
        known.files = fresh.files
        self._settled(known)

    def _settled(self, message: MessageState) -> MessageState:
        self._merger.settle(message)
        message.mentions_me = self._mentions_me(message)
        return message

    def _mentions_me(self, message: MessageState) -> bool:
        return not message.mine and not message.deleted and mentions(message.body, self._me())

    def _place(self, new: list[MessageState], added: Added) -> None:
        """Put new messages (ascending, none of them known) where they belong; mostly one slice."""
        messages = self.room.messages
        while new:
            first = new[0].seq or 0
            index = bisect_left(messages, first, key=SEQ_OF) if messages else 0
            if index == len(messages):
                added.appended += len(new)
                messages.extend(new)
                return
            run = bisect_left(new, messages[index].seq or 0, key=SEQ_OF)
            messages[index:index] = new[:run]
            if index == 0:
                added.in_front += run
            else:
                added.between += run
            new = new[run:]


def message_state(message: Message, me: str, as_of: int = 0) -> MessageState:
    """Return a message as views show it; `me` is the key of the signed-in user."""
    return MessageState(
        seq=message.seq,
        author="" if message.former or _ERASED_HAS in message.author else message.author,
        body="" if message.deleted else message.body,
        sent_at=message.sent_at,
        edited_at=message.edited_at,
        deleted=message.deleted,
        reply_to=message.reply_to,
        reactions={} if message.deleted else sorted_reactions(message.reactions),
        mine=user_key(message.author) == me,
        as_of=as_of,
        files=() if message.deleted else message.files,
        bot=message.bot,
    )


def _shown(message: MessageState) -> tuple[object, ...]:
    return message.body, message.deleted, message.reactions, message.edited_at, message.files
