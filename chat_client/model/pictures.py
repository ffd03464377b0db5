"""Whether the bytes of a picture are what they say, so that decoding them is safe; it shows nothing.

The forms: PNG (RFC 2083), GIF89a, and of JPEG and WebP only the signature. Any thread.
"""

import zlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from chat_protocol.limits import AVATAR_MAX_BYTES, AVATAR_SIDE_MAX

PIXELS_MAX: Final = 40_000_000
SIDE_MAX: Final = 32_000  # an X server takes no more than 32,767

PNG: Final = "image/png"
GIF: Final = "image/gif"
JPEG: Final = "image/jpeg"
WEBP: Final = "image/webp"

_PNG_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
# Of each colour type: samples of a pixel, and the bits that a sample may have (RFC 2083, 4.1.1).
_PNG_COLOURS: Final = {
    0: (1, (1, 2, 4, 8, 16)),
    2: (3, (8, 16)),
    3: (1, (1, 2, 4, 8)),
    4: (2, (8, 16)),
    6: (4, (8, 16)),
}
# Of each pass of an interlaced picture: first column and row, and the steps to the next ones (2.6).
_PASSES: Final = (
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
)
_INFLATED_STEP: Final = 1 << 20
# A code of GIF has 12 bits at most, and stands for 4,095 pixels at most.
_GIF_PIXELS_PER_BYTE_MAX: Final = 4096


class Fault(StrEnum):
    """Why a picture is not shown."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    WRONG_KIND = "wrong_kind"
    CUT_OFF = "cut_off"
    DAMAGED = "damaged"
    NO_SIZE = "no_size"
    NOT_FETCHED = "not_fetched"


class PictureRefused(Exception):
    """A picture must not be decoded.

    :param fault: why.
    """

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Size:
    """How large a picture is, in pixels."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class SentPicture:
    """What the sender's client has found out about a picture.

    :param kind: its media type.
    :param preview: a small picture of it, a PNG; empty where none is needed or none could be made.
    """

    kind: str
    size: Size
    preview: bytes = b""


def kind_of(data: bytes) -> str | None:
    """Return the media type that the first bytes tell of; None where it is no picture."""
    if data.startswith(_PNG_SIGNATURE):
        return PNG
    if data.startswith((b"GIF87a", b"GIF89a")):
        return GIF
    if data.startswith(b"\xff\xd8\xff"):
        return JPEG
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return WEBP
    return None


def check_size(width: int, height: int) -> None:
    """Refuse a size that would take too much memory.

    :raises PictureRefused: it is too large, or there is nothing.
    """
    if width < 1 or height < 1:
        raise PictureRefused(Fault.DAMAGED)
    if width > SIDE_MAX or height > SIDE_MAX or width * height > PIXELS_MAX:
        raise PictureRefused(Fault.TOO_LARGE)


def check_picture(data: bytes, kind: str) -> Size | None:
    """Look through a whole file before it is decoded.

    :param kind: the media type that the server has told.
    :return: how large it is; None for a kind whose decoder looks itself.
    :raises PictureRefused: it is too large, another kind, cut off, or its header lies.
    """
    if not data:
        raise PictureRefused(Fault.EMPTY)
    if kind_of(data) != kind:
        raise PictureRefused(Fault.WRONG_KIND)
    try:
        if kind == PNG:
            return _check_png(memoryview(data))
        if kind == GIF:
            return _check_gif(data)
    except IndexError:
        raise PictureRefused(Fault.CUT_OFF) from None
    return None


def check_avatar(data: bytes) -> str:
    """Look through the picture of a person: it is small, and nothing else is decoded.

    :return: its media type.
    :raises PictureRefused: as `check_picture` does; also where it is larger than such a picture may be.
    """
    kind = kind_of(data)
    if kind is None:
        raise PictureRefused(Fault.WRONG_KIND if data else Fault.EMPTY)
    if len(data) > AVATAR_MAX_BYTES:
        raise PictureRefused(Fault.TOO_LARGE)
    size = check_picture(data, kind)
    if size is not None and max(size.width, size.height) > AVATAR_SIDE_MAX:
        raise PictureRefused(Fault.TOO_LARGE)
    return kind


# PNG


