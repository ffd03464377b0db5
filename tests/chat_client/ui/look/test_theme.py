"""The colours, sizes and fonts of the window."""

import re
from pathlib import Path

import pytest

from chat_client.ui.look import theme
from chat_client.ui.look.theme import (
    AVATAR_GROUNDS,
    AVATAR_INK,
    PALETTES,
    TEXT_PAIRS,
    TYPE_SCALE,
    Theme,
    avatar_ground,
    contrast,
    mix,
)

UI_FOLDER = Path(theme.__file__).parent
#: WCAG 2.1, success criterion 1.4.3.
TEXT_CONTRAST = 4.5
#: WCAG 2.1, success criterion 1.4.11: what one must be able to see of a control.
PART_CONTRAST = 3.0


@pytest.mark.parametrize("palette", PALETTES.values(), ids=lambda palette: palette.name)
@pytest.mark.parametrize(("ink", "ground"), TEXT_PAIRS)
def test_text_keeps_its_contrast(palette, ink, ground):
    """Each colour of text stands out from each ground that it is used on."""
    assert contrast(getattr(palette, ink), getattr(palette, ground)) >= TEXT_CONTRAST


@pytest.mark.parametrize("ground", AVATAR_GROUNDS)
def test_initials_keep_their_contrast(ground):
    """Initials are legible on every avatar."""
    assert contrast(AVATAR_INK, ground) >= TEXT_CONTRAST


@pytest.mark.parametrize("palette", PALETTES.values(), ids=lambda palette: palette.name)
def test_focus_ring_is_seen(palette):
    """The ring around what has the keyboard stands out from every ground."""
    for ground in (palette.paper, palette.side, palette.raised):
        assert contrast(palette.accent, ground) >= PART_CONTRAST


@pytest.mark.parametrize("palette", PALETTES.values(), ids=lambda palette: palette.name)
def test_rims_and_dots_are_seen(palette):
    """The rim of a field and each dot of a presence stand out from every ground that they are on."""
    for part in ("field_line", "online", "away", "busy", "offline"):
        for ground in (palette.paper, palette.side, palette.raised):
            assert contrast(getattr(palette, part), ground) >= PART_CONTRAST, part


def test_contrast_of_black_and_white():
    """Contrast is computed as WCAG says."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_mix_of_two_colours():
    """Mixing goes from the first colour to the second."""
    assert (mix("#000000", "#ffffff", 0), mix("#000000", "#ffffff", 1)) == ("#000000", "#ffffff")


def test_avatar_colour_follows_from_the_name():
    """A name has one colour, whatever its case; different names differ."""
    assert avatar_ground("Zoe") == avatar_ground("zoe")
    assert len({avatar_ground(f"user{number}") for number in range(100)}) == len(AVATAR_GROUNDS)


def test_colours_stand_in_the_theme_alone():
    """No other module of the window names a colour (the program's icon keeps its own)."""
    strays = {
        path.name
        for path in UI_FOLDER.rglob("*.py")
        if path.name != "theme.py" and re.search(r'"#[0-9a-fA-F]{6}"', path.read_text(encoding="utf-8"))
    }
    assert strays <= {"icon.py"}


@pytest.mark.parametrize("dots", [100, 108, 192])
def test_lengths_follow_the_screen(bare_root, dots):
    """On a denser screen everything is larger, text and lengths alike: a button holds its words on each."""
    bare_root.tk.call("tk", "scaling", 96 / 72)
    plain = Theme(bare_root)
    bare_root.tk.call("tk", "scaling", dots / 72)
    dense = Theme(bare_root)
    assert dense.px(100) == pytest.approx(100 * dots / 96, abs=0.5)
    ratio = dense.font("display").measure("x" * 100) / plain.font("display").measure("x" * 100)
    assert ratio == pytest.approx(dots / 96, rel=0.06)


def test_text_size_is_the_users(bare_root):
    """The user's own text size makes every font larger."""
    plain, large = Theme(bare_root), Theme(bare_root, text_percent=150)
    for name in TYPE_SCALE:
        assert large.font(name).metrics("linespace") > plain.font(name).metrics("linespace")
