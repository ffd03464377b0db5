"""Pins: one for each server, and the one that it has announced."""

import json
from pathlib import Path

import pytest

from chat_client.store.files import JsonFile
from chat_client.store.known_servers import KnownServers
from chat_protocol.errors import ChatError

OLD, NEW, OTHER = (":".join([pair] * 32) for pair in ("AA", "BB", "CC"))
PLACE = ("chat.example.org", 5000)


@pytest.fixture
def known(tmp_path: Path) -> KnownServers:
    """A server is pinned, and has announced another certificate."""
    known = KnownServers(tmp_path)
    known.trust(*PLACE, OLD)
    known.announced(*PLACE, NEW)
    return known


def test_announced_pin_takes_the_place_when_it_is_shown(known: KnownServers) -> None:
    """Until then the present one holds, afterwards it no longer does."""
    assert (known.fingerprint(*PLACE), known.next_fingerprint(*PLACE)) == (OLD, NEW)
    known.shown(*PLACE, OLD)
    known.shown(*PLACE, OTHER)
    assert (known.fingerprint(*PLACE), known.next_fingerprint(*PLACE)) == (OLD, NEW)
    known.shown(*PLACE, NEW)
    assert (known.fingerprint(*PLACE), known.next_fingerprint(*PLACE)) == (NEW, "")
    with pytest.raises(ChatError):
        known.trust(*PLACE, OLD)


def test_announcement_is_replaced_and_taken_back(known: KnownServers) -> None:
    """By the server that is pinned; what is no fingerprint changes nothing."""
    known.announced(*PLACE, OTHER.replace(":", "").lower())
    assert known.next_fingerprint(*PLACE) == OTHER
    known.announced(*PLACE, "rubbish")
    assert known.next_fingerprint(*PLACE) == OTHER
    known.announced(*PLACE, "")
    assert known.next_fingerprint(*PLACE) == ""
    assert known.fingerprint(*PLACE) == OLD


def test_announcement_needs_a_pin(tmp_path: Path) -> None:
    """Where the system trusts the certificate, or nobody was asked yet, nothing is kept."""
    known = KnownServers(tmp_path)
    known.announced(*PLACE, NEW)
    known.shown(*PLACE, NEW)
    assert (known.fingerprint(*PLACE), known.next_fingerprint(*PLACE)) == ("", "")
    assert not (tmp_path / "known_servers.json").exists()


def test_invitation_with_the_announced_fingerprint_changes_no_pin(known: KnownServers) -> None:
    """It asks nothing either; another one does."""
    known.trust(*PLACE, NEW)
    assert (known.fingerprint(*PLACE), known.next_fingerprint(*PLACE)) == (OLD, NEW)
    with pytest.raises(ChatError):
        known.trust(*PLACE, OTHER)


def test_forgotten_server_has_announced_nothing(known: KnownServers, tmp_path: Path) -> None:
    """The next first contact begins with one pin; an earlier release reads the file all the same."""
    kept = json.loads((tmp_path / "known_servers.json").read_text())
    assert kept["chat.example.org:5000"] == OLD
    known.forget(*PLACE)
    assert "next" not in (tmp_path / "known_servers.json").read_text()
    known.trust(*PLACE, OTHER)
    assert (known.fingerprint(*PLACE), known.next_fingerprint(*PLACE)) == (OTHER, "")


def test_forgotten_server_has_no_further_addresses(known: KnownServers) -> None:
    """They belong to the pin: who may be another one is not looked for there."""
    known.keep_places(*PLACE, [("chat2.example.org", 5000), PLACE])
    assert known.places(*PLACE) == [("chat2.example.org", 5000), PLACE]
    known.forget(*PLACE)
    assert known.places(*PLACE) == [PLACE]


def test_announcement_without_a_pin_is_not_that_of_the_server_that_is_pinned(tmp_path: Path) -> None:
    """It may be of whoever was there before."""
    known = KnownServers(tmp_path)
    JsonFile(tmp_path / "known_servers.json").update(
        lambda pins: pins.update({"chat.example.org:5000 next": NEW})
    )
    assert known.next_fingerprint(*PLACE) == ""
    known.trust(*PLACE, OLD)
    assert known.next_fingerprint(*PLACE) == ""
    known.announced(*PLACE, NEW)
    known.trust(*PLACE, OLD)
    assert known.next_fingerprint(*PLACE) == NEW


def test_addresses_are_written_where_they_have_changed(known: KnownServers, tmp_path: Path) -> None:
    """The first one, and which others there are; their order and the server's own address change nothing."""
    file = tmp_path / "known_servers.json"
    second, third = ("b.example.org", 5000), ("c.example.org", 5000)
    for places, expected in (
        ([second, third, PLACE], True),
        ([second, PLACE, third], False),
        ([second, third], False),
        ([third, second], True),
        ([third], True),
        ([PLACE], True),
        ([PLACE], False),
    ):
        before = file.stat().st_ino, file.stat().st_mtime_ns
        known.keep_places(*PLACE, places)
        assert ((file.stat().st_ino, file.stat().st_mtime_ns) != before) == expected, places
    assert "servers" not in file.read_text()