def _check_png(data: memoryview) -> Size:
    if bytes(data[8:16]) != b"\0\0\0\rIHDR" and len(data) >= 16:
        raise PictureRefused(Fault.DAMAGED)
    header = bytes(_part(data, 16, 13))
    if zlib.crc32(b"IHDR" + header) != _big(data, 29):
        raise PictureRefused(Fault.DAMAGED)
    size = Size(int.from_bytes(header[:4], "big"), int.from_bytes(header[4:8], "big"))
    check_size(size.width, size.height)
    _check_content(_png_content(data), _inflated_bytes(size, *header[8:13]))
    return size


def _png_content(data: memoryview) -> list[memoryview]:
    """Walk over the chunks up to the last one; return those with pixels."""
    found: list[memoryview] = []
    at = 8
    while True:
        length, name = _big(data, at), bytes(_part(data, at + 4, 4))
        content = _part(data, at + 8, length)
        _part(data, at + 8 + length, 4)
        at += 12 + length
        if name == b"IDAT":
            found.append(content)
        elif name == b"IEND":
            return found


def _inflated_bytes(size: Size, depth: int, colour: int, method: int, filters: int, interlaced: int) -> int:
    """Calculate how many bytes the pixels are, with the byte that begins each row."""
    samples, depths = _PNG_COLOURS.get(colour, (0, ()))
    if depth not in depths or method or filters or interlaced > 1:
        raise PictureRefused(Fault.DAMAGED)
    total = 0
    for left, top, step_x, step_y in _PASSES if interlaced else ((0, 0, 1, 1),):
        columns = max(0, -(-(size.width - left) // step_x))
        rows = max(0, -(-(size.height - top) // step_y))
        total += rows * (1 + (columns * samples * depth + 7) // 8) if columns else 0
    return total


def _check_content(parts: list[memoryview], expected: int) -> None:
    """Inflate the pixels, without keeping them: as many as the header says must be there, and no more."""
    inflate = zlib.decompressobj()
    count = 0
    try:
        for part in parts:
            rest: bytes | memoryview = part
            while rest and not inflate.eof:
                count += len(inflate.decompress(rest, _INFLATED_STEP))
                rest = inflate.unconsumed_tail
                if count > expected:
                    raise PictureRefused(Fault.DAMAGED)
        count += len(inflate.flush())  # a repetition may go on behind the last byte that was read
    except zlib.error:
        raise PictureRefused(Fault.DAMAGED) from None
    if count != expected:
        raise PictureRefused(Fault.CUT_OFF if count < expected else Fault.DAMAGED)


def _part(data: memoryview, start: int, count: int) -> memoryview:
    """Return so many bytes.

    :raises IndexError: the file ends before.
    """
    if start + count > len(data):
        raise IndexError(start)
    return data[start : start + count]


def _big(data: memoryview, start: int) -> int:
    return int.from_bytes(_part(data, start, 4), "big")


# GIF


def _check_gif(data: bytes) -> Size:
    """Walk to the end of the first frame, which is all that is shown."""
    size = Size(_little(data, 6), _little(data, 8))
    check_size(size.width, size.height)
    at = 13 + _colours(data[10])
    while data[at] == 0x21:  # an extension: its label, then blocks
        at = _behind_blocks(data, at + 2)[0]
    if data[at] != 0x2C:
        raise PictureRefused(Fault.DAMAGED)
    left, top, width, height = (_little(data, at + place) for place in (1, 3, 5, 7))
    if left + width > size.width or top + height > size.height or not width or not height:
        raise PictureRefused(Fault.DAMAGED)
    start = at + 10 + _colours(data[at + 9])
    if not 2 <= data[start] <= 8:
        raise PictureRefused(Fault.DAMAGED)
    content = _behind_blocks(data, start + 1)[1]
    if width * height > content * _GIF_PIXELS_PER_BYTE_MAX:
        raise PictureRefused(Fault.CUT_OFF)
    return size


def _colours(packed: int) -> int:
    """Return the bytes of the table of colours that a packed field tells of."""
    return 3 << ((packed & 7) + 1) if packed & 0x80 else 0


def _behind_blocks(data: bytes, at: int) -> tuple[int, int]:
    """Return where a run of blocks ends, and how many bytes they hold."""
    content = 0
    while length := data[at]:
        at += 1 + length
        content += length
    return at + 1, content


def _little(data: bytes, start: int) -> int:
    return data[start] | data[start + 1] << 8
