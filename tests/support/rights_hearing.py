"""What people with accounts are sent, held against the model of who may hear what; it knows no step."""

import json
from collections.abc import Iterable
from typing import Final

from tests.support.rights import Deliveries, Person, Place
from tests.support.wire import Frame, WireClient

#: What only another connection of the same user is sent: the second one, from which nothing is asked.
OF_OTHER_DEVICES: Final = frozenset({"settings", "saved", "read", "device"})
#: What those are sent who watch a room.
WATCHED: Final = frozenset({"presence", "typing", "member"})

ANYWHERE: Final = ""  # for the id of a room


class Hearing:
    """People, the rooms that they are in, and what each connection has heard and has yet to hear."""

    def __init__(self) -> None:
        self.people: list[Person] = []
        self.places: list[Place] = []
        self.deliveries = Deliveries()
        self.directs: set[frozenset[str]] = set()
        self.lowered: set[Person] = set()  # who was of a higher role until now
        #: What each connection has yet to be told. Of a room: what others made of the membership, that it is
        #: `changed` or `gone`, a `pin`. Of none: the type of an event, or what was said privately.
        self.unheard: set[tuple[WireClient, str, str]] = set()

    def settle(self) -> None:
        """Wait until everybody has heard what is theirs to hear."""
        for person in self._connected():
            for client in person.clients:
                while self.deliveries.owed(client):
                    client.events.append(client.frame())
                    self._hear(person)

    def _connected(self) -> list[Person]:
        return [person for person in self.people if person.client is not None]

    def _client(self, person: Person) -> WireClient:
        assert person.client is not None
        return person.client

    def _require_silence(self, person: Person, frame: Frame, said: object = None) -> None:
        """Fail where a frame names a private room that somebody was never in, and has not named.

        :param said: what the person has asked.
        """
        text, asked = json.dumps(frame, ensure_ascii=False), json.dumps(said, ensure_ascii=False)
        for place in self.places:
            if place.kind != "private" or place.removed or person in place.ever | place.told_of:
                continue
            for words in (json.dumps(place.id), place.name):
                assert words not in text or words in asked, (person.name, frame)

    def _hear(self, person: Person) -> None:
        """Look at what somebody was sent: nothing of a room that is not theirs."""
        for client in person.clients:
            self._hear_from(person, client)

    def _hear_from(self, person: Person, client: WireClient) -> None:
        events, places = client.events, {place.id: place for place in self.places}
        while events:
            event = events.popleft()
            kind, place = event["type"], places.get(_room_of(event))
            if kind in OF_OTHER_DEVICES:
                assert client is person.second or (kind == "device" and person.second), (person.name, event)
            self._require_silence(person, event)
            self.unheard -= {(client, ANYWHERE, kind), (client, ANYWHERE, str(event.get("body")))}
            if kind == "moderation":
                assert person.reaches("moderator") or person in self.lowered, (person.name, event)
            if str(event.get("room")).startswith("@") and kind in ("message", "room", "receipt"):
                name = str(event.get("was") or event["room"])  # who was erased has another one now
                names = frozenset({person.name, name.removeprefix("@")})
                assert names in self.directs, (person.name, event)
            if place is not None:
                self._hear_of_place(person, client, place, event)

    def _hear_of_place(self, person: Person, client: WireClient, place: Place, event: Frame) -> None:
        kind, known = event["type"], place.members.keys() | place.told_of
        if kind == "message":
            self.deliveries.heard(person, client, place.id, event["seq"])
        if kind in ("membership", "room"):
            what = event.get("membership") if kind == "membership" else _news_of(event)
            assert what != "gone" or place.removed or person not in place.members, (person.name, event)
            self.unheard.discard((client, place.id, str(what)))
        if kind == "pin":
            self.unheard.discard((client, place.id, kind))
        if kind == "room" and event.get("last_seq"):
            assert person in place.members, event
        if kind in WATCHED or kind == "pin":
            assert person in known, (person.name, event)
        if kind == "typing":
            assert event["username"] in {one.name for one in known}, event
        if kind == "presence":  # once a second, what has changed: some may have left meanwhile
            assert event["changes"].keys() <= {one.name for one in place.ever}, event
        if place.hidden:
            later = place.ever if kind == "membership" else set()  # told at the next sign-in
            assert person in known | later, (person.name, event)

    def _read_to_end(self, person: Person, client: WireClient) -> None:
        client.events.extend(client.wait_closed())
        self._hear_from(person, client)
        self._gone(client)

    def _gone(self, client: WireClient) -> None:
        """Close a connection, and expect nothing of it any more."""
        client.close()
        self.deliveries.gone(client)
        self.unheard = {each for each in self.unheard if each[0] is not client}

    def _notify(self, person: Person, place: Place) -> None:
        """Take that somebody else has changed a membership: its user is told, now or at the next sign-in."""
        person.notices[place] = place.membership(person)
        if person.client is not None:
            self._expect_notices(person)
            person.notices.clear()

    def _let_go(self, person: Person, place: Place) -> None:
        """Take that somebody else has ended a membership; a room that is the members' alone is gone, too."""
        self._notify(person, place)
        if place.hidden:
            self._expect([person], place, "gone")

    def _expect_notices(self, person: Person) -> None:
        for place, state in person.notices.items():
            if not place.removed and place.membership(person) == state:
                self._expect([person], place, state)

    def _expect(self, people: Iterable[Person], place: Place, what: str) -> None:
        """Take that each connection of some people has to be told something of a room."""
        self.unheard |= {(client, place.id, what) for person in people for client in person.clients}

    def _expect_event(self, clients: Iterable[WireClient], what: str) -> None:
        """Take that connections have to be told something that is of no room."""
        self.unheard |= {(client, ANYWHERE, what) for client in clients}


def _room_of(event: Frame) -> str:
    return str(event.get("room_id") or event.get("id") or event.get("removed_id"))


def _news_of(event: Frame) -> str:
    return "gone" if event.get("removed") else "changed"
