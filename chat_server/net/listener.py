"""The listening socket: accepts, refuses banned addresses and a full house, starts a thread per client.

`serve_forever` runs on the listener thread; it must not know what clients say.
"""

import contextlib
import errno
import functools
import ipaddress
import logging
import os
import socket
import socketserver
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from chat_server.limits import ACCEPT_BACKLOG
from chat_server.net.proxied import ProxyHeaderError, read_source
from chat_server.net.sockets import configure_socket

_log = logging.getLogger("chat.listener")

OUT_OF_FILES: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
TELL_EVERY_S: Final = 60.0
BURST: Final = 128  # clients that are accepted before those of them who are not known get their threads
GATHER_S: Final = 0.01  # for which clients wait in the kernel, when some were turned away
PAUSE_S: Final = 0.25  # where not even the file that is kept for it helps

Admission = Callable[[str], bytes | None]
Serving = Callable[[socket.socket, str], None]


class Listener(socketserver.TCPServer):
    """A threaded TCP server whose threads nobody waits for: `ChatServer` ends the connections itself.

    :param host: the address to listen on.
    :param port: 0 takes a free one.
    :param admit: returns None for an address that may enter, else the last words for it (perhaps none).
    :param serve: runs a client's whole conversation on its thread, and closes the socket.
    :param full: returns the last words for whom the process has no file left.
    :param is_proxy: tells whether an address is that of a proxy, which says who its clients are.
    :param known: whether somebody who belongs here is likely to come from an address.
    :param give_way: called before each client that is taken, and each stranger who is let in.
    """

    allow_reuse_address = True
    request_queue_size = ACCEPT_BACKLOG

    def __init__(
        self,
        host: str,
        port: int,
        admit: Admission,
        serve: Serving,
        full: Callable[[], bytes] = bytes,
        is_proxy: Callable[[str], bool] = lambda _address: False,
        known: Callable[[str], bool] = lambda _address: False,
        give_way: Callable[[], object] = bool,
    ) -> None:
        self._give_way = give_way
        self._is_proxy = is_proxy
        self._admit = admit
        self._serve = serve
        self._full = full
        self._tell_at = self._tell_of_proxy_at = 0.0
        self._known = known
        self._turned_away = False  # since the last burst
        self._strangers: deque[tuple[socket.socket, str]] = deque()  # accepted, and without a thread yet
        self._spare: int | None = None  # a file, to be closed for one client more: who is then told
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        # An address such as fe80::1%eth0 names a network card, which only its resolved form carries.
        place: Any = (host, port)
        if self.address_family == socket.AF_INET6:
            place = socket.getaddrinfo(host, port, socket.AF_INET6, socket.SOCK_STREAM)[0][4]
        super().__init__(place, socketserver.BaseRequestHandler)

    @property
    def port(self) -> int:
        """The port in use."""
        return int(self.server_address[1])

    def server_bind(self) -> None:
        """Bind; an IPv6 socket takes IPv4 clients too where the system allows it."""
        if self.address_family == socket.AF_INET6:
            with contextlib.suppress(OSError):
                self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        super().server_bind()

    def server_activate(self) -> None:
        """Listen, and keep a file for telling that there are no more."""
        super().server_activate()
        self.socket.setblocking(False)  # a burst ends where nobody is there
        self._keep_spare()

    def server_close(self) -> None:
        """Close the listening socket."""
        super().server_close()
        self._drop_spare()

    def handle_request(self) -> None:
        """Take one client, if there is one."""
        super().handle_request()
        self._start_strangers(among_others=0)

    def service_actions(self) -> None:
        """Take who came at the same time, without a look at the poll between any two.

        A member may stand behind a crowd of strangers: he has his thread before any of them has one, and
        before the rest of them when he comes while they get theirs. While some are turned away, the next
        ones gather in the kernel for a moment: a thread that woke for each of them would take the
        interpreter from the users as often.
        """
        for _ in range(BURST):
            self._give_way()
            if not self._take():
                break
        self._start_strangers(among_others=BURST)
        if self._turned_away:
            self._turned_away = False
            time.sleep(GATHER_S)

    def _take(self) -> bool:
        """Return whether there was somebody."""
        try:
            request, address = self.get_request()
        except OSError:  # there is nobody; or he has gone, and the poll tells of the next
            return False
        try:
            if self.verify_request(request, address):
                self.process_request(request, address)
            else:
                self.close_request(request)
        except Exception:
            self.handle_error(request, address)
            self.close_request(request)
        return True

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept a client; where the process has no file left for it, tell it and go on, without haste."""
        try:
            return super().get_request()
        except OSError as error:
            if error.errno in OUT_OF_FILES:
                self._out_of_files(error)
            raise

    def _out_of_files(self, error: OSError) -> None:
        if time.monotonic() >= self._tell_at:
            self._tell_at = time.monotonic() + TELL_EVERY_S
            _log.error("clients are turned away: %s; allow fewer (--connections) or raise the limit", error)
        had_spare = self._spare is not None
        self._drop_spare()
        try:
            sock, _ = super().get_request()
        except OSError:
            time.sleep(PAUSE_S)  # or the socket, which stays ready, would keep this thread running
        else:
            with sock, contextlib.suppress(OSError):
                sock.send(self._full(), socket.MSG_DONTWAIT)
            if not had_spare:
                time.sleep(PAUSE_S)
        self._keep_spare()

    def _keep_spare(self) -> None:
        with contextlib.suppress(OSError):
            self._spare = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)

    def _drop_spare(self) -> None:
        if self._spare is not None:
            os.close(self._spare)
            self._spare = None

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Refuse an address before any other work, TLS included; behind a proxy, on the client's thread."""
        address = plain_address(client_address[0])
        return self._is_proxy(address) or self._may_enter(request, address)

    def _may_enter(self, sock: socket.socket, address: str) -> bool:
        last_words = self._admit(address)
        if last_words:
            with contextlib.suppress(OSError):
                sock.send(last_words, socket.MSG_DONTWAIT)
        self._turned_away = self._turned_away or last_words is not None
        return last_words is None

    def _serve_proxied(self, sock: socket.socket, proxy: str) -> None:
        """Serve a client under the address that the proxy gives it, or the proxy itself, which only looks."""
        try:
            source = read_source(sock)
        except (OSError, ProxyHeaderError) as error:
            self._tell_of_proxy(proxy, error)
        else:
            address = plain_address(source or proxy)
            if source is None or self._may_enter(sock, address):
                self._serve(sock, address)
                return
        self.shutdown_request(sock)

    def _tell_of_proxy(self, proxy: str, error: Exception) -> None:
        if time.monotonic() >= self._tell_of_proxy_at:
            self._tell_of_proxy_at = time.monotonic() + TELL_EVERY_S
            _log.warning(
                "a connection from %s, a proxy (--proxy-from), is refused: %s; does it use send-proxy-v2?",
                proxy,
                error,
            )

    def process_request(self, request: Any, client_address: Any) -> None:
        """Start the client's thread, at once where the address is known, else behind those of the known."""
        address = plain_address(client_address[0])
        if self._known(address):
            self._start(request, address)
        else:
            self._strangers.append((request, address))

    def _start_strangers(self, among_others: int) -> None:
        """Start their threads, and take so many others meanwhile."""
        while self._strangers:
            self._give_way()
            self._start(*self._strangers.popleft())
            if among_others:
                among_others -= 1
                self._take()

    def _start(self, sock: socket.socket, address: str) -> None:
        try:
            configure_socket(sock)
            serve = self._serve_proxied if self._is_proxy(address) else self._serve
            threading.Thread(target=serve, args=(sock, address), name="client", daemon=True).start()
        except OSError:  # gone meanwhile, which not every system lets pass
            sock.close()
        except RuntimeError as error:  # no more threads: this client has to come back, the others stay
            _log.error("no thread for a client: %s", error)
            sock.close()

    def shutdown_request(self, request: Any) -> None:
        """Close a client that is not served; a shutdown before that would say no more and cost as much."""
        self.close_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Log what went wrong while accepting; the next client is accepted all the same."""
        _log.exception("accepting a client failed")


@functools.lru_cache(maxsize=1_000)
def plain_address(address: str) -> str:
    """Return an IPv4 address that came over an IPv6 socket (`::ffff:192.0.2.1`) as IPv4, without a zone."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(parsed, "ipv4_mapped", None)
    return str(mapped or parsed)
