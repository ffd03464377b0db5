"""What strangers cost is counted by address group, and each group waits for its own."""

from collections.abc import Callable

import pytest

from chat_server.limits import Limits
from chat_server.live.address_groups import address_groups
from chat_server.live.rates import Turn
from chat_server.live.strangers import HURRIED_SHARE, SITE_FACTOR, Strangers
from tests.support.clock import Clock

LIMITS = Limits(
    strangers_burst=10, strangers_per_second=1, all_strangers_burst=30, all_strangers_per_second=2
)


@pytest.mark.parametrize(
    ("address", "groups"),
    [
        ("192.0.2.7", ("192.0.2.7",)),
        ("::ffff:192.0.2.7", ("192.0.2.7",)),
        ("2001:db8:1:2:3:4:5:6", ("20010db800010002/64", "20010db80001/48")),
        ("fe80::1%eth0", ("fe80000000000000/64", "fe8000000000/48")),
        ("no:address", ("no:address",)),
    ],
)
def test_address_groups_are_what_one_subscriber_has(address: str, groups: tuple[str, ...]) -> None:
    """An IPv4 address stands for itself, an IPv6 address for its /64 and its /48."""
    assert address_groups(address) == groups


def test_group_waits_when_it_has_cost_too_much() -> None:
    """Over its burst a group waits until the rate has forgiven it; another group does not."""
    clock = Clock()
    strangers = Strangers(clock, LIMITS)
    strangers.charge("192.0.2.1", 12)
    assert strangers.wait_s("192.0.2.1") == 2.0
    assert strangers.wait_s("192.0.2.2") == 0.0
    clock.now += 2
    assert strangers.wait_s("192.0.2.1") == 0.0


def test_addresses_of_one_ipv6_subscriber_are_one_group() -> None:
    """2^64 addresses have one allowance, and so have, of a site, 65,536 networks."""
    strangers = Strangers(Clock(), LIMITS)
    for host in range(12):
        strangers.charge(f"2001:db8:1:2::{host:x}")
    assert strangers.wait_s("2001:db8:1:2::ffff") > 0
    assert strangers.wait_s("2001:db8:1:3::1") == 0
    for network in range(80):
        strangers.charge(f"2001:db8:1:{network + 16:x}::1")
    assert strangers.wait_s("2001:db8:1:ffff::1") > 0


def test_who_cost_little_passes_while_all_strangers_cost_too_much() -> None:
    """When all of them together are over their rate, those who took most wait, and a newcomer does not."""
    strangers = Strangers(Clock(), LIMITS)
    for host in range(8):
        strangers.charge(f"192.0.2.{host}", 5)
    assert all(strangers.wait_s(f"192.0.2.{host}") > 0 for host in range(8))
    assert strangers.wait_s("198.51.100.1") == 0


