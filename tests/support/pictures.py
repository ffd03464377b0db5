"""Small pictures for tests, also such as no program writes; it imports nothing of the project."""

import math
import random
import struct
import zlib

# A clear code, one pixel, and the end, at three bits each.
_GIF_PIXELS = b"\x02\x02\x44\x01\x00"


def png_chunk(name: bytes, content: bytes) -> bytes:
    """Return one chunk of a PNG."""
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png_of(
    width: int, height: int, content: bytes, *, depth: int = 8, colour: int = 6, interlaced: int = 0
) -> bytes:
    """Return a PNG whose header says what it is told, over any content."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced)
    chunks = (png_chunk(b"IHDR", header), png_chunk(b"IDAT", content), png_chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def png(width: int, height: int, colour: tuple[int, int, int] = (40, 120, 200)) -> bytes:
    """Return a PNG of one colour that gets lighter from row to row."""
    rows = []
    for y in range(height):
        light = y / height
        pixel = bytes(round(part + (255 - part) * light) for part in colour)
        rows.append(b"\0" + (pixel + b"\xff") * width)
    return png_of(width, height, zlib.compress(b"".join(rows), 1))


def gif(width: int, height: int, *, frames: int = 1) -> bytes:
    """Return a GIF of two colours; each frame has but its first pixel, the rest is left out."""
    head = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    control = b"!\xf9\x04\0\0\0\0\0"
    frame = control + b"," + struct.pack("<HHHHB", 0, 0, width, height, 0) + _GIF_PIXELS
    return head + frame * frames + b";"


def landscape(width: int, height: int) -> bytes:
    """Return a PNG of hills under an evening sky, for pictures of the window."""
    ridges = [
        (0.58, 0.05, 5.0, 0.3, (122, 134, 158)),
        (0.68, 0.06, 3.4, 2.1, (78, 98, 120)),
        (0.80, 0.05, 2.3, 4.0, (38, 58, 70)),
    ]
    rows = []
    for y in range(height):
        row = bytearray(b"\0")
        down = y / height
        sky = (round(250 - 60 * (1 - down)), round(150 + 90 * down), round(120 + 70 * (1 - down)))
        for x in range(width):
            pixel = sky
            if (x - width * 0.7) ** 2 + (y - height * 0.42) ** 2 < (height * 0.09) ** 2:
                pixel = (255, 244, 214)
            for level, swing, waves, start, colour in ridges:
                if down > level + swing * math.sin(x / width * waves * math.pi + start):
                    pixel = colour
            row += bytes(pixel) + b"\xff"
        rows.append(bytes(row))
    return png_of(width, height, zlib.compress(b"".join(rows), 6))


def portrait(side: int, ground: tuple[int, int, int], hair: tuple[int, int, int]) -> bytes:
    """Return a square PNG of a head and shoulders, for pictures of the window."""
    rows = []
    for y in range(side):
        row = bytearray(b"\0")
        for x in range(side):
            across, down = x / side - 0.5, y / side
            pixel = tuple(min(255, part + round(40 * (1 - down))) for part in ground)
            if (across / 0.36) ** 2 + ((down - 1.05) / 0.33) ** 2 < 1:
                pixel = tuple(255 - part for part in ground)
            if (across / 0.22) ** 2 + ((down - 0.40) / 0.25) ** 2 < 1:
                pixel = hair
            if (across / 0.17) ** 2 + ((down - 0.46) / 0.21) ** 2 < 1:
                pixel = (232, 190, 160)
            row += bytes(pixel) + b"\xff"
        rows.append(bytes(row))
    return png_of(side, side, zlib.compress(b"".join(rows), 6))


def noise(width: int, height: int) -> bytes:
    """Return a PNG of random pixels, always the same ones: nothing packs it."""
    chance = random.Random(width * height)
    rows = b"".join(b"\0" + chance.randbytes(width * 3) for _ in range(height))
    return png_of(width, height, zlib.compress(rows, 1), colour=2)
