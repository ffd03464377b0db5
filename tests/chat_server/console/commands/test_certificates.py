"""The commands about the certificate, on a server that has made its own."""

import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from chat_protocol.server_events import CertificateEvent
from chat_server.net.certificate import Encryption
from chat_server.net.next_certificate import load_with_next
from chat_server.options import Options
from chat_server.reloading import Reloading
from chat_server.renewal import EndOfCertificate
from chat_server.server import ChatServer
from chat_server.storage import open_storage
from chat_server.storage.core.records import UserRecord
from tests.chat_server.building import Building
from tests.chat_server.console.conftest import Typist

MakeUser = Callable[..., UserRecord]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ChatServer]:
    """A server with TLS and a public name, whose threads are not started."""
    data_dir = tmp_path / "data"
    data_dir.mkdir(mode=0o700)
    options = Options(port=0, data_dir=data_dir, public_name="chat.example.org", rate_limits=False)

    def load(options: Options) -> Encryption:
        return load_with_next(options.tls_cert, options.tls_key, options.data_dir, options.certified_host)

    server = ChatServer(options, open_storage(options.database_url), load(options))
    server.parts.reloading = Reloading(server.parts, lambda: options, load)
    yield server
    server.close()
    server.parts.storage.close()


def _shown(console: Typist) -> dict[str, object]:
    facts: dict[str, object] = json.loads(console.type("certificate --json"))
    return facts


def test_certificate_is_replaced_after_it_was_announced(
    console: Typist, server: ChatServer, user: MakeUser
) -> None:
    """Those who are connected are told at once, those who come by `hello`, and new connections get it."""
    session = Building(server).sign_in(user("zoe"))
    before = _shown(console)
    assert (before["own"], before["names"], before["next_fingerprint"]) == (
        True, ["chat.example.org", "localhost"], "",
    )  # fmt: skip
    assert "Announced: " in console.type("certificate announce --days 400")
    announced = _shown(console)
    fingerprint = str(announced["next_fingerprint"])
    assert announced["fingerprint"] == before["fingerprint"] != fingerprint
    times = [datetime.fromisoformat(str(announced[key])) for key in ("next_from", "next_until")]
    assert times[1] - times[0] == timedelta(days=400)
    assert session.sent == [CertificateEvent(fingerprint)]
    assert server._greeting().next_fingerprint == fingerprint
    console.type("invite --one-time")
    console.answers = ["n", "y"]
    assert "Nothing was done" in console.type("certificate use")
    assert "1 one-time invitation named the old one" in console.type("certificate use")
    used = _shown(console)
    assert (used["fingerprint"], used["next_fingerprint"]) == (fingerprint, "")
    assert server.parts.encryption.fingerprint == fingerprint
    assert server._greeting().next_fingerprint is None
    actions = [(entry.action, entry.allowed) for entry in server.parts.audit.entries()]
    assert actions.count(("certificate use", True)) == 1
    assert ("certificate announce", True) in actions


def test_announced_certificate_is_withdrawn(console: Typist, server: ChatServer, user: MakeUser) -> None:
    """Clients are told to forget it; announcing another one asks first."""
    session = Building(server).sign_in(user("zoe"))
    assert "No next certificate" in console.type("certificate withdraw")
    assert "No next certificate" in console.type("certificate use --yes")
    console.type("certificate announce")
    first = _shown(console)["next_fingerprint"]
    console.answers = ["n", "y"]
    assert "Nothing was done" in console.type("certificate announce")
    console.type("certificate announce")
    assert _shown(console)["next_fingerprint"] not in ("", first)
    assert "Withdrawn" in console.type("certificate withdraw")
    assert session.sent[-1] == CertificateEvent("")
    assert _shown(console)["next_fingerprint"] == ""
    for days in (0, 36_501):
        assert "1 to 36500 days" in console.type(f"certificate announce --days {days}")


def test_given_certificate_is_renewed_where_it_is_made(console: Typist, server: ChatServer) -> None:
    """It is shown; what to do instead is said, and nothing is made."""
    parts = server.parts
    parts.options = replace(parts.options, tls_cert=parts.encryption.certificate, tls_key=Path("key.pem"))
    assert _shown(console)["own"] is False
    assert "renewed where it is made" in console.type("certificate announce")
    assert not list(parts.data_dir.glob("*next*"))


def test_server_without_tls_has_no_certificate(console: Typist, server: ChatServer) -> None:
    """Each command says so; `stats` has no days."""
    server.parts.encryption = Encryption()
    for line in ("certificate", "certificate announce"):
        assert "not encrypted here" in console.type(line)
    assert json.loads(console.type("stats --json"))["certificate_days_left"] is None
    assert "Certificate days left" not in console.type("stats")


def test_end_of_the_certificate_is_told_once_a_day(
    console: Typist, server: ChatServer, caplog: pytest.LogCaptureFixture
) -> None:
    """From 30 days before it, and after it too."""
    parts = server.parts
    ends_ms = int(parts.encryption.ends_at * 1000)
    watch, day_ms, now_ms = EndOfCertificate(parts), 86_400_000, ends_ms
    parts.clock = lambda: now_ms
    caplog.set_level(logging.WARNING, "chat.tls")
    for days, told in ((31, 0), (29, 1), (29, 1), (28, 2), (-1, 3)):
        now_ms = ends_ms - days * day_ms
        watch.look()
        assert len(caplog.records) == told
    assert "ends in 29 days" in caplog.text
    assert "has ended" in caplog.text
    now_ms = ends_ms - 5 * day_ms - 1
    assert json.loads(console.type("stats --json"))["certificate_days_left"] == 5
    caplog.clear()
