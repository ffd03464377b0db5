"""The steps of a walk that concern private rooms: made, kept, filled and emptied by their owners."""

from tests.support import rights
from tests.support.rights import OK, Person, Place
from tests.support.rights_walkers import Walkers

PRIVATE_MAX = 4


class PrivateSteps(Walkers):
    """What owners do, and others try."""

    def do_create(self) -> None:
        """Make a private room with somebody in it; also of a name that another has."""
        if len(self._private()) >= PRIVATE_MAX:
            return
        person, other = self._somebody(), self._random.choice(self.people)
        expected = "muted" if None in person.mutes else OK
        fields = {"name": self._random.choice(["Cellar", "Attic"]), "people": [other.name]}
        reply = self._ask(person, expected, "room.create", **fields)
        if reply["type"] == OK:
            place = Place(reply["id"], reply["room"], moderated=False, private=True)
            place.enter(person)
            place.owners.add(person)
            place.enter(other)
            self.places.append(place)

    def do_keep(self) -> None:
        """Rename a private room, which takes another mark, or say what it is about."""
        if (place := self._private_place()) is None:
            return
        person, new_name = self._somebody(), self._random.random() < 0.5
        expected = rights.keep(person, place)
        if expected != "no_such_room" and person.mutes & {None, place.id}:
            expected = "muted"
        elif expected == OK and place.archived:
            expected = "forbidden"
        what = {"name": "Cellar"} if new_name else {"topic": "wine"}
        if self._ask(person, expected, "room.edit", room=self._spelt(place), **what)["type"] == OK:
            seen = [event for event in self._client(person).events if event.get("id") == place.id]
            place.name = seen[-1]["room"]

    def do_add(self) -> None:
        """Let somebody in, or make a member an owner."""
        if (place := self._private_place()) is None:
            return
        person, target = self._somebody(), self._random.choice(self.people)
        owner = {"owner": True} if self._random.random() < 0.3 else {}
        expected = self._unless_archived(person, place)
        fields = {"room": self._spelt(place), "people": [target.name], **owner}
        if self._ask(person, expected, "room.add", **fields)["type"] == OK:
            place.enter(target)
            if owner:
                place.owners.add(target)

    def do_take_out(self) -> None:
        """Remove somebody from a private room."""
        if (place := self._private_place()) is None:
            return
        person, target = self._somebody(), self._random.choice(self.people)
        expected = rights.keep(person, place)
        if expected == OK and target is person:
            expected = "bad_request"
        elif expected == OK and target not in place.members:
            expected = "not_a_member"
        fields = {"room": self._spelt(place), "username": target.name}
        if self._ask(person, expected, "room.remove", **fields)["type"] == OK:
            place.go(target)

    def do_archive(self) -> None:
        """Make a private room read-only, or bring it back."""
        if (place := self._private_place()) is None:
            return
        person, on = self._somebody(), not place.archived
        expected = rights.keep(person, place)
        if self._ask(person, expected, "room.archive", room=self._spelt(place), on=on)["type"] == OK:
            place.archived = on

    def _unless_archived(self, person: Person, place: Place) -> str:
        expected = rights.keep(person, place)
        return "forbidden" if expected == OK and place.archived else expected

    def _private(self) -> list[Place]:
        return [place for place in self.places if place.private and not place.removed]

    def _private_place(self) -> Place | None:
        found = self._private()
        return self._random.choice(found) if found else None
