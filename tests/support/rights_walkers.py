"""People with accounts on a server, and rooms, as steps of a walk need them; it must not know the steps."""

import random
from collections import deque
from collections.abc import Sequence
from typing import Final

from tests.support.admin import answer
from tests.support.fence import Fence
from tests.support.rights import OK, Person, Place, Said, unseen
from tests.support.rights_hearing import Hearing
from tests.support.server import ServerProcess
from tests.support.transfers import transfer_connection, uploaded
from tests.support.wire import PASSWORD, Frame, WireClient, connect

PEOPLE: Final = {"ann": "member", "bob": "moderator", "cleo": "admin", "dan": "member"}
BOT: Final = "robo"
PLACES: Final = 4
CALLED: Final = "word"
STEPS_TOLD: Final = 20
ASIDE: Final = "aside"  # said in private conversations
#: After these nothing is different for anybody: nobody has to be waited for.
READING: Final = frozenset({
    "history", "members", "search", "pins", "saved", "settings", "sync", "receipt", "person", "avatar",
    "users", "watch", "devices", "ping", "quiet", "moderation.pending", "moderation.sanctions",
    "moderation.devices", "moderation.invitations", "moderation.audit",
})  # fmt: skip
#: These go the way of messages.
SPEAKING: Final = frozenset({"send", "edit", "delete", "react", "typing"})


