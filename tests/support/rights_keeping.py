"""The steps of a walk that concern rooms of people's own: made, kept, filled and emptied by their owners."""

from typing import Final

from tests.support import rights
from tests.support.rights import OK, Place
from tests.support.rights_walkers import Walkers

KINDS: Final = ("public", "moderated", "private")
PLACES_MAX: Final = 9


class KeepingSteps(Walkers):
    """What owners do, and others try."""

    def do_create(self) -> None:
        """Make a room with somebody in it; a private one also of a name that another has."""
        if sum(not place.removed for place in self.places) >= PLACES_MAX:
            return
        person, other, kind = self._somebody(), self._random.choice(self.people), self._random.choice(KINDS)
        fields = {"name": self._new_name(kind), "kind": kind, "people": [other.name]}
        reply = self._ask(person, rights.create(person, kind, self.policy), "room.create", **fields)
        if reply["type"] == OK:
            place = Place(reply["id"], reply["room"], kind)
            place.enter(person)
            place.owners.add(person)
            place.enter(other)
            self.places.append(place)
            if other is not person:
                self._notify(other, place)

    def do_edit(self) -> None:
        """Give a room another name or kind, or say what it is about."""
        person, place = self._somebody(), self._place()
        what = self._random.choice(["name", "topic", "description", "kind"])
        kind = self._random.choice(KINDS) if what == "kind" else place.kind
        value = {"name": self._new_name(place.kind), "kind": kind}.get(what, "wine")
        expected = rights.edit(person, place, kind, self.policy)
        if self._ask(person, expected, "room.edit", room=self._spelt(place), **{what: value})["type"] != OK:
            return
        if kind == "private" != place.kind:
            self._hide(place)
        place.kind = kind
        place.go_on_without_owner()
        self._learn_name(place)

    def do_add(self) -> None:
        """Let somebody in, or make a member an owner, or an owner none."""
        person, place = self._somebody(), self._place()
        several = self._random.sample(self.people, self._random.choice([1, 1, 2]))
        targets = [
            one for one in self.people if one in several
        ]  # who comes in one moment is told apart by age
        owner = self._random.choice([None, None, None, True, False])
        expected = rights.add(person, place, targets, owner)
        more = {} if owner is None else {"owner": owner}
        fields = {"room": self._spelt(place), "people": [one.name for one in targets], **more}
        if self._ask(person, expected, "room.add", **fields)["type"] != OK:
            return
        newcomers = [target for target in targets if target not in place.members]
        for target in newcomers:
            place.enter(target)
            self._notify(target, place)
        if owner is not None:
            place.owners = place.owners | set(targets) if owner else place.owners - set(targets)

    def do_take_out(self) -> None:
        """Remove somebody from a room."""
        person, place, target = self._somebody(), self._place(), self._random.choice(self.people)
        expected = rights.keep_people(person, place)
        if expected == OK and target is person:
            expected = "bad_request"
        elif expected == OK and target not in place.members:
            expected = "not_a_member"
        fields = {"room": self._spelt(place), "username": target.name}
        if self._ask(person, expected, "room.remove", **fields)["type"] == OK:
            place.go(target)
            self._let_go(target, place)

    def do_archive(self) -> None:
        """Make a room read-only, or bring it back."""
        person, place = self._somebody(), self._place()
        on = not place.archived
        expected = rights.keep(person, place)
        if self._ask(person, expected, "room.archive", room=self._spelt(place), on=on)["type"] == OK:
            if on and not place.hidden:
                self._hide(place)
            place.archived = on
            self._expect(place.members if place.hidden else self.people, place, "changed")

    def do_pin(self) -> None:
        """Pin a message, or take it off."""
        person, place, on = self._somebody(), self._place(), self._random.random() < 0.7
        seq = self._seq(place)
        expected = rights.pin(person, place, seq, on=on)
        if self._ask(person, expected, "pin", room=self._spelt(place), seq=seq, on=on)["type"] == OK:
            if on != (seq in place.pinned):
                self._expect(place.members, place, "pin")
            place.pinned.add(seq) if on else place.pinned.discard(seq)

    def do_pins(self) -> None:
        """Read what is pinned: what is deleted is not."""
        person, place = self._somebody(), self._place()
        expected, room = rights.inside(person, place), self._spelt(place)
        if expected != OK:
            self._ask(person, expected, "pins", room=room)
            return
        found = {message["seq"] for message in self._pages(person, "pins", "messages", room=room, limit=2)}
        assert found == {seq for seq in place.pinned if place.stands(seq)}, found

    def do_policy(self) -> None:
        """Let another role make rooms of a kind, by the console."""
        kind = self._random.choice(KINDS)
        self.policy[kind] = self._random.choice(list(rights.RANKS))
        self._console(f"policy create-rooms {kind} {self.policy[kind]}")

    def _hide(self, place: Place) -> None:
        place.hide(self.people)
        self._expect(set(self.people) - place.members.keys(), place, "gone")

    def _learn_name(self, place: Place) -> None:
        """Let a member say what a room is called now; where none is there, its id names it."""
        place.name = place.id
        self._meet()
        for person in self._connected():
            for event in self._client(person).events:
                if event["type"] == "room" and event["id"] == place.id and not event.get("removed"):
                    place.name = event["room"]

    def _new_name(self, kind: str) -> str:
        """Return a name; those of private rooms are taken by others as well."""
        private = self._random.choice(["Cellar", "Attic"])
        return private if kind == "private" else f"Room {next(self._numbers)}"
