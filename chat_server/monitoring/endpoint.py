"""`/healthz` and `/metrics` over HTTP, on the thread `metrics`; it must not know what is in them."""

import logging
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any, Final

from chat_server.monitoring.exposition import OPENMETRICS, PLAIN
from chat_server.net.http_port import HttpPort, HttpServer

_log = logging.getLogger("chat.metrics")

READ_TIMEOUT_S: Final = 5.0  # who connects and says nothing keeps the others waiting for so long
STOP_S: Final = 0.5

Health = Callable[[], tuple[bool, str]]
Metrics = Callable[[bool], str]


class Endpoint(HttpPort):
    """Answer GET requests.

    :param address: `ADDRESS:PORT`; port 0 takes a free one.
    :param health: returns whether all is well, and a line for each part.
    :param metrics: returns the metrics as text, in OpenMetrics when asked for it.
    :raises OSError: when the address cannot be listened on.
    """

    def __init__(self, address: str, health: Health, metrics: Metrics) -> None:
        super().__init__(_Server(address, health, metrics), name="metrics", stop_s=STOP_S)


class _Server(HttpServer):
    def __init__(self, address: str, health: Health, metrics: Metrics) -> None:
        self.health = health
        self.metrics = metrics
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Log why a request was not answered; the next one is."""
        _log.info("a request of %s was not answered", client_address[0], exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = READ_TIMEOUT_S
    server_version = "chat"
    sys_version = ""

    def do_GET(self) -> None:
        """Answer one request."""
        path = self.path.partition("?")[0]
        if path == "/healthz":
            well, text = self.server.health()
            self._answer(HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE, "text/plain", text)
        elif path == "/metrics":
            openmetrics = "openmetrics" in self.headers.get("Accept", "")
            kind = OPENMETRICS if openmetrics else PLAIN
            self._answer(HTTPStatus.OK, kind, self.server.metrics(openmetrics))
        else:
            self._answer(HTTPStatus.NOT_FOUND, "text/plain", "There are /healthz and /metrics.\n")

    do_HEAD = do_GET

    def _answer(self, status: HTTPStatus, kind: str, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind if ";" in kind else f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Log a request where somebody looks for everything."""
        _log.debug("%s %s", self.address_string(), format % args)
