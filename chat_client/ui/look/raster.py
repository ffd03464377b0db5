"""Draws small antialiased shapes into PNG bytes in plain Python; knows no tkinter, no theme and no names.

Tk draws circles and rounded corners with hard, jagged edges. Pictures with an alpha channel do not have that
fault, and drawing them here, at the size that the screen needs, keeps them sharp at every scaling.
"""

import itertools
import math
import struct
import zlib
from collections.abc import Iterable, Sequence
from functools import lru_cache

Point = tuple[float, float]
Rgb = tuple[int, int, int]

_ARC_STEP_DEGREES = 9


def rgb(colour: str) -> Rgb:
    """Split ``#rrggbb`` into its three channels, 0 to 255."""
    value = int(colour.lstrip("#"), 16)
    return value >> 16, value >> 8 & 255, value & 255


@lru_cache(maxsize=256)
def parse_path(path: str) -> tuple[tuple[Point, ...], ...]:
    """Read a path of ``M x y``, ``L x y`` and ``O cx cy rx ry from to`` (an arc, degrees, y downwards)."""
    lines: list[list[Point]] = []
    words = path.split()
    at = 0
    while at < len(words):
        command, count = words[at], 6 if words[at] == "O" else 2
        numbers = [float(word) for word in words[at + 1 : at + 1 + count]]
        at += 1 + count
        if command == "M":
            lines.append([(numbers[0], numbers[1])])
        elif command == "L":
            lines[-1].append((numbers[0], numbers[1]))
        else:
            _append_arc(lines, numbers)
    return tuple(tuple(line) for line in lines)


def _append_arc(lines: list[list[Point]], numbers: Sequence[float]) -> None:
    centre_x, centre_y, radius_x, radius_y, start, end = numbers
    steps = max(2, math.ceil(abs(end - start) / _ARC_STEP_DEGREES))
    points = [
        (centre_x + radius_x * math.cos(angle), centre_y + radius_y * math.sin(angle))
        for angle in (math.radians(start + (end - start) * step / steps) for step in range(steps + 1))
    ]
    joined = lines and lines[-1] and math.dist(lines[-1][-1], points[0]) < 0.6
    if joined:
        lines[-1].extend(points)
    else:
        lines.append(points)


class Mask:
    """The coverage of each pixel, 0 to 255, of shapes drawn over one another."""

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.height = height
        self.alpha = bytearray(width * height)

    def stroke(self, points: Sequence[Point], width: float) -> None:
        """Draw a line with round ends through ``points``, in pixels."""
        if len(points) == 1:
            self._segment(points[0], points[0], width / 2)
        for start, end in itertools.pairwise(points):
            self._segment(start, end, width / 2)

    def disc(self, centre_x: float, centre_y: float, radius: float) -> None:
        """Add a filled disc."""
        self._segment((centre_x, centre_y), (centre_x, centre_y), radius)

    def _segment(self, start: Point, end: Point, half: float) -> None:
        (ax, ay), (bx, by) = start, end
        run_x, run_y = bx - ax, by - ay
        length = run_x * run_x + run_y * run_y
        reach = half + 1
        for y in range(max(0, int(min(ay, by) - reach)), min(self.height, int(max(ay, by) + reach) + 1)):
            row = y * self.width
            from_y = y + 0.5 - ay
            for x in range(max(0, int(min(ax, bx) - reach)), min(self.width, int(max(ax, bx) + reach) + 1)):
                from_x = x + 0.5 - ax
                along = (from_x * run_x + from_y * run_y) / length if length else 0.0
                along = 0.0 if along < 0 else 1.0 if along > 1 else along
                distance = math.hypot(from_x - along * run_x, from_y - along * run_y)
                self._cover(row + x, half - distance + 0.5)

    def rounded_rectangle(self, left: float, top: float, right: float, bottom: float, radius: float) -> None:
        """Add a filled rectangle with round corners."""
        middle_x, middle_y = (left + right) / 2, (top + bottom) / 2
        inner_x, inner_y = (right - left) / 2 - radius, (bottom - top) / 2 - radius
        for y in range(self.height):
            beyond_y = abs(y + 0.5 - middle_y) - inner_y
            for x in range(self.width):
                beyond_x = abs(x + 0.5 - middle_x) - inner_x
                outside = math.hypot(max(beyond_x, 0.0), max(beyond_y, 0.0)) - radius
                self._cover(y * self.width + x, 0.5 - outside - min(0.0, max(beyond_x, beyond_y) + radius))

    def _cover(self, at: int, coverage: float) -> None:
        if coverage > 0:
            value = 255 if coverage >= 1 else int(coverage * 255)
            if value > self.alpha[at]:
                self.alpha[at] = value


