"""Pictures are looked through before anything decodes them; hostile ones are refused with the reason."""

import struct
import zlib

import pytest

from chat_client.model.pictures import (
    GIF,
    JPEG,
    PIXELS_MAX,
    PNG,
    WEBP,
    Fault,
    PictureRefused,
    Size,
    check_picture,
    check_size,
    kind_of,
)
from tests.support.pictures import gif, png, png_chunk, png_of


def fault_of(data: bytes, kind: str = PNG) -> Fault:
    """Return why a picture is refused."""
    with pytest.raises(PictureRefused) as caught:
        check_picture(data, kind)
    return caught.value.fault


def test_png_is_measured() -> None:
    """A picture that is what it says is passed, with its size."""
    assert check_picture(png(30, 20), PNG) == Size(30, 20)


@pytest.mark.parametrize(
    ("depth", "colour", "row"), [(1, 0, 2), (4, 3, 6), (8, 2, 33), (16, 2, 66), (16, 6, 88), (8, 4, 22)]
)
def test_png_of_any_form_is_measured(depth: int, colour: int, row: int) -> None:
    """The bytes of a row follow from the bits of a sample and the samples of a pixel."""
    content = zlib.compress(bytes(1 + row) * 3)
    assert check_picture(png_of(11, 3, content, depth=depth, colour=colour), PNG) == Size(11, 3)
    short = zlib.compress(bytes((1 + row) * 3 - 1))
    assert fault_of(png_of(11, 3, short, depth=depth, colour=colour)) == Fault.CUT_OFF


@pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
@pytest.mark.parametrize("colour", [0, 2, 3, 4, 6])
def test_depths_of_each_colour_are_the_standard_s(depth: int, colour: int) -> None:
    """Grey and palettes have small ones, palettes no 16, all others 8 and 16 alone."""
    samples = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    exists = depth in {0: (1, 2, 4, 8, 16), 3: (1, 2, 4, 8)}.get(colour, (8, 16))
    data = png_of(3, 1, zlib.compress(bytes(1 + -(-3 * samples * depth // 8))), depth=depth, colour=colour)
    if exists:
        assert check_picture(data, PNG) == Size(3, 1)
    else:
        assert fault_of(data) == Fault.DAMAGED


# In which of the seven passes each pixel of 8 by 8 comes (RFC 2083, 2.6).
ADAM7 = ("16462646", "77777777", "56565656", "77777777", "36463646", "77777777", "56565656", "77777777")


@pytest.mark.parametrize("width", range(1, 10))
@pytest.mark.parametrize("height", range(1, 10))
def test_interlaced_png_is_measured(width: int, height: int) -> None:
    """Each pass has its pixels, and a byte for each of its rows; passes without pixels have none."""
    passes = [(ADAM7[y % 8][x % 8], y) for x in range(width) for y in range(height)]
    expected = len(passes) + len(set(passes))
    content = zlib.compress(bytes(expected))
    assert check_picture(png_of(width, height, content, colour=0, interlaced=1), PNG) == Size(width, height)
    short = png_of(width, height, zlib.compress(bytes(expected - 1)), colour=0, interlaced=1)
    assert fault_of(short) == Fault.CUT_OFF


def test_empty_file() -> None:
    """0 bytes are said to be none."""
    assert fault_of(b"") == Fault.EMPTY


@pytest.mark.parametrize("kind", [PNG, GIF])
def test_enormous_picture(kind: str) -> None:
    """60,000 by 60,000 pixels are refused by the header, whatever stands behind it."""
    data = png_of(60_000, 60_000, zlib.compress(b"\0")) if kind == PNG else gif(60_000, 60_000)
    assert fault_of(data, kind) == Fault.TOO_LARGE


def test_limit_of_pixels() -> None:
    """40 million pixels are the most, and no side is longer than a screen's server can hold."""
    check_size(8000, PIXELS_MAX // 8000)
    for width, height in ((8001, PIXELS_MAX // 8000), (1, 32_001)):
        with pytest.raises(PictureRefused, match="too_large"):
            check_size(width, height)


@pytest.mark.parametrize(("width", "height"), [(0, 5), (5, 0)])
def test_picture_of_nothing(width: int, height: int) -> None:
    """A side of 0 is no size."""
    assert fault_of(png_of(width, height, zlib.compress(b""))) == Fault.DAMAGED


@pytest.mark.parametrize(("width", "height"), [(30, 19), (29, 20), (1, 1)])
def test_header_that_says_less_than_there_is(width: int, height: int) -> None:
    """More pixels than the header tells of are a lie."""
    content = zlib.compress(b"".join(b"\0" + bytes(30 * 4) for _row in range(20)))
    assert fault_of(png_of(width, height, content)) == Fault.DAMAGED


def test_header_that_says_more_than_there_is() -> None:
    """A small file cannot make the window find room for 36 million pixels."""
    assert fault_of(png_of(6000, 6000, zlib.compress(bytes(1000)))) == Fault.CUT_OFF


def test_bomb_is_not_inflated_to_its_end() -> None:
    """What inflates to far more than the header says is left as soon as that is seen."""
    packer = zlib.compressobj(9)
    bomb = b"".join([packer.compress(bytes(1 << 20)) for _ in range(64)] + [packer.flush()])
    assert len(bomb) < 100_000
    assert fault_of(png_of(10, 10, bomb)) == Fault.DAMAGED


@pytest.mark.parametrize("end", [9, 20, 30, 50, -13, -1])
def test_half_a_png(end: int) -> None:
    """Wherever it was cut off, it is refused."""
    assert fault_of(png(300, 200)[:end]) == Fault.CUT_OFF


def test_changed_header() -> None:
    """A header that does not fit its own checksum is damaged."""
    data = bytearray(png(30, 20))
    data[19] = 31
    assert fault_of(bytes(data)) == Fault.DAMAGED


@pytest.mark.parametrize("form", [{"depth": 3}, {"colour": 5}, {"depth": 16, "colour": 3}, {"interlaced": 2}])
def test_form_that_does_not_exist(form: dict[str, int]) -> None:
    """Bits and colours that the standard does not know are damage."""
    assert fault_of(png_of(2, 2, zlib.compress(bytes(100)), **form)) == Fault.DAMAGED


def test_content_that_does_not_inflate() -> None:
    """Rubbish in place of pixels is damage."""
    assert fault_of(png_of(4, 4, b"rubbish")) == Fault.DAMAGED


def test_png_without_its_header_first() -> None:
    """Another chunk in the first place is damage."""
    data = b"\x89PNG\r\n\x1a\n" + png_chunk(b"IDAT", zlib.compress(b"\0")) + png_chunk(b"IEND", b"")
    assert fault_of(data) == Fault.DAMAGED


@pytest.mark.parametrize("kind", [GIF, JPEG, WEBP])
def test_kind_that_lies(kind: str) -> None:
    """A PNG under another name is not given to that kind's decoder."""
    assert fault_of(png(4, 4), kind) == Fault.WRONG_KIND


def test_kinds() -> None:
    """The first bytes tell what a file is."""
    assert kind_of(b"\xff\xd8\xff\xe0") == JPEG
    assert kind_of(b"RIFF\0\0\0\0WEBPVP8 ") == WEBP
    assert kind_of(b"RIFF\0\0\0\0WAVEfmt ") is None
    assert kind_of(b"<svg/>") is None
    assert check_picture(b"\xff\xd8\xff\xe0", JPEG) is None


def test_gif_is_measured() -> None:
    """Of a moving picture the first frame counts, however many follow."""
    assert check_picture(gif(7, 5), GIF) == Size(7, 5)
    assert check_picture(gif(7, 5, frames=10_000), GIF) == Size(7, 5)
    assert check_picture(gif(7, 5) + b"!", GIF) == Size(7, 5)


@pytest.mark.parametrize("end", [8, 12, 18, 25, 30])
def test_half_a_gif(end: int) -> None:
    """What ends before the first frame does is refused."""
    assert fault_of(gif(7, 5)[:end], GIF) == Fault.CUT_OFF


def test_frame_outside_of_its_gif() -> None:
    """A frame that is larger than the picture is a lie."""
    data = gif(7, 5)
    at = data.index(b",")
    for place, value in ((5, 8), (7, 6), (1, 1), (5, 0)):
        changed = data[: at + place] + struct.pack("<H", value) + data[at + place + 2 :]
        assert fault_of(changed, GIF) == Fault.DAMAGED


def test_gif_that_says_more_than_there_is() -> None:
    """A few bytes cannot hold 36 million pixels."""
    assert fault_of(gif(6000, 6000), GIF) == Fault.CUT_OFF


def test_gif_without_a_frame() -> None:
    """A trailer in place of the first frame is damage."""
    assert fault_of(gif(7, 5, frames=0), GIF) == Fault.DAMAGED
