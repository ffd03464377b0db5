"""What is done on one of two servers, seen on the other: the table of acts, and what does not travel yet.

Both servers are whole, on one MariaDB, without their threads: the tests take the cluster's turns.
"""

import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chat_protocol.events import PresenceEvent
from chat_protocol.room_requests import RoomCreate
from chat_protocol.times import now_ms
from chat_server.cluster import online
from chat_server.console.commands.running import _server
from chat_server.options import Options
from chat_server.pipeline.catch_up import Elsewhere
from chat_server.server import ChatServer
from chat_server.services.moderation.sanction_order import SanctionOrder
from chat_server.services.vocabulary.actors import Actor
from chat_server.services.vocabulary.addresses import parse_network
from chat_server.storage import open_storage
from chat_server.storage.core.records import RoomRecord, UserRecord
from tests.chat_server.building import ADMIN, Building
from tests.chat_server.console.conftest import Typist
from tests.chat_server.fakes import FakeSession, frames_of
from tests.support.mariadb import MariaDb
from tests.support.office import PASSWORD


@contextmanager
def open_server(folder: Path, url: str) -> Iterator[Building]:
    """Open one of the servers of a cluster, without its threads."""
    folder.mkdir()
    options = Options(port=0, data_dir=folder, insecure=True, database=url, cluster=True)
    server = ChatServer(options, open_storage(url, data_dir=folder, cluster=True), None)
    assert server.parts.cluster is not None
    server.parts.cluster.on_moved = lambda _addresses: None  # told at any beat, it would be among the others
    try:
        yield Building(server)
    finally:
        server.close()
        server.parts.storage.close()


@dataclass
class Pair:
    """Two servers; Bob is connected to the second one, where Mia moderates."""

    number: int
    first: Building
    second: Building
    bob: UserRecord
    session: FakeSession
    mia: FakeSession

    def turn(self) -> None:
        """Let each server tell what waits, and then hear of the other."""
        for _ in range(2):
            for building in (self.first, self.second):
                cluster = building.server.parts.cluster
                assert cluster is not None
                cluster.turn()

    @property
    def open(self) -> str:
        """The name of a room that everybody may join, in which Bob is not."""
        return f"Open {self.number}"

    @property
    def asking(self) -> str:
        """The name of a room in which one asks to be let in."""
        return f"Asking {self.number}"

    def room(self, name: str = "") -> RoomRecord:
        """A room, else the open one, as the first server knows it."""
        return self.first.services.directory.find(name or self.open)

    @property
    def told(self) -> list[str]:
        """The types of what Bob was sent, on the second server."""
        return [str(event.to_frame()["type"]) for event in self.session.sent]


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory, mariadb: MariaDb) -> Iterator[Sequence[Building]]:
    """Two servers on one database, for all the acts: starting them takes longer than the acts."""
    folder, url = tmp_path_factory.mktemp("cluster"), mariadb.new_database()
    with pytest.MonkeyPatch.context() as patch, open_both(folder, url) as both:
        patch.setattr(online, "TELL_EVERY_S", 0.0)
        yield both


@contextmanager
def open_both(folder: Path, url: str) -> Iterator[Sequence[Building]]:
    """Open two servers, the first one first: it makes the tables."""
    with open_server(folder / "one", url) as first, open_server(folder / "two", url) as second:
        yield first, second


_numbers = itertools.count(1)


@pytest.fixture
def pair(servers: Sequence[Building]) -> Pair:
    """Users and rooms of the test's own on the two servers."""
    first, second = servers
    number = next(_numbers)
    bob, mia = second.user(f"bob{number}"), second.user(f"mia{number}", "moderator")
    first.room(f"Open {number}")
    first.room(f"Asking {number}", moderated=True)
    made = Pair(number, first, second, bob, second.sign_in(bob), second.sign_in(mia))
    made.session.address = f"192.0.2.{number}"
    made.turn()
    second.server.parts.pipeline.batches.take(100, timeout=0)
    made.session.sent.clear()
    made.mia.sent.clear()
    return made


def muted(pair: Pair) -> bool:
    return bool(pair.second.server.parts.sanctions.mutes_of(pair.bob.id))


def sanction(pair: Pair, kind: str, target: Any = None) -> None:
    order = SanctionOrder(kind, pair.bob if target is None else target, 60_000, "why")
    pair.first.services.moderation.sanction(ADMIN, order)