@lru_cache(maxsize=64)
def disc_mask(size: int, inset: float = 0.0) -> Mask:
    """Return the mask of a filled disc; ``inset`` pixels are left free around it."""
    mask = Mask(size, size)
    mask.disc(size / 2, size / 2, size / 2 - inset)
    return mask


def paint(layers: Iterable[tuple[Mask, str]]) -> bytes:
    """Lay coloured masks of one size over one another; the answer is a PNG with an alpha channel."""
    layers = list(layers)
    return encode_png(layers[0][0].width, layers[0][0].height, bytes(composed(layers)))


def composed(layers: Sequence[tuple[Mask, str]]) -> bytearray:
    """Lay coloured masks over one another; the answer is their RGBA pixels, row by row."""
    width, height = layers[0][0].width, layers[0][0].height
    pixels = bytearray(width * height * 4)
    for mask, colour in layers:
        red, green, blue = rgb(colour)
        for at, alpha in enumerate(mask.alpha):
            if alpha:
                _blend(pixels, at * 4, red, green, blue, alpha)
    return pixels


def paint_stretched(layers: Sequence[tuple[Mask, str]], extra_x: int, extra_y: int) -> bytes:
    """Paint like :func:`paint`, with the middle column and the middle row repeated so many times."""
    width, height = layers[0][0].width, layers[0][0].height
    pixels = composed(layers)
    middle = width // 2 * 4
    rows = []
    for y in range(height):
        row = bytes(pixels[y * width * 4 : (y + 1) * width * 4])
        rows.append(row[:middle] + row[middle : middle + 4] * extra_x + row[middle:])
    rows[height // 2 : height // 2] = [rows[height // 2]] * extra_y
    return encode_png(width + extra_x, height + extra_y, b"".join(rows))


def tinted(width: int, height: int, alpha: bytes, colour: str) -> bytes:
    """Give a PNG of one colour with the given coverage of each pixel."""
    pixels = bytearray(bytes((*rgb(colour), 0)) * (width * height))
    pixels[3::4] = alpha
    return encode_png(width, height, bytes(pixels))


def _blend(pixels: bytearray, at: int, red: int, green: int, blue: int, alpha: int) -> None:
    under = pixels[at + 3]
    if alpha == 255 or not under:
        pixels[at : at + 4] = bytes((red, green, blue, alpha))
        return
    over, rest = alpha / 255, under / 255 * (1 - alpha / 255)
    total = over + rest
    for offset, channel in enumerate((red, green, blue)):
        pixels[at + offset] = round((channel * over + pixels[at + offset] * rest) / total)
    pixels[at + 3] = round(total * 255)


def encode_png(width: int, height: int, pixels: bytes) -> bytes:
    """Pack RGBA or RGB pixels as PNG (RFC 2083)."""
    channels = len(pixels) // (width * height)
    stride = width * channels
    lines = [pixels[y * stride : (y + 1) * stride] for y in range(height)]
    if channels == 4:
        rows = b"".join(b"\0" + line for line in lines)
    else:  # photographs take fewer bytes as the differences to the pixels at the left
        rows = b"".join(b"\1" + _differences(line, channels) for line in lines)
    header = struct.pack(">IIBBBBB", width, height, 8, 6 if channels == 4 else 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(rows, 6))
        + _chunk(b"IEND", b"")
    )


def _differences(line: bytes, channels: int) -> bytes:
    before = bytes(channels) + line
    return bytes((value - left) & 255 for value, left in zip(line, before, strict=False))


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
