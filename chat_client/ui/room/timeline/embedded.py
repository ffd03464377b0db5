"""The canvases between the lines of the timeline: day lines and reactions. Tk thread only."""

import tkinter as tk
from collections.abc import Callable

from chat_client.ui.look.look import Look
from chat_client.ui.widgets.widgets import on_event


class Embedded:
    """The canvases in a text, by the key of the entry that they belong to."""

    def __init__(self, text: tk.Text) -> None:
        self._text = text
        self._canvases: dict[str, list[tk.Canvas]] = {}

    def add(self, key: str, canvas: tk.Canvas) -> None:
        """Take a canvas in; the wheel goes on scrolling the text below the pointer."""
        self._canvases.setdefault(key, []).append(canvas)
        for sequence in ("<MouseWheel>", "<Button-4>", "<Button-5>"):
            canvas.bind(sequence, lambda event, sequence=sequence: self._pass_on(event, sequence))

    def _pass_on(self, event: "tk.Event[tk.Misc]", sequence: str) -> None:
        if sequence == "<MouseWheel>":
            self._text.event_generate(sequence, delta=event.delta)
        else:
            self._text.event_generate(sequence)

    def of(self, key: str) -> list[tk.Canvas]:
        """Give the canvases of an entry."""
        return self._canvases.get(key, [])

    def all(self) -> list[tk.Canvas]:
        """Give those of all entries."""
        return [canvas for canvases in self._canvases.values() for canvas in canvases]

    def forget(self, key: str) -> None:
        """Destroy the canvases of an entry."""
        for canvas in self._canvases.pop(key, ()):
            canvas.destroy()

    def fit(self, width: int) -> None:
        """Draw the day lines for a width in pixels."""
        for canvases in self._canvases.values():
            for canvas in canvases:
                if isinstance(canvas, DayLine):
                    canvas.fit(width)


class DayLine(tk.Canvas):
    """A hairline over the whole width with a word in its middle; ``strong`` in the accent colour."""

    def __init__(self, parent: tk.Misc, look: Look, label: str, strong: bool = False) -> None:
        self._look = look
        self.label = label
        self._strong = strong
        height = look.font("tiny_bold").metrics("linespace") + look.px(18)
        super().__init__(
            parent,
            height=height,
            background=look.palette.paper,
            highlightthickness=0,
            borderwidth=0,
            cursor="arrow",
        )

    def fit(self, width: int) -> None:
        """Draw the line for a width in pixels."""
        look, palette = self._look, self._look.palette
        self.configure(width=width)
        self.delete("all")
        middle = int(self.cget("height")) // 2
        font = look.font("tiny_bold")
        ink = palette.danger_text if self._strong else palette.faint
        self.create_line(0, middle, width, middle, fill=palette.danger if self._strong else palette.line)
        half = font.measure(self.label) // 2 + look.px(12)
        self.create_rectangle(
            width // 2 - half, 0, width // 2 + half, middle * 2, fill=palette.paper, outline=palette.paper
        )
        self.create_text(width // 2, middle, text=self.label, font=font, fill=ink)


class Chips(tk.Canvas):
    """The reactions to a message: each emoji with its count; a click puts or takes one's own."""

    def __init__(
        self,
        parent: tk.Misc,
        look: Look,
        chips: tuple[tuple[str, int, bool], ...],
        on_click: Callable[[int], object],
        on_hover: Callable[[int], object],
    ) -> None:
        font = look.mixed("small")
        height = font.linespace + look.px(8)
        super().__init__(
            parent,
            height=height + look.px(4),
            background=look.palette.paper,
            highlightthickness=0,
            borderwidth=0,
            cursor="hand2",
        )
        self.labels = [f"{emoji} {count}" for emoji, count, _mine in chips]
        left = 0
        for index, (_emoji, _count, mine) in enumerate(chips):
            width = font.measure(self.labels[index]) + look.px(16)
            self._draw(look, left, width, height, self.labels[index], mine, f"chip{index}")
            self.tag_bind(f"chip{index}", "<Button-1>", on_event(on_click, index))
            self.tag_bind(f"chip{index}", "<Enter>", on_event(on_hover, index))
            left += width + look.px(6)
        self.configure(width=left)

    def _draw(self, look: Look, left: int, width: int, height: int, label: str, mine: bool, tag: str) -> None:
        palette = look.palette
        rim = max(1, look.px(1))
        line = look.pictures.pill(width, height, palette.accent if mine else palette.line)
        fill = look.pictures.pill(
            width - rim * 2, height - rim * 2, palette.accent_soft if mine else palette.paper_hover
        )
        self.create_image(left, 0, image=line, anchor="nw", tags=tag)
        self.create_image(left + rim, rim, image=fill, anchor="nw", tags=tag)
        ink = palette.accent_text if mine else palette.muted
        look.mixed("small").draw(self, left + width // 2, height // 2, label, ink, "center", tag)
