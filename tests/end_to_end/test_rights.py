"""People with different roles walk at random through rooms, and a model says what each of them may do.

The same walk goes over one server, with each database, and over two servers of a cluster.
`CHAT_TESTS_RIGHTS_S` says for how many seconds each, `CHAT_TESTS_RIGHTS_SEED` from which seed; what fails
names the seed and the last steps.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from time import monotonic
from typing import Final

import pytest

from chat_protocol.request_reading import REQUESTS
from tests.support import rights
from tests.support.redis import Redis
from tests.support.rights import OK, Said, named
from tests.support.rights_keeping import KeepingSteps
from tests.support.rights_moderating import ModeratingSteps
from tests.support.rights_own import OwnSteps
from tests.support.rights_walkers import CALLED, PEOPLE, PLACES
from tests.support.server import ServerProcess
from tests.support.transfers import download, transfer_connection
from tests.support.wire import ConnectionEnded

Start = Callable[..., ServerProcess]

WITH_BROKER: Final = "two servers with a broker"
CLUSTERS: Final = ("two servers", WITH_BROKER)
ON_MARIADB: Final = ("mariadb", *CLUSTERS)

#: On one server, and on two, where a step takes longer.
SECONDS: Final = [float(os.environ.get("CHAT_TESTS_RIGHTS_S", default)) for default in ("6", "12")]
SEED: Final = int(os.environ.get("CHAT_TESTS_RIGHTS_SEED", "1"))
KINDS: Final = ("kick", "ban", "mute")
#: How often a rule is taken, beside the others.
RULES: Final = {
    "send": 12, "change": 12, "history": 5, "members": 4, "search": 3, "join": 10, "leave": 3, "pending": 2,
    "decide": 6, "sanction": 3, "lift": 4, "come_back": 14, "download": 2, "upload": 1, "role": 1,
    "create": 3, "edit": 4, "add": 5, "take_out": 3, "archive": 3, "pin": 5, "pins": 2, "policy": 0.5,
    "remove_member": 1, "rename_room": 1, "remove_room": 0.3, "rescue": 1, "erase": 0.1,
    "save": 5, "saved": 2, "set": 4, "settings": 2, "read": 2, "sync": 2, "direct": 3, "find_asides": 1,
    "receipt": 3, "person": 2, "users": 1, "watch": 4, "typing": 2, "present_oneself": 1, "devices": 1,
    "password": 0.5, "logout": 0.5, "accept": 2, "in_force": 2, "give_role": 2, "one_time_password": 0.5,
    "devices_of": 1, "invite": 1, "come_invited": 0.3, "invitations": 1, "revoke": 1, "audit": 1,
    "show_picture": 2, "take_picture": 1, "move": 4, "second_device": 4, "registration": 0.5,
}  # fmt: skip
#: For how long at most a walk goes on when a request is left that nobody has made yet.
RARE_S: Final = 30.0
#: Walked without a name of their own in the list of answers.
UNCOUNTED: Final = {"ping": "after every step"}


class Walk(KeepingSteps, OwnSteps, ModeratingSteps):
    """One walk."""

    def step(self) -> None:
        """Take one rule, and look at what everybody was sent meanwhile."""
        rule = self._random.choices(list(RULES), list(RULES.values()))[0]
        getattr(self, f"do_{rule}")()
        self._meet()
        for person in self._connected():
            self._hear(person)
            if self.fence is not None:
                late = [self.deliveries.owed(client) for client in person.clients]
                assert not any(late), (person.name, late)
        assert not self.unheard, [place for _, place, _ in self.unheard]
        for place in self.places:
            place.told_of.clear()
        self.lowered.clear()

    def not_yet(self) -> set[str]:
        """Return the requests that nobody has made so far as one who may; on one server, which is quick."""
        if self.fence is not None:
            return set()
        asked = {answer.removesuffix(f" {OK}") for answer in self.answers if answer.endswith(f" {OK}")}
        return REQUESTS.keys() - asked - UNCOUNTED.keys()

    # -- what members do --------------------------------------------------------------------------

    def do_send(self) -> None:
        """Say something."""
        person, place = self._somebody(), self._place()
        body = f"{CALLED} {next(self._numbers)}"
        reply = self._ask(person, rights.write(person, place), "send", room=self._spelt(place), body=body)
        if reply["type"] == OK:
            place.said[reply["seq"]] = Said(person)
            self.deliveries.said(place, reply["seq"], person)

    def do_change(self) -> None:
        """Edit or delete a message, or put an emoji under it."""
        person, place = self._somebody(), self._place()
        kind = self._random.choice(["edit", "delete", "react"])
        seq = self._seq(place)
        more = {"edit": {"body": f"{CALLED} again"}, "react": {"emoji": "👍"}}.get(kind, {})
        expected = rights.change(person, place, seq, kind)
        reply = self._ask(person, expected, kind, room=self._spelt(place), seq=seq, **more)
        if reply["type"] == OK:
            place.said[seq].deleted = kind == "delete"
            if "seq" in reply:
                self.deliveries.said(place, reply["seq"], person)

    def do_history(self) -> None:
        """Read: what is deleted has no text any more."""
        person, place = self._somebody(), self._place()
        reply = self._ask(person, rights.inside(person, place), "history", room=self._spelt(place))
        for message in reply.get("messages", ()):
            said = place.said.get(message["seq"])
            assert not (said and said.deleted and message.get("body")), message

    def do_members(self) -> None:
        """List who belongs to a room."""
        person, place = self._somebody(), self._place()
        reply = self._ask(person, rights.inside(person, place), "members", room=self._spelt(place))
        if reply["type"] == OK:
            assert {one["username"] for one in reply["members"]} == {one.name for one in place.members}
            owners = {one["username"] for one in reply["members"] if one.get("owner")}
            assert owners == {one.name for one in place.owners}, owners

    def do_search(self) -> None:
        """Search everywhere: what is found is of one's own rooms."""
        person = self._somebody()
        reply = self._ask(person, OK, "search", query=CALLED, limit=50)
        theirs = {place.id for place in self.places if person in place.members and not place.removed}
        assert {message["room_id"] for message in reply["messages"]} <= theirs, reply

    def do_join(self) -> None:
        """Enter, or ask to."""
        person, place = self._somebody(), self._place()
        reply = self._ask(person, rights.join(person, place), "join", room=self._spelt(place))
        if reply["type"] == OK:
            place.ask(person) if place.kind == "moderated" else place.enter(person)

    def do_leave(self) -> None:
        """Leave, or ask no more."""
        person, place = self._somebody(), self._place()
        reply = self._ask(person, rights.leave(person, place), "leave", room=self._spelt(place))
        if reply["type"] == OK:
            place.go(person)
            place.pending.discard(person)

    def do_download(self) -> None:
        """Read a file of a room, which goes with its message, and with the account of its sender."""
        person, (file, (place, said)) = self._somebody(), self._random.choice(list(self.files.items()))
        client = transfer_connection(self._server().port, person.token, tls=False)
        there = not said.deleted and said.author in self.people
        if rights.inside(person, place) == OK and there:
            assert download(client, file)
            self._note("download", OK)
        else:
            assert client.error("download", file=file) == "no_such_file", (person.name, place.name)
        client.close()

    def do_upload(self) -> None:
        """Say something with a file, where that is allowed."""
        person, place = self._somebody(), self._place()
        if rights.write(person, place) == OK:
            self._bring_file(person, place)

    # -- what moderators do, and others try -------------------------------------------------------

    def do_pending(self) -> None:
        """List the requests to join."""
        person = self._somebody()
        expected = OK if person.reaches("moderator") else "forbidden"
        reply = self._ask(person, expected, "moderation.pending")
        if reply["type"] == OK:
            listed = {(one["username"], one["room"]) for one in reply["requests"]}
            places = [place for place in self.places if not place.removed]
            assert listed == {(one.name, place.name) for place in places for one in place.pending}, listed

    def do_decide(self) -> None:
        """Accept or refuse."""
        person, place, accept = self._somebody(), self._place(), self._random.random() < 0.8
        target = self._random.choice([one for one in self.people if one in place.pending] or self.people)
        expected = rights.decide(person, target, place)
        fields = {"username": target.name, "room": self._spelt(place), "accept": accept}
        if self._ask(person, expected, "moderation.decide", **fields)["type"] == OK:
            place.enter(target) if accept else place.pending.discard(target)
            self._notify(target, place)

    def do_sanction(self) -> None:
        """Kick, ban or mute somebody else."""
        person, kind = self._somebody(), self._random.choice(KINDS)
        target = self._random.choice([one for one in self.people if one is not person])
        place = self._muting_place(kind)
        room = {"room": place.name} if place else {}
        fields = {"kind": kind, "username": target.name, "confirm": True, **room}
        expected = rights.sanction(person, target, kind)
        if place and rights.unseen(person, place) and person.reaches("moderator"):
            expected = "no_such_room"
        if self._ask(person, expected, "moderation.sanction", **fields)["type"] != OK:
            return
        if kind == "mute":
            target.mutes.add(place.id if place else None)
            if place is None or target in place.members:
                self._expect_event(target.clients, "mute")
        else:
            target.kept_out.add(kind)
            self._ended(target)

    def do_lift(self) -> None:
        """Take a sanction back."""
        person, kind = self._somebody(), self._random.choice(KINDS)
        target, place = self._random.choice(self.people), self._muting_place(kind)
        room = place.id if place else None
        known = self._known(person)
        expected = rights.lift(person, target, kind, room, known)
        if place and rights.unseen(person, place) and person.reaches("moderator"):
            expected = "no_such_room"
        fields = {"kind": kind, "username": target.name} | ({"room": place.name} if place else {})
        if self._ask(person, expected, "moderation.lift", **fields)["type"] == OK:
            target.kept_out.discard(kind)
            if kind == "mute":
                target.mutes = target.mutes - ({room} if room else known)

    # -- what the console does --------------------------------------------------------------------

    def do_role(self) -> None:
        """Give somebody another role, at once."""
        person = self._random.choice(self.people)
        role = self._random.choice(list(rights.RANKS))
        others = any(one.role == "admin" for one in self.people if one is not person)
        if (others or person.role != "admin") and not (person.bot and role == "admin"):
            self._console(f"role {person.name} {role}")
            self._has_role(person, role)

    def do_remove_member(self) -> None:
        """Take somebody out of a room."""
        place = self._place()
        if place.members and not place.removed:
            person = self._random.choice(sorted(place.members, key=lambda one: one.name))
            self._console(f"remove {person.name}", place.name)
            place.go(person)
            self._let_go(person, place)

    def do_rename_room(self) -> None:
        """Give a room another name."""
        place = self._place()
        if not place.removed and place.kind != "private":
            name = f"Room {next(self._numbers)}"
            self._console("rename room", place.name, name)
            place.name = name
            self._expect(place.members if place.hidden else self.people, place, "changed")

    def do_remove_room(self) -> None:
        """Remove a room, and add another of the kind."""
        place = self._place()
        if not place.removed:
            self._console("remove room", place.name)
            self._expect(place.members if place.hidden else self.people, place, "gone")
            place.told_of |= place.members.keys()
            place.removed = True
            if sum(one.kind != "private" and not one.removed for one in self.places) < PLACES:
                self._add_room(moderated=place.kind == "moderated")

    def do_erase(self) -> None:
        """Erase a plain member's account; somebody new takes the place."""
        person = self._random.choice(self.people)
        if person.role != "member" or person.bot:
            return
        self._console(f"erase user {person.name}")
        self._ended(person)
        if person.token:
            with_token = self._connect()
            assert with_token.error("resume", token=person.token) == "invalid_credentials"
            with_token.close()
        self.people.remove(person)
        for place in self.places:
            place.go(person)
            place.pending.discard(person)
        if len(self.people) <= len(PEOPLE):
            self._sign_up(f"new{next(self._numbers)}", "member")


