"""When a certificate ends, read from bytes that a test has put together."""

from datetime import UTC, datetime

import pytest

from chat_server.net.certificate_dates import valid_until

UTC_TIME, GENERALIZED_TIME = 0x17, 0x18


def _element(tag: int, value: bytes) -> bytes:
    if len(value) < 0x80:
        return bytes([tag, len(value)]) + value
    length = len(value).to_bytes((len(value).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + value


def _certificate(end: bytes, kind: int = UTC_TIME, *, versioned: bool = True, issuer: int = 40) -> bytes:
    """Return the beginning of a certificate, as far as its dates, and something behind them."""
    dates = _element(0x30, _element(UTC_TIME, b"200101000000Z") + _element(kind, end))
    version = _element(0xA0, _element(0x02, b"\x02")) if versioned else b""
    head = _element(0x02, b"\x01\x02") + _element(0x30, b"\x06\x01x") + _element(0x30, b"i" * issuer)
    to_be_signed = _element(0x30, version + head + dates + _element(0x30, b"subject"))
    return _element(0x30, to_be_signed + _element(0x03, b"signature"))


def _at(moment: str) -> float:
    return datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize("versioned", [True, False])
@pytest.mark.parametrize("issuer", [0, 5, 125, 126, 127, 128, 129, 255, 256, 70_000])
def test_end_is_found_behind_parts_of_any_length(versioned: bool, issuer: int) -> None:
    """Lengths are written in one octet or in several; the version may be left out."""
    made = _certificate(b"261231235958Z", versioned=versioned, issuer=issuer)
    assert valid_until(made) == _at("2026-12-31 23:59:58")


@pytest.mark.parametrize(
    ("text", "kind", "moment"),
    [
        (b"491231000000Z", UTC_TIME, "2049-12-31"),
        (b"500101000000Z", UTC_TIME, "1950-01-01"),
        (b"20500101000000Z", GENERALIZED_TIME, "2050-01-01"),
        (b"99991231235959Z", GENERALIZED_TIME, "9999-12-31 23:59:59"),
    ],
)
def test_years_are_of_two_digits_or_of_four(text: bytes, kind: int, moment: str) -> None:
    """Two digits mean 1950 to 2049 (RFC 5280, 4.1.2.5)."""
    assert valid_until(_certificate(text, kind)) == _at(moment)


def test_what_cannot_be_read_is_said() -> None:
    """A certificate cut anywhere before its end, or something else, is refused."""
    whole = _certificate(b"261231235958Z")
    end = whole.index(b"261231235958Z")
    for length in range(end + 1):
        with pytest.raises(ValueError, match=r"."):
            valid_until(whole[:length])
    for other in (b"\x31" + whole[1:], _element(0x30, b"\x04\x01x")):
        with pytest.raises(ValueError, match="not what a certificate"):
            valid_until(other)
    with pytest.raises(ValueError, match="time data"):
        valid_until(_certificate(b"not a date!!!"))
