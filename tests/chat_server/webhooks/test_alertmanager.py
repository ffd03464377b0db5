"""Prometheus' own Alertmanager posts into a room, as `docs/run/webhooks.md` sets it up."""

import json
import re
import subprocess
import textwrap
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.conftest import need_program
from tests.support.admin import new_webhook
from tests.support.filemap import ROOT
from tests.support.server import ServerProcess
from tests.support.wire import connected

PROGRAM = "prometheus-alertmanager"
GUIDE = ROOT / "docs" / "run" / "webhooks.md"
ANSWER_S = 20.0
LISTENING = re.compile(rb"address=127\.0\.0\.1:(\d+)")
SUMMARY, RUNBOOK = "3 % are free on /srv", "https://wiki.example.org/disk"
RULE = "http://prometheus.example.org:9090/graph?g0.expr=free"
ALERT = {
    "labels": {"alertname": "HostOutOfDisk", "severity": "critical", "instance": "files.example.org:9100"},
    "annotations": {"summary": SUMMARY, "runbook_url": RUNBOOK},
    "generatorURL": RULE,
}


def receivers(link: str, certificate: Path) -> str:
    """Return the guide's lines for a webhook, with this one's address and certificate in them."""
    (lines,) = re.findall(r"(?m)^ +receivers:\n(?: +.*\n)+", GUIDE.read_text(encoding="utf-8"))
    text = textwrap.dedent(lines)
    for example, real in (
        ("https://chat.example.org:5080/hook/…", link),
        ("/etc/alertmanager/chat.pem", str(certificate)),
    ):
        assert example in text
        text = text.replace(example, real)
    return text


@contextmanager
def alertmanager(folder: Path, receivers_of_guide: str) -> Iterator[str]:
    """Run it for the length of a ``with`` block, without waiting for more alerts; yield its address."""
    settings = folder / "alertmanager.yml"
    route = "route: { receiver: chat, group_wait: 0s, group_interval: 1s }\n"
    settings.write_text(route + receivers_of_guide, encoding="utf-8")
    command = [
        PROGRAM, f"--config.file={settings}", f"--storage.path={folder / 'kept'}",
        "--web.listen-address=127.0.0.1:0", "--cluster.listen-address=",
    ]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        try:
            log = b""
            while not (found := LISTENING.search(log)):
                line = process.stderr.readline()
                assert line, log.decode()
                log += line
            yield f"http://127.0.0.1:{found[1].decode()}"
        finally:
            process.terminate()
            process.stderr.read()


def tell(address: str, **more: str) -> None:
    """Tell Alertmanager of the alert, as Prometheus does."""
    body = json.dumps([{**ALERT, **more}]).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{address}/api/v2/alerts", body, headers)
    with urllib.request.urlopen(request, timeout=ANSWER_S) as answer:
        assert answer.status == 200


@pytest.mark.long
def test_alertmanager_posts(
    server_process: Callable[..., ServerProcess], tls_files: tuple[Path, Path], tmp_path: Path
) -> None:
    """An alert that fires, and its end, are told in the room, each by one message of the bot."""
    need_program(PROGRAM, f"sudo apt-get install {PROGRAM}")
    server = server_process("--webhooks", "127.0.0.1:0")
    link = new_webhook(server)
    with connected(server.port) as client, alertmanager(tmp_path, receivers(link, tls_files[0])) as address:
        client.register("jules")
        tell(address)
        fired = client.event("message", ANSWER_S)
        tell(address, endsAt=(datetime.now(UTC) - timedelta(seconds=1)).isoformat())
        ended = client.event("message", ANSWER_S)
    about = "**HostOutOfDisk** (critical, files.example.org:9100)"
    assert (fired["from"], fired["seq"], fired["body"].split("\n")) == (
        "alerts", 1, [f"🔥 firing: {about}", SUMMARY, RUNBOOK, RULE],
    )  # fmt: skip
    assert (ended["from"], ended["seq"], ended["body"].split("\n")) == (
        "alerts", 2, [f"✅ resolved: {about}", SUMMARY, RUNBOOK, RULE],
    )  # fmt: skip
