"""The header in which a proxy says who its client is; it must not know whom to trust, nor what follows.

It is that of the PROXY protocol, version 2 (https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt).
"""

import socket
import time
from typing import Final

SIGNATURE: Final = b"\r\n\r\n\x00\r\nQUIT\n"
HEADER_S: Final = 3.0  # a proxy sends it with its first packet
_FIXED_BYTES: Final = 16
_PORTS_BYTES: Final = 4  # behind the two addresses
_REST_MAX_BYTES: Final = 4_096  # addresses take 36; the rest is what a proxy may add about the connection
_LOCAL, _PROXY = 0x0, 0x1
_ADDRESS_BYTES: Final = {0x1: (socket.AF_INET, 4), 0x2: (socket.AF_INET6, 16)}


class ProxyHeaderError(ValueError):
    """What came is no such header, or one without an address."""


def read_source(sock: socket.socket, within_s: float = HEADER_S) -> str | None:
    """Read the header, and not a byte more, and return the address of the client.

    :returns: None where the proxy itself is the client, as when it looks whether the server is well.
    :raises ProxyHeaderError: when it is none; the address of whoever connects must not be guessed then.
    :raises OSError: when it does not come in time, or the proxy hangs up.
    """
    deadline = time.monotonic() + within_s
    fixed = _read(sock, _FIXED_BYTES, deadline)
    version, command = fixed[12] >> 4, fixed[12] & 0xF
    length = int.from_bytes(fixed[14:16], "big")
    if not fixed.startswith(SIGNATURE) or version != 2 or length > _REST_MAX_BYTES:
        raise ProxyHeaderError("it does not begin with a PROXY header, version 2")
    rest = _read(sock, length, deadline)
    sock.settimeout(None)
    if command == _LOCAL:
        return None
    family, size = _ADDRESS_BYTES.get(fixed[13] >> 4, (None, 0))
    if command != _PROXY or family is None or length < 2 * size + _PORTS_BYTES:
        raise ProxyHeaderError("its PROXY header names no IP address")
    return socket.inet_ntop(family, rest[:size])


def _read(sock: socket.socket, size: int, deadline: float) -> bytes:
    found = b""
    while len(found) < size:
        left_s = deadline - time.monotonic()
        if left_s <= 0:
            raise TimeoutError("no PROXY header came")
        sock.settimeout(left_s)
        chunk = sock.recv(size - len(found))
        if not chunk:
            raise ConnectionError("it was closed before its PROXY header")
        found += chunk
    return found
