"""Each further wrong password waits longer, by name and by address group, and all is forgotten in time."""

from chat_server.live.guesses import (
    FORGOTTEN_AFTER_S,
    FREE_BY_GROUP,
    FREE_BY_NAME,
    WAIT_MAX_S,
    Guesses,
)
from tests.support.clock import Clock


def test_wait_for_a_name_doubles_and_ends() -> None:
    """Ten are free, then 1, 2, 4 seconds, five minutes at most; an hour later all is forgotten."""
    clock = Clock()
    guesses = Guesses(clock)
    waits = []
    for number in range(FREE_BY_NAME + 12):
        guesses.wrong("alice", f"192.0.2.{number}")
        waits.append(guesses.wait_s("alice", "203.0.113.1"))
    assert waits[: FREE_BY_NAME + 2] == [0.0] * (FREE_BY_NAME - 1) + [1.0, 2.0, 4.0]
    assert waits[-1] == WAIT_MAX_S
    assert guesses.wait_s("bob", "203.0.113.1") == 0
    clock.now += FORGOTTEN_AFTER_S + 1
    guesses.wrong("alice", "192.0.2.1")
    assert guesses.wait_s("alice", "203.0.113.1") == 0


def test_ipv6_addresses_of_one_network_wait_together() -> None:
    """A /64 has one allowance, for guesses at any names."""
    guesses = Guesses(Clock())
    for number in range(40):
        guesses.wrong(f"name{number}", f"2001:db8::{number + 1:x}")
    assert guesses.wait_s("another", "2001:db8::ffff") > 0
    assert guesses.wait_s("another", "2001:db8:0:1::1") == 0


def test_right_password_forgives_the_address_and_not_the_name() -> None:
    """Mistakes at one's own address are forgotten; what others guess is not."""
    guesses = Guesses(Clock())
    for _ in range(40):
        guesses.wrong("alice", "192.0.2.1")
    guesses.right("bob", "192.0.2.1")
    assert guesses.wait_s("bob", "192.0.2.1") == 0
    assert guesses.wait_s("alice", "192.0.2.2") > 0


def test_memory_of_guesses_is_bounded_for_a_million_addresses() -> None:
    """The least recent names and groups are forgotten first."""
    guesses = Guesses(Clock(), remember=1_000)
    for number in range(20_000):
        guesses.wrong("alice", f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")
    assert len(guesses._entries) == 1_000
    assert guesses.wait_s("alice", "192.0.2.1") > 0


def test_untried_password_leaves_nothing() -> None:
    """A password that nobody could check makes nobody wait: neither longer than before, nor anew."""
    clock = Clock()
    guesses = Guesses(clock)
    for _ in range(FREE_BY_NAME + 2):
        guesses.wrong("alice", "192.0.2.1")
    clock.now += guesses.wait_s("alice", "192.0.2.1")
    guesses.untried(guesses.wrong("alice", "192.0.2.1"))
    assert guesses.wait_s("alice", "192.0.2.1") == 0
    guesses.wrong("alice", "192.0.2.1")
    assert guesses.wait_s("alice", "192.0.2.1") == 2.0**3


def test_untried_password_forgives_no_guess_beside_it() -> None:
    """What was guessed while one password could not be checked stays counted, and is waited for."""
    guesses = Guesses(Clock())
    for _ in range(FREE_BY_NAME - 1):
        guesses.wrong("alice", "192.0.2.1")
    untried = guesses.wrong("alice", "192.0.2.1")
    guesses.wrong("alice", "192.0.2.1")
    guesses.untried(untried)
    assert guesses.wait_s("alice", "203.0.113.1") == 1.0


def test_old_guesses_are_let_go() -> None:
    """An hour after the last one, as soon as anybody guesses; younger ones stay."""
    clock = Clock()
    guesses = Guesses(clock)
    guesses.wrong("alice", "192.0.2.1")
    clock.now += FORGOTTEN_AFTER_S
    guesses.wrong("bob", "203.0.113.1")
    assert "@alice" in guesses._entries
    clock.now += 1
    guesses.wrong("bob", "203.0.113.1")
    assert "@alice" not in guesses._entries
    assert guesses._entries["@bob"][0] == 2


def test_wrong_passwords_are_counted_until_an_hour_has_passed() -> None:
    """The hour itself still counts; afterwards the first one is the first again."""
    clock = Clock()
    guesses = Guesses(clock)
    for _ in range(FREE_BY_NAME + 1):
        guesses.wrong("alice", "192.0.2.1")
    clock.now += FORGOTTEN_AFTER_S
    guesses.wrong("alice", "192.0.2.1")
    assert guesses.wait_s("alice", "192.0.2.9") == 4.0
    clock.now += FORGOTTEN_AFTER_S + 0.001
    for _ in range(FREE_BY_NAME - 1):
        guesses.wrong("alice", "192.0.2.1")
    assert guesses.wait_s("alice", "192.0.2.9") == 0
    guesses.wrong("alice", "192.0.2.1")
    assert guesses.wait_s("alice", "192.0.2.9") == 1.0


def test_right_password_takes_back_its_own_count_alone() -> None:
    """One, of those for the name; a name for which nothing was counted is none."""
    guesses = Guesses(Clock())
    for _ in range(FREE_BY_NAME + 2):
        guesses.wrong("alice", "192.0.2.1")
    guesses.right("alice", "192.0.2.1")
    assert guesses.wait_s("alice", "203.0.113.1") == 2.0
    guesses.right("bob", "192.0.2.1")
    assert guesses.wait_s("bob", "203.0.113.1") == 0


def test_codes_of_an_address_wait_and_no_name_does() -> None:
    """Wrong codes are counted where they come from, like passwords for many names."""
    clock = Clock()
    guesses = Guesses(clock)
    for _ in range(FREE_BY_GROUP - 1):
        guesses.wrong_code("192.0.2.1")
    assert guesses.wait_for_code_s("192.0.2.1") == 0
    guesses.wrong_code("192.0.2.1")
    assert guesses.wait_for_code_s("192.0.2.1") == 1.0
    assert guesses.wait_for_code_s("203.0.113.1") == 0
    assert guesses.wait_s("alice", "203.0.113.1") == 0


def test_site_has_eight_times_as_many_as_a_network() -> None:
    """Many /64 of one /48 are most likely one person's."""
    guesses = Guesses(Clock())
    for number in range(8 * FREE_BY_GROUP - 1):
        guesses.wrong(f"name{number}", f"2001:db8:0:{number:x}::1")
    assert guesses.wait_s("another", "2001:db8:0:ffff::1") == 0
    guesses.wrong("one more", "2001:db8:0:fffe::1")
    assert guesses.wait_s("another", "2001:db8:0:ffff::1") == 1.0
    assert guesses.wait_s("another", "2001:db8:1::1") == 0
