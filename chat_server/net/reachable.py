"""Under which addresses other machines reach this one, found without sending; it must not know who asks."""

import ipaddress
import socket
from typing import Final

from chat_protocol.invitations import Place, parse_invitation

WILDCARDS: Final = ("", "0.0.0.0", "::")
# Addresses that are nobody's (RFC 5737, RFC 3849): the kernel chooses, for each, from where it would send.
_FAR: Final = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))


def reachable(host: str) -> list[str]:
    """Return the addresses of a server that listens on `host`: that one, or those of this machine.

    None where this machine has no network.
    """
    if host not in WILDCARDS:
        return [host]
    found = [_source(family, far) for family, far in _FAR if host != "0.0.0.0" or family == socket.AF_INET]
    return [address for address in found if address]


def advertised(host: str, public_name: str, port: int) -> list[Place]:
    """Return the places under which clients may find a server: its public name, or its addresses.

    :param public_name: a name, with `:port` where another one leads to the server; or empty.
    """
    if not public_name:
        return [(address, port) for address in reachable(host)]
    place = parse_invitation(public_name)
    return [(place.host, place.port if _has_port(public_name) else port)]


def _has_port(host: str) -> bool:
    before, colon, digits = host.rpartition(":")
    return bool(colon) and digits.isdigit() and (":" not in before or before.endswith("]"))


def _source(family: socket.AddressFamily, far: str) -> str:
    """Return from which address this machine would send to another one; empty where it would not."""
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as sock:
            sock.connect((far, 9))
            address = str(sock.getsockname()[0]).partition("%")[0]
    except OSError:
        return ""
    parsed = ipaddress.ip_address(address)
    return "" if parsed.is_loopback or parsed.is_link_local or parsed.is_unspecified else address
