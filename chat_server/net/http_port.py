"""An HTTP port beside the clients', served on a thread of its own; it must not know what is asked there."""

import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Final

POLL_S: Final = 0.25


class HttpServer(HTTPServer):
    """A server that listens on an address as the options give it.

    :param address: `ADDRESS:PORT`; port 0 takes a free one.
    :raises OSError: when the address cannot be listened on.
    """

    def __init__(self, address: str, handler: type[BaseHTTPRequestHandler]) -> None:
        host, _, port = address.rpartition(":")
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__((host.strip("[]"), int(port)), handler)

    def server_bind(self) -> None:
        """Bind, without asking name servers for the machine's name."""
        super(HTTPServer, self).server_bind()


class HttpPort:
    """The thread that serves a port.

    :param name: of the thread.
    :param stop_s: how many seconds its end may take.
    """

    def __init__(self, server: HttpServer, *, name: str, stop_s: float) -> None:
        self._server = server
        self._stop_s = stop_s
        self._thread = threading.Thread(
            target=server.serve_forever, kwargs={"poll_interval": POLL_S}, name=name, daemon=True
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
            self._thread.join(self._stop_s)
        self._server.server_close()
