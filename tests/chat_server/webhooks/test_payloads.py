"""What programs post becomes the text of a message."""

import json
from urllib.parse import urlencode

import pytest

from chat_protocol.limits import BODY_MAX_CHARS
from chat_server.webhooks.payloads import ALERTS_SHOWN, FORM, PayloadError, text_of
from tests.chat_server.webhooks.samples import ALERTMANAGER, GRAFANA, SLACK


def text(posted: object) -> str:
    return text_of("application/json", json.dumps(posted).encode())


def test_text_posted() -> None:
    """A text is said as it is, without line ends of other systems, control characters and outer spaces."""
    assert text({"text": " deployed\r\nto a\x07ll 🚀 \n"}) == "deployed\nto all 🚀"


def test_text_with_half_a_pair() -> None:
    """Half of a surrogate pair, which JSON can spell and no database keeps, becomes a question mark."""
    assert text_of("", b'{"text": "a \\ud83d b"}') == "a ? b"


def test_text_too_long_for_a_message() -> None:
    """A text is cut where it is longer than a message may be, and says so."""
    cut = text({"text": "x" * (BODY_MAX_CHARS + 1)})
    assert len(cut) == BODY_MAX_CHARS
    assert cut.endswith("x\n[…]")
    assert text({"text": "x" * BODY_MAX_CHARS}) == "x" * BODY_MAX_CHARS


def test_slack_posted() -> None:
    """Slack's attachments become lines, its links addresses; colours, icons and channels are left out."""
    assert text(SLACK).splitlines() == [
        "Build #42 (https://ci.example.org/42) of a <b> & c: https://example.org/log",
        "**test_disk** https://ci.example.org/42/1",
        "3 of 40 failed",
        "Branch: main",
        "see the log",
    ]


def test_slack_posted_as_a_form() -> None:
    """Slack's older form, a field named payload, says the same."""
    form = urlencode({"payload": json.dumps(SLACK)}).encode()
    assert text_of(f"{FORM}; charset=utf-8", form) == text(SLACK)


def test_alertmanager_posted() -> None:
    """Each alert of Alertmanager has its state, its name, where it is, what it says, and where to look."""
    assert text(ALERTMANAGER).splitlines() == [
        "🔥 firing: **HostOutOfDisk** (critical, files.example.org:9100)",
        "3 % are free on /srv",
        "At this pace /srv is full in 40 minutes.",
        "https://wiki.example.org/disk",
        "http://prometheus.example.org:9090/graph?g0.expr=free+%3C+3&g0.tab=1",
        "✅ resolved: **HostOutOfDisk** (critical, mail.example.org:9100)",
        "3 % are free on /var",
    ]


def test_grafana_posted() -> None:
    """Grafana's alerts are told with their dashboard or rule, and those that it left out are counted."""
    assert text(GRAFANA).splitlines() == [
        "🔥 firing: **Queue too long**",
        "1,200 mails wait",
        "https://grafana.example.org/d/mail?orgId=1",
        "✅ resolved: **Memory is short**",
        "mail2 swaps",
        "Less than 5 % were free.",
        "https://wiki.example.org/memory",
        "https://grafana.example.org/alerting/m4/edit",
        "and 3 more alerts",
    ]


def test_many_alerts_posted() -> None:
    """Of many alerts the first ones are told, the others counted."""
    alerts = [{"status": "firing", "labels": {"alertname": f"a{number}"}} for number in range(50)]
    lines = text({"alerts": alerts}).splitlines()
    assert len(lines) == ALERTS_SHOWN + 1
    assert lines[-1] == f"and {50 - ALERTS_SHOWN} more alerts"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("", b""),
        ("", b"hello"),
        ("", b"[" * 100_000),
        ("", b'["text"]'),
        ("", b'{"text": ""}'),
        ("", b'{"text": 7}'),
        ("", b'{"text": " \\u0007 "}'),
        ("", b'{"alerts": []}'),
        ("", b'{"alerts": [7], "attachments": 7}'),
        ("", b'{"attachments": [7, {"fields": [7], "text": null}]}'),
        ("", b"\xff\xfe"),
        (FORM, b"text=hello"),
        (FORM, b"payload=hello"),
        (FORM, b"\xff=1"),
        (FORM, b"&".join(b"a=1" for _ in range(100))),
    ],
)
def test_nothing_said(kind: str, body: bytes) -> None:
    """What has no text is refused in a sentence, whatever it is."""
    with pytest.raises(PayloadError, match=r"\.$"):
        text_of(kind, body)


def test_alert_of_odd_kinds() -> None:
    """An alert whose parts are not what they should be is told as far as it goes."""
    assert text({"alerts": [{"labels": [], "annotations": {"summary": 7}}]}) == "🔥 firing: **an alert**\n7"
