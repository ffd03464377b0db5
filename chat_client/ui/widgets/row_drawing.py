"""What a row of a list is, and how it is drawn on a canvas; knows no room and no person. Tk thread only."""

import re
import tkinter as tk
from dataclasses import dataclass
from itertools import groupby

from chat_client.ui.look.look import Look
from chat_client.ui.widgets.widgets import fit
from chat_protocol.names import fold_text

#: In the design's units: what a picture takes at the left of its text; a larger one reaches beyond it.
_PICTURE = 24
_MEASURED = ("label", "small", "small_bold", "tiny", "tiny_bold")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a list.

    :param key: what the row stands for; empty for a heading, which cannot be chosen.
    :param avatar: display name and username, for an avatar; ``icon`` names a picture otherwise.
    :param status: the presence dot on the avatar; empty for none.
    :param badge: a number at the right; ``loud`` puts it on the accent colour.
    :param calls: how much of it is meant for the reader, as a number of its own on the accent colour.
    :param trailing: a small text at the right.
    :param heading: it stands above others, which are not shown while it is ``folded``.
    :param marked: words that stand out in the detail of a tall row, with all that begins so.
    """

    key: str
    title: str
    detail: str = ""
    icon: str = ""
    avatar: tuple[str, str] | None = None
    status: str = ""
    badge: int = 0
    calls: int = 0
    loud: bool = False
    trailing: str = ""
    trailing_icon: str = ""
    bold: bool = False
    dim: bool = False
    selected: bool = False
    tall: bool = False
    heading: bool = False
    folded: bool = False
    marked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RowState:
    """How a row stands just now: under the pointer, with the keyboard, marked as the present one."""

    hovered: bool = False
    focused: bool = False
    marked: bool = False


class RowPainter:
    """Draws rows on one canvas, on the ground of a surface."""

    def __init__(self, look: Look, canvas: tk.Canvas, surface: str) -> None:
        self._look = look
        self._canvas = canvas
        self._surface = surface
        self._ground = look.theme.colour(surface)
        #: The whole text of the rows that were shortened when they were drawn last, by their keys.
        self.shortened: dict[str, str] = {}
        self._line_heights = {name: look.font(name).metrics("linespace") for name in _MEASURED}

    def height(self, row: Row) -> int:
        """Say how many pixels a row takes."""
        look, lines = self._look, self._line_heights
        if row.heading or not row.key:
            return look.px(34)
        if row.tall:
            return look.px(20) + lines["small_bold"] + 2 * lines["small"]
        return max(look.px(34), lines["label"] + look.px(14)) + (lines["tiny"] if row.detail else 0)

    def draw(self, row: Row, top: int, height: int, state: RowState) -> None:
        """Draw a row from ``top`` downwards."""
        width = self._canvas.winfo_width()
        if row.heading or not row.key:
            self._draw_heading(row, top, height, state)
            return
        self._draw_ground(state, top, width, height)
        left = self._draw_picture(row, top, height)
        right = self._draw_trailing(row, top, height, width)
        self._draw_texts(row, top, height, left, right)

    def _draw_heading(self, row: Row, top: int, height: int, state: RowState) -> None:
        """Draw a heading, with an arrow where its rows can be folded away."""
        look, canvas, palette = self._look, self._canvas, self._look.palette
        left, right, bottom = look.px(16), canvas.winfo_width() - look.px(14), top + height - look.px(6)
        if state.focused:
            self._draw_ground(state, top + look.px(6), canvas.winfo_width(), height - look.px(6))
        font, ink = look.font("tiny_bold"), "text" if state.hovered and row.heading else "faint"
        if row.heading:
            arrow = look.pictures.icon("chevron_right" if row.folded else "chevron", ink, 12)
            middle = bottom - self._line_heights["tiny_bold"] // 2
            canvas.create_image(right, middle, image=arrow, anchor="e")
            right -= look.px(18)
            if row.badge:
                right = self._draw_pill(row.badge, right, middle, loud=False)
        canvas.create_text(
            left,
            bottom,
            text=fit(row.title, font, right - left),
            font=font,
            fill=palette.text if ink == "text" else palette.faint,
            anchor="sw",
        )

    def _draw_ground(self, state: RowState, top: int, width: int, height: int) -> None:
        look, palette = self._look, self._look.palette
        if not (state.marked or state.hovered or state.focused):
            return
        hover = palette.side_hover if self._surface == "side" else palette.paper_hover
        fill = palette.side_active if state.marked else hover
        left, right = look.px(6), width - look.px(6)
        if state.focused:
            self._rounded(left, top + 1, right, top + height - 1, palette.accent)
            rim = max(2, look.px(2))
            self._rounded(left + rim, top + 1 + rim, right - rim, top + height - 1 - rim, fill)
        else:
            self._rounded(left, top + 1, right, top + height - 1, fill)

    def _rounded(self, left: int, top: int, right: int, bottom: int, fill: str) -> None:
        image = self._look.pictures.pill(right - left, bottom - top, fill, self._look.px(7))
        self._canvas.create_image(left, top, image=image, anchor="nw")

    def _draw_picture(self, row: Row, top: int, height: int) -> int:
        look, canvas = self._look, self._canvas
        left, middle = look.px(16), top + height // 2
        text_left = left + look.px(_PICTURE + 10)  # the same with an icon and with either size of avatar
        if row.avatar is not None:
            size = 24 if not row.detail else 28
            left -= look.px((size - _PICTURE) / 2)
            canvas.create_image(left, middle, image=look.pictures.avatar(*row.avatar, size), anchor="w")
            if row.status:
                reach = look.px(size) + look.px(2)
                ring = "side_active" if row.selected else self._surface
                canvas.create_image(
                    left + reach,
                    middle + reach // 2,
                    image=look.pictures.dot(row.status, ring, 12),
                    anchor="se",
                )
            return text_left
        if row.icon:
            ink = "accent_text" if row.selected else ("text" if row.bold else "muted")
            canvas.create_image(
                left + look.px(3), middle, image=look.pictures.icon(row.icon, ink, 18), anchor="w"
            )
            return text_left
        return left

    def _draw_trailing(self, row: Row, top: int, height: int, width: int) -> int:
        look, canvas = self._look, self._canvas
        right, middle = width - look.px(14), top + height // 2
        if row.badge or row.calls:
            if row.calls:
                right = self._draw_pill(row.calls, right, middle, loud=True)
            if row.badge > row.calls:
                right = self._draw_pill(row.badge, right, middle, loud=row.loud)
            return right
        if row.trailing_icon:
            canvas.create_image(
                right, middle, image=look.pictures.icon(row.trailing_icon, "faint", 15), anchor="e"
            )
            return right - look.px(21)
        if row.trailing:
            font = look.font("tiny")
            y = top + look.px(10) if row.tall else middle
            canvas.create_text(
                right,
                y,
                text=row.trailing,
                font=font,
                fill=look.palette.faint,
                anchor="ne" if row.tall else "e",
            )
            return right - font.measure(row.trailing) - look.px(8)
        return right

    def _draw_pill(self, number: int, right: int, middle: int, *, loud: bool) -> int:
        """Draw a number on a rounded ground; return where what is left of it may end."""
        look, canvas, palette = self._look, self._canvas, self._look.palette
        text = str(number) if number < 1000 else "999+"
        font = look.font("tiny_bold")
        height = font.metrics("linespace") + look.px(2)
        width = max(height, font.measure(text) + look.px(10))
        calm = palette.side_active if self._ground == palette.paper else palette.line
        image = look.pictures.pill(width, height, palette.badge if loud else calm)
        canvas.create_image(right, middle, image=image, anchor="e")
        ink = palette.on_badge if loud else palette.text
        canvas.create_text(right - width / 2, middle, text=text, font=font, fill=ink)
        return right - width - look.px(4)

    def _draw_texts(self, row: Row, top: int, height: int, left: int, right: int) -> None:
        look, canvas, palette = self._look, self._canvas, self._look.palette
        font = look.mixed("small_bold" if row.tall else "label_bold" if row.bold else "label")
        colour = palette.muted if row.dim else palette.text
        title = fit(row.title, font, right - left)
        middle = top + height // 2
        if row.tall:
            font.draw(canvas, left, top + look.px(8), title, colour, "nw")
            detail, y = look.mixed("small"), top + look.px(11) + font.linespace
            for line in self._two_lines(row.detail, left):
                self._draw_marked(left, y, line, row.marked)
                y += detail.linespace
        elif row.detail:
            font.draw(canvas, left, middle + 1, title, colour, "sw")
            small = look.mixed("tiny")
            detail_line = fit(row.detail, small, right - left)
            small.draw(canvas, left, middle + 1, detail_line, palette.muted, "nw")
            self._note_if_shortened(row, row.detail, detail_line)
        else:
            font.draw(canvas, left, middle, title, colour, "w")
        self._note_if_shortened(row, row.title, title)

    def _draw_marked(self, left: float, y: float, line: str, words: tuple[str, ...]) -> None:
        """Draw a line of a detail, with what was searched for on a ground of its own."""
        look, canvas, palette = self._look, self._canvas, self._look.palette
        plain, strong = look.mixed("small"), look.mixed("small_bold")
        for piece, found in _pieces(line, words):
            font = strong if found else plain
            width = font.measure(piece)
            if found:
                canvas.create_rectangle(
                    left, y, left + width, y + plain.linespace, fill=palette.mention, outline=palette.mention
                )
            font.draw(canvas, left, y, piece, palette.mention_text if found else palette.text, "nw")
            left += width

    def _note_if_shortened(self, row: Row, whole: str, shown: str) -> None:
        if shown != whole and row.key not in self.shortened:
            self.shortened[row.key] = "\n".join(filter(None, (row.title, "" if row.tall else row.detail)))

    def _two_lines(self, text: str, left: int) -> list[str]:
        font, width = self._look.mixed("small"), self._canvas.winfo_width() - left - self._look.px(16)
        words, first = text[:400].split(" "), ""
        while words and font.measure(f"{first} {words[0]}".strip()) <= width:
            first = f"{first} {words.pop(0)}".strip()
        if not first:
            return [fit(text, font, width)]
        return [first, fit(" ".join(words), font, width)] if words else [first]


def _pieces(line: str, words: tuple[str, ...]) -> list[tuple[str, bool]]:
    """Split a line at what was searched for; of each piece say whether it is that, whatever its accents."""
    wanted = tuple(filter(None, map(fold_text, words)))
    if not wanted:
        return [(line, False)]

    def is_found(piece: str) -> bool:
        return fold_text(piece).startswith(wanted)

    return [("".join(group), found) for found, group in groupby(re.findall(r"\w+|\W+", line), key=is_found)]
