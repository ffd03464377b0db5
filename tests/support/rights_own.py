"""The steps of a walk that concern what people keep and choose for themselves, and whom they look up."""

from base64 import b64encode
from typing import Final

from tests.support import rights
from tests.support.pictures import png
from tests.support.rights import OK, Person
from tests.support.rights_walkers import ASIDE, Walkers

OF_ROOMS: Final[dict[str, tuple[object, ...]]] = {"notify": ("all", "none"), "favourite": (True, False)}
OF_NO_ROOM: Final[dict[str, tuple[object, ...]]] = {
    "pause_until": ("2030-01-01T00:00:00.000Z",),
    "quiet_hours": ("22:00-07:00",),
    "words": (["cake"],),
    "receipts": (True, False),
    "utc_offset": ("+01:00", False),
}


class OwnSteps(Walkers):
    """What everybody does alone, and in conversations of two."""

    # -- what they keep ---------------------------------------------------------------------------

    def do_save(self) -> None:
        """Put a message on one's own list, or take it off."""
        person, place, on = self._somebody(), self._place(), self._random.random() < 0.7
        seq = self._seq(place)
        expected = rights.save(person, place, seq, on=on)
        if self._ask(person, expected, "save", room=self._spelt(place), seq=seq, on=on)["type"] == OK:
            person.saved.add((place, seq)) if on else person.saved.discard((place, seq))

    def do_saved(self) -> None:
        """Read one's own list: all of it that may still be read, and nothing else."""
        person = self._somebody()
        found = {(one["room_id"], one["seq"]) for one in self._pages(person, "saved", "messages", limit=3)}
        assert found == {
            (place.id, seq)
            for place, seq in person.saved
            if rights.inside(person, place) == OK and place.stands(seq)
        }, found

    def do_set(self) -> None:
        """Choose something, for a room or for none, or take it back."""
        person, place = self._somebody(), None
        of_rooms = self._random.random() < 0.6
        setting, values = self._random.choice(list((OF_ROOMS if of_rooms else OF_NO_ROOM).items()))
        value = self._random.choice([*values, None])
        expected, room = OK, {}
        if of_rooms:
            place = self._place()
            expected, room = rights.inside(person, place), {"room": self._spelt(place)}
        if self._ask(person, expected, "set", setting=setting, value=value, **room)["type"] == OK:
            person.settings[setting, place] = value
            self._expect_event(person.clients[1:], "settings")

    def do_settings(self) -> None:
        """Read what one has chosen: of rooms where one is no member, nothing."""
        person = self._somebody()
        self._hear(person)
        count = self._ask(person, OK, "settings")["count"]
        events = self._client(person).events
        told = [one for event in events if event["type"] == "settings" for one in event["settings"]]
        for event in [event for event in events if event["type"] == "settings"]:
            events.remove(event)
        assert len(told) == count
        assert {(one["setting"], one.get("room")): one["value"] for one in told} == {
            (setting, None if place is None else place.id): value
            for (setting, place), value in person.settings.items()
            if place is None or rights.inside(person, place) == OK
        }, told

    def do_read(self) -> None:
        """Note how far one has read; the inbox asks what is left."""
        person, place = self._somebody(), self._place()
        fields = {"room": self._spelt(place), "seq": 1_000_000, "counts": True}
        reply = self._ask(person, rights.inside(person, place), "read", **fields)
        if reply["type"] == OK:
            assert (reply["unread"], reply["mentions"]) == (0, 0)
            assert reply["read_seq"] == reply["last_seq"] >= max(place.said, default=0)

    def do_sync(self) -> None:
        """Read what was missed: of one's own rooms alone, also where others are named."""
        person = self._somebody()
        self._hear(person)
        count = self._ask(person, OK, "sync", rooms={place.id: 0 for place in self.places})["rooms"]
        events = self._client(person).events
        told = [event for event in events if event["type"] == "sync"]
        for event in told:
            events.remove(event)
        assert len(told) == count
        theirs = {place.id for place in self.places if rights.inside(person, place) == OK}
        known = {place.id for place in self.places}
        assert {event["id"] for event in told if event["id"] in known} <= theirs, told
        for event in told:
            self._require_partner(person, event["room"])

    # -- whom they meet ---------------------------------------------------------------------------

    def do_direct(self) -> None:
        """Say something to somebody alone, unless one is muted everywhere."""
        person = self._somebody()
        other = self._other(person)
        expected = "muted" if None in person.mutes else OK
        if expected == OK:
            self.directs.add(frozenset({person.name, other.name}))
        body = f"{ASIDE} {next(self._numbers)}"
        self._ask(person, expected, "send", room=f"@{other.name}", body=body)
        if expected == OK and self.fence is not None:  # on one server, it may be on its way a moment longer
            self._expect_event([*other.clients, *person.clients[1:]], body)

    def do_find_asides(self) -> None:
        """Search what was said privately: nobody finds what is of two others."""
        person = self._somebody()
        for message in self._ask(person, OK, "search", query=ASIDE, limit=50)["messages"]:
            self._require_partner(person, message["room"])

    def _require_partner(self, person: Person, room: str) -> None:
        """Fail where a private conversation is not of this person; those with erased people have no name."""
        if room.startswith("@") and not room.startswith("@~"):
            assert frozenset({person.name, room.removeprefix("@")}) in self.directs, (person.name, room)

    def do_receipt(self) -> None:
        """Ask how far somebody has read: of a private conversation, where both let it be told."""
        person, place = self._somebody(), self._place()
        if self._random.random() < 0.3:
            expected = rights.inside(person, place)
            expected = "bad_request" if expected == OK else expected
            self._ask(person, expected, "receipt", room=self._spelt(place))
            return
        other = self._other(person)
        begun = frozenset({person.name, other.name}) in self.directs
        reply = self._ask(person, OK if begun else "no_such_room", "receipt", room=f"@{other.name}")
        if False in (person.settings.get(("receipts", None)), other.settings.get(("receipts", None))):
            assert "read_seq" not in reply, reply

    def do_person(self) -> None:
        """Ask who somebody is: only rooms are named in which both are."""
        person, other = self._somebody(), self._random.choice(self.people)
        reply = self._ask(person, OK, "person", username=other.name)
        shared = {
            place.name
            for place in self.places
            if rights.inside(person, place) == OK == rights.inside(other, place) and place.name != place.id
        }
        named = {place.name for place in self.places}
        assert (named & set(reply["rooms"]), reply["role"]) == (shared, other.role), reply
        assert self._ask(person, "no_such_user", "person", username="nobody")

    def do_show_picture(self) -> None:
        """Show a picture of oneself, unless one is muted everywhere, or none; everybody may see it."""
        person, number = self._somebody(), next(self._numbers) % 256
        picture = b64encode(png(2, 2, (number, 0, 0))).decode() if self._random.random() < 0.8 else None
        expected = "muted" if picture is not None and None in person.mutes else OK
        if self._ask(person, expected, "set_avatar", data=picture)["type"] == OK:
            person.picture = picture
        other = self._random.choice(self.people)
        assert self._ask(person, OK, "avatar", username=other.name).get("data") == other.picture

    def do_users(self) -> None:
        """List everybody, with roles."""
        person = self._somebody()
        found = {one["username"]: one.get("role", "member") for one in self._everybody(person)}
        heralds = dict.fromkeys(self.fence.names, "member") if self.fence is not None else {}
        assert found == heralds | {one.name: one.role for one in self.people}, found

    def _everybody(self, person: Person) -> list[dict[str, str]]:
        found: list[dict[str, str]] = []
        more: dict[str, object] = {}
        while True:
            reply = self._ask(person, OK, "users", limit=3, **more)
            found += reply["users"]
            if not reply.get("more"):
                return found
            more = {"after_username": found[-1]["username"]}

    # -- who is there -----------------------------------------------------------------------------

    def do_watch(self) -> None:
        """Watch rooms, all of them one's own."""
        person = self._somebody()
        places = self._random.sample(self.places, 2)
        refusals = [rights.inside(person, place) for place in places]
        expected = next((one for one in refusals if one != OK), OK)
        self._ask(person, expected, "watch", rooms=[self._spelt(place) for place in places])

    def do_typing(self) -> None:
        """Write somewhere."""
        person, place = self._somebody(), self._place()
        self._ask(person, rights.inside(person, place), "typing", room=self._spelt(place))

    def do_present_oneself(self) -> None:
        """Choose a status and a display name, and how much one is sent."""
        person, number = self._somebody(), next(self._numbers)
        self._ask(person, OK, "status", status=self._random.choice(["online", "away", "busy"]), text="x")
        self._ask(person, OK, "profile", display_name=f"{person.name} {number}")
        self._ask(person, OK, "quiet", on=False)
        self._expect_event(person.clients[1:], "profile")

    # -- where they are signed in -----------------------------------------------------------------

    def do_devices(self) -> None:
        """List one's own devices, and end those that are not: another's is none of them."""
        person, other = self._somebody(), self._somebody()
        theirs = self._ask(other, OK, "devices")["devices"]
        mine = self._ask(person, OK, "devices")["devices"]
        assert [one["current"] for one in mine].count(True) == 1, mine
        if person is not other:
            assert not {one["id"] for one in mine} & {one["id"] for one in theirs}
            assert self._ask(person, OK, "end_device", id=theirs[0]["id"])["ended"] == 0
        self._ask(person, OK, "end_device", others=True)
        self._second_ended(person)
