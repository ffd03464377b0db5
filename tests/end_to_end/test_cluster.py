"""Two servers with --cluster on one MariaDB: one chat, whichever of them a client is connected to."""

import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import pytest

from tests.chat_client.live import PASSWORD, all_until, clients
from tests.cluster.__main__ import cluster, invitation
from tests.support.mariadb import MariaDb
from tests.support.redis import Redis
from tests.support.server import ServerProcess, refusal, start_server
from tests.support.waiting import until
from tests.support.wire import Frame, WireClient, connected

pytestmark = pytest.mark.long  # two servers for each test

ROOM = "Général"
MESSAGES = 1_000  # from each of the two servers
AT_A_TIME = 50
LIVE_MESSAGES = 40  # from each of two clients
MOVED_MAX_S = 5.0
QUICK_S = 0.1
LEFT_MAX_S = 12.0  # 10 s of silence, and a beat
SLACK_S = 2.0  # a busy machine's
PATIENCE_S = 20.0
Start = Callable[..., ServerProcess]


@pytest.fixture
def start(tmp_path: Path, mariadb_url: str) -> Iterator[Start]:
    """A function that starts a server with a data folder of the given name on the test's database."""
    started: list[ServerProcess] = []

    def start(name: str, *arguments: str) -> ServerProcess:
        server = start_server(tmp_path / name, "--no-limits", *arguments, tls=False, database=mariadb_url)
        started.append(server)
        return server

    yield start
    for server in started:
        if server.process.poll() is None:
            assert server.stop() == 0, server.output


def flood(client: WireClient, name: str, first: int, count: int) -> None:
    """Send messages in groups; their answers are read with the messages of the others."""
    for number in range(first, first + count):
        client.send("send", room=ROOM, body=f"{name} {number}", nonce=f"{name}-{number}")


def read_until(client: WireClient, seq: int) -> list[int]:
    """Read what comes, own places among it, until a seq; return the seqs in their order."""
    seqs: list[int] = []
    while not seqs or seqs[-1] < seq:
        frame = client.events.popleft() if client.events else client.frame()
        assert frame["type"] != "error", frame
        if "seq" in frame and frame["type"] in ("ok", "message"):
            seqs.append(frame["seq"])
    return seqs


def test_messages_cross(start: Start) -> None:
    """A thousand from each server: every client sees all, each once, in one order, without a hole.

    When one server is killed, its last messages and all later ones are seen on the other.
    """
    first, second = start("one", "--cluster"), start("two", "--cluster")
    with (
        connected(first.port, tls=False) as alice,
        connected(first.port, tls=False) as reader,
        connected(second.port, tls=False) as bob,
    ):
        for client, name in ((alice, "alice"), (reader, "reader"), (bob, "bob")):
            client.register(name)
        for number in range(0, MESSAGES, AT_A_TIME):
            flood(alice, "alice", number, AT_A_TIME)
            flood(bob, "bob", number, AT_A_TIME)
        everything = list(range(1, 2 * MESSAGES + 1))
        for client in (alice, reader, bob):
            assert read_until(client, 2 * MESSAGES) == everything
        assert alice.ok("send", room=ROOM, body="last", nonce="last")["seq"] == 2 * MESSAGES + 1
        first.kill()
        assert read_until(bob, 2 * MESSAGES + 1) == [2 * MESSAGES + 1]
        assert bob.ok("send", room=ROOM, body="on", nonce="on")["seq"] == 2 * MESSAGES + 2
        with connected(second.port, tls=False) as again:
            again.resume(alice.token)
            repeated = again.ok("send", room=ROOM, body="last", nonce="last")
            assert repeated["seq"] == 2 * MESSAGES + 1


def test_private_conversation_crosses(start: Start) -> None:
    """It begins for both at once, and goes on in both directions."""
    first, second = start("one", "--cluster"), start("two", "--cluster")
    with connected(first.port, tls=False) as alice, connected(second.port, tls=False) as bob:
        alice.register("alice")
        bob.register("bob")
        for number in range(1, 4):
            alice.ok("send", room="@bob", body=f"to bob {number}", nonce=f"a{number}")
            if number == 1:
                assert bob.event("room")["room"] == "@alice"
            told = bob.event("message")
            assert (told["room"], told["seq"], told["from"]) == ("@alice", 2 * number - 1, "alice")
            bob.ok("send", room="@alice", body=f"to alice {number}", nonce=f"b{number}")
            told = alice.event("message")
            assert (told["room"], told["seq"], told["from"]) == ("@bob", 2 * number, "bob")


def test_private_conversation_goes_on_elsewhere_without_a_hole(start: Start) -> None:
    """Whoever answers at once on another server is told what the other one has just said on theirs."""
    first, second = start("one", "--cluster"), start("two", "--cluster")
    for number in range(5):
        with connected(first.port, tls=False) as alice, connected(first.port, tls=False) as bob:
            alice.register(f"alice{number}")
            bob.register(f"bob{number}")
            for body in ("one", "two"):
                alice.ok("send", room=f"@bob{number}", body=body, nonce=body)
            with connected(second.port, tls=False) as moved:
                moved.resume(bob.token)
                alice.ok("send", room=f"@bob{number}", body="three", nonce="three")
                assert moved.ok("send", room=f"@alice{number}", body="four", nonce="four")["seq"] == 4
                assert moved.event("message")["seq"] == 3
                assert alice.event("message")["seq"] == 4


