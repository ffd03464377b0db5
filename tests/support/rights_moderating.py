"""The steps of a walk that are the moderators' window: sanctions, people, invitations and the audit."""

from tests.support import rights
from tests.support.rights import OK, Person
from tests.support.rights_walkers import Walkers
from tests.support.wire import PASSWORD

PEOPLE_MAX = 7


class ModeratingSteps(Walkers):
    """What moderators and administrators do, and others try."""

    def do_accept(self) -> None:
        """Accept several people who ask to enter a room, and one who does not."""
        person, place = self._somebody(), self._place()
        asking = [one for one in self.people if one in place.pending]
        people = [one.name for one in [*asking, self._random.choice(self.people)]]
        expected = rights.administer(person, "moderator")
        if expected == OK and (place.removed or place.hidden):
            expected = "no_such_room"
        reply = self._ask(person, expected, "moderation.accept", room=self._spelt(place), people=people)
        if reply["type"] == OK:
            assert set(reply["people"]) == {one.name for one in asking}, reply
            for one in asking:
                place.enter(one)
                self._notify(one, place)

    def do_in_force(self) -> None:
        """List the sanctions: of mutes in rooms that are not theirs, moderators are told nothing."""
        person = self._somebody()
        expected = rights.administer(person, "moderator")
        if expected != OK:
            self._ask(person, expected, "moderation.sanctions")
            return
        found = self._pages(person, "moderation.sanctions", "sanctions", limit=3)
        names = {one.name for one in self.people}
        told = {
            (one["kind"], one["username"], one.get("room")) for one in found if one.get("username") in names
        }
        rooms = {place.id: place.name for place in self.places if not rights.unseen(person, place)}
        mutes = [(one, room) for one in self.people for room in one.mutes if room is None or room in rooms]
        assert told == {
            *((kind, one.name, None) for one in self.people for kind in one.kept_out),
            *(("mute", one.name, rooms[room] if room else None) for one, room in mutes),
        }, told

    def do_give_role(self) -> None:
        """Give somebody another role."""
        person, target = self._somebody(), self._random.choice(self.people)
        role = self._random.choice(list(rights.RANKS))
        expected = rights.give_role(person, target, role, self.people)
        if self._ask(person, expected, "moderation.role", username=target.name, role=role)["type"] == OK:
            self._has_role(target, role)

    def do_take_picture(self) -> None:
        """Take away what somebody shows."""
        person, target = self._somebody(), self._random.choice(self.people)
        expected = rights.take_picture(person, target)
        if self._ask(person, expected, "moderation.avatar", username=target.name)["type"] == OK:
            target.picture = None

    def do_one_time_password(self) -> None:
        """Set a one-time password; whose it is, is signed out."""
        person, target = self._somebody(), self._random.choice(self.people)
        expected = rights.reset_password(person, target)
        reply = self._ask(person, expected, "moderation.password", username=target.name)
        if reply["type"] == OK:
            target.token, target.password = "", reply["password"]
            self._ended(target)

    def do_devices_of(self) -> None:
        """List where somebody is signed in, and end that."""
        person = self._somebody()
        target = self._other(person)
        expected, name = rights.administer(person), target.name
        reply = self._ask(person, expected, "moderation.devices", username=name)
        unknown = "forbidden" if expected != OK else "bad_request"
        self._ask(person, unknown, "moderation.end_device", username=name, id="none")
        if self._random.random() < 0.3:
            devices = reply.get("devices", [{"id": "none"}])
            one = {"id": devices[0]["id"]} if len(devices) == 1 else {}
            if self._ask(person, expected, "moderation.end_device", username=name, **one)["type"] == OK:
                target.token = ""
                self._ended(target)

    def do_invite(self) -> None:
        """Make a one-time invitation, for a name that is free."""
        person, role = self._somebody(), self._random.choice(list(rights.RANKS))
        expected, taken = rights.administer(person), self._random.choice(self.people).name
        refused = "forbidden" if expected != OK else "username_taken"
        self._ask(person, refused, "moderation.invite", username=taken)
        reply = self._ask(person, expected, "moderation.invite", role=role)
        if reply["type"] == OK:
            self.invitations[reply["number"]] = reply["code"], role

    def do_come_invited(self) -> None:
        """Register with an invitation, which lets in once, in the role that it gives."""
        if not self.invitations or len(self.people) >= PEOPLE_MAX:
            return
        number = self._random.choice(list(self.invitations))
        code, role = self.invitations.pop(number)
        client, name = self._connect(), f"guest{next(self._numbers)}"
        reply = client.register(name, invitation=code)
        assert reply["user"].get("role", "member") == role, reply
        self._note("register", OK)
        self.people.append(Person(name, role, reply["token"], client))
        second = self._connect()
        fields = {"username": "second", "password": "correct horse battery", "invitation": code}
        assert second.error("register", **fields) == "invalid_invitation"
        second.close()

    def do_registration(self) -> None:
        """Let nobody register, and then anybody again, by the console: each server knows."""
        taken = self._random.choice(self.people).name
        for state, refused in (("closed", "registration_closed"), ("open", "username_taken")):
            self._console(f"registration {state}")
            self._meet()
            stranger = self._connect()
            assert stranger.error("register", username=taken, password=PASSWORD) == refused
            stranger.close()

    def do_invitations(self) -> None:
        """List the invitations in force."""
        person = self._somebody()
        reply = self._ask(person, rights.administer(person), "moderation.invitations")
        if reply["type"] == OK:
            assert {one["number"] for one in reply["invitations"]} == self.invitations.keys(), reply

    def do_revoke(self) -> None:
        """End an invitation."""
        person = self._somebody()
        number = self._random.choice([*self.invitations, 1_000_000])
        expected = rights.administer(person)
        if expected == OK and number not in self.invitations:
            expected = "bad_request"
        if self._ask(person, expected, "moderation.revoke", number=number)["type"] == OK:
            del self.invitations[number]

    def do_audit(self) -> None:
        """Read who did what, which the last refusal is in."""
        person = self._somebody()
        expected = rights.administer(person)
        reply = self._ask(person, expected, "moderation.audit", actor=person.name, limit=1)
        if reply["type"] == OK:
            assert all(one["actor"] == person.name for one in reply["entries"]), reply

    def _has_role(self, person: Person, role: str) -> None:
        if rights.RANKS[role] < rights.RANKS[person.role]:
            self.lowered.add(person)
        person.role = role
        self._expect_event(person.clients, "profile")
