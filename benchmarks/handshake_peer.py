"""The process of a server that only shakes hands: a thread for each, by the standard library."""

import socketserver
import ssl
import sys
from typing import ClassVar


class Handler(socketserver.BaseRequestHandler):
    """Shakes hands, says so in a line, and waits for the client to leave."""

    context: ClassVar[ssl.SSLContext]

    def handle(self) -> None:
        with self.context.wrap_socket(self.request, server_side=True) as connection:
            connection.sendall(b"{}\n")
            connection.recv(1)


class Server(socketserver.ThreadingTCPServer):
    """Takes as many at once as come."""

    request_queue_size = 1024
    daemon_threads = True


def main(certificate: str, key: str) -> None:
    """Serve on a free port of loopback, and print it."""
    Handler.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    Handler.context.load_cert_chain(certificate, key)
    with Server(("127.0.0.1", 0), Handler) as server:
        sys.stdout.write(f"{server.server_address[1]}\n")
        sys.stdout.flush()
        server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