def test_clients_of_a_killed_server_move(tmp_path: Path, mariadb_url: str) -> None:
    """One invitation leads to both servers; when one dies, its clients go on with the other.

    What was on its way is told once, nobody is asked anything, and the name of the account stays.
    """
    with (
        cluster(tmp_path, mariadb_url) as servers,
        clients(tmp_path / "homes", "zoe", "jules") as people,
    ):
        link = invitation(servers)
        places = [(server.host, server.port) for server in servers]
        for person, place in zip(people, places, strict=True):
            person.client.trust.accept_invitation(link)
            others = [each for each in places if each != place]
            person.client.known_servers.keep_places(*places[0], [place, *others])
            person.client.session.sign_up(*places[0], person.name, PASSWORD)
            person.until_online()
            person.open(person.place)
        zoe, jules = people
        known = zoe.client.known_servers
        all_until(people, lambda: set(known.places(*places[0])) == set(places))
        said = []
        for number in range(LIVE_MESSAGES):
            for person in people:
                said.append(f"{person.name} {number}")
                person.say(said[-1])
            if number == LIVE_MESSAGES // 2:
                all_until(people, lambda: zoe.heard)
                servers[0].kill()
        all_until(people, lambda: known.places(*places[0])[0] == places[1], MOVED_MAX_S)
        zoe.until_online()
        all_until(people, lambda: all(sorted(person.heard) == sorted(said) for person in people))
        all_until(people, lambda: not any(person.here.pending for person in people))
        assert zoe.heard == jules.heard
        assert {account.port for account in zoe.client.accounts.all()} == {places[0][1]}


def test_what_a_killed_server_leaves_behind(tmp_path: Path, mariadb: MariaDb, mariadb_url: str) -> None:
    """Its users are offline, and its part of the common work is another one's, within twelve seconds."""
    name = mariadb_url.rpartition("/")[2]

    def at_work() -> str:
        return mariadb.sql("SELECT owner FROM leases WHERE name = 'upkeep'", name)

    def is_told(status: str) -> Callable[[list[Frame]], bool]:
        return lambda frames: any(each.get("changes", {}).get("alice") == status for each in frames)

    with cluster(tmp_path, mariadb_url) as servers, signed_in(servers[1], "bob") as bob:
        bob.ok("watch", room=ROOM)
        with signed_in(servers[0], "alice"):
            bob.collect(is_told("online"))
            former = at_work()  # the first one's: it was there before the other
            servers[0].kill()
        killed = time.monotonic()
        bob.collect(is_told("offline"), LEFT_MAX_S + SLACK_S)
        assert time.monotonic() - killed <= LEFT_MAX_S + SLACK_S
        left_s = killed + LEFT_MAX_S + SLACK_S - time.monotonic()
        until(lambda: at_work() != former, at_work, left_s, poll_s=0.2)


def test_cluster_needs_mysql(tmp_path: Path) -> None:
    """A SQLite file belongs to one server, and the refusal says what to use."""
    line = refusal(tmp_path / "data", f"sqlite:///{tmp_path}/chat.db", "--cluster")
    assert "--cluster: several servers share a MySQL or MariaDB database" in line


def test_broker_makes_it_quick_and_nothing_else(tmp_path: Path, mariadb_url: str, need_redis: None) -> None:
    """Messages and typing cross at once; without the broker messages go on, and only health says why."""
    with (
        Redis() as redis,
        cluster(tmp_path, mariadb_url, redis.url, "--metrics", "127.0.0.1:0") as servers,
        signed_in(servers[0], "alice") as alice,
        signed_in(servers[1], "bob") as bob,
    ):
        bob.ok("watch", room=ROOM)
        until_health(servers[1], "broker: ok")
        for room in (ROOM, "@bob"):
            took = [said_and_heard(alice, bob, f"{room} {number}", room) for number in range(LIVE_MESSAGES)]
            assert median(took) <= QUICK_S, took
        with signed_in(servers[0], "carol") as carol:
            bob.collect(lambda frames: any("carol" in each.get("changes", {}) for each in frames))
            carol.ok("typing", room=ROOM)
            assert bob.event("typing")["username"] == "carol"
        redis.kill()
        until_health(servers[1], "broker: away; ")
        took = [said_and_heard(alice, bob, f"slow {number}") for number in range(5)]
        assert median(took) <= 1.0, took
        redis.start()
        until_health(servers[1], "broker: ok")


@contextmanager
def signed_in(server: ServerProcess, name: str) -> Iterator[WireClient]:
    """A connection of a new user."""
    with connected(server.port) as client:
        client.register(name)
        yield client


def said_and_heard(sender: WireClient, reader: WireClient, text: str, room: str = ROOM) -> float:
    """Return how many seconds a message takes from one client to the other."""
    began = time.monotonic()
    sender.ok("send", room=room, body=text, nonce=text)
    reader.event("message", body=text)
    return time.monotonic() - began


def until_health(server: ServerProcess, line: str) -> None:
    """Wait until the health of a server has a line that begins so; it is well all the time."""
    port = server.wait_for_output(r"health and metrics on port (\d+)")[1]

    def lines() -> list[str]:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=PATIENCE_S) as answer:
            return str(answer.read().decode()).splitlines()

    until(lambda: any(each.startswith(line) for each in lines()), lines, PATIENCE_S)
