"""Each measurement in a small size against a real server: it ends well, finds figures, and nothing lost."""

import json
from pathlib import Path
from typing import Final

import pytest

from benchmarks import machine
from benchmarks.cli import main
from benchmarks.parts import (
    cluster,
    files,
    files_beside,
    idle,
    indexing,
    presence,
    reconnect,
    signin,
    slow,
    start,
)
from tests.conftest import need_program


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes its time in earnest is short here."""
    monkeypatch.setattr("benchmarks.crowd.WARM_UP_S", 0.05)
    monkeypatch.setattr(machine, "REFERENCE_S", 0.05)
    monkeypatch.setattr(idle, "SETTLE_S", 0.05)
    monkeypatch.setattr(idle, "MESSAGES", 1)
    monkeypatch.setattr(indexing, "ROUNDS", 1)
    monkeypatch.setattr(signin, "USERS", 2)
    monkeypatch.setattr(reconnect, "USERS", 2)
    monkeypatch.setattr(presence, "LISTS", 1)
    monkeypatch.setattr(cluster, "TURNS", 1)
    monkeypatch.setattr(cluster, "CROWD_PER_S", 20)
    monkeypatch.setattr(files, "ROUNDS", 1)
    monkeypatch.setattr(files, "LARGE_BYTES", 4 * files.MIB)
    monkeypatch.setattr(files_beside, "FILE_BYTES", 65_536)
    monkeypatch.setattr(start, "ROUNDS", 1)
    monkeypatch.setattr(reconnect, "MISSED", 20)
    # As much as this test sends does not reach the limit of what a slow reader may leave unread.
    monkeypatch.setattr(slow, "READ_AT_LAST_S", 0.05)


PARTS: Final = [
    ["flood", "--n", "12", "--tls"],
    ["flood", "--n", "12", "--database", "mariadb"],
    ["latency", "--n", "12"],
    ["idle", "--n", "12"],
    ["signin", "--n", "12", "--tls"],
    ["slow", "--n", "16"],
    ["rooms", "--n", "10"],
    ["history", "--n", "12", "--messages", "1000"],
    ["reconnect", "--n", "12", "--tls"],
    ["fairness", "--n", "12"],
    ["files", "--n", "1"],
    ["files-beside", "--n", "12"],
    ["search", "--messages", "12000"],
    ["search-in-flood", "--n", "12", "--messages", "2000"],
    ["presence", "--n", "12", "--tls"],
    ["start", "--messages", "2000"],
    ["indexing"],
    ["cluster", "--n", "2"],
    ["cluster-crowd", "--n", "3", "--tls"],
]


@pytest.mark.parametrize(
    "arguments", [["stored"], *(pytest.param(part, marks=pytest.mark.long) for part in PARTS)], ids=" ".join
)
def test_part_small(arguments: list[str], tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """The measurement ends well and writes its figures."""
    # Skip where they are missing; the measurement starts its own.
    if "mariadb" in arguments or arguments[0].startswith("cluster"):
        request.getfixturevalue("mariadb")
    if arguments[0].startswith("cluster"):
        need_program("redis-server", "sudo apt-get install redis-server")
    assert main([*arguments, "--seconds", "0.2", "--folder", str(tmp_path)]) == 0
    (written,) = tmp_path.glob("*.json")
    (result,) = json.loads(written.read_text(encoding="utf-8"))["results"]
    assert result["figures"]
    assert not result["problems"]
