"""The race with IRC servers: their load is counted right, and what is lost is said."""

import platform
import sys
from pathlib import Path

import pytest

from benchmarks.crowd import Flood, flood, loop_of
from benchmarks.loop import Loop
from benchmarks.machine import Shares
from benchmarks.race import __main__ as race
from benchmarks.race import irc, peers
from benchmarks.setting import Options
from tests.conftest import need_program


@pytest.fixture(params=peers.NAMES)
def peer(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    need_program(name, f"sudo {peers.INSTALL}")
    return name


@pytest.mark.long
def test_irc_server_delivers_all(peer: str) -> None:
    """Every message of a short flood reaches every other member, in order, and is counted once."""
    with peers.running(peer) as target:
        crowd = irc.gather(target, 6, 2)
        with loop_of([crowd], Loop()) as loop:
            found = flood(loop, [crowd], 0.1, target)
        assert crowd.problems() == []
        assert crowd.deliveries == crowd.sent * 5
        assert crowd.accepted == crowd.sent
        assert found.deliveries_per_s > 0


def test_lost_messages_are_said(peer: str) -> None:
    """A crowd that did not hear all that was sent says how much is missing."""
    with peers.running(peer) as target:
        crowd = irc.gather(target, 3, 1)
        with loop_of([crowd], Loop()):
            crowd.senders[0].sent = 8
            assert crowd.problems() == ["16 deliveries lost"]


def test_missing_server_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the IRC servers the race names the packages."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(peers, "PLACES", ())
    with pytest.raises(peers.PeerMissing, match="apt-get install"):
        race.contenders(Options())


def test_table_shows_ratios_to_the_reference() -> None:
    """Each cell holds the median, the CPU time and the ratio to InspIRCd."""
    shares = Shares(1.0, 0.0, 0.0, 0.0)
    found = {
        ("inspircd", 50): [Flood(1, rate, 0, 0, 0, shares) for rate in (1e6, 2e6, 9e6)],
        ("chat", 50): [Flood(1, 3e6, 0, 0, 0, shares)],
    }
    lines = race.table(found, ["inspircd", "chat"], [50]).splitlines()
    assert lines[-1] == "| 50 | 2.00 million, 0.50 µs (1.00) | 3.00 million, 0.33 µs (1.50) |"


def test_interpreters_race_with_each_other(peer: str) -> None:
    """Each one named runs this server, and stands in the table with its name and version."""
    found = race.contenders(Options(), [sys.executable, sys.executable])
    names = [contender.name for contender in found][len(peers.NAMES) :]
    told = f"chat on {Path(sys.executable).name} {platform.python_version()}"
    assert names == [f"{told}, plain", f"{told}, TLS"] * 2
