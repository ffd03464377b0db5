"""How long a certificate holds, read from its bytes; it must know nothing else of it (RFC 5280, 4.1)."""

from datetime import UTC, datetime
from typing import Final

_SEQUENCE: Final = 0x30
_VERSION: Final = 0xA0
_UTC_TIME: Final = 0x17


def valid_until(der: bytes) -> float:
    """Return when a certificate ends, in seconds since 1970.

    :raises ValueError: when that cannot be read.
    """
    return validity(der)[1]


def validity(der: bytes) -> tuple[float, float]:
    """Return from when until when a certificate holds, in seconds since 1970.

    :raises ValueError: when that cannot be read.
    """
    try:
        to_be_signed = _inside(_inside(der))
        if to_be_signed[0] == _VERSION:
            to_be_signed = after(to_be_signed)
        for _ in ("serial number", "algorithm", "issuer"):
            to_be_signed = after(to_be_signed)
        dates = _inside(to_be_signed)
        return _time(dates), _time(after(dates))
    except IndexError:
        raise ValueError("the certificate is cut short") from None


def header(data: bytes) -> tuple[int, int]:
    """Return where the value of the first element begins and ends."""
    length = data[1]
    if length < 0x80:
        return 2, 2 + length
    octets = length & 0x7F
    start = 2 + octets
    return start, start + int.from_bytes(data[2:start])


def _inside(data: bytes) -> bytes:
    if data[0] != _SEQUENCE:
        raise ValueError("it is not what a certificate is made of")
    start, end = header(data)
    return data[start:end]


def after(data: bytes) -> bytes:
    """Return what stands behind the first element."""
    return data[header(data)[1] :]


def _time(data: bytes) -> float:
    start, end = header(data)
    text = data[start:end].decode("ascii")
    if data[0] == _UTC_TIME:
        text = ("20" if text < "50" else "19") + text
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC).timestamp()
