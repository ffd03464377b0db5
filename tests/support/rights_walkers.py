"""People with accounts on a server, and rooms, as steps of a walk need them; it must not know the steps."""

import random
from collections import deque
from typing import Final

from tests.chat_client.live import run_command
from tests.support.rights import OK, Deliveries, Person, Place, Said, unseen
from tests.support.server import ServerProcess
from tests.support.transfers import transfer_connection, uploaded
from tests.support.wire import Frame, WireClient, connect

PEOPLE: Final = {"ann": "member", "bob": "moderator", "cleo": "admin", "dan": "member"}
PLACES: Final = 4
CALLED: Final = "word"


class Walkers:
    """People and rooms; the same for the same seed.

    :param server: without rate limits.
    """

    def __init__(self, server: ServerProcess, seed: int) -> None:
        self._server = server
        self._random = random.Random(seed)
        self._numbers = iter(range(1, 1_000_000))
        self.people: list[Person] = []
        self.places: list[Place] = []
        self.files: dict[str, tuple[Place, Said]] = {}
        self.deliveries = Deliveries()
        self.steps: deque[str] = deque(maxlen=12)
        self.answers: dict[str, int] = {}
        for name, role in PEOPLE.items():
            self._sign_up(name, role)
        for number in range(PLACES):
            self._add_room(moderated=number % 2 == 1)
        self._join_and_bring_file()

    def close(self) -> None:
        """Close the connections."""
        for person in self.people:
            if person.client is not None:
                person.client.close()

    def settle(self) -> None:
        """Wait until everybody has heard what is theirs to hear."""
        for person in self._connected():
            while self.deliveries.owed(person):
                self._client(person).events.append(self._client(person).frame())
                self._hear(person)

    # -- coming back ------------------------------------------------------------------------------

    def do_come_back(self) -> None:
        """Sign in again, where no sanction stands against it."""
        away = [person for person in self.people if person.client is None]
        if not away:
            return
        person = self._random.choice(away)
        client = connect(self._server.port, tls=False)
        reply = client.request("resume", token=person.token)
        allowed = {{"kick": "kicked", "ban": "banned"}[kind] for kind in person.kept_out} or {OK}
        assert reply.get("code", OK) in allowed, (person.name, reply)
        if reply["type"] == OK:
            person.client = client
        else:
            client.close()

    def do_rescue(self) -> None:
        """Let somebody in again whom nobody may be left to let in."""
        for person in self.people:
            for kind in sorted(person.kept_out):
                self._console(f"un{kind} {person.name}")
                person.kept_out.discard(kind)
                return

    # -- help -------------------------------------------------------------------------------------

    def _ask(self, person: Person, expected: str, type: str, **fields: object) -> Frame:
        self.steps.append(f"{person.name} ({person.role}) {type} {fields}: {expected}")
        reply = self._client(person).request(type, **fields)
        assert reply.get("code", OK) == expected, reply
        self.answers[f"{type} {expected}"] = self.answers.get(f"{type} {expected}", 0) + 1
        return reply

    def _console(self, command: str, *names: str) -> None:
        self.steps.append(f"console {command} {names}")
        run_command(self._server, [*command.split(), *names])

    def _connected(self) -> list[Person]:
        return [person for person in self.people if person.client is not None]

    def _client(self, person: Person) -> WireClient:
        assert person.client is not None
        return person.client

    def _somebody(self) -> Person:
        while not self._connected():
            self.do_rescue()
            self.do_come_back()
        return self._random.choice(self._connected())

    def _place(self) -> Place:
        """Return a room that stands, or now and then one that was removed."""
        standing = [place for place in self.places if not place.removed]
        return self._random.choice(self.places if self._random.random() < 0.05 else standing)

    def _muting_place(self, kind: str) -> Place | None:
        place = self._place()
        return place if kind == "mute" and not place.removed and self._random.random() < 0.6 else None

    def _known(self, person: Person) -> set[str | None]:
        """Return the ids of rooms whose mutes somebody may know of, and None for mutes that hold in all."""
        admin = person.reaches("admin")
        return {
            None,
            *(place.id for place in self.places if admin or place.removed or not unseen(person, place)),
        }

    def _spelt(self, place: Place) -> str:
        return self._random.choice([place.name, place.id])

    def _hear(self, person: Person) -> None:
        """Look at what somebody was sent: nothing of a room that is not theirs."""
        events, places = self._client(person).events, {place.id: place for place in self.places}
        while events:
            event = events.popleft()
            if event["type"] == "message" and event["room_id"] in places:
                self.deliveries.heard(person, event["room_id"], event["seq"])
            if event["type"] == "room" and event["id"] in places and event.get("last_seq"):
                assert person in places[event["id"]].members, event
            place = places.get(str(event.get("room_id") or event.get("id")))
            if place is not None and place.private:
                later = place.ever if event["type"] == "membership" else set()  # told at the next sign-in
                assert person in place.members.keys() | place.told_of | later, (person.name, event)

    def _ended(self, person: Person) -> None:
        """Read a connection to its end, which the server makes."""
        if person.client is not None:
            for frame in person.client.wait_closed():
                person.client.events.append(frame)
            self._hear(person)
            person.client.close()
            person.client = None
        self.deliveries.gone(person)

    def _sign_up(self, name: str, role: str) -> None:
        client = connect(self._server.port, tls=False)
        person = Person(name, role, client.register(name)["token"], client)
        if role != "member":
            self._console(f"role {name} {role}")
        self.people.append(person)

    def _add_room(self, *, moderated: bool) -> None:
        name = f"Room {next(self._numbers)}"
        self._console("add room", name, *(["--moderated"] if moderated else []))
        client = self._client(self._somebody())
        client.ok("ping")
        told = [event for event in client.events if event["type"] == "room"]
        (room_id,) = {event["id"] for event in told if event["room"] == name}
        self.places.append(Place(room_id, name, moderated))

    def _join_and_bring_file(self) -> None:
        """Let there be a file from the beginning."""
        person, place = self.people[0], self.places[0]
        self._ask(person, OK, "join", room=place.name)
        place.enter(person)
        self._bring_file(person, place)

    def _bring_file(self, person: Person, place: Place) -> None:
        """Let a member say something with a file."""
        own = transfer_connection(self._server.port, person.token, tls=False)
        file = uploaded(own, place.name, b"a few bytes")["id"]
        own.close()
        reply = self._ask(person, OK, "send", room=place.name, body=CALLED, files=[file])
        place.said[reply["seq"]] = Said(person)
        self.deliveries.said(place, reply["seq"], person)
        self.files[file] = place, place.said[reply["seq"]]
