"""A server as one of several: its clock, the list of servers, and the console that acts on all of them."""

import json
from types import SimpleNamespace

import pytest

from chat_protocol.times import now_ms
from chat_server.console.commands.running import _server
from tests.chat_server.cluster.pair import (
    Pair,
    named,
    was_ended,
)
from tests.chat_server.console.conftest import Typist


@pytest.mark.parametrize(("apart_ms", "warned"), [(0, False), (5_000, True), (-5_000, True)])
def test_clock_that_differs_from_the_database_is_told(
    pair: Pair, apart_ms: int, warned: bool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Messages carry the time of the server that stored them."""
    cluster = pair.second.server.parts.cluster
    assert cluster is not None
    monkeypatch.setattr("chat_server.cluster.member.now_ms", lambda: now_ms() + apart_ms)
    cluster._check_clock()
    assert ("s apart from the database's" in caplog.text) == warned


@pytest.mark.logged_errors
def test_server_that_cannot_read_the_schema_any_more_stops(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It stood still for so long that a newer one did not wait for it; it says so once."""
    cluster = pair.second.server.parts.cluster
    assert cluster is not None
    stopped: list[bool] = []
    monkeypatch.setattr(cluster, "on_outdated", lambda: stopped.append(True))
    monkeypatch.setattr(cluster, "_outdated", False)
    monkeypatch.setattr(cluster._servers, "is_outdated", lambda: True)
    cluster._see_whether_outdated()
    cluster._see_whether_outdated()
    assert stopped == [True]
    assert [record.getMessage() for record in caplog.records].count(
        "A newer server has changed the database to what this one cannot read; this one stops"
    ) == 1


def test_both_servers_are_listed(pair: Pair) -> None:
    """The console of each shows which one it is, and that the other runs."""
    servers = pair.second.storage.servers
    assert servers is not None
    rows = [_server(each, servers.id) for each in servers.all()]
    assert sorted(str(row["state"]) for row in rows) == ["runs", "this one"]
    silent = [_server(each._replace(silent_ms=60_000), servers.id)["state"] for each in servers.all()]
    assert sorted(map(str, silent)) == ["silent", "this one"]


def test_console_sees_who_is_connected_elsewhere(pair: Pair) -> None:
    """`users` names the server, `stats` counts, `kill` ends the connection there; the audit says where."""
    console = Typist(pair.first.server)
    rows = json.loads(console.type("users --json"))["sessions"]
    assert [row["server"] for row in rows if row["username"] == pair.bob.username] == [named(pair.second)]
    stats = json.loads(console.type("stats --json"))
    assert stats["other_servers"] == 1
    assert stats["users_elsewhere"] >= 2
    assert "and those to other servers" in console.type(f"kill {pair.bob.username}")
    pair.turn()
    assert was_ended(pair, "killed")
    assert pair.first.server.parts.audit.entries()[0].origin == f"console on {named(pair.first)}"


def test_shutdown_of_all_servers_and_its_end(pair: Pair) -> None:
    """Every client is warned, wherever it is, and told when it is called off; one can be stopped alone."""
    console = Typist(pair.first.server)
    both = [each.server.parts.shutdown for each in (pair.first, pair.second)]
    assert named(pair.second) in console.type("shutdown all 1h Update")
    pair.turn()
    assert [each.announced is not None for each in both] == [True, True]
    assert pair.told == ["shutdown_scheduled"]
    assert "called off" in console.type("shutdown cancel")
    pair.turn()
    assert [each.announced for each in both] == [None, None]
    console.type(f"shutdown server {named(pair.second)} 1h")
    pair.turn()
    assert [each.announced is not None for each in both] == [False, True]
    assert "is called nowhere: see" in console.type("shutdown server nowhere")
    console.type("shutdown cancel")
    pair.turn()


def test_looks_are_rare_while_bells_ring(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once a second while all that live are heard, else ten times; at once when bells may be missed."""
    cluster = pair.second.server.parts.cluster
    assert cluster is not None
    heard: set[str] = set()
    monkeypatch.setattr(cluster, "_alive", {"one", "two"})
    bells = SimpleNamespace(hears=lambda servers: servers <= heard)
    monkeypatch.setattr(cluster, "doorbell", bells)
    cluster.look()
    assert [cluster._is_look_due(now) for now in (100.0, 100.05, 100.11, 100.22)] == [True, False, True, True]
    heard.add("one")
    assert cluster._is_look_due(100.33)
    heard.add("two")
    assert [cluster._is_look_due(now) for now in (100.44, 100.55, 101.0, 101.45)] == [
        True,
        False,
        False,
        True,
    ]
    cluster.look()
    assert cluster._is_look_due(101.46)
