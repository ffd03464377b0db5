"""What a program posts, reduced to the text of a message; it must not know where that goes.

It reads `{"text": …}`, what Slack's incoming webhooks take (docs.slack.dev, "Sending messages using incoming
webhooks"), and the webhooks of Prometheus' Alertmanager (version 4) and of Grafana's alerting.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import parse_qs

from chat_protocol.limits import BODY_MAX_CHARS

ALERTS_SHOWN: Final = 20
FORM: Final = "application/x-www-form-urlencoded"
CUT: Final = "\n[…]"

_LINK: Final = re.compile(r"<([^<>|\s]+)(?:\|([^<>]*))?>")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class PayloadError(ValueError):
    """Nothing can be said of what was posted; the text says what is missing."""


def text_of(kind: str, body: bytes) -> str:
    """Return what is to be said in the room, at most as long as a message may be.

    :param kind: the media type: that of a form, or anything else for JSON, which many programs do not name.
    :raises PayloadError: when there is no text in it.
    """
    posted = _object(_form(body) if kind.partition(";")[0].strip().lower() == FORM else body)
    is_alert = isinstance(posted.get("alerts"), list)
    text = _clean(_alerts(posted) if is_alert else "\n".join(_slack(posted)))
    if not text:
        raise PayloadError('There is no text in it: post {"text": "…"}.')
    return text if len(text) <= BODY_MAX_CHARS else text[: BODY_MAX_CHARS - len(CUT)] + CUT


def _form(body: bytes) -> bytes:
    try:
        fields = parse_qs(body.decode(), max_num_fields=20)
    except ValueError as error:
        raise PayloadError(f"It is no form: {error}.") from None
    if "payload" not in fields:
        raise PayloadError("The form has no field named payload.")
    return fields["payload"][0].encode(errors="replace")


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise PayloadError("It is no JSON.") from None
    if not isinstance(found, dict):
        raise PayloadError("It is JSON, but no object.")
    return found


def _clean(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = (
        _CONTROL.sub("", text).encode(errors="replace").decode()
    )  # half a surrogate pair fits in no message
    return text.strip()


# -- Slack's form --------------------------------------------------------------------------------


def _slack(posted: Mapping[str, Any]) -> Iterator[str]:
    yield from _said(posted, "text")
    attachments = posted.get("attachments")
    for attachment in attachments if isinstance(attachments, list) else ():
        if isinstance(attachment, dict):
            yield from _attachment(attachment)


def _attachment(attachment: Mapping[str, Any]) -> Iterator[str]:
    yield from _said(attachment, "pretext")
    for title in _said(attachment, "title"):
        link = attachment.get("title_link")
        yield f"**{title}**" + (f" {link}" if isinstance(link, str) and link else "")
    texts = list(_said(attachment, "text"))
    fields = attachment.get("fields")
    for field in fields if isinstance(fields, list) else ():
        if isinstance(field, dict):
            texts += [": ".join((*_said(field, "title"), *_said(field, "value")))]
    if not texts and "title" not in attachment:
        texts = list(_said(attachment, "fallback"))
    yield from texts


def _said(of: Mapping[str, Any], key: str) -> Iterator[str]:
    """Yield a text, where there is one, without Slack's marks: `<address|words>` and three entities."""
    value = of.get(key)
    if isinstance(value, str) and value.strip():
        plain = _LINK.sub(lambda found: f"{found[2]} ({found[1]})" if found[2] else found[1], value)
        yield plain.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


# -- Alertmanager and Grafana --------------------------------------------------------------------


def _alerts(posted: Mapping[str, Any]) -> str:
    alerts = [alert for alert in posted["alerts"] if isinstance(alert, dict)]
    lines = [_alert(alert) for alert in alerts[:ALERTS_SHOWN]]
    truncated = posted.get("truncatedAlerts")
    more = len(alerts) - len(lines) + (truncated if isinstance(truncated, int) else 0)
    if more > 0:
        lines.append(f"and {more} more alerts")
    return "\n".join(lines)


def _alert(alert: Mapping[str, Any]) -> str:
    labels, notes = _texts(alert, "labels"), _texts(alert, "annotations")
    status = "✅ resolved" if alert.get("status") == "resolved" else "🔥 firing"
    about = [labels[key] for key in ("severity", "instance") if labels.get(key)]
    head = f"{status}: **{labels.get('alertname') or 'an alert'}**" + (
        f" ({', '.join(about)})" if about else ""
    )
    said = [notes[key] for key in ("summary", "description", "message") if notes.get(key)]
    links = [str(alert[key]) for key in ("dashboardURL", "generatorURL") if alert.get(key)]
    runbook = [notes["runbook_url"]] if notes.get("runbook_url") else []
    return "\n".join((head, *dict.fromkeys(said), *runbook, *links[:1]))


def _texts(of: Mapping[str, Any], key: str) -> Mapping[str, str]:
    found = of.get(key)
    return {name: str(value) for name, value in found.items()} if isinstance(found, dict) else {}
