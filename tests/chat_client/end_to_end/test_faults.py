"""Nothing is lost, doubled or out of order: with a network that breaks, a server and clients that die."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chat_client.model.state import Phase
from tests.chat_client.live import LiveClient, all_until, clients, hurry
from tests.support.cutting_proxy import CuttingProxy
from tests.support.server import ServerProcess

pytestmark = pytest.mark.long  # servers and clients are ended and started again

Start = Callable[..., ServerProcess]


@pytest.fixture
def proxy(server_process: Start) -> Iterator[tuple[ServerProcess, CuttingProxy]]:
    server = server_process()
    proxy = CuttingProxy(server.port, seed=5)
    yield server, proxy
    proxy.close()


def check_complete(people: list[LiveClient], said: list[list[str]]) -> None:
    """Everybody shows the same, and each one's messages once, in the order of their sending."""
    views = [[(m.seq, m.author, m.body) for m in person.room("general").messages] for person in people]
    assert all(view == views[0] for view in views)
    for person, bodies in zip(people, said, strict=True):
        assert [body for _, author, body in views[0] if author == person.name] == bodies
    assert people[0].room("general").covered.ranges() == [(1, people[0].room("general").last_seq)]


def test_connections_cut_at_random_lose_and_double_nothing(
    proxy: tuple[ServerProcess, CuttingProxy], tmp_path: Path
) -> None:
    """Two people write 60 messages each while their connections are cut again and again."""
    server, cutter = proxy
    with clients(tmp_path, "zoe", "jules") as people:
        cutter.gentle = True
        for person in people:
            person.sign_up(server, cutter.port)
        cutter.gentle = False
        said = [[f"{person.name} {number} {'x' * 100}" for number in range(60)] for person in people]
        for number in range(60):
            for person, bodies in zip(people, said, strict=True):
                person.client.outbox.send("general", bodies[number])

        def stored() -> bool:
            hurry(people)
            return not any(person.room("general").pending for person in people)

        all_until(people, stored, timeout_s=40)
        assert cutter.cuts > 4
        cutter.gentle = True

        def complete() -> bool:
            hurry(people)
            return all(len(person.room("general").messages) == 120 for person in people)

        all_until(people, complete)
        check_complete(people, said)


def test_server_killed_while_clients_send_comes_back_complete(server_process: Start, tmp_path: Path) -> None:
    """After kill -9 and a restart everything said is there once, and the clients come back by themselves."""
    server = server_process()
    with clients(tmp_path, "zoe", "jules") as people:
        for person in people:
            person.sign_up(server)
        said = [[f"{person.name} {number}" for number in range(100)] for person in people]
        for number in range(100):
            for person, bodies in zip(people, said, strict=True):
                person.client.outbox.send("general", bodies[number])
        all_until(people, lambda: people[0].room("general").last_seq >= 20)
        server.kill()
        all_until(people, lambda: all(p.state.connection.phase == Phase.WAITING for p in people))
        server_process(port=server.port)

        def complete() -> bool:
            hurry(people)
            return all(len(person.room("general").messages) == 200 for person in people)

        all_until(people, complete)
        check_complete(people, said)
        assert not any(person.room("general").pending for person in people)


def test_client_that_crashes_sends_the_rest_at_its_next_start(server_process: Start, tmp_path: Path) -> None:
    """A client that dies in the middle of a paste loses nothing of it and sends nothing twice."""
    server = server_process()
    with clients(tmp_path, "zoe", "jules") as people:
        zoe, jules = people
        for person in people:
            person.sign_up(server)
        said = [f"zoe {number}" for number in range(100)]
        for body in said:
            zoe.client.outbox.send("general", body)
        zoe.until(lambda: zoe.room("general").last_seq >= 10)
        zoe.restart(closed=False)
        all_until(people, lambda: len(jules.room("general").messages) == 100)
        zoe.until(lambda: not zoe.room("general").pending and zoe.state.connection.phase == Phase.ONLINE)
        zoe.client.rooms.open("general")
        zoe.until(lambda: len(zoe.room("general").messages) >= 50)
        zoe.client.history.load_older("general")
        zoe.until(lambda: zoe.room("general").at_start)
        check_complete(people, [said, []])


def test_server_shutdown_is_told_and_the_client_waits(server_process: Start, tmp_path: Path) -> None:
    """An orderly end shows as such, and the client tries again."""
    server = server_process()
    with clients(tmp_path, "zoe") as (zoe,):
        zoe.sign_up(server)
        server.stop()
        zoe.until(lambda: zoe.state.connection.phase == Phase.WAITING)
        assert zoe.state.connection.ended_by == "shutdown"
        server_process(port=server.port)
        zoe.until_online()


def test_suspended_computer_comes_back_to_a_complete_view(server_process: Start, tmp_path: Path) -> None:
    """After an hour asleep the view is complete, without a double and without a question."""
    server = server_process()

    class Wall:
        jump = 0.0

        def __call__(self) -> float:
            return time.time() + self.jump

    wall = Wall()
    sleeper = LiveClient(tmp_path / "sleeper", "sleeper", clock=wall)
    try:
        with clients(tmp_path, "jules") as (jules,):
            sleeper.sign_up(server)
            jules.sign_up(server)
            jules.client.outbox.send("general", "before")
            all_until([sleeper, jules], lambda: sleeper.bodies("general") == ["before"])
            for number in range(300):
                jules.client.outbox.send("general", f"meanwhile {number}")
            jules.until(lambda: not jules.room("general").pending)
            wall.jump = 3600.0
            sleeper.poll()
            assert sleeper.state.connection.code == "suspended"
            sleeper.until(lambda: len(sleeper.room("general").messages) == 301)
            assert sleeper.bodies("general") == jules.bodies("general")
            assert sleeper.state.connection.phase == Phase.ONLINE
    finally:
        sleeper.client.close()
