"""Which addresses count as one: those that one subscriber or one site has; it opens no socket.

IPv4 addresses count by themselves, IPv6 addresses by their /64, which is what one subscriber has, and
by their /48, which is what one site may have (RFC 6177).
"""

import functools
import socket


@functools.lru_cache(maxsize=4_000)
def address_groups(address: str) -> tuple[str, ...]:
    """Return the groups of an address, the smallest first; text that is no address is its own group."""
    if ":" not in address:
        return (address,)
    try:
        raw = socket.inet_pton(socket.AF_INET6, address.partition("%")[0])
    except OSError:
        return (address,)
    if raw.startswith(b"\0" * 10 + b"\xff\xff"):
        return (socket.inet_ntop(socket.AF_INET, raw[12:]),)
    return (f"{raw[:8].hex()}/64", f"{raw[:6].hex()}/48")