def lift(pair: Pair) -> None:
    sanction(pair, "mute")
    pair.first.services.moderation.lift(ADMIN, "mute", pair.bob)


def session_on_first(pair: Pair) -> FakeSession:
    """Another connection of Bob's, on the first server."""
    return pair.first.sign_in(pair.bob)


def asked(pair: Pair) -> None:
    """Bob asks, on the first server, to be let into a moderated room."""
    pair.first.services.rooms.join(session_on_first(pair), pair.asking, "please")


def removed_from_arrival(pair: Pair) -> None:
    pair.first.services.room_admin.remove_member(ADMIN, pair.bob, pair.room("Général"), "")


def decided(pair: Pair) -> None:
    asked(pair)
    pair.first.services.room_admin.decide(ADMIN, pair.bob.username, pair.asking, True, "")


def read_here(pair: Pair) -> None:
    seq = pair.first.say(pair.room("Général"), pair.bob, "words")
    pair.first.services.messages.read(session_on_first(pair), "Général", seq)


def signed_out(pair: Pair) -> None:
    parts = pair.first.server.parts
    parts.devices.end(ADMIN, pair.bob, None)


def new_private_room(pair: Pair) -> None:
    request = RoomCreate(name=f"Secret {pair.number}", kind="private", people=(pair.bob.username,))
    mia = pair.mia
    pair.first.services.room_owners.create(
        Actor("mia", "moderator", "wire", mia.user_id), mia.user_id, request
    )


def private_room_removed(pair: Pair) -> None:
    new_private_room(pair)
    pair.turn()
    record = pair.first.services.directory.conversation_of(_newest(pair))
    assert record is not None
    pair.first.services.room_admin.archive(ADMIN, record.record)


def _newest(pair: Pair) -> int:
    return max(pair.session.rooms)


def _in(pair: Pair, name: str) -> bool:
    return any(each.record.name == name for each in pair.session.rooms.values())


def _known(pair: Pair, name: str) -> bool:
    """Whether the second server knows a room of this name."""
    return name in {record.name for record in pair.second.services.directory.all()}


def _ended(pair: Pair, kind: str) -> bool:
    return pair.session.ended is not None and pair.session.ended.to_frame()["type"] == kind


Act = Callable[[Pair], object]
Seen = Callable[[Pair], bool]

