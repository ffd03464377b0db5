"""Joins the server's health and metrics to the endpoint that tells them; it holds no logic of theirs."""

from chat_server.monitoring.endpoint import Endpoint
from chat_server.monitoring.exposition import render
from chat_server.monitoring.families import families
from chat_server.monitoring.health import checks, report
from chat_server.parts import Parts


def monitor(parts: Parts, address: str) -> Endpoint:
    """Return an endpoint for a server, not started yet.

    :raises OSError: when the address cannot be listened on.
    """
    return Endpoint(
        address,
        lambda: report(list(checks(parts))),
        lambda openmetrics: render(families(parts), openmetrics=openmetrics),
    )
