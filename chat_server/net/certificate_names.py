"""The names that a certificate is for, read from its bytes; it must know nothing else (RFC 5280, 4.2.1.6)."""

import ipaddress
from typing import Final

from chat_server.net.certificate_dates import after, header

_SUBJECT_ALT_NAME: Final = bytes.fromhex("0603551D11")  # the object identifier 2.5.29.17
_BOOLEAN: Final = 0x01
_DNS_NAME: Final = 0x82
_ADDRESS: Final = 0x87


def names_in(der: bytes) -> list[str]:
    """Return the names and addresses that a certificate is for; none where they cannot be read."""
    _, found, rest = der.partition(_SUBJECT_ALT_NAME)
    try:
        if found and rest[0] == _BOOLEAN:  # whether it is critical
            rest = after(rest)
        return list(filter(None, map(_name, _elements(_inside(_inside(rest)))))) if found else []
    except (IndexError, ValueError):
        return []


def _inside(data: bytes) -> bytes:
    start, end = header(data)
    return data[start:end]


def _elements(data: bytes) -> list[bytes]:
    elements = []
    while data:
        elements.append(data[: header(data)[1]])
        data = after(data)
    return elements


def _name(element: bytes) -> str:
    if element[0] == _DNS_NAME:
        return _inside(element).decode("ascii")
    return str(ipaddress.ip_address(_inside(element))) if element[0] == _ADDRESS else ""