# What is done on the first server, and what then holds on the second.
TRAVELS: dict[str, tuple[Act, Seen]] = {
    "kick": (lambda it: sanction(it, "kick"), lambda it: _ended(it, "kicked")),
    "ban": (lambda it: sanction(it, "ban"), lambda it: _ended(it, "banned")),
    "ban of an address": (
        lambda it: sanction(it, "ban", parse_network(it.session.address)),
        lambda it: (
            _ended(it, "banned")
            and it.second.server.parts.sanctions.check_address(it.session.address) is not None
        ),
    ),
    "mute": (lambda it: sanction(it, "mute"), lambda it: muted(it) and it.told == ["mute"]),
    "mute lifted": (lift, lambda it: not muted(it) and it.told == ["mute", "mute"]),
    "kill": (lambda it: it.first.services.moderation.kill(ADMIN, it.bob), lambda it: _ended(it, "killed")),
    "join": (
        lambda it: it.first.services.rooms.join(session_on_first(it), it.open, ""),
        lambda it: _in(it, it.open) and it.told == ["room"],
    ),
    "leave": (
        lambda it: it.first.services.rooms.leave(session_on_first(it), "Général"),
        lambda it: not _in(it, "Général") and it.told == ["membership"],
    ),
    "removal": (removed_from_arrival, lambda it: not _in(it, "Général") and it.told == ["membership"]),
    "request to join": (
        asked,
        lambda it: it.told == ["membership"] and [e.TYPE for e in it.mia.sent] == ["moderation"],
    ),
    "decision": (decided, lambda it: _in(it, it.asking) and "room" in it.told),
    "room added": (
        lambda it: it.first.room(f"Plaza {it.number}"),
        lambda it: _known(it, f"Plaza {it.number}") and it.told == ["room"],
    ),
    "room renamed": (
        lambda it: it.first.services.room_admin.rename(ADMIN, it.room(), f"Salon {it.number}"),
        lambda it: _known(it, f"Salon {it.number}") and it.told == ["room"],
    ),
    "topic": (
        lambda it: it.first.services.room_admin.set_topic(ADMIN, it.room(), "news"),
        lambda it: it.second.services.directory.find(it.open).topic == "news" and it.told == ["room"],
    ),
    "room removed": (
        lambda it: it.first.services.room_admin.archive(ADMIN, it.room()),
        lambda it: not _known(it, it.open) and it.told == ["room"],
    ),
    "private room": (new_private_room, lambda it: len(it.session.rooms) == 2 and it.told[-1] == "room"),
    "private room removed": (
        private_room_removed,
        lambda it: len(it.session.rooms) == 1 and it.told[-1:] == ["room"],
    ),
    "role": (
        lambda it: it.first.server.parts.roles.set_role(ADMIN, it.bob, "moderator"),
        lambda it: it.session.role == "moderator" and it.told == ["profile"],
    ),
    "display name": (
        lambda it: it.first.services.people.set_display_name(session_on_first(it), "Robert"),
        lambda it: it.session.display_name == "Robert" and it.told == ["profile"],
    ),
    "one-time password": (
        lambda it: it.first.server.parts.roles.one_time_password(ADMIN, it.bob),
        lambda it: _ended(it, "killed"),
    ),
    "new password": (
        lambda it: it.first.services.accounts.change_password(
            session_on_first(it), PASSWORD, "another long one"
        ),
        lambda it: _ended(it, "killed"),
    ),
    "erasure": (
        lambda it: it.first.server.parts.roles.erase(ADMIN, it.bob),
        lambda it: _ended(it, "killed"),
    ),
    "device signed out": (signed_out, lambda it: _ended(it, "killed")),
    "sign-in on another device": (
        lambda it: it.first.services.accounts.login(FakeSession(), it.bob.username, PASSWORD),
        lambda it: it.told == ["device"],
    ),
    "read marker": (read_here, lambda it: it.told == ["read"]),
    "announcement": (
        lambda it: it.first.services.notices.announce(ADMIN, "Lunch"),
        lambda it: it.told == ["notice"],
    ),
    "welcome message": (
        lambda it: it.first.services.notices.set_motd(ADMIN, "Hello"),
        lambda it: it.second.services.notices.motd == "Hello",
    ),
    "registration": (
        lambda it: it.first.server.parts.registration.change(ADMIN, "closed"),
        lambda it: it.second.server.parts.registration.state == "closed",
    ),
}

# Each server shows its own, and says so in docs/run/cluster.md.
STAYS: dict[str, tuple[Act, Seen]] = {
    "shutdown": (
        lambda it: it.first.server.parts.shutdown.request(60, "update"),
        lambda it: bool(it.told) or it.second.server.parts.shutdown.announced is not None,
    ),
}


@pytest.mark.parametrize("act", TRAVELS)
def test_act_is_seen_on_the_other_server(pair: Pair, act: str) -> None:
    """After one turn the user there is told once, and the server there knows."""
    do, seen = TRAVELS[act]
    assert not seen(pair)
    do(pair)
    pair.turn()
    assert seen(pair), (pair.told, pair.session.ended)
    told = list(pair.told)
    pair.turn()
    assert pair.told == told


@pytest.mark.parametrize("act", STAYS)
def test_act_stays_on_its_server(pair: Pair, act: str) -> None:
    """So far: this list shrinks."""
    do, seen = STAYS[act]
    do(pair)
    pair.turn()
    assert not seen(pair)


def test_private_conversation_begins_on_the_other_server(pair: Pair) -> None:
    """Whoever takes part there gets it announced; who does not, costs nothing."""
    zoe = pair.first.user(f"zoe{pair.number}")
    record = pair.first.storage.rooms.direct(zoe.id, pair.bob.id, 0)
    pair.first.say(record, zoe, "hello")
    pair.turn()
    queue = pair.second.server.parts.pipeline.batches
    found = [item for item in queue.take(100, timeout=0) if isinstance(item, Elsewhere)]
    (item,) = (each for each in found if each.room.id == record.id)
    assert (item.room.id, item.after, item.upto) == (record.id, 0, 1)
    assert set(item.room.introductions) == {zoe.id, pair.bob.id}


