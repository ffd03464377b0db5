"""Two servers of a cluster on one database, without their threads: the tests take the cluster's turns."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chat_server.options import Options
from chat_server.server import ChatServer
from chat_server.services.moderation.sanction_order import SanctionOrder
from chat_server.storage import open_storage
from chat_server.storage.core.records import RoomRecord, UserRecord
from tests.chat_server.building import ADMIN, Building
from tests.chat_server.fakes import FakeSession


@contextmanager
def open_server(folder: Path, url: str, broker: str = "") -> Iterator[Building]:
    """Open one of the servers of a cluster, without its threads."""
    folder.mkdir(parents=True)
    options = Options(port=0, data_dir=folder, insecure=True, database=url, cluster=True, broker=broker)
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


@contextmanager
def open_both(folder: Path, url: str, broker: str = "") -> Iterator[Sequence[Building]]:
    """Open two servers, the first one first: it makes the tables."""
    with (
        open_server(folder / "one", url, broker) as first,
        open_server(folder / "two", url, broker) as second,
    ):
        yield first, second


def make_pair(servers: Sequence[Building], number: int) -> Pair:
    """Make users and rooms of a test's own on the two servers; the other server has yet to hear of them."""
    first, second = servers
    bob, mia = second.user(f"bob{number}"), second.user(f"mia{number}", "moderator")
    first.room(f"Open {number}")
    first.room(f"Asking {number}", moderated=True)
    made = Pair(number, first, second, bob, second.sign_in(bob), second.sign_in(mia))
    made.session.address = f"192.0.2.{number}"
    return made


def muted(pair: Pair) -> bool:
    return bool(pair.second.server.parts.sanctions.mutes_of(pair.bob.id))


def sanction(pair: Pair, kind: str, target: Any = None) -> None:
    order = SanctionOrder(kind, pair.bob if target is None else target, 60_000, "why")
    pair.first.services.moderation.sanction(ADMIN, order)


def session_on_first(pair: Pair) -> FakeSession:
    """Another connection of Bob's, on the first server."""
    return pair.first.sign_in(pair.bob)


def removed_from_arrival(pair: Pair) -> None:
    pair.first.services.room_admin.remove_member(ADMIN, pair.bob, pair.room("Général"), "")


def is_in(pair: Pair, name: str) -> bool:
    return any(each.record.name == name for each in pair.session.rooms.values())


def is_known(pair: Pair, name: str) -> bool:
    """Whether the second server knows a room of this name."""
    return name in {record.name for record in pair.second.services.directory.all()}


def was_ended(pair: Pair, kind: str) -> bool:
    return pair.session.ended is not None and pair.session.ended.to_frame()["type"] == kind


def named(building: Building) -> str:
    assert building.server.parts.cluster is not None
    return building.server.parts.cluster.name
