"""What Alertmanager, Grafana and Slack's libraries post, after their documentation; values are made up."""

from typing import Any, Final

ALERTMANAGER: Final[dict[str, Any]] = {
    "version": "4",
    "groupKey": '{}/{severity="critical"}:{alertname="HostOutOfDisk"}',
    "truncatedAlerts": 0,
    "status": "firing",
    "receiver": "office-chat",
    "groupLabels": {"alertname": "HostOutOfDisk"},
    "commonLabels": {"alertname": "HostOutOfDisk", "job": "node", "severity": "critical"},
    "commonAnnotations": {},
    "externalURL": "http://alerts.example.org:9093",
    "alerts": [
        {
            "status": "firing",
            "labels": {
                "alertname": "HostOutOfDisk",
                "instance": "files.example.org:9100",
                "job": "node",
                "severity": "critical",
            },
            "annotations": {
                "summary": "3 % are free on /srv",
                "description": "At this pace /srv is full in 40 minutes.",
                "runbook_url": "https://wiki.example.org/disk",
            },
            "startsAt": "2026-03-02T08:15:30.512Z",
            "endsAt": "0001-01-01T00:00:00Z",
            "generatorURL": "http://prometheus.example.org:9090/graph?g0.expr=free+%3C+3&g0.tab=1",
            "fingerprint": "7c1d2f0a9b3e4d56",
        },
        {
            "status": "resolved",
            "labels": {
                "alertname": "HostOutOfDisk",
                "instance": "mail.example.org:9100",
                "severity": "critical",
            },
            "annotations": {"summary": "3 % are free on /var"},
            "startsAt": "2026-03-02T07:02:30.512Z",
            "endsAt": "2026-03-02T08:14:30.512Z",
            "generatorURL": "",
            "fingerprint": "11aa2f0a9b3e4d56",
        },
    ],
}

GRAFANA: Final[dict[str, Any]] = {
    "receiver": "office-chat",
    "status": "firing",
    "orgId": 1,
    "alerts": [
        {
            "status": "firing",
            "labels": {"alertname": "Queue too long", "grafana_folder": "Mail"},
            "annotations": {"summary": "1,200 mails wait"},
            "startsAt": "2026-03-02T09:00:00+01:00",
            "endsAt": "0001-01-01T00:00:00Z",
            "generatorURL": "https://grafana.example.org/alerting/grafana/q1/view?orgId=1",
            "fingerprint": "57c6d9296de2ad39",
            "silenceURL": "https://grafana.example.org/alerting/silence/new?alertmanager=grafana",
            "dashboardURL": "https://grafana.example.org/d/mail?orgId=1",
            "panelURL": "https://grafana.example.org/d/mail?orgId=1&viewPanel=2",
            "values": {"B": 1200, "C": 1},
            "valueString": "[ var='B' labels={} value=1200 ]",
        },
        {
            "status": "resolved",
            "labels": {"alertname": "Memory is short", "team": "blue", "zone": "north"},
            "annotations": {
                "description": "Less than 5 % were free.",
                "runbook_url": "https://wiki.example.org/memory",
                "summary": "mail2 swaps",
            },
            "startsAt": "2026-03-02T08:00:00+01:00",
            "endsAt": "2026-03-02T08:58:00+01:00",
            "generatorURL": "https://grafana.example.org/alerting/m4/edit",
            "fingerprint": "bc97ff14869b13e3",
            "silenceURL": "https://grafana.example.org/alerting/silence/new?alertmanager=grafana",
            "dashboardURL": "",
            "panelURL": "",
            "values": {"B": 44.23943737541908, "C": 1},
        },
    ],
    "groupLabels": {"alertname": "Queue too long"},
    "commonLabels": {"alertname": "Queue too long", "grafana_folder": "Mail"},
    "commonAnnotations": {"summary": "1,200 mails wait"},
    "externalURL": "https://grafana.example.org/",
    "version": "1",
    "groupKey": '{}:{alertname="Queue too long"}',
    "truncatedAlerts": 3,
    "title": "[FIRING:1] Queue too long (Mail)",
    "state": "alerting",
    "message": "**Firing**\n\nValue: B=1200, C=1",
}

SLACK: Final[dict[str, Any]] = {
    "channel": "#builds",
    "username": "builder",
    "icon_emoji": ":hammer:",
    "text": "Build <https://ci.example.org/42|#42> of a &lt;b&gt; &amp; c: <https://example.org/log>",
    "attachments": [
        {
            "fallback": "it failed",
            "color": "#d00000",
            "title": "test_disk",
            "title_link": "https://ci.example.org/42/1",
            "text": "3 of 40 failed",
            "fields": [{"title": "Branch", "value": "main", "short": True}],
        },
        {"fallback": "see the log", "color": "good"},
    ],
}
