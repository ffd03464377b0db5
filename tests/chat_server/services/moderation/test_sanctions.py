"""The sanctions in force: who is excluded, by user, address and network, and until when."""

from pathlib import Path

import pytest

from chat_server.services.moderation.sanctions import SanctionBook
from chat_server.services.vocabulary.addresses import contains, parse_network, show_network
from chat_server.storage.core.records import SanctionRecord
from tests.support.office import Office, open_office


def add(office: Office, network: str, until: int | None = None, kind: str = "ban") -> SanctionRecord:
    record = office.storage.sanctions.add(
        kind, None, parse_network(network).with_prefixlen, None, "", "boss", office.clock(), until
    )
    office.sanctions.add(record)
    return record


@pytest.mark.parametrize(
    ("network", "inside", "outside"),
    [
        ("192.0.2.7", "192.0.2.7", "192.0.2.8"),
        ("192.0.2.0/24", "192.0.2.255", "192.0.3.0"),
        ("192.0.2.9/30", "192.0.2.11", "192.0.2.12"),
        ("2001:db8::7", "2001:db8:0::7", "2001:db8::8"),
        ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::1"),
        ("192.0.2.7", "::ffff:192.0.2.7", "::ffff:192.0.2.8"),
        ("::ffff:192.0.2.0/120", "192.0.2.200", "192.0.3.1"),
        ("0.0.0.0/0", "198.51.100.1", "2001:db8::1"),
        ("::/0", "2001:db8::1", "198.51.100.1"),
        ("fe80::1%eth0", "fe80::1%eth1", "fe80::2"),
    ],
)
def test_address_is_found_by_itself_and_by_network(
    office: Office, network: str, inside: str, outside: str
) -> None:
    """A sanction holds for exactly the addresses of its network, in every spelling."""
    record = add(office, network)
    assert office.sanctions.check_address(inside) == record
    assert office.sanctions.check_address(outside) is None
    assert contains(parse_network(network), inside)
    assert not contains(parse_network(network), outside)


def test_address_of_no_form_is_not_sanctioned(office: Office) -> None:
    """What is no address is in no network, and no error."""
    add(office, "0.0.0.0/0")
    assert office.sanctions.check_address("not an address") is None


def test_longest_sanction_is_told(office: Office) -> None:
    """Of several sanctions on one address the one that lasts longest is told."""
    add(office, "192.0.2.0/24", office.clock() + 60_000, "kick")
    longest = add(office, "192.0.2.7", None, "kick")
    add(office, "192.0.0.0/16", office.clock() + 600_000, "kick")
    assert office.sanctions.check_address("192.0.2.7") == longest


def test_sanction_ends_by_itself(office: Office) -> None:
    """At its end a sanction holds no more, and is forgotten by the timer."""
    record = add(office, "192.0.2.7", office.clock() + 1_000)
    office.clock.pass_by(999)
    assert office.sanctions.check_address("192.0.2.7") == record
    office.clock.pass_by(1)
    assert office.sanctions.check_address("192.0.2.7") is None
    assert office.sanctions.active() == []
    assert office.sanctions.expire() == [record]
    assert office.sanctions.expire() == []


def test_removed_sanction_leaves_others_in_force(office: Office) -> None:
    """Lifting one sanction leaves another one on the same address."""
    first, second = add(office, "192.0.2.7"), add(office, "192.0.2.7")
    office.sanctions.remove(first)
    assert office.sanctions.check_address("192.0.2.7") == second
    office.sanctions.remove(second)
    office.sanctions.remove(second)
    assert office.sanctions.check_address("192.0.2.7") is None


def test_sanctions_outlive_a_restart(tmp_path: Path) -> None:
    """A new book reads what is in force, and not what is lifted or over."""
    office = open_office(tmp_path / "chat.db")
    held = add(office, "192.0.2.0/24", office.clock() + 60_000)
    over = add(office, "198.51.100.0/24", office.clock() + 1_000)
    lifted = add(office, "203.0.113.0/24")
    office.storage.sanctions.lift(lifted.id, "boss", office.clock())
    office.clock.pass_by(2_000)
    book = SanctionBook(office.storage, office.clock)
    assert book.active() == [held]
    assert over not in book.active()
    office.storage.close()


def test_mute_holds_in_its_room_or_everywhere(office: Office) -> None:
    """A mute in one room leaves the others open; one without a room holds in all, and excludes nobody."""
    user = office.user("jules")
    room = office.directory.all()[0]
    record = office.storage.sanctions.add("mute", user.id, None, room.id, "", "boss", office.clock(), None)
    office.sanctions.add(record)
    assert office.sanctions.mute_of(user.id, room.id) == record
    assert office.sanctions.mute_of(user.id, room.id + 1) is None
    assert office.sanctions.check_user(user.id) is None
    everywhere = office.storage.sanctions.add("mute", user.id, None, None, "", "boss", office.clock(), None)
    office.sanctions.add(everywhere)
    assert office.sanctions.mute_of(user.id, room.id + 1) == everywhere


@pytest.mark.parametrize(
    "text", ["", "jules", "192.0.2", "192.0.2.7/33", "2001:db8::g", "192.0.2.0-9", "1.2.3.4/x"]
)
def test_network_of_the_wrong_form_is_refused(text: str) -> None:
    """What is neither an address nor a network raises ValueError with an example."""
    with pytest.raises(ValueError, match="is not an address"):
        parse_network(text)


def test_single_address_is_shown_without_prefix() -> None:
    """People see an address; only a network has a prefix length."""
    assert show_network("192.0.2.7/32") == "192.0.2.7"
    assert show_network("2001:db8::/32") == "2001:db8::/32"
