"""Network addresses and networks in one canonical form; it must not know what is done to them."""

import ipaddress
import socket
from ipaddress import IPv4Network, IPv6Network

Network = IPv4Network | IPv6Network

_MAPPED = ipaddress.ip_network(
    "::ffff:0:0/96"
)  # IPv4 as a dual-stack socket shows it (RFC 4291, section 2.5.5.2)
_MAPPED_BITS = 96
_MAPPED_PREFIX = b"\x00" * 10 + b"\xff\xff"


def parse_network(text: str) -> Network:
    """Read an IPv4 or IPv6 address, or a network in CIDR notation.

    Host bits are cleared, an IPv4 address mapped into IPv6 becomes the IPv4 address, a scope (`%eth0`) is
    dropped.

    :raises ValueError: when the text is neither.
    """
    try:
        network = ipaddress.ip_network(_without_scope(text), strict=False)
    except ValueError:
        raise ValueError(
            f"“{text}” is not an address (192.0.2.7, 2001:db8::7) or network (192.0.2.0/24)"
        ) from None
    if (
        isinstance(network, IPv6Network)
        and network.prefixlen >= _MAPPED_BITS
        and network.network_address in _MAPPED
    ):
        host = int(network.network_address) & 0xFFFF_FFFF
        return IPv4Network((host, network.prefixlen - _MAPPED_BITS))
    return network


def parse_networks(text: str) -> tuple[Network, ...]:
    """Read addresses and networks with commas between them, or none.

    :raises ValueError: when one of them is neither.
    """
    return tuple(parse_network(one.strip()) for one in text.split(",") if one.strip())


def network_text(network: Network) -> str:
    """Return the canonical CIDR text, as the storage keeps it."""
    return network.with_prefixlen


def show_network(network: Network | str) -> str:
    """Return the text for people: a single address without its prefix length."""
    known = ipaddress.ip_network(network) if isinstance(network, str) else network
    return str(known.network_address) if known.num_addresses == 1 else str(known)


def packed(address: str) -> tuple[int, int]:
    """Return an address's version and its value as an integer.

    Runs for each accepted connection, so it asks the C library instead of :mod:`ipaddress`.

    :raises ValueError: when the text is no address.
    """
    try:
        if ":" not in address:
            return 4, int.from_bytes(socket.inet_pton(socket.AF_INET, address), "big")
        raw = socket.inet_pton(socket.AF_INET6, _without_scope(address))
    except (OSError, UnicodeError, ValueError):
        raise ValueError(f"“{address}” is not an address") from None
    if raw.startswith(_MAPPED_PREFIX):
        return 4, int.from_bytes(raw[12:], "big")
    return 6, int.from_bytes(raw, "big")


def contains(network: Network, address: str) -> bool:
    """Return whether the address lies in the network; text that is no address lies in none."""
    try:
        version, value = packed(address)
    except ValueError:
        return False
    return version == network.version and value & int(network.netmask) == int(network.network_address)


def _without_scope(text: str) -> str:
    address, percent, rest = text.partition("%")
    if not percent:
        return text
    _scope, slash, prefix = rest.partition("/")
    return f"{address}{slash}{prefix}"
