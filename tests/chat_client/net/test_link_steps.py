"""The link by itself, step by step: what it closes, when it tries again, and what it learns."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chat_client.model.state import ConnectionState, Phase
from chat_client.net.events import Connected, Disconnected, FingerprintUnknown
from chat_client.net.link import CLOSE_WAIT_S, PATIENCE_S, Link
from chat_client.net.reconnect import FIRST_DELAY_S, STABLE_AFTER_S
from chat_client.net.transport import CONNECT_TIMEOUT_S
from chat_client.store.known_servers import KnownServers
from chat_protocol.requests import Login, Resume
from tests.chat_client.fakes import FakeClock, FakeConnection

PLACE = ("chat.example", 5000)
SECOND, THIRD, FOURTH = ((f"{letter}.example", 5000) for letter in "bcd")
FINGERPRINT, NEXT = (":".join([pair] * 32) for pair in ("AB", "CD"))


class Road:
    """A link, its clocks, and the connections that it made."""

    def __init__(self, home: Path, rng: random.Random | None = None) -> None:
        self.state = ConnectionState()
        self.known = KnownServers(home)
        self.wall, self.steady = FakeClock(), FakeClock(100.0)
        self.made: list[FakeConnection] = []

        def connect(*arguments: Any) -> FakeConnection:
            self.made.append(FakeConnection(*arguments))
            return self.made[-1]

        self.link = Link(self.state, self.known, connect, self.wall, self.steady, rng or random.Random(1))

    def start(self, *, token: bool = True) -> None:
        credentials = Resume("t", "") if token else Login("zoe", "a password", "")
        self.link.start(*PLACE, insecure=False, credentials=credentials)

    def up(self) -> None:
        self.link.take(Connected(self.made[-1].number, True, FINGERPRINT))
        self.link.signing_in()
        self.link.signed_in("t")

    def fail(self, code: str = "unreachable") -> float:
        """Let the present connection end; return how long the link waits."""
        self.link.take(Disconnected(self.made[-1].number, code))
        assert self.link._retry_at is not None
        return self.link._retry_at - self.steady.now

    def again(self) -> None:
        """Let the next attempt be made."""
        assert self.link._retry_at is not None
        self.steady.now = self.link._retry_at
        assert self.link.tick()


@pytest.fixture
def road(tmp_path: Path) -> Road:
    return Road(tmp_path)


@pytest.mark.parametrize(
    "end",
    [
        lambda road: road.link.lost("dropped"),
        lambda road: road.link.refuse("banned"),
        lambda road: road.link.sign_out(),
        lambda road: road.link.close(),
        lambda road: road.start(),
        lambda road: road.link.take(FingerprintUnknown(1, FINGERPRINT)),
    ],
)
def test_connection_that_is_left_is_closed(road: Road, end: Callable[[Road], None]) -> None:
    """What it still tells is not current any more."""
    road.start()
    first = road.made[0]
    end(road)
    assert first.closed
    assert not road.link.is_current(Disconnected(first.number, "dropped"))


def test_end_waits_for_the_threads_of_the_last_connections(
    road: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the present one and the one before; those of earlier ones have ended long ago."""
    waited: list[tuple[int, float]] = []
    monkeypatch.setattr(FakeConnection, "join", lambda self, s: waited.append((self.number, s)))
    for _start in range(4):
        road.start()
    road.link.close()
    numbers = [connection.number for connection in road.made]
    assert waited == [(number, CLOSE_WAIT_S) for number in numbers[-2:]]
    assert len(set(numbers)) == 4
    assert road.state.phase == Phase.CLOSED


def test_new_start_waits_no_longer_than_a_first_one(road: Road) -> None:
    """Whatever the server before it has done."""
    road.start()
    for _attempt in range(6):
        road.fail()
        road.again()
    assert road.fail() > 2 * FIRST_DELAY_S
    road.start()
    assert road.fail() <= FIRST_DELAY_S


@pytest.mark.parametrize(("held_s", "short"), [(STABLE_AFTER_S - 0.5, False), (STABLE_AFTER_S, True)])
def test_connection_that_has_held_for_a_while_is_lost_for_the_first_time(
    road: Road, held_s: float, short: bool
) -> None:
    """One that was lost soon after the sign-in is one more failure."""
    road.start()
    for _attempt in range(6):
        road.fail()
        road.again()
    road.up()
    road.steady.now += held_s
    assert (road.fail("dropped") <= FIRST_DELAY_S) == short


