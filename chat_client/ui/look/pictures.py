"""Makes and keeps the window's pictures: avatars, icons, presence dots, rounded grounds; knows no message.

Runs on the Tk thread. Pictures are drawn when first asked for and kept for as long as the theme lives.
"""

import base64
import math
import tkinter as tk
import unicodedata
from collections.abc import Callable
from functools import lru_cache

from chat_client.ui.look.avatar_photos import AvatarPhotos, AvatarSource
from chat_client.ui.look.glyphs import ICONS, LETTERS
from chat_client.ui.look.raster import Mask, disc_mask, paint, paint_stretched, parse_path, tinted
from chat_client.ui.look.theme import AVATAR_INK, Theme, avatar_ground

_KEPT_MAX = 3000

#: ttk fills a large ground with copies of its picture's middle, and each copy with soft edges asks the X
#: server a question: a wide middle makes few of them.
GROUND_MIDDLE = (240, 60)


def initials(display_name: str, username: str = "") -> str:
    """Choose one or two letters or digits, A to Z and 0 to 9, that stand for a person.

    A name in another script falls back to the username, which always holds such letters.
    """
    for name in (display_name, username):
        words = [word for word in (_plain(word) for word in name.replace("-", " ").split()) if word]
        if words:
            return words[0][0] + (words[-1][0] if len(words) > 1 else "")
    return ""


def _plain(word: str) -> str:
    decomposed = unicodedata.normalize("NFKD", word).upper()
    return "".join(letter for letter in decomposed if letter in LETTERS)


@lru_cache(maxsize=512)
def letter_mask(letters: str, size: int) -> Mask:
    """Draw initials into the middle of a square of ``size`` pixels."""
    mask = Mask(size, size)
    glyphs = [LETTERS[letter] for letter in letters]
    gap = 5.5
    width = sum(glyph[0] for glyph in glyphs) + gap * (len(glyphs) - 1)
    unit = min(size * 0.34 / 20, size * 0.56 / max(width, 1))
    at = (size - width * unit) / 2
    top = (size - 20 * unit) / 2
    for advance, path in glyphs:
        for line in parse_path(path):
            mask.stroke([(at + x * unit, top + y * unit) for x, y in line], max(1.4, size * 0.058))
        at += (advance + gap) * unit
    return mask


@lru_cache(maxsize=256)
def icon_mask(name: str, size: int) -> Mask:
    """Draw an icon of :data:`~chat_client.ui.look.glyphs.ICONS` at ``size`` pixels."""
    mask = Mask(size, size)
    unit = size / 24
    width = max(1.25, unit * (2.6 if name == "more" else 1.75))
    for line in parse_path(ICONS[name]):
        mask.stroke([(x * unit, y * unit) for x, y in line], width)
    return mask


class Pictures:
    """The pictures of one theme, in its colours and at its scale."""

    def __init__(self, root: tk.Misc, theme: Theme) -> None:
        self._root = root
        self._theme = theme
        self._kept: dict[tuple[object, ...], tk.PhotoImage] = {}
        #: The pictures that people show of themselves.
        self.people: AvatarPhotos | None = None

    def take_people_from(self, source: AvatarSource) -> None:
        """Show people by the pictures of themselves that are there."""
        self.people = AvatarPhotos(self._root, source)

    def avatar(self, display_name: str, username: str, units: int) -> tk.PhotoImage:
        """Give a person's picture, or a disc with the initials, ``units`` of the design wide."""
        size = self._theme.px(units)
        if self.people is not None and (photo := self.people.photo(username, size)) is not None:
            return photo
        letters, ground = initials(display_name, username), avatar_ground(username)
        return self._keep(("avatar", letters, ground, size), lambda: _avatar(letters, ground, size))

    def follow(self, widget: tk.Misc, draw: Callable[[], object]) -> None:
        """Have a widget that shows people drawn again when their pictures have come or changed."""
        if self.people is not None:
            self.people.follow(widget, draw)

    def changed(self) -> None:
        """Draw the widgets that show people again."""
        if self.people is not None:
            self.people.changed()

    def icon(self, name: str, colour: str, units: float = 18) -> tk.PhotoImage:
        """Give an icon in a colour of the palette, named by its field or as ``#rrggbb``."""
        ink = colour if colour.startswith("#") else self._theme.colour(colour)
        size = self._theme.px(units)
        return self._keep(("icon", name, ink, size), lambda: paint([(icon_mask(name, size), ink)]))

    def dot(self, status: str, ring: str, units: float = 12) -> tk.PhotoImage:
        """Give a presence dot with a ring in the colour of its ground; offline is hollow."""
        size = self._theme.px(units)
        ring = self._theme.colour(ring)
        colour = self._theme.colour(status if status in ("online", "away", "busy") else "offline")
        return self._keep(("dot", status, ring, colour, size), lambda: _dot(size, ring, colour, status))

    def ground(self, fill: str, line: str = "", radius: float = 6, ring: str = "") -> tk.PhotoImage:
        """Give a rounded square to be stretched by a ttk image element: a fill, a hairline, a focus ring."""
        corner = self._theme.px(radius)
        rim = max(1, round(self._theme.scale))
        return self._keep(
            ("ground", fill, line, ring, corner, rim), lambda: _ground(fill, line, ring, corner, rim)
        )

    def pill(self, width: int, height: int, fill: str, radius: float = 0) -> tk.PhotoImage:
        """Give a rounded rectangle of a size in pixels; without a radius its ends are half circles."""
        width, height = max(2, width), max(2, height)
        radius = radius or height / 2
        return self._keep(("pill", width, height, fill, radius), lambda: _pill(width, height, fill, radius))

    def switch(self, height: int, track: str, knob: str, on: bool) -> tk.PhotoImage:
        """Give a sliding switch, with room for the gap to its label at the right."""
        return self._keep(("switch", height, track, knob, on), lambda: _switch(height, track, knob, on))

    def thumb(self, width: int, fill: str) -> tk.PhotoImage:
        """Give the thumb of a scrollbar, to be stretched between its round ends."""
        return self._keep(("thumb", width, fill), lambda: _thumb(width, fill))

    def _keep(self, key: tuple[object, ...], draw: Callable[[], bytes]) -> tk.PhotoImage:
        image = self._kept.get(key)
        if image is None:
            if len(self._kept) >= _KEPT_MAX:
                self._drop_oldest_avatar()
            image = tk.PhotoImage(master=self._root, data=base64.b64encode(draw()))
            self._kept[key] = image
        return image

    def _drop_oldest_avatar(self) -> None:
        # Tk keeps the image of a widget that still shows it: the name is only freed with its last user.
        oldest = next((key for key in self._kept if key[0] == "avatar"), None)
        if oldest is not None:
            del self._kept[oldest]


