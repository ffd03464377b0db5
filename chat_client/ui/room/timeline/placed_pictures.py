"""The pictures between the lines of the timeline: each has its place before it has come. Tk thread only.

They are images of the text, no widgets: Tk does not draw the text anew where a widget in it has moved.
"""

import tkinter as tk
from dataclasses import dataclass
from typing import Final

from chat_client.model.pictures import Size
from chat_client.ui.look.look import Look
from chat_protocol.objects import File

RIM: Final = 1  # pixels, so that a picture of white paper has an edge
SMALLEST: Final = 40  # units: a smaller picture has room around it, and can be clicked


@dataclass(frozen=True, slots=True)
class Placed:
    """A picture in the text.

    :param name: what the text calls it; it is an index, too.
    :param key: the entry that it belongs to.
    :param size: of the picture without its rim.
    """

    name: str
    key: str
    file: File
    size: Size


class PlacedPictures:
    """The pictures of one text."""

    def __init__(self, text: tk.Text, look: Look) -> None:
        self._text, self._look = text, look
        self._placed: dict[str, Placed] = {}
        self._blanks: dict[Size, tk.BitmapImage] = {}
        self._shown: dict[str, tk.PhotoImage] = {}

    def insert(self, key: str, file: File, size: Size, styles: tuple[str, ...]) -> None:
        """Write a place at the mark "here"."""
        text = self._text
        start = text.index("here")
        image = self._blank(size)
        name = str(text.image_create("here", image=image, align="center", name="picture"))
        for style in styles:
            text.tag_add(style, start, "here")
        self._placed[name] = Placed(name, key, file, size)

    def forget(self, key: str) -> None:
        """Forget those of an entry, which is taken out of the text."""
        for placed in self.of(key):
            self._placed.pop(placed.name)
            self._shown.pop(placed.name, None)
        if not self._placed:
            self._blanks.clear()

    def of(self, key: str) -> list[Placed]:
        """Return those of an entry."""
        return [placed for placed in self._placed.values() if placed.key == key]

    def show(self, placed: Placed, picture: tk.PhotoImage) -> None:
        """Show a picture, with its rim, in its place, which keeps its size."""
        if placed.name in self._placed:
            self._text.image_configure(placed.name, image=picture)
            self._shown[placed.name] = picture

    def take_out(self, picture: tk.PhotoImage) -> None:
        """Leave blank wherever a picture is shown."""
        for name in [name for name, shown in self._shown.items() if shown is picture]:
            del self._shown[name]
            self._text.image_configure(name, image=self._blank(self._placed[name].size))

    def shown(self, placed: Placed) -> tk.PhotoImage | None:
        """Return the picture in a place; None before it has come."""
        return self._shown.get(placed.name)

    def in_view(self) -> list[Placed]:
        """Return those of which a part can be seen."""
        text = self._text
        end = text.index(f"@{text.winfo_width()},{text.winfo_height()} + 1 chars")
        return self._between("@0,0", end)

    def at(self, index: str) -> File | None:
        """Return the file of the picture at an index."""
        return next((placed.file for placed in self._between(index, f"{index} + 1 chars")), None)

    def _between(self, first: str, last: str) -> list[Placed]:
        found = self._text.dump(first, last, image=True)
        return [self._placed[name] for _kind, name, _index in found if name in self._placed]

    def _blank(self, size: Size) -> tk.BitmapImage:
        """Return a rim around nothing: a photo would take four bytes for each pixel of it."""
        if size not in self._blanks:
            palette = self._look.palette
            outer = framed_size(self._look, size)
            self._blanks[size] = tk.BitmapImage(
                master=self._text,
                data=rim_bits(outer),
                foreground=palette.line,
                background=palette.paper_hover,
            )
        return self._blanks[size]


def framed_size(look: Look, size: Size) -> Size:
    """Return how large a picture is with its rim."""
    least = look.px(SMALLEST)
    return Size(max(least, size.width) + 2 * RIM, max(least, size.height) + 2 * RIM)


def framed(look: Look, picture: tk.PhotoImage, size: Size) -> tk.PhotoImage:
    """Put a rim around a picture, and a ground below it, which may be transparent.

    :param size: the picture's place without the rim.
    """
    palette, outer = look.palette, framed_size(look, size)
    made = tk.PhotoImage(master=look.root, width=outer.width, height=outer.height)
    made.put(palette.line, to=(0, 0, outer.width, outer.height))
    made.put(palette.paper_hover, to=(RIM, RIM, outer.width - RIM, outer.height - RIM))
    left, top = (outer.width - picture.width()) // 2, (outer.height - picture.height()) // 2
    made.tk.call(made, "copy", picture, "-to", left, top)
    return made


def rim_bits(size: Size) -> str:
    """Draw a rim as a bitmap of the X Window System (XBM)."""
    row_bytes = (size.width + 7) // 8
    full = ["0xff"] * row_bytes
    sides = bytearray(row_bytes)
    sides[0] |= 1
    sides[(size.width - 1) // 8] |= 1 << (size.width - 1) % 8
    side = [f"0x{byte:02x}" for byte in sides]
    bits = ",".join(full + side * (size.height - 2) + full)
    return (
        f"#define rim_width {size.width}\n#define rim_height {size.height}\n"
        f"static char rim_bits[] = {{\n{bits}\n}};"
    )
