"""The drawing of avatars, icons and rounded grounds."""

import struct
import zlib

import pytest

from chat_client.ui.look.glyphs import ICONS, LETTERS
from chat_client.ui.look.pictures import icon_mask, initials, letter_mask
from chat_client.ui.look.raster import Mask, encode_png, paint, parse_path


@pytest.mark.parametrize(
    ("display_name", "username", "letters"),
    [
        ("Zoé Martin", "zoe", "ZM"),
        ("Éloïse", "eloise", "E"),
        ("Jean-Luc", "jl", "JL"),
        ("Нина", "nina", "N"),
        ("日本", "nihon.7", "N"),
        ("  ", "x-1", "X1"),
        ("", "", ""),
        ("😀", "", ""),
    ],
)
def test_initials_of_a_name(display_name, username, letters):
    """Initials come from the displayed name, or from the username where that has no Latin letter."""
    assert initials(display_name, username) == letters


@pytest.mark.parametrize("letter", LETTERS)
def test_letter_stays_within_the_disc(letter):
    """Every letter and digit is drawn, and leaves the rim of the avatar free."""
    size = 36
    mask = letter_mask(letter, size)
    inked = [(at % size, at // size) for at, alpha in enumerate(mask.alpha) if alpha > 128]
    assert inked
    assert all((x - 17.5) ** 2 + (y - 17.5) ** 2 < 15**2 for x, y in inked)


@pytest.mark.parametrize("name", ICONS)
def test_icon_is_drawn_within_its_grid(name):
    """Every icon has ink, and none of it is cut off at an edge."""
    size = 24
    mask = icon_mask(name, size)
    assert max(mask.alpha) > 200
    edge = [mask.alpha[at] for at in range(size * size) if at % size in (0, 23) or at // size in (0, 23)]
    assert max(edge) < 128


def test_arc_joins_the_line_before_it():
    """A path continues through an arc that begins where it stands."""
    lines = parse_path("M 0 0 L 5 0 O 5 5 5 5 -90 0")
    assert len(lines) == 1
    assert lines[0][-1] == pytest.approx((10, 5))


def test_disc_has_soft_edges():
    """A disc is full in its middle, empty in the corners, and between the two at its rim."""
    mask = Mask(20, 20)
    mask.disc(10, 10, 9)
    assert mask.alpha[10 * 20 + 10] == 255
    assert mask.alpha[0] == 0
    assert any(0 < alpha < 255 for alpha in mask.alpha)


def test_png_holds_the_pixels():
    """A painted picture is a PNG with the colours that were given."""
    mask = Mask(2, 1)
    mask.alpha[:] = bytes((255, 0))
    data = paint([(mask, "#102030")])
    assert data.startswith(b"\x89PNG")
    assert struct.unpack(">II", data[16:24]) == (2, 1)
    start = data.index(b"IDAT") + 4
    assert zlib.decompress(data[start:-16]) == b"\0" + bytes((0x10, 0x20, 0x30, 255, 0, 0, 0, 0))


def test_png_of_nothing_but_a_pixel():
    """The smallest picture is one."""
    assert encode_png(1, 1, b"\0\0\0\0").endswith(b"IEND\xaeB`\x82")
