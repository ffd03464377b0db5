"""Health and metrics of a running server, as other programs read them."""

import dataclasses
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import namedtuple
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from prometheus_client import parser
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics

from chat_server.cluster.member import Member
from chat_server.data_folder import remember_database
from chat_server.measurements import Histogram, LabelledCounter
from chat_server.monitoring import health
from chat_server.monitoring.endpoint import Endpoint
from chat_server.monitoring.exposition import COUNTER, GAUGE, Family, render
from chat_server.monitoring.families import families
from chat_server.monitoring.monitor import monitor
from chat_server.net.certificate import Encryption, load_certificate
from chat_server.server import ChatServer
from chat_server.statistics import statistics_of
from chat_server.storage.core.errors import StorageUnavailable
from tests.chat_server.building import open_building
from tests.support.filemap import ROOT
from tests.support.server import ServerProcess
from tests.support.wire import connected

MONITORING = ROOT / "docs" / "run" / "monitoring"
PARTS = ("database", "queues", "threads", "disk", "files", "certificate", "backup")
HISTOGRAM_SUFFIXES = ("_bucket", "_count", "_sum")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ChatServer]:
    """A server without its threads."""
    with open_building(tmp_path / "data") as building:
        building.services.files.store.prepare()
        yield building.server


def get(port: int, path: str, accept: str = "") -> tuple[int, str, str]:
    """Return status, kind and text of an answer."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Accept": accept})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers["Content-Type"], error.read().decode()


def endpoint_port(server: ServerProcess) -> int:
    """Return the port that the log names."""
    return int(server.wait_for_output(r"health and metrics on port (\d+)").group(1))


def values(text: str) -> dict[str, float]:
    """Read OpenMetrics with somebody else's parser: sample name, with its labels, to value."""
    found: list[Metric] = list(parse_openmetrics(text))
    return {
        sample.name + "".join(f"{{{value}}}" for value in sample.labels.values()): sample.value
        for family in found
        for sample in family.samples
    }


def test_metrics_of_a_conversation(server_process: Callable[..., ServerProcess]) -> None:
    """What was said, refused and signed in is counted, and read back by Prometheus' own parser."""
    server = server_process("--metrics", "127.0.0.1:0", tls=False)
    port = endpoint_port(server)
    with connected(server.port, tls=False) as client:
        room = client.register("alice")["rooms"][0]["room"]
        for number in range(3):
            client.ok("send", room=room, body="hello", nonce=f"n{number}")
        assert client.error("send", room="nowhere", body="hello", nonce="m") == "no_such_room"
        with connected(server.port, tls=False) as other:
            assert other.error("login", username="alice", password="wrong password") == "invalid_credentials"
        status, kind, text = get(port, "/metrics", "application/openmetrics-text; version=1.0.0")
    assert (status, kind) == (200, "application/openmetrics-text; version=1.0.0; charset=utf-8")
    found = values(text)
    assert found["chat_messages_stored_total"] == 3
    assert found["chat_batch_messages_sum"] == 3
    assert found["chat_commit_seconds_count"] == found["chat_batch_messages_count"] > 0
    assert found["chat_commit_seconds_bucket{+Inf}"] == found["chat_commit_seconds_count"]
    assert found["chat_sign_ins_total{ok}"] == 1
    assert found["chat_sign_ins_total{invalid_credentials}"] == 1
    assert found["chat_refusals_total{no_such_room}"] == 1
    assert found["chat_users_online"] == 1
    assert found["chat_memory_bytes"] > 1_000_000
    assert found["chat_open_files"] > 3
    server.wait_for_output("alice signed in from 127.0.0.1")
    server.wait_for_output("a sign-in of 'alice' from 127.0.0.1 was refused: invalid_credentials")


def test_metrics_for_older_readers(server_process: Callable[..., ServerProcess]) -> None:
    """Without a word about OpenMetrics the older format is sent, and its parser reads it."""
    server = server_process("--metrics", "127.0.0.1:0", tls=False)
    status, kind, text = get(endpoint_port(server), "/metrics")
    assert (status, kind) == (200, "text/plain; version=0.0.4; charset=utf-8")
    types = {family.name: family.type for family in parser.text_string_to_metric_families(text)}
    assert types["chat_messages_stored"] == "counter"
    assert "unknown" not in types.values()


