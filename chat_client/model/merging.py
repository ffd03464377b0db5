"""Edits, deletions and reactions merged into their targets, in whatever order the network brings them."""

from bisect import bisect_left
from dataclasses import dataclass
from operator import attrgetter

from chat_client.model.state import MessageState
from chat_protocol.objects import File, Message

_BY_SEQ = attrgetter("seq")


@dataclass(frozen=True, slots=True)
class _Base:
    """What the server said of a message, before the changes that are merged here."""

    body: str
    edited_at: int | None
    deleted: bool
    reactions: dict[str, tuple[str, ...]]
    files: tuple[File, ...]

    @classmethod
    def of(cls, message: MessageState) -> "_Base":
        return cls(message.body, message.edited_at, message.deleted, message.reactions, message.files)

    def restore(self, message: MessageState) -> None:
        message.body, message.edited_at = self.body, self.edited_at
        message.deleted, message.reactions = self.deleted, self.reactions
        message.files = self.files


class ChangeMerger:
    """Keep the changes of one room by target, and bring targets to the state after all of them.

    A history shows the present state of a message, an event its state when it was sent. Each message carries
    `as_of`: the seq up to which changes are in what the server sent of it. Later ones are applied in
    ascending seq; one that comes too late makes the message be rebuilt from what the server sent.
    """

    def __init__(self) -> None:
        self._changes: dict[int, list[Message]] = {}
        self._bases: dict[int, _Base] = {}

    def record(self, change: Message) -> bool:
        """Keep a change; return False when it was known."""
        assert change.target is not None
        known = self._changes.setdefault(change.target, [])
        index = bisect_left(known, change.seq, key=_BY_SEQ)
        if index < len(known) and known[index].seq == change.seq:
            return False
        known.insert(index, change)
        return True

    def merge(self, change: Message, target: MessageState) -> None:
        """Apply a recorded change that the target does not have yet."""
        changes = self._changes[change.target or 0]
        if target.seq not in self._bases:
            self._bases[target.seq or 0] = _Base.of(target)
        if changes[-1] is change:
            apply_change(target, change)
        else:
            self._rebuild(target, changes)

    def settle(self, target: MessageState) -> None:
        """Bring a message that the server has just sent to the state after all known later changes."""
        seq = target.seq or 0
        self._bases.pop(seq, None)
        changes = self._changes.get(seq)
        if changes and changes[-1].seq > target.as_of:
            self._bases[seq] = _Base.of(target)
            self._rebuild(target, changes)

    def forget_before(self, seq: int) -> None:
        """Let go of the changes of messages before a seq."""
        self._changes = {target: kept for target, kept in self._changes.items() if target >= seq}
        self._bases = {target: kept for target, kept in self._bases.items() if target >= seq}

    def _rebuild(self, target: MessageState, changes: list[Message]) -> None:
        self._bases[target.seq or 0].restore(target)
        for change in changes:
            if change.seq > target.as_of:
                apply_change(target, change)


def apply_change(target: MessageState, change: Message) -> None:
    """Bring a message to the state after one change."""
    if target.deleted:
        return
    if change.kind == "edit":
        target.body, target.edited_at = change.body, change.sent_at
    elif change.kind == "delete":
        target.body, target.deleted, target.reactions, target.files = "", True, {}, ()
    elif change.kind == "react":
        names = {*target.reactions.get(change.body, ())}
        names = names | {change.author} if change.on is not False else names - {change.author}
        target.reactions = sorted_reactions({**target.reactions, change.body: tuple(names)})


def sorted_reactions(reactions: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Return reactions in a fixed order, so that their place does not depend on how they came."""
    return {emoji: tuple(sorted(names)) for emoji, names in sorted(reactions.items()) if names}