def _avatar(letters: str, ground: str, size: int) -> bytes:
    layers = [(disc_mask(size), ground)]
    if letters:
        layers.append((letter_mask(letters, size), AVATAR_INK))
    else:
        layers.append((_inset_icon("person", size), AVATAR_INK))
    return paint(layers)


def _inset_icon(name: str, size: int) -> Mask:
    mask = Mask(size, size)
    unit = size * 0.6 / 24
    for line in parse_path(ICONS[name]):
        mask.stroke([(size * 0.2 + x * unit, size * 0.18 + y * unit) for x, y in line], unit * 2)
    return mask


def _dot(size: int, ring: str, colour: str, status: str) -> bytes:
    rim = size * 0.17
    layers = [(disc_mask(size), ring), (disc_mask(size, rim), colour)]
    if status not in ("online", "busy", "away"):
        layers.append((disc_mask(size, rim + size * 0.17), ring))
    return paint(layers)


def _ground(fill: str, line: str, ring: str, corner: int, rim: int) -> bytes:
    size = corner * 2 + rim * 6
    layers = []
    if ring:
        layers.append((_rounded(size, 0, corner + rim), ring))
        layers.append((_rounded(size, rim * 2, corner), fill))
    else:
        layers.append((_rounded(size, rim, corner), line or fill))
        layers.append((_rounded(size, rim * 2 if line else rim, corner - (rim if line else 0)), fill))
    return paint_stretched(layers, *GROUND_MIDDLE)


@lru_cache(maxsize=256)
def _rounded(size: int, inset: float, radius: float) -> Mask:
    mask = Mask(size, size)
    mask.rounded_rectangle(inset, inset, size - inset, size - inset, max(1.0, radius))
    return mask


def _pill(width: int, height: int, fill: str, radius: float) -> bytes:
    """Draw only the corners point by point: the rest of a wide ground is one colour."""
    corner = min(math.ceil(radius) + 1, width // 2, height // 2)
    mask = Mask(corner, corner)
    mask.rounded_rectangle(0, 0, corner * 2, corner * 2, radius)
    solid = b"\xff" * (width - corner * 2)
    rows = [bytes(mask.alpha[y * corner : (y + 1) * corner]) for y in range(corner)]
    top = [row + solid + row[::-1] for row in rows]
    middle = [b"\xff" * width] * (height - corner * 2)
    return tinted(width, height, b"".join([*top, *middle, *reversed(top)]), fill)


def _switch(height: int, track: str, knob: str, on: bool) -> bytes:
    width = height * 2
    ground, button = Mask(width, height), Mask(width, height)
    middle, right = height / 2, height * 1.6
    ground.rounded_rectangle(0, height * 0.08, right, height * 0.92, height * 0.42)
    button.disc(right - middle if on else middle, middle, height * 0.28)
    return paint([(ground, track), (button, knob)])


def _thumb(width: int, fill: str) -> bytes:
    mask = Mask(width, width + 4)
    inset = width * 0.22
    mask.rounded_rectangle(inset, inset, width - inset, width + 4 - inset, width / 2 - inset)
    return paint_stretched([(mask, fill)], 0, GROUND_MIDDLE[0])