def test_what_a_server_died_before_telling_is_found(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once a minute a server compares sanctions, rooms, users and settings with storage."""
    with monkeypatch.context() as patch:
        patch.setattr(pair.first.server.parts.audience, "_pass_on", None)
        admin, roles = pair.first.services.room_admin, pair.first.server.parts.roles
        admin.rename(ADMIN, pair.room(), f"Renamed {pair.number}")
        admin.archive(ADMIN, pair.room(pair.asking))
        roles.set_role(ADMIN, pair.bob, "moderator")
        pair.first.services.notices.set_motd(ADMIN, f"Hello {pair.number}")
        sanction(pair, "mute")
    pair.turn()
    assert not muted(pair)
    _compare(pair)
    assert muted(pair)
    assert _known(pair, f"Renamed {pair.number}")
    assert not _known(pair, pair.asking)
    assert pair.session.role == "moderator"
    assert pair.second.services.notices.motd == f"Hello {pair.number}"
    with monkeypatch.context() as patch:
        patch.setattr(pair.first.server.parts.audience, "_pass_on", None)
        pair.first.services.moderation.lift(ADMIN, "mute", pair.bob)
        sanction(pair, "ban")
    _compare(pair)
    assert not muted(pair)
    assert _ended(pair, "banned")


def _compare(pair: Pair) -> None:
    cluster = pair.second.server.parts.cluster
    assert cluster is not None
    cluster._compare_at = 0.0
    cluster.turn()


@pytest.mark.parametrize(("apart_ms", "warned"), [(0, False), (5_000, True), (-5_000, True)])
def test_clock_that_differs_from_the_database_is_told(
    pair: Pair, apart_ms: int, warned: bool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Messages carry the time of the server that stored them."""
    cluster = pair.second.server.parts.cluster
    assert cluster is not None
    monkeypatch.setattr("chat_server.cluster.member.now_ms", lambda: now_ms() + apart_ms)
    cluster._check_clock()
    assert ("s apart from the database's" in caplog.text) == warned


def test_both_servers_are_listed(pair: Pair) -> None:
    """The console of each shows which one it is, and that the other runs."""
    servers = pair.second.storage.servers
    assert servers is not None
    rows = [_server(each, servers.id) for each in servers.all()]
    assert sorted(str(row["state"]) for row in rows) == ["runs", "this one"]
    silent = [_server(each._replace(silent_ms=60_000), servers.id)["state"] for each in servers.all()]
    assert sorted(map(str, silent)) == ["silent", "this one"]


def _watched(pair: Pair) -> PresenceEvent:
    """Return what Bob, who watches the arrival room on the second server, was told last."""
    pair.turn()
    return _digested(pair)


def _digested(pair: Pair) -> PresenceEvent:
    pair.second.services.presence.digest()
    told = PresenceEvent.from_frame(frames_of(pair.session)[-1])
    assert isinstance(told, PresenceEvent)
    return told


@pytest.fixture
def watching(pair: Pair) -> Pair:
    """Bob watches the arrival room."""
    room = pair.second.services.directory.conversation_of(pair.room("Général").id)
    assert room is not None
    pair.second.services.presence.watch(pair.session, [room])
    return pair


def test_presence_crosses(watching: Pair) -> None:
    """Who comes, changes status and goes on one server is seen on the other: watched, listed and found."""
    name = f"zoe{watching.number}"
    zoe = watching.first.sign_in(watching.first.user(name))
    event = _watched(watching)
    assert event.changes[name] == "online"
    online_before = event.online
    watching.first.services.presence.set_status(zoe, "busy", "in a meeting")
    event = _watched(watching)
    assert (event.changes, event.texts) == ({name: "busy"}, {name: "in a meeting"})
    second = watching.second.services
    members = second.rooms.members(watching.session, "Général").members
    assert [(each.status, each.text) for each in members if each.username == name] == [
        ("busy", "in a meeting")
    ]
    assert [each.status for each in second.people.find(name, 10).users] == ["busy"]
    here = watching.second.sign_in(watching.second.storage.users.by_ids([zoe.user_id])[zoe.user_id])
    assert (here.status, here.status_text) == ("busy", "in a meeting")
    for server, session in ((watching.second, here), (watching.first, zoe)):
        server.services.registry.closed(session)
        server.services.presence.left(session)
    event = _watched(watching)
    assert event.changes[name] == "offline"
    assert event.online == online_before - 1


def test_status_of_both_connections_is_the_last_one(pair: Pair) -> None:
    """Bob is connected to both servers: what he chooses on the one holds on the other."""
    other = session_on_first(pair)
    pair.turn()
    pair.first.services.presence.set_status(other, "away", "")
    pair.turn()
    assert pair.session.status == "away"


def test_joining_is_shown_to_those_who_watch(watching: Pair) -> None:
    """Members come and go in the list of a room, wherever they do it."""
    zoe = watching.first.sign_in(watching.first.user(f"zoe{watching.number}"))
    for act, change in ((watching.first.services.rooms.leave, "left"), (_join, "joined")):
        act(*((watching, zoe) if act is _join else (zoe, "Général")))
        watching.turn()
        told = [each["change"] for each in frames_of(watching.session) if each["type"] == "member"]
        assert told[-1] == change


def _join(pair: Pair, zoe: FakeSession) -> None:
    pair.first.services.rooms.join(zoe, "Général", "")


def test_presence_at_rest_costs_nothing(pair: Pair) -> None:
    """While nobody comes or goes, no row is written."""
    pair.turn()
    rows = pair.first.storage.database.rows("SELECT MAX(id) FROM changes")
    pair.turn()
    assert pair.first.storage.database.rows("SELECT MAX(id) FROM changes") == rows


def test_users_of_a_dead_server_are_offline(watching: Pair) -> None:
    """Ten seconds after the last word of a server, its users are gone; then they are back."""
    name = f"zoe{watching.number}"
    watching.first.sign_in(watching.first.user(name))
    watching.turn()
    beat(watching.second)
    servers = watching.first.storage.servers
    assert servers is not None
    watching.first.storage.database.run(
        "UPDATE servers SET beat_ms = beat_ms - 20000 WHERE id = ?", (servers.id,)
    )
    beat(watching.second)
    assert _digested(watching).changes[name] == "offline"
    beat(watching.first)
    beat(watching.second)
    assert _digested(watching).changes[name] == "online"


def beat(building: Building) -> None:
    """Take a turn with a beat in it, which comes every two seconds."""
    cluster = building.server.parts.cluster
    assert cluster is not None
    cluster._beat_at = 0.0
    cluster.turn()


def named(building: Building) -> str:
    assert building.server.parts.cluster is not None
    return building.server.parts.cluster.name


def test_console_sees_who_is_connected_elsewhere(pair: Pair) -> None:
    """`users` names the server, `stats` counts, `kill` ends the connection there; the audit says where."""
    console = Typist(pair.first.server)
    rows = json.loads(console.type("users --json"))["sessions"]
    assert [row["server"] for row in rows if row["username"] == pair.bob.username] == [named(pair.second)]
    stats = json.loads(console.type("stats --json"))
    assert stats["other_servers"] == 1
    assert stats["users_elsewhere"] >= 2
    assert "and those to other servers" in console.type(f"kill {pair.bob.username}")
    pair.turn()
    assert _ended(pair, "killed")
    assert pair.first.server.parts.audit.entries()[0].origin == f"console on {named(pair.first)}"


def test_shutdown_of_all_servers_and_its_end(pair: Pair) -> None:
    """Every client is warned, wherever it is, and told when it is called off; one can be stopped alone."""
    console = Typist(pair.first.server)
    both = [each.server.parts.shutdown for each in (pair.first, pair.second)]
    assert named(pair.second) in console.type("shutdown all 1h Update")
    pair.turn()
    assert [each.announced is not None for each in both] == [True, True]
    assert pair.told == ["shutdown_scheduled"]
    assert "called off" in console.type("shutdown cancel")
    pair.turn()
    assert [each.announced for each in both] == [None, None]
    console.type(f"shutdown server {named(pair.second)} 1h")
    pair.turn()
    assert [each.announced is not None for each in both] == [False, True]
    assert "is called nowhere: see" in console.type("shutdown server nowhere")
    console.type("shutdown cancel")
    pair.turn()


def test_user_of_another_server_is_told_once(pair: Pair) -> None:
    """Whoever hears of a decision there does not hear of it again at the next sign-in."""
    removed_from_arrival(pair)
    pair.turn()
    assert pair.told == ["membership"]
    assert not pair.first.services.pending_notices.pop(pair.bob.id)


def test_comparison_finds_a_membership(pair: Pair) -> None:
    """What another server stored and died before telling is found a minute later."""
    pair.first.storage.members.join(pair.room().id, pair.bob.id)
    pair.turn()
    assert not _in(pair, pair.open)
    cluster = pair.second.server.parts.cluster
    assert cluster is not None
    cluster._compare()
    assert _in(pair, pair.open)