@pytest.fixture(params=["sqlite", *(pytest.param(each, marks=pytest.mark.long) for each in ON_MARIADB)])
def walk(request: pytest.FixtureRequest, tmp_path: Path, server_process: Start) -> Iterator[Walk]:
    """People and rooms on a server with each database, and on two servers with one database."""
    options, folders = ["--no-limits"], ["data"]
    database = None if request.param == "sqlite" else str(request.getfixturevalue("mariadb_url"))
    with ExitStack() as stack:
        if request.param in CLUSTERS:
            options += ["--cluster", "--files-dir", str(tmp_path / "files")]
            folders = ["one", "two"]
        if request.param == WITH_BROKER:
            request.getfixturevalue("need_redis")
            options += ["--broker", stack.enter_context(Redis()).url]
        servers = [server_process(*options, tls=False, database=database, folder=each) for each in folders]
        found = Walk(servers, SEED)
        stack.callback(found.close)
        yield found


@pytest.mark.timeout(max(SECONDS) + 60)
def test_everybody_may_do_what_the_model_says(walk: Walk) -> None:
    """Each answer is the model's, and nobody is sent anything of a room that is not theirs.

    On one server the walk goes on until every request was made by somebody who may: a new one needs a step
    here. On two, after each act, nobody goes on before both servers know of it.
    """
    until = monotonic() + SECONDS[walk.fence is not None]
    try:
        while monotonic() < until or (walk.not_yet() and monotonic() < until + RARE_S):
            walk.step()
        walk.settle()
    except (AssertionError, ConnectionEnded, TimeoutError) as error:
        with named("seed", SEED, *(f"\n{step}" for step in walk.steps)):
            raise error
    assert walk.not_yet() == set(), (
        "a new request needs a step of the walk, with who may and what is not told"
    )