def test_countdown_is_told_when_its_number_changes(road: Road) -> None:
    """Not at each look, and not where nothing is waited for."""
    assert road.link.tick() is False
    road.start()
    assert road.link.tick() is False
    road.link.lost("unavailable", after_s=3.0)
    shown = [road.state.retry_in]
    for _look in range(8):
        changed = road.link.tick()
        shown.append(road.state.retry_in)
        assert changed == (shown[-1] != shown[-2])
        road.steady.now += 0.25
    assert 2 <= len(set(shown)) <= 3
    assert road.state.phase == Phase.WAITING


@pytest.mark.parametrize(("token", "again"), [(True, True), (False, False)])
def test_refusal_that_ends_is_tried_again_behind_its_last_millisecond(
    road: Road, token: bool, again: bool
) -> None:
    """By the server's clock, and with a token alone; one that does not end is not."""
    road.start(token=token)
    road.state.server_ahead_ms = 5_000
    until = int(road.wall.now * 1000) + 65_000
    road.link.refuse("kicked", "calm down", until)
    assert (road.state.until, road.state.detail) == (until, "calm down")
    road.wall.now += 60.0
    assert road.link.tick() is False
    road.wall.now += 0.001
    assert road.link.tick() is again
    road.link.refuse("banned")
    road.wall.now += 1_000_000
    assert road.link.tick() is False


class Latest(random.Random):
    """Gives the greatest number of each range."""

    def uniform(self, _low: float, high: float) -> float:
        return high


def test_each_of_several_addresses_has_little_time(tmp_path: Path) -> None:
    """The only one has as long as it takes; each gets its turn before the delay grows."""
    road = Road(tmp_path, Latest())
    road.start()
    assert road.made[-1].address.patience_s == CONNECT_TIMEOUT_S
    road.link.learn_places(PLACE, [SECOND, THIRD, FOURTH], first=PLACE)
    road.start()
    assert road.made[-1].address.patience_s == PATIENCE_S

    def round_of_failures() -> list[float]:
        waits = []
        for _attempt in range(4):
            hosts.append(road.made[-1].address.host)
            waits.append(road.fail())
            road.again()
        return waits

    hosts: list[str] = []
    assert round_of_failures() == pytest.approx([FIRST_DELAY_S] * 4)
    assert round_of_failures() == pytest.approx([FIRST_DELAY_S] * 3 + [2 * FIRST_DELAY_S])
    assert hosts[:4] == hosts[4:]
    assert len(set(hosts)) == 4
    road.fail()
    road.again()
    road.up()
    assert round_of_failures() == pytest.approx([FIRST_DELAY_S] * 3 + [4 * FIRST_DELAY_S])


def test_announced_certificate_is_believed_over_tls_alone(road: Road) -> None:
    """And takes the pin's place when the server shows it."""
    road.known.trust(*PLACE, FINGERPRINT)
    road.start()
    road.link.announced(NEXT)
    assert road.known.next_fingerprint(*PLACE) == ""
    road.link.take(Connected(road.made[-1].number, True, FINGERPRINT))
    road.link.announced(NEXT)
    assert road.known.next_fingerprint(*PLACE) == NEXT
    road.fail("dropped")
    road.again()
    assert road.made[-1].address.next_fingerprint == NEXT
    road.link.take(Connected(road.made[-1].number, True, NEXT))
    assert (road.known.fingerprint(*PLACE), road.known.next_fingerprint(*PLACE)) == (NEXT, "")


def test_people_who_got_one_link_spread_over_the_servers(tmp_path: Path) -> None:
    """Further addresses are kept in any order; each once, behind the one that works."""
    places = [(f"{letter}.example", 5000) for letter in "abcdefgh"]
    orders = set()
    for seed in range(3):
        road = Road(tmp_path / str(seed))
        road.link._rng = random.Random(seed)
        road.link.learn_places(PLACE, [*places, *places], first=places[3])
        found = road.known.places(*PLACE)
        assert found[0] == places[3]
        assert sorted(found) == sorted([*places, PLACE])
        orders.add(tuple(found))
    assert len(orders) == 3


@pytest.mark.parametrize(
    ("token", "phase", "access"), [(True, "online", True), (True, "waiting", False), (False, "", False)]
)
def test_second_connection_needs_a_sign_in(road: Road, token: bool, phase: str, access: bool) -> None:
    """It goes to the same address, with the same token."""
    road.start(token=token)
    assert road.made[-1].started
    if phase:
        road.state.storing_ok = False
        road.up()
        assert (road.state.encrypted, road.state.storing_ok) == (True, True)
    if phase == "waiting":
        road.fail("dropped")
        assert not road.state.encrypted
    found = road.link.access
    assert (found is not None) == access
    if found is not None:
        assert (found[0].host, found[1]) == (PLACE[0], "t")