class Walkers(Hearing):
    """People and rooms; the same for the same seed.

    :param servers: without rate limits; several are a cluster, and people are connected to any of them.
    """

    def __init__(self, servers: Sequence[ServerProcess], seed: int) -> None:
        super().__init__()
        self._servers = servers
        #: What shows that each server knows what was done on another.
        self.fence = Fence(servers) if len(servers) > 1 else None
        # Whether somebody has done something since that was last shown, and whether that was to speak.
        self._is_news = self._is_said = False
        self._random = random.Random(seed)
        self._numbers = iter(range(1, 1_000_000))
        self.files: dict[str, tuple[Place, Said]] = {}
        self.steps: deque[str] = deque(maxlen=STEPS_TOLD)
        self.answers: dict[str, int] = {}
        self.policy = {"public": "admin", "moderated": "admin", "private": "member"}
        self.invitations: dict[int, tuple[str, str]] = {}  # number -> code, role
        for name, role in PEOPLE.items():
            self._sign_up(name, role)
        self._add_bot()
        for number in range(PLACES):
            self._add_room(moderated=number % 2 == 1)
        self._join_and_bring_file()

    def close(self) -> None:
        """Close the connections."""
        for person in self.people:
            for client in person.clients:
                client.close()
        if self.fence is not None:
            self.fence.close()

    # -- coming back ------------------------------------------------------------------------------

    def do_come_back(self) -> None:
        """Sign in again, where no sanction stands against it; a bot without a token gets another one."""
        away = [person for person in self.people if person.client is None]
        if not away:
            return
        person = self._random.choice(away)
        if person.bot and not person.token:
            person.token = answer(self._server(), ["bot", "rotate", person.name])["token"]
        self._come_back(person)

    def do_move(self) -> None:
        """Lose the connection, and come back at once, perhaps to another server."""
        person = self._somebody()
        self._hear(person)
        self._gone(self._client(person))
        person.client = None
        self._come_back(person)

    def do_second_device(self) -> None:
        """Sign in on another device, on any server; or go on there, where one is signed in already."""
        person = self._somebody()
        if person.second is not None:
            person.client, person.second = person.second, person.client
            person.token, person.second_token = person.second_token, person.token
        elif not person.bot:
            client = self._connect()
            person.second_token = client.login(person.name, person.password)["token"]
            person.second = client
            self._is_news = True

    def _come_back(self, person: Person) -> None:
        client = self._connect()
        type = "resume" if person.token else "login"
        fields = {"username": person.name, "password": person.password}
        reply = client.request(type, **({"token": person.token} if person.token else fields))
        allowed = {{"kick": "kicked", "ban": "banned"}[kind] for kind in person.kept_out} or {OK}
        assert reply.get("code", OK) in allowed, (person.name, reply)
        if reply["type"] != OK:
            client.close()
            return
        self._note(type, OK)
        self._is_news |= type == "login"  # of which other connections are told
        self._require_rooms(person, reply["rooms"])
        person.client, person.token = client, reply["token"]
        if reply.get("must_change_password"):
            assert client.error("sync", rooms={}) == "password_change_required"
            client.events.clear()
            self._choose_password(person)
        else:
            self._expect_notices(person)
        person.notices.clear()

    def _require_rooms(self, person: Person, rooms: list[Frame]) -> None:
        """Fail where a sign-in tells of other rooms than there are for somebody, or of another membership."""
        told = {room["id"]: (room["kind"], room["membership"], room.get("owner", False)) for room in rooms}
        for place in self.places:
            expected = place.kind, place.membership(person), person in place.owners
            assert told.get(place.id) == (None if unseen(person, place) else expected), (place.id, told)

    def do_password(self) -> None:
        """Choose another password, which takes the present one; bots have none."""
        person = self._somebody()
        if not person.bot:
            self._ask(person, "invalid_credentials", "password", old="not this one", new="something else")
            self._choose_password(person)
        else:
            self._ask(person, "forbidden", "password", old="any", new="something else")

    def do_logout(self) -> None:
        """Sign out, and of the devices only this one."""
        person = self._somebody()
        self._ask(person, OK, "logout")
        self._read_to_end(person, self._client(person))
        person.client, person.token = person.second, person.second_token
        person.second, person.second_token = None, ""

    def _choose_password(self, person: Person) -> None:
        new = f"{PASSWORD} {next(self._numbers)}"
        reply = self._ask(person, OK, "password", old=person.password, new=new)
        person.password, person.token = new, reply["token"]
        self._second_ended(person)

    def do_rescue(self) -> None:
        """Let somebody in again whom nobody may be left to let in."""
        for person in self.people:
            for kind in sorted(person.kept_out):
                self._console(f"un{kind} {person.name}")
                person.kept_out.discard(kind)
                return

    # -- help -------------------------------------------------------------------------------------

    def _ask(self, person: Person, expected: str, type: str, **fields: object) -> Frame:
        self.steps.append(f"{person.name} ({person.role}, {self._port(person)}) {type} {fields}: {expected}")
        reply = self._client(person).request(type, **fields)
        assert (reply["code"] if reply["type"] == "error" else OK) == expected, reply
        if type != "moderation.audit":  # which names all that was done, to administrators
            self._require_silence(person, reply, fields)
        self._note(type, expected)
        self._is_news |= expected == OK and type not in READING
        self._is_said |= type in SPEAKING
        return reply

    def _note(self, type: str, answer: str) -> None:
        self.answers[f"{type} {answer}"] = self.answers.get(f"{type} {answer}", 0) + 1

    def _pages(self, person: Person, type: str, listed: str, **fields: object) -> list[Frame]:
        """Read a list to its end."""
        found: list[Frame] = []
        before: dict[str, object] = {}
        while True:
            reply = self._ask(person, OK, type, **fields, **before)
            found += reply[listed]
            if reply.get("next") is None:
                return found
            before = {"before": reply["next"]}

    def _console(self, command: str, *names: str) -> None:
        server = self._server()
        self.steps.append(f"console of {server.port} {command} {names}")
        answer(server, [*command.split(), *names])
        self._is_news = True

    def _server(self) -> ServerProcess:
        """Return one of the servers, any."""
        return self._random.choice(self._servers)

    def _connect(self) -> WireClient:
        return connect(self._server().port, tls=False)

    def _meet(self) -> None:
        """Let everybody who is connected be sent what was done so far."""
        if self.fence is not None and self._is_news:
            self.fence.wait(messages=self._is_said)
        self._is_news = self._is_said = False
        for person in self._connected():
            for client in person.clients:
                client.ok("ping")

    def _port(self, person: Person) -> int:
        """Return the port of the server to which somebody is connected."""
        return int(self._client(person).raw.getpeername()[1])

    def _somebody(self) -> Person:
        while not self._connected():
            self.do_rescue()
            self.do_come_back()
        return self._random.choice(self._connected())

    def _place(self) -> Place:
        """Return a room that stands, or now and then one that was removed."""
        standing = [place for place in self.places if not place.removed]
        return self._random.choice(self.places if self._random.random() < 0.05 else standing)

    def _private_place(self) -> Place | None:
        found = [place for place in self.places if place.kind == "private" and not place.removed]
        return self._random.choice(found) if found else None

    def _seq(self, place: Place) -> int:
        """Return the number of a message, or one that none has."""
        return self._random.choice([*list(place.said)[-20:], 1_000_000])

    def _other(self, person: Person) -> Person:
        return self._random.choice([one for one in self.people if one is not person])

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

    def _ended(self, person: Person) -> None:
        """Read all connections to their end, which the servers make."""
        if person.client is not None:
            self._read_to_end(person, person.client)
            person.client = None
        self._second_ended(person)

    def _second_ended(self, person: Person) -> None:
        if person.second is not None:
            self._read_to_end(person, person.second)
        person.second, person.second_token = None, ""

    def _sign_up(self, name: str, role: str) -> None:
        client = self._connect()
        person = Person(name, role, client.register(name)["token"], client)
        self._note("register", OK)
        if role != "member":
            self._console(f"role {name} {role}")
        self.people.append(person)

    def _add_bot(self) -> None:
        token = answer(self._server(), ["bot", "add", BOT])["token"]
        client = self._connect()
        client.resume(token)
        self.people.append(Person(BOT, "member", token, client, bot=True))

    def _add_room(self, *, moderated: bool) -> None:
        name = f"Room {next(self._numbers)}"
        self._console("add room", name, *(["--moderated"] if moderated else []))
        client = self._client(self._somebody())
        self._meet()
        told = [event for event in client.events if event["type"] == "room"]
        (room_id,) = {event["id"] for event in told if event["room"] == name}
        self.places.append(Place(room_id, name, "moderated" if moderated else "public"))

    def _join_and_bring_file(self) -> None:
        """Let there be a file from the beginning."""
        person, place = self.people[0], self.places[0]
        self._ask(person, OK, "join", room=place.name)
        place.enter(person)
        self._bring_file(person, place)

    def _bring_file(self, person: Person, place: Place) -> None:
        """Let a member say something with a file."""
        own = transfer_connection(self._server().port, person.token, tls=False)
        file = uploaded(own, place.name, b"a few bytes")["id"]
        self._note("upload", OK)
        own.close()
        reply = self._ask(person, OK, "send", room=place.name, body=CALLED, files=[file])
        place.said[reply["seq"]] = Said(person)
        self.deliveries.said(place, reply["seq"], person)
        self.files[file] = place, place.said[reply["seq"]]