def test_memory_is_bounded_for_a_million_addresses() -> None:
    """The least recently charged groups are forgotten."""
    strangers = Strangers(Clock(), LIMITS, remember=1_000)
    for number in range(20_000):
        strangers.charge(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")
    assert len(strangers._groups) == 1_000
    assert list(strangers._groups)[-1] == "10.0.78.31"


def test_strangers_pass_without_limits() -> None:
    """`--no-limits` counts nothing."""
    strangers = Strangers(Clock(), LIMITS, enforced=False)
    strangers.charge("192.0.2.1", 1_000)
    assert strangers.wait_s("192.0.2.1") == 0


def test_refusals_are_counted() -> None:
    """Only those who had to wait: the figure tells an administrator of an attack."""
    clock = Clock()
    strangers = Strangers(clock, LIMITS)
    strangers.wait_s("192.0.2.1")
    strangers.charge("192.0.2.1", 10)
    assert (strangers.wait_s("192.0.2.1"), strangers.refused) == (0.0, 0)
    strangers.charge("192.0.2.1", 5)
    assert (strangers.wait_s("192.0.2.1"), strangers.refused) == (5.0, 1)
    strangers.wait_s("192.0.2.1")
    assert strangers.refused == 2
    clock.now += 4.5
    assert (strangers.wait_s("192.0.2.1"), strangers.refused) == (0.5, 3)


@pytest.mark.parametrize(("passed_s", "wait_s"), [(0, 4.0), (1, 3.0), (2.5, 1.5), (4, 0.0), (40, 0.0)])
def test_cost_is_forgiven_at_the_rate(passed_s: float, wait_s: float) -> None:
    """Twice as fast at twice the rate; what was forgiven is not credit."""
    clock = Clock()
    strangers = Strangers(clock, Limits(strangers_burst=10, strangers_per_second=2))
    strangers.charge("192.0.2.1", 18)
    clock.now += passed_s
    assert strangers.wait_s("192.0.2.1") == pytest.approx(wait_s)
    strangers.charge("192.0.2.1", 20)
    assert strangers.wait_s("192.0.2.1") <= 5.0


def test_cost_is_counted_up_to_twice_the_burst() -> None:
    """However much was asked for, the wait has an end that is near."""
    strangers = Strangers(
        Clock(), Limits(strangers_burst=10, strangers_per_second=1, all_strangers_burst=10**6)
    )
    strangers.charge("192.0.2.1", 1_000)
    assert strangers.wait_s("192.0.2.1") == 10.0


def test_allowance_is_small_while_all_strangers_together_cost_too_much() -> None:
    """One more than everybody's burst, and each group has a part of its own alone."""
    strangers = Strangers(Clock(), LIMITS)
    for host in range(6):
        strangers.charge(f"192.0.2.{host}", 5)
    assert strangers.wait_s("192.0.2.1") == 0
    strangers.charge("198.51.100.1", 1)
    assert strangers.wait_s("192.0.2.1") == 5 - 10 * HURRIED_SHARE
    assert strangers.wait_s("198.51.100.1") == 0


def test_rate_is_small_while_all_strangers_together_cost_too_much() -> None:
    """Many addresses that each stay within their own rate are, together, held to a tenth of it."""
    clock = Clock()
    limits = Limits(
        strangers_burst=10, strangers_per_second=1, all_strangers_burst=30, all_strangers_per_second=0.001
    )
    strangers = Strangers(clock, limits)
    for host in range(40):
        strangers.charge(f"192.0.2.{host}", 1)
    served = 0
    for _ in range(100):
        clock.now += 1
        if not strangers.wait_s("192.0.2.1"):
            served += 1
            strangers.charge("192.0.2.1", 1)
    assert served <= 1 + 100 * HURRIED_SHARE


def test_many_addresses_come_in_at_one_pace_while_all_cost_too_much() -> None:
    """Each is new and has cost nothing; together they come in as fast as their cost is forgiven."""
    clock = Clock()
    limits = Limits(all_strangers_burst=1_000, all_strangers_per_second=50)
    strangers = Strangers(clock, limits)
    newcomers = [f"10.0.{number // 250}.{number % 250}" for number in range(500)]
    assert not any(strangers.wait_at_door_s(address) for address in newcomers)
    strangers.charge("192.0.2.1", 2_000)
    assert sum(not strangers.wait_at_door_s(address) for address in newcomers) == 10
    assert strangers.wait_at_door_s("10.0.9.9") == pytest.approx(0.1)
    assert strangers.refused == 491
    clock.now += 0.2
    assert sum(not strangers.wait_at_door_s(address) for address in newcomers) == 2
    clock.now += 60
    assert not any(strangers.wait_at_door_s(address) for address in newcomers)


def test_known_address_does_not_wait_at_the_door_with_others() -> None:
    """Nor does its IPv6 network; what it has cost itself it waits for."""
    strangers = Strangers(Clock(), LIMITS)
    strangers.know("198.51.100.1")
    strangers.know("2001:db8:1:2::7")
    strangers.charge("192.0.2.1", 100)
    while not strangers.wait_at_door_s("192.0.2.2"):
        pass
    assert strangers.wait_at_door_s("192.0.2.3") > 0
    assert strangers.wait_at_door_s("2001:db8:1:3::7") > 0
    assert strangers.wait_at_door_s("198.51.100.1") == strangers.wait_at_door_s("2001:db8:1:2::8") == 0
    strangers.charge("198.51.100.1", 12)
    assert strangers.wait_at_door_s("198.51.100.1") > 0


@pytest.mark.parametrize(("cores", "unknown", "known"), [(None, 1, 1), (1, 1, 1), (2, 1, 2), (9, 4, 9)])
def test_strangers_leave_cores_to_users(
    monkeypatch: pytest.MonkeyPatch, cores: int | None, unknown: int, known: int
) -> None:
    """All whom nobody knows share half of the cores, and at least one; a known address has its own."""
    monkeypatch.setattr("os.cpu_count", lambda: cores)
    made: list[int] = []

    class Counted(Turn):
        def __init__(self, places: int = 1, give_way: Callable[[], object] = bool) -> None:
            super().__init__(places, give_way)
            made.append(places)

    monkeypatch.setattr("chat_server.live.strangers.Turn", Counted)
    strangers = Strangers(Clock(), LIMITS)
    strangers.know("2001:db8:1:2::7")
    assert made == [unknown, known]
    assert strangers.turn("192.0.2.1") is strangers.turn("192.0.2.2")
    office = strangers.turn("2001:db8:1:2::7")
    assert office is not strangers.turn("192.0.2.1")
    strangers.know("2001:db8:1:2::8")
    assert strangers.turn("2001:db8:1:2::8") is office


def test_strangers_give_way() -> None:
    """Before each piece of their work, at known addresses, too."""
    given: list[int] = []
    strangers = Strangers(Clock(), LIMITS, give_way=lambda: given.append(1))
    strangers.know("192.0.2.1")
    for count, address in enumerate(("192.0.2.1", "192.0.2.2"), start=1):
        with strangers.turn(address):
            assert len(given) == count


def test_without_limits_nobody_has_a_turn() -> None:
    """A benchmark's clients all come from one address."""
    strangers = Strangers(Clock(), LIMITS, enforced=False)
    strangers.know("192.0.2.1")
    assert not any(isinstance(strangers.turn(f"192.0.2.{host}"), Turn) for host in (1, 2))


def test_known_addresses_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The least recent ones are forgotten."""
    monkeypatch.setattr("chat_server.live.strangers.KNOWN_GROUPS", 2)
    strangers = Strangers(Clock(), LIMITS)
    for address in ("192.0.2.1", "192.0.2.2", "192.0.2.1", "192.0.2.3"):
        strangers.know(address)
    assert [strangers.is_known(f"192.0.2.{host}") for host in (1, 2, 3)] == [True, False, True]


def test_site_has_its_own_allowance() -> None:
    """The networks of one site have together eight times what one has."""
    strangers = Strangers(Clock(), Limits(strangers_burst=10, strangers_per_second=1))
    for network in range(2 * SITE_FACTOR):
        strangers.charge(f"2001:db8:1:{network:x}::1", 5)
    assert strangers.wait_s("2001:db8:1:ffff::1") == 0
    strangers.charge("2001:db8:1:fffe::1", SITE_FACTOR)
    assert strangers.wait_s("2001:db8:1:ffff::1") == pytest.approx(1.0)