def test_health_of_a_running_server(server_process: Callable[..., ServerProcess]) -> None:
    """All parts of a server at work are well; other paths are told what there is."""
    port = endpoint_port(server_process("--metrics", "127.0.0.1:0", "--webhooks", "127.0.0.1:0"))
    status, _, text = get(port, "/healthz")
    assert (status, set(text.split("\n"))) == (
        200,
        {
            "",
            *(
                f"{part}: ok"
                for part in ("database", "queues", "threads", "disk", "files", "certificate", "backup")
            ),
        },
    )
    assert get(port, "/")[0] == 404


@pytest.mark.long
def test_silent_visitor_is_not_waited_for_at_the_end(server_process: Callable[..., ServerProcess]) -> None:
    """A visitor who says nothing does not keep the server from stopping in time."""
    server = server_process("--metrics", "127.0.0.1:0", tls=False)
    with socket.create_connection(("127.0.0.1", endpoint_port(server))):
        began = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - began < 8


def test_metrics_address_in_use(tmp_path: Path) -> None:
    """An address that is taken is named in one line, and the server does not start."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"127.0.0.1:{other.getsockname()[1]}"
        options = ["--no-console", "--insecure", "--port", "0", "--data-dir", str(tmp_path / "data")]
        done = subprocess.run(
            [sys.executable, "-m", "chat_server", *options, "--metrics", address],
            cwd=ROOT, capture_output=True, text=True, timeout=30, check=False,
        )  # fmt: skip
    assert done.returncode == 2
    assert address in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def wrong(server: ChatServer, now_s: float | None = None) -> dict[str, str]:
    """The parts that are not well."""
    clock = time.time if now_s is None else lambda: now_s
    return {check.part: check.wrong for check in health.checks(server.parts, clock) if check.wrong}


def test_health_names_what_is_wrong(
    server: ChatServer, tls_files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ended threads, a full disk, a certificate about to end and an old backup are each told."""
    assert wrong(server) == {"threads": f"{', '.join(sorted(health.THREADS))} ended"}
    monkeypatch.setattr(health, "THREADS", frozenset({threading.main_thread().name}))
    assert wrong(server) == {}
    usage = namedtuple("usage", "total used free")
    with monkeypatch.context() as full:
        full.setattr("shutil.disk_usage", lambda path: usage(10**12, 10**12, 5 * 1024 * 1024))
        assert wrong(server) == {"disk": f"only 5 MiB are free in {server.parts.data_dir}"}
    server.parts.encryption = load_certificate(*tls_files, server.parts.data_dir, "127.0.0.1")
    ends = server.parts.encryption.ends_at
    assert wrong(server, ends - 3 * 86_400) == {"certificate": "expires in 3 days"}
    assert wrong(server, ends + 1) == {"certificate": "has expired"}
    server.parts.encryption = Encryption()
    mark = server.parts.data_dir / "last_backup"
    mark.touch()
    os.utime(mark, (1_000_000, 1_000_000))
    assert wrong(server, 1_000_000 + 86_400) == {}
    assert wrong(server, 1_000_000 + 3 * 86_400) == {"backup": "the last one is 3 days old"}


