"""Connections on which nobody has signed in yet, by address group; it locks nothing: its owner does.

Groups are kept by how many connections they have, so that the largest is found as quickly among ten thousand
as among ten: it is asked for whenever somebody knocks at a full house.
"""

from chat_server.live.address_groups import address_groups
from chat_server.live.session import Session


class Guests:
    """The guests of each group, the oldest first."""

    def __init__(self) -> None:
        self._of: dict[str, dict[Session, None]] = {}
        self._by_size: dict[int, dict[str, None]] = {}

    def add(self, session: Session) -> None:
        """Count a connection."""
        group = _group(session)
        guests = self._of.setdefault(group, {})
        self._resize(group, len(guests), len(guests) + 1)
        guests[session] = None

    def remove(self, session: Session) -> None:
        """Forget a connection; one that is not counted changes nothing."""
        group = _group(session)
        guests = self._of.get(group, {})
        if session not in guests:
            return
        self._resize(group, len(guests), len(guests) - 1)
        del guests[session]
        if not guests:
            del self._of[group]

    def oldest_of_largest(self) -> Session | None:
        """Return the oldest guest of the group that has most of them, or None without guests."""
        if not self._by_size:
            return None
        largest = next(iter(self._by_size[max(self._by_size)]))
        return next(iter(self._of[largest]))

    def _resize(self, group: str, before: int, after: int) -> None:
        if before:
            del self._by_size[before][group]
            if not self._by_size[before]:
                del self._by_size[before]
        if after:
            self._by_size.setdefault(after, {})[group] = None


def _group(session: Session) -> str:
    return address_groups(session.address)[-1]
