"""How large a picture is, read from its first bytes; it decodes nothing and believes no impossible header.

The forms: PNG (RFC 2083, 4.1.1), GIF89a (18), JPEG (ITU T.81, B.2.2), WebP (RFC 9649).
"""

import zlib
from collections.abc import Callable
from typing import Final

SIDE_MAX: Final = 32_768
PIXELS_MAX: Final = 100_000_000
# Deflate and LZW shrink to a thousandth at best, and a pixel may be one bit of eight.
PIXELS_PER_BYTE_MAX: Final = 16_384

Size = tuple[int, int]


def size_of(head: bytes, kind: str, file_bytes: int) -> Size | None:
    """Return the width and height of a picture in pixels; None where its header says none that can be true.

    :param head: the first bytes of the file.
    :param kind: its media type.
    :param file_bytes: the size of the file.
    """
    read = _READERS.get(kind)
    if read is None:
        return None
    try:
        found = read(head)
    except IndexError:
        return None
    return found if found and _is_likely(*found, file_bytes) else None


def _is_likely(width: int, height: int, file_bytes: int) -> bool:
    if not (0 < width <= SIDE_MAX and 0 < height <= SIDE_MAX):
        return False
    return width * height <= min(PIXELS_MAX, PIXELS_PER_BYTE_MAX * file_bytes)


def _number(head: bytes, start: int, count: int, order: str = "big") -> int:
    if start + count > len(head):
        raise IndexError(start)
    return int.from_bytes(head[start : start + count], "big" if order == "big" else "little")


def _png(head: bytes) -> Size | None:
    if head[8:16] != b"\x00\x00\x00\rIHDR" or zlib.crc32(head[12:29]) != _number(head, 29, 4):
        return None
    return _number(head, 16, 4), _number(head, 20, 4)


def _gif(head: bytes) -> Size:
    return _number(head, 6, 2, "little"), _number(head, 8, 2, "little")


def _jpeg(head: bytes) -> Size | None:
    place = 2
    while True:
        if head[place] != 0xFF:
            return None
        marker = head[place + 1]
        if marker == 0xFF:  # a fill byte
            place += 1
        elif 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return _number(head, place + 7, 2), _number(head, place + 5, 2)
        elif marker in (0x01, *range(0xD0, 0xDA)):
            return None  # the picture itself, without a size before it
        else:
            place += 2 + max(2, _number(head, place + 2, 2))


def _webp(head: bytes) -> Size | None:
    kind = head[12:16]
    if kind == b"VP8X":
        return 1 + _number(head, 24, 3, "little"), 1 + _number(head, 27, 3, "little")
    if kind == b"VP8 " and head[23:26] == b"\x9d\x01\x2a":
        return _number(head, 26, 2, "little") & 0x3FFF, _number(head, 28, 2, "little") & 0x3FFF
    if kind == b"VP8L" and head[20] == 0x2F:
        bits = _number(head, 21, 4, "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    return None


_READERS: Final[dict[str, Callable[[bytes], Size | None]]] = {
    "image/png": _png,
    "image/gif": _gif,
    "image/jpeg": _jpeg,
    "image/webp": _webp,
}
