"""What a file is, and how large a picture: from its bytes, and never from a header that cannot be true."""

import struct
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_server.files.kinds import HEAD_BYTES, OTHER, TEXT, type_of
from chat_server.files.pictures import size_of


def png(width: int, height: int) -> bytes:
    header = b"IHDR" + struct.pack(">II", width, height) + b"\x08\x02\x00\x00\x00"
    return b"\x89PNG\r\n\x1a\n\x00\x00\x00\r" + header + struct.pack(">I", zlib.crc32(header))


def jpeg(width: int, height: int) -> bytes:
    profile = b"\xff\xe2" + struct.pack(">H", 1_002) + b"p" * 1_000
    return b"\xff\xd8" + profile + b"\xff\xff\xc2\x00\x11\x08" + struct.pack(">HH", height, width) + b"\x03"


def gif(width: int, height: int) -> bytes:
    return b"GIF89a" + struct.pack("<HH", width, height) + b"\xf7\x00\x00"


def riff(kind: bytes, rest: bytes) -> bytes:
    return b"RIFF\x00\x10\x00\x00WEBP" + kind + b"\x00\x00\x00\x00" + rest


def webp(width: int, height: int) -> bytes:
    return riff(b"VP8 ", b"\x00\x00\x00\x9d\x01\x2a" + struct.pack("<HH", width, height))


def webp_lossless(width: int, height: int) -> bytes:
    return riff(b"VP8L", b"\x2f" + struct.pack("<I", (width - 1) | (height - 1) << 14))


def webp_extended(width: int, height: int) -> bytes:
    sides = struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]
    return riff(b"VP8X", b"\x10\x00\x00\x00" + sides)


MAKERS = (png, jpeg, gif, webp, webp_lossless, webp_extended)


@pytest.mark.parametrize("make", MAKERS)
def test_size_of_a_picture(make: Callable[[int, int], bytes]) -> None:
    """Width and height stand in the header of each kind."""
    head = make(1_280, 720)
    assert size_of(head, type_of(head), 50_000) == (1_280, 720)


@pytest.mark.parametrize("make", MAKERS)
def test_header_that_is_cut_off(make: Callable[[int, int], bytes]) -> None:
    """Half a header is a picture without a size, or nothing known."""
    head = make(1_280, 720)
    for end in range(len(head) - 1):
        found = size_of(head[:end], type_of(head), 50_000)
        assert found in (None, (1_280, 720))


def test_header_that_lies() -> None:
    """No side is 60,000, no picture has more pixels than its bytes can hold, and none has no pixels."""
    assert size_of(png(60_000, 60_000), "image/png", 50_000_000) is None
    assert size_of(png(30_000, 30_000), "image/png", 50_000_000) is None
    assert size_of(png(4_000, 4_000), "image/png", 300) is None
    assert size_of(png(0, 7), "image/png", 300) is None
    wrong_sum = png(640, 480)[:-1] + b"?"
    assert size_of(wrong_sum, "image/png", 9_000) is None


@given(st.binary(max_size=200), st.sampled_from(["image/png", "image/gif", "image/jpeg", "image/webp"]))
def test_any_bytes(head: bytes, kind: str) -> None:
    """No bytes make a reader fail or go on for ever."""
    size_of(head, kind, len(head))
    type_of(head)


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"%PDF-1.7", "application/pdf"),
        (b"RIFF\x00\x00\x00\x00WAVE", "audio/wav"),
        (b"xxxx\x00\x00\x00\x00WEBP", OTHER),
        (b"<svg xmlns='http://www.w3.org/2000/svg'>", TEXT),
        ("héllo\n\tworld".encode(), TEXT),
        (b"x" * (HEAD_BYTES - 1) + "é".encode()[:1], TEXT),
        (b"x" * 9 + "é".encode()[:1], OTHER),
        (b"\x00\x01", OTHER),
        (b"", OTHER),
        (b"MZ\x90", "application/x-msdownload"),
    ],
)
def test_type_of_a_file(head: bytes, kind: str) -> None:
    """The first bytes say what a file is; what a page would run is text."""
    assert type_of(head) == kind
