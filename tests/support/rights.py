"""Who may do what in rooms, as a small model to hold a server against; it must not know the server."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.support.wire import PASSWORD, WireClient

RANKS = {"member": 0, "moderator": 1, "admin": 2}
OK = "ok"


@dataclass(eq=False, repr=False)
class Person:
    """Somebody with an account.

    :param token: empty where the sign-in has ended.
    :param second: another connection, signed in on a device of its own.
    :param password: of a bot, none.
    :param kept_out: `kick` and `ban`, whichever are in force.
    :param mutes: the ids of rooms; None for all of them.
    :param picture: what the user shows, in base64.
    :param saved: the user's list of messages, by room and seq.
    :param notices: what others made of memberships meanwhile, to be told at the next sign-in.
    :param settings: what the user has chosen, by setting and room's id.
    """

    name: str
    role: str
    token: str
    client: WireClient | None = None
    second: WireClient | None = None
    second_token: str = ""
    bot: bool = False
    password: str = PASSWORD
    kept_out: set[str] = field(default_factory=set)
    mutes: set[str | None] = field(default_factory=set)
    picture: str | None = None
    saved: set[tuple["Place", int]] = field(default_factory=set)
    settings: dict[tuple[str, "Place | None"], object] = field(default_factory=dict)
    notices: dict["Place", str] = field(default_factory=dict)

    @property
    def clients(self) -> list[WireClient]:
        """The connections."""
        return [client for client in (self.client, self.second) if client is not None]

    def reaches(self, role: str) -> bool:
        """Return whether the role is this one or above."""
        return RANKS[self.role] >= RANKS[role]


@dataclass(eq=False)
class Said:
    """A message."""

    author: Person
    deleted: bool = False


@dataclass(eq=False, repr=False)
class Place:
    """A room."""

    id: str
    name: str
    kind: str
    archived: bool = False
    members: dict[Person, None] = field(default_factory=dict)  # in the order in which they came
    owners: set[Person] = field(default_factory=set)
    told_of: set[Person] = field(default_factory=set)  # who was in it until now
    ever: set[Person] = field(default_factory=set)  # who was ever in it, or asked to be
    pending: set[Person] = field(default_factory=set)
    removed: bool = False
    said: dict[int, Said] = field(default_factory=dict)
    pinned: set[int] = field(default_factory=set)

    @property
    def hidden(self) -> bool:
        """Whether it is its members' alone."""
        return self.kind == "private" or self.archived

    def enter(self, person: Person) -> None:
        """Take that somebody is a member."""
        self.members.setdefault(person)
        self.ever.add(person)
        self.pending.discard(person)

    def ask(self, person: Person) -> None:
        """Take that somebody asks to enter."""
        self.pending.add(person)
        self.ever.add(person)

    def hide(self, people: Iterable[Person]) -> None:
        """Take that it has become its members' alone: the others hear that it is gone."""
        self.told_of |= set(people)
        self.pending.clear()

    def membership(self, person: Person) -> str:
        """Return what somebody is there."""
        return "joined" if person in self.members else "pending" if person in self.pending else "none"

    def stands(self, seq: int) -> bool:
        """Return whether there is a message that was not deleted."""
        return seq in self.said and not self.said[seq].deleted

    def go(self, person: Person) -> None:
        """Take that somebody is no member any more."""
        if person in self.members:
            self.told_of.add(person)
        self.members.pop(person, None)
        self.owners.discard(person)
        self.go_on_without_owner()

    def go_on_without_owner(self) -> None:
        """Take that a private room without an owner is its oldest member's; a bot inherits none."""
        if self.kind == "private" and not self.owners:
            self.owners.update([one for one in self.members if not one.bot][:1])


def unseen(person: Person, place: Place) -> bool:
    """Say whether there is no such room for somebody."""
    return place.removed or (place.hidden and person not in place.members)


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
    if not place.stands(seq):
        return "no_such_message"
    others = kind == "react" or (kind == "delete" and person.reaches("moderator"))
    return OK if others or place.said[seq].author is person else "forbidden"


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
    if place.removed or place.hidden:
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


def keep(person: Person, place: Place, role: str = "admin") -> str:
    """Say what becomes of what owners may do in a room, and those in view of it who have a role."""
    if unseen(person, place):
        return "no_such_room"
    return OK if person in place.owners or person.reaches(role) else "forbidden"