def test_health_of_the_files(server: ChatServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that is gone or may not be written, and a disk on which uploads are refused, are told."""
    monkeypatch.setattr(health, "THREADS", frozenset({threading.main_thread().name}))
    files = server.parts.services.files
    folder = files.store.folder
    assert wrong(server) == {}
    assert list(folder.rglob("*.part")) == []  # the trial leaves nothing
    files.apply(dataclasses.replace(files.limits, files_free_mib=2**31), "")
    assert wrong(server)["files"].endswith(f"MiB are free in {folder}: no uploads")
    shutil.rmtree(folder)
    assert wrong(server) == {"files": f"{folder} cannot be written: No such file or directory"}
    files.enabled = False
    assert wrong(server) == {}


def test_health_without_a_database(server: ChatServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that does not answer makes 503, with the reason."""

    def fail(name: str) -> str:
        raise StorageUnavailable("gone")

    monkeypatch.setattr(server.parts.storage.settings, "get", fail)
    endpoint = monitor(server.parts, "127.0.0.1:0")
    endpoint.start()
    try:
        status, _, text = get(endpoint.port, "/healthz")
    finally:
        endpoint.stop()
    assert status == 503
    assert "database: does not answer: gone" in text


@pytest.mark.parametrize("address", ["127.0.0.1:0", "[::1]:0"])
def test_endpoint_survives_nonsense(address: str) -> None:
    """Whatever is sent instead of a request, the next one is answered."""
    endpoint = Endpoint(address, lambda: (True, "ok\n"), lambda openmetrics: "")
    endpoint.start()
    try:
        host = address.rpartition(":")[0].strip("[]")
        for data in (b"", b"\x16\x03\x01", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"x" * 70_000):
            with socket.create_connection((host, endpoint.port)) as sock:
                sock.sendall(data)
        with socket.create_connection((host, endpoint.port)) as sock:
            sock.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
            assert sock.makefile("rb").read().endswith(b"\r\n\r\nok\n")
    finally:
        endpoint.stop()


def test_backup_is_noted(server: ChatServer, tmp_path: Path) -> None:
    """A backup of the data folder's database is known to the server; one of another database is not."""
    remember_database(server.parts.data_dir, server.parts.options.database_url)
    command = [sys.executable, "-m", "chat_server.backup", "create", str(tmp_path / "file")]
    other = tmp_path / "other"
    other.mkdir()
    copy = ["--database", f"sqlite:///{other}/none.db", "--data-dir", str(server.parts.data_dir)]
    assert subprocess.run([*command, *copy], cwd=ROOT, capture_output=True, check=False).returncode == 1
    assert not (server.parts.data_dir / "last_backup").exists()
    subprocess.run(
        [*command, "--data-dir", str(server.parts.data_dir)], cwd=ROOT, capture_output=True, check=True
    )
    assert (server.parts.data_dir / "last_backup").exists()
    assert "chat_last_backup_seconds" in {family.name for family in families(server.parts)}


def known_names(server: ChatServer, tls_files: tuple[Path, Path]) -> set[str]:
    """The names of all samples of a server of which everything is known."""
    server.parts.encryption = load_certificate(*tls_files, server.parts.data_dir, "127.0.0.1")
    (server.parts.data_dir / "last_backup").touch()
    doorbell = SimpleNamespace(is_up=True, said=0, received=0, failures=0)
    server.parts.cluster = cast(Member, SimpleNamespace(doorbell=doorbell))
    text = render(families(server.parts), openmetrics=True)
    return {re.sub(r"[{ ].*", "", line) for line in text.splitlines() if not line.startswith("#")}


def test_dashboard_and_alerts_name_metrics_that_exist(
    server: ChatServer, tls_files: tuple[Path, Path]
) -> None:
    """The dashboard, the alerts and the page name no metric that the server does not have, and all it has."""
    known = known_names(server, tls_files)
    dashboard = json.loads((MONITORING / "grafana.json").read_text(encoding="utf-8"))
    shown = json.dumps([target["expr"] for panel in dashboard["panels"] for target in panel["targets"]])
    alerts = (MONITORING / "alerts.yml").read_text(encoding="utf-8")
    for text in (shown, alerts):
        named = set(re.findall(r"\bchat_[a-z_]+", text))
        assert named
        assert named <= known
    page = set(re.findall(r"`(chat_[a-z_]+)`", (MONITORING.parent / "monitoring.md").read_text("utf-8")))
    assert page == {re.sub("(" + "|".join(HISTOGRAM_SUFFIXES) + ")$", "", name) for name in known}


def test_stats_shows_the_same(server: ChatServer) -> None:
    """What the metrics say of the server's work stands in `stats` too."""
    stats = statistics_of(server.parts)
    for key in ("sign_ins", "refusals", "database_errors", "index_rooms_waiting", "commit_mean_ms"):
        assert hasattr(stats, key)


def test_histogram_counts_by_bound() -> None:
    """A value on a bound belongs to it, one beyond the last only to the whole."""
    histogram = Histogram((1.0, 2.0))
    for value in (0.5, 1.0, 2.0, 3.0):
        histogram.observe(value)
    found = histogram.read()
    assert dataclasses.astuple(found) == ((1.0, 2.0), (2, 3), 4, 6.5)
    assert found.mean == 6.5 / 4


def test_labels_are_escaped() -> None:
    """Quotes, line feeds and backslashes in a label or a help text do not break the format."""
    counter = LabelledCounter()
    counter.add('a"b\n\\c')
    text = render([Family("x", COUNTER, 'one\n"two"', counter.read(), "code")], openmetrics=True)
    assert values(text) == {'x_total{a"b\n\\c}': 1}
    assert values(render([Family("y", GAUGE, "z", 0.25)], openmetrics=True)) == {"y": 0.25}
