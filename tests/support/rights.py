"""Who may do what in rooms, as a small model to hold a server against; it must not know the server."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.support.wire import WireClient

RANKS = {"member": 0, "moderator": 1, "admin": 2}
OK = "ok"


@dataclass(eq=False)
class Person:
    """Somebody with an account.

    :param kept_out: `kick` and `ban`, whichever are in force.
    :param mutes: the ids of rooms; None for all of them.
    """

    name: str
    role: str
    token: str
    client: WireClient | None = None
    kept_out: set[str] = field(default_factory=set)
    mutes: set[str | None] = field(default_factory=set)

    def reaches(self, role: str) -> bool:
        """Return whether the role is this one or above."""
        return RANKS[self.role] >= RANKS[role]


@dataclass(eq=False)
class Said:
    """A message."""

    author: Person
    deleted: bool = False


@dataclass(eq=False)
class Place:
    """A room."""

    id: str
    name: str
    moderated: bool
    private: bool = False
    archived: bool = False
    members: dict[Person, None] = field(default_factory=dict)  # in the order in which they came
    owners: set[Person] = field(default_factory=set)
    told_of: set[Person] = field(default_factory=set)  # who was in it until now
    ever: set[Person] = field(default_factory=set)  # who was ever in it
    pending: set[Person] = field(default_factory=set)
    removed: bool = False
    said: dict[int, Said] = field(default_factory=dict)

    def enter(self, person: Person) -> None:
        """Take that somebody is a member."""
        self.members.setdefault(person)
        self.ever.add(person)

    def go(self, person: Person) -> None:
        """Take that somebody is no member any more; of a private room the oldest member takes over."""
        if person in self.members:
            self.told_of.add(person)
        self.members.pop(person, None)
        self.owners.discard(person)
        if self.private and self.members and not self.owners:
            self.owners.add(next(iter(self.members)))


def unseen(person: Person, place: Place) -> bool:
    """Say whether there is no such room for somebody."""
    return place.removed or (place.private and person not in place.members)


def inside(person: Person, place: Place) -> str:
    """Say what becomes of a request that only members may make."""
    if unseen(person, place):
        return "no_such_room"
    return OK if person in place.members else "not_a_member"


def write(person: Person, place: Place) -> str:
    """Say what becomes of a message."""
    if (found := inside(person, place)) != OK:
        return found
    if place.archived:
        return "forbidden"
    return "muted" if person.mutes & {None, place.id} else OK


def change(person: Person, place: Place, seq: int, kind: str) -> str:
    """Say what becomes of an `edit`, `delete` or `react`."""
    if (found := write(person, place)) != OK:
        return found
    said = place.said.get(seq)
    if said is None or said.deleted:
        return "no_such_message"
    others = kind == "react" or (kind == "delete" and person.reaches("moderator"))
    return OK if others or said.author is person else "forbidden"


def join(person: Person, place: Place) -> str:
    """Say what becomes of a `join`."""
    if unseen(person, place):
        return "no_such_room"
    return "already_member" if person in place.members else OK


def leave(person: Person, place: Place) -> str:
    """Say what becomes of a `leave`."""
    if unseen(person, place):
        return "no_such_room"
    return OK if person in place.members.keys() | place.pending else "not_a_member"


def decide(actor: Person, target: Person, place: Place) -> str:
    """Say what becomes of a decision about a join request."""
    if not actor.reaches("moderator"):
        return "forbidden"
    if place.removed or place.private:
        return "no_such_room"
    return OK if target in place.pending else "not_a_member"


def sanction(actor: Person, target: Person, kind: str) -> str:
    """Say what becomes of a kick, a ban or a mute."""
    if not actor.reaches("admin" if kind == "ban" else "moderator"):
        return "forbidden"
    return OK if actor.reaches("admin") or RANKS[target.role] < RANKS[actor.role] else "forbidden"


def lift(actor: Person, target: Person, kind: str, room: str | None, known: set[str | None]) -> str:
    """Say what becomes of lifting; without a room all mutes are that the actor may know of.

    :param known: the ids of the rooms that the actor sees, and None.
    """
    if sanction(actor, target, kind) != OK:
        return "forbidden"
    if kind != "mute":
        return OK if kind in target.kept_out else "bad_request"
    return OK if room in target.mutes or (room is None and target.mutes & known) else "bad_request"


def keep(person: Person, place: Place) -> str:
    """Say what becomes of what only owners may do in a private room, and administrators who are in it."""
    if unseen(person, place):
        return "no_such_room"
    return OK if person in place.owners or person.reaches("admin") else "forbidden"


class Deliveries:
    """Who may hear of which message, as it was when it was said, and who has yet to."""

    def __init__(self) -> None:
        self._may: dict[tuple[str, int], frozenset[Person]] = {}
        self._owed: dict[Person, set[tuple[str, int]]] = {}

    def said(self, place: Place, seq: int, author: Person) -> None:
        """Take that a message, or the change of one, was accepted."""
        key = (place.id, seq)
        self._may[key] = frozenset(place.members)
        for person in place.members.keys() - {author}:
            if person.client is not None:
                self._owed.setdefault(person, set()).add(key)

    def heard(self, person: Person, room_id: str, seq: int) -> None:
        """Take that somebody was sent a message; it must be one of a room that was theirs."""
        key = (room_id, seq)
        assert person in self._may.get(key, ()), f"{person.name} was sent {key}"
        self._owed.get(person, set()).discard(key)

    def gone(self, person: Person) -> None:
        """Take that somebody is not connected any more: what was on its way is lost."""
        self._owed.pop(person, None)

    def owed(self, person: Person) -> Iterable[tuple[str, int]]:
        """Return what somebody has yet to hear."""
        return self._owed.get(person, set())


@contextmanager
def named(*what: object) -> Iterator[None]:
    """Add to a failure what it belongs to."""
    try:
        yield
    except BaseException as error:
        error.add_note(" ".join(map(str, what)))
        raise
