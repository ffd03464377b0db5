"""The links by which people come to the server, as the console shows them."""

import json
from dataclasses import replace

import pytest

from chat_protocol.invitations import Invitation, parse_invitation
from chat_server.invitations import invitations
from chat_server.net import reachable as module
from chat_server.net.certificate import Encryption
from chat_server.net.reachable import reachable
from chat_server.server import ChatServer
from tests.chat_server.console.conftest import Typist

FINGERPRINT = ":".join(["AB"] * 32)


@pytest.fixture
def shown(server: ChatServer, monkeypatch: pytest.MonkeyPatch) -> ChatServer:
    """A server of another machine's: with a name, a certificate and two addresses."""
    parts = server.parts
    parts.options = replace(parts.options, host="::", name="Our chat")
    parts.encryption = Encryption(None, FINGERPRINT)
    parts.port = 6000
    monkeypatch.setattr(module, "reachable", lambda _host: ["192.0.2.7", "2001:db8::7"])
    return server


def test_link_for_each_address(shown: ChatServer) -> None:
    """Without a name, each address by which the machine is reached; the client understands them."""
    found = invitations(shown.parts)
    assert [each.host for each in found] == ["192.0.2.7", "2001:db8::7"]
    assert parse_invitation(found[1].link()) == Invitation("2001:db8::7", 6000, FINGERPRINT, "Our chat")


@pytest.mark.parametrize(
    ("host", "place"),
    [
        ("chat.example.org", ("chat.example.org", 6000)),
        ("chat.example.org:443", ("chat.example.org", 443)),
        ("[2001:db8::9]:443", ("2001:db8::9", 443)),
        ("[2001:db8::9]", ("2001:db8::9", 6000)),
    ],
)
def test_named_host_keeps_the_port_unless_told(shown: ChatServer, host: str, place: tuple[str, int]) -> None:
    """The same for the public name of the settings."""
    (found,) = invitations(shown.parts, host)
    assert (found.host, found.port) == place
    shown.parts.options = replace(shown.parts.options, public_name=host)
    assert invitations(shown.parts) == [found]


def test_loopback_is_said_to_be_of_no_use(console: Typist, server: ChatServer) -> None:
    """The link is shown all the same: two windows on one machine are a beginning."""
    printed = console.type("invite")
    assert printed.startswith(f"chat://127.0.0.1:{server.port}/")
    assert "--host 0.0.0.0" in printed
    assert "--host" not in console.type("invite chat.example.org")


def test_rubbish_is_refused(console: Typist) -> None:
    """With what is wrong, and no link."""
    assert "That is no host" in console.type('invite "a b"')
    assert "chat://" not in console.type('invite "http://x/y"')


def test_machine_without_a_network_is_told(
    console: Typist, shown: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is invented."""
    monkeypatch.setattr(module, "reachable", lambda _host: [])
    assert console.type("invite").startswith("This machine is in no network")


def test_address_that_is_listened_on_is_the_one() -> None:
    """And of all addresses none is of this machine alone."""
    assert reachable("192.0.2.7") == ["192.0.2.7"]
    assert not {"127.0.0.1", "::1", "0.0.0.0"} & set(reachable("::"))


def test_one_time_invitation(console: Typist, shown: ChatServer) -> None:
    """A link with a code for each address, shown once; the list has for whom, by whom and until when."""
    assert "No one-time invitation" in console.type("invitations")
    printed = console.type("invite --one-time --for Zoé --role moderator --days 3")
    first, second, told = printed.splitlines()
    links = [parse_invitation(first), parse_invitation(second)]
    assert [each.host for each in links] == ["192.0.2.7", "2001:db8::7"]
    assert len({each.code for each in links}) == 1
    assert (links[0].username, links[0].fingerprint) == ("Zoé", FINGERPRINT)
    assert "Zoé as moderator" in told
    (row,) = json.loads(console.type("invitations --json"))["invitations"]
    assert (row["username"], row["role"], row["by"]) == ("Zoé", "moderator", "boss")
    assert row["expires_at"] > row["created_at"]
    assert links[0].code not in console.type("invitations")
    assert json.loads(console.type("stats --json"))["invitations"] == 1
    assert "revoked" in console.type(f"revoke invitation {row['id']}")
    assert "no invitation" in console.type(f"revoke invitation {row['id']}")
    assert json.loads(console.type("stats --json"))["invitations"] == 0
    actions = {(entry.action, entry.allowed) for entry in shown.parts.audit.entries()}
    assert actions >= {("invite", True), ("revoke invitation", True), ("revoke invitation", False)}


def test_one_time_invitation_of_an_administrator_asks(console: Typist, shown: ChatServer) -> None:
    """Whoever has the link first would be one; without a yes there is none."""
    console.answers = ["n"]
    assert "Nothing was done" in console.type("invite --one-time --role admin")
    assert shown.parts.invitations.in_force() == []
    assert "one admin" in console.type("invite --one-time --role admin --yes")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("invite --for zoe", "go with --one-time"),
        ("invite --one-time --days 0", "1 to 365 days"),
        ("invite --one-time --days soon", "not a number"),
        ("invite --one-time --role king", "not one of"),
        ('invite --one-time --for "a b"', "name"),
        ('invite --one-time "http://x/y"', "no host"),
    ],
)
def test_one_time_invitation_that_is_wrong(console: Typist, shown: ChatServer, line: str, words: str) -> None:
    """It is told, and nothing is made."""
    assert words in console.type(line)
    assert shown.parts.invitations.in_force() == []
