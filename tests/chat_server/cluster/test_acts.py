"""What is done on one of two servers, seen on the other: the table of acts, and what does not travel yet.

Both servers are whole, on one MariaDB, without their threads: the tests take the cluster's turns.
"""

import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chat_protocol.room_requests import RoomCreate
from chat_protocol.times import now_ms
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
from tests.chat_server.fakes import FakeSession
from tests.support.mariadb import MariaDb
from tests.support.office import PASSWORD


@contextmanager
def open_server(folder: Path, url: str) -> Iterator[Building]:
    """Open one of the servers of a cluster, without its threads."""
    folder.mkdir()
    options = Options(port=0, data_dir=folder, insecure=True, database=url, cluster=True)
    server = ChatServer(options, open_storage(url, data_dir=folder, cluster=True), None)
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
    "presence": (
        lambda it: it.first.sign_in(it.first.user(f"zoe{it.number}")),
        lambda it: (
            bool(it.told)
            or any(e.username == f"zoe{it.number}" for e in it.second.services.registry.sessions())
        ),
    ),
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
