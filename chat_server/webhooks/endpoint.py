"""The HTTP port of the incoming webhooks: few connections at a time, each for one request; it stores nothing.

The thread `webhooks` accepts, one thread per connection reads and answers. A secret is in no log line.
"""

import contextlib
import logging
import socket
import threading
from typing import Any, Final

from chat_server.live.strangers import CONNECTION_COST
from chat_server.net.http_port import HttpPort
from chat_server.webhooks.requests import Handler, Reception, WebhookServer

_log = logging.getLogger("chat.webhooks")

CONNECTIONS_MAX: Final = 32  # each takes up to 10 s, and most a hundredth
REQUEST_MAX_S: Final = 20.0  # from the first byte of the handshake to the last of the answer
STOP_S: Final = 1.0  # of the five seconds in which the server stops


class Endpoint(HttpPort):
    """Take what programs post.

    :param address: `ADDRESS:PORT`; port 0 takes a free one.
    :raises OSError: when the address cannot be listened on.
    """

    def __init__(self, address: str, reception: Reception) -> None:
        self._connections = _Server(address, reception)
        super().__init__(self._connections, name="webhooks", stop_s=STOP_S)

    def stop(self) -> None:
        """Stop listening, and end what is under way: who is not answered posts again."""
        super().stop()
        self._connections.end_all(STOP_S)


class _Server(WebhookServer):
    request_queue_size = CONNECTIONS_MAX

    def __init__(self, address: str, reception: Reception) -> None:
        self.reception = reception
        self._lock = threading.Lock()  # guards the two below
        self._open: set[socket.socket] = set()
        self._threads: set[threading.Thread] = set()
        super().__init__(address, Handler)

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Return whether an address may connect; who may not costs no handshake."""
        del request
        address = client_address[0]
        if self.reception.sanctions.check_address(address) is not None:
            return False
        if self.reception.strangers.wait_s(address):
            _log.debug("%s was refused: it cost too much", address)
            return False
        with self._lock:
            return len(self._open) < CONNECTIONS_MAX

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a connection on a thread of its own."""
        thread = threading.Thread(
            target=self._serve, args=(request, client_address), name="webhook", daemon=True
        )
        with self._lock:
            self._open.add(request)
            self._threads.add(thread)
        thread.start()

    def _serve(self, request: socket.socket, client_address: Any) -> None:
        reception, served = self.reception, request
        deadline = reception.timer.after(REQUEST_MAX_S, lambda: _abandon(served))
        knew = False
        try:
            request.settimeout(Handler.timeout)
            context = reception.context()
            if context is not None:
                served = context.wrap_socket(request, server_side=True, do_handshake_on_connect=False)
                with self._lock:
                    self._open.discard(request)
                    self._open.add(served)
                served.do_handshake()
            knew = Handler(served, client_address, self).knew
        except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
            _log.debug("a connection of %s ended: %s", client_address[0], error)
        except Exception:  # a bug must cost this request, not the server's log of what happened
            _log.exception("a request of %s failed", client_address[0])
        finally:
            deadline.cancel()
            if not knew:
                reception.strangers.charge(client_address[0], CONNECTION_COST)
            with contextlib.suppress(OSError):  # the other end has gone first
                served.shutdown(socket.SHUT_WR)
            served.close()
            with self._lock:
                self._open -= {request, served}
                self._threads.discard(threading.current_thread())

    def end_all(self, timeout: float) -> None:
        """End the connections, and wait some seconds for their threads."""
        with self._lock:
            left, threads = list(self._open), list(self._threads)
        for each in left:
            _abandon(each)
        for thread in threads:
            thread.join(timeout / len(threads))


def _abandon(sock: socket.socket) -> None:
    """Wake the thread that reads from a socket; it closes it. No TLS is spoken: that thread may be in it."""
    with contextlib.suppress(OSError):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
