"""`/healthz` and `/metrics` over HTTP, on the thread `metrics`; it must not know what is in them."""

import logging
import socket
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, Final

from chat_server.monitoring.exposition import OPENMETRICS, PLAIN

_log = logging.getLogger("chat.metrics")

READ_TIMEOUT_S: Final = 5.0  # who connects and says nothing keeps the others waiting for so long
STOP_S: Final = 0.5

Health = Callable[[], tuple[bool, str]]
Metrics = Callable[[bool], str]


class Endpoint:
    """Answer GET requests.

    :param address: `ADDRESS:PORT`; port 0 takes a free one.
    :param health: returns whether all is well, and a line for each part.
    :param metrics: returns the metrics as text, in OpenMetrics when asked for it.
    :raises OSError: when the address cannot be listened on.
    """

    def __init__(self, address: str, health: Health, metrics: Metrics) -> None:
        host, _, port = address.rpartition(":")
        self._server = _Server(host.strip("[]"), int(port), health, metrics)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.25}, name="metrics", daemon=True
        )

    @property
    def port(self) -> int:
        """The port in use."""
        return int(self._server.server_address[1])

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Stop listening; a request that is being answered is not waited for."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join(STOP_S)
        self._server.server_close()


class _Server(HTTPServer):
    def __init__(self, host: str, port: int, health: Health, metrics: Metrics) -> None:
        self.health = health
        self.metrics = metrics
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__((host, port), _Handler)

    def server_bind(self) -> None:
        """Bind, without asking name servers for the machine's name."""
        super(HTTPServer, self).server_bind()

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