def keep_people(person: Person, place: Place) -> str:
    """Say what becomes of adding and removing; who is to be an owner is another matter."""
    return keep(person, place, "admin" if place.hidden else "moderator")


def add(person: Person, place: Place, targets: Iterable[Person], owner: bool | None) -> str:
    """Say what becomes of letting people in, who are then owners or not (None: as before)."""
    expected = keep_people(person, place) if owner is None else keep(person, place)
    if expected == OK and place.archived:
        return "forbidden"
    last = place.kind == "private" and owner is False and place.owners <= set(targets)
    return "forbidden" if expected == OK and last else expected


def create(person: Person, kind: str, policy: Mapping[str, str]) -> str:
    """Say what becomes of making a room."""
    if None in person.mutes:
        return "muted"
    return OK if person.reaches(policy[kind]) else "forbidden"


def edit(person: Person, place: Place, kind: str, policy: Mapping[str, str]) -> str:
    """Say what becomes of changing a room, which is then of a kind."""
    if unseen(person, place):
        return "no_such_room"
    if person.mutes & {None, place.id}:
        return "muted"
    if (found := keep(person, place)) != OK or place.archived:
        return found if found != OK else "forbidden"
    if kind == place.kind:
        return OK
    return OK if place.kind != "private" and person.reaches(policy[kind]) else "forbidden"


def pin(person: Person, place: Place, seq: int, *, on: bool) -> str:
    """Say what becomes of pinning a message, or of taking it off."""
    if (found := inside(person, place)) != OK:
        return found
    if keep(person, place, "moderator") != OK or place.archived:
        return "forbidden"
    return OK if place.stands(seq) or not on else "no_such_message"


def save(person: Person, place: Place, seq: int, *, on: bool) -> str:
    """Say what becomes of putting a message on one's own list, or of taking it off."""
    if (found := inside(person, place)) != OK:
        return found
    return OK if place.stands(seq) or not on else "no_such_message"


def administer(actor: Person, role: str = "admin") -> str:
    """Say what becomes of what only a role may do."""
    return OK if actor.reaches(role) else "forbidden"


def take_picture(actor: Person, target: Person) -> str:
    """Say what becomes of taking somebody's picture away."""
    below = RANKS[target.role] < RANKS[actor.role] or actor.reaches("admin")
    return OK if actor.reaches("moderator") and below else "forbidden"


def give_role(actor: Person, target: Person, role: str, people: Iterable[Person]) -> str:
    """Say what becomes of giving somebody a role."""
    if not actor.reaches("admin") or (role == "admin" and target.bot):
        return "forbidden"
    last = not any(one.role == "admin" for one in people if one is not target)
    return "forbidden" if target.role == "admin" and role != "admin" and last else OK


def reset_password(actor: Person, target: Person) -> str:
    """Say what becomes of setting a one-time password."""
    if not actor.reaches("admin"):
        return "forbidden"
    if target is actor:
        return "bad_request"
    return "forbidden" if target.bot else OK


class Deliveries:
    """Who may hear of which message, as it was when it was said, and who has yet to."""

    def __init__(self) -> None:
        self._may: dict[tuple[str, int], frozenset[Person]] = {}
        self._owed: dict[WireClient, set[tuple[str, int]]] = {}

    def said(self, place: Place, seq: int, author: Person) -> None:
        """Take that a message, or the change of one, was accepted; who said it has the reply."""
        key = (place.id, seq)
        self._may[key] = frozenset(place.members)
        for person in place.members:
            for client in person.clients:
                if client is not author.client:
                    self._owed.setdefault(client, set()).add(key)

    def heard(self, person: Person, client: WireClient, room_id: str, seq: int) -> None:
        """Take that somebody was sent a message; it must be one of a room that was theirs."""
        key = (room_id, seq)
        assert person in self._may.get(key, ()), f"{person.name} was sent {key}"
        self._owed.get(client, set()).discard(key)

    def gone(self, client: WireClient) -> None:
        """Take that a connection has ended: what was on its way is lost."""
        self._owed.pop(client, None)

    def owed(self, client: WireClient) -> Iterable[tuple[str, int]]:
        """Return what a connection has yet to hear."""
        return self._owed.get(client, set())


@contextmanager
def named(*what: object) -> Iterator[None]:
    """Add to a failure what it belongs to."""
    try:
        yield
    except BaseException as error:
        error.add_note(" ".join(map(str, what)))
        raise
