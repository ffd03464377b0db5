"""The ttk styles of a theme: buttons, fields, switches, scrollbars, on rounded grounds. Tk thread only."""

import itertools
import tkinter as tk
from tkinter import ttk
from typing import Any

from chat_client.ui.look.pictures import Pictures
from chat_client.ui.look.theme import Theme, mix

_numbers = itertools.count()

#: The grounds that widgets stand on; each has its own styles: rounded corners show what lies behind them.
SURFACES = ("paper", "side", "raised")

#: The grounds of bars that say something; there are only buttons on them.
BARS = ("warning_soft", "danger_soft")

#: The labels of each surface: prefix, colour, font.
LABELS = (
    ("", "text", "label"),
    ("Bold.", "text", "label_bold"),
    ("Muted.", "muted", "label"),
    ("Small.", "muted", "small"),
    ("SmallBold.", "muted", "small_bold"),
    ("Tiny.", "faint", "tiny"),
    ("Title.", "text", "title"),
    ("Display.", "text", "display"),
    ("Danger.", "danger_text", "small"),
)


def nested(*elements: str, innermost: str = "nsew") -> Any:
    """Give the layout of elements that lie in one another, each filling the one around it."""
    inner: Any = None
    for element in reversed(elements):
        options: dict[str, Any] = {"sticky": innermost if inner is None else "nsew"}
        if inner is not None:
            options["children"] = inner
        inner = [(element, options)]
    return inner


class Styles:
    """Makes the styles when it is made, and keeps their pictures from being collected."""

    def __init__(self, theme: Theme, pictures: Pictures, root: tk.Misc) -> None:
        self._theme = theme
        self._palette = theme.palette
        self._pictures = pictures
        self._kept: list[tk.PhotoImage] = []
        self._style = style = ttk.Style(root)
        name = f"chat-{theme.palette.name}-{next(_numbers)}"
        style.theme_create(name, parent="clam")
        style.theme_use(name)
        style.configure(
            ".",
            background=theme.palette.paper,
            foreground=theme.palette.text,
            font=theme.font("label"),
            borderwidth=0,
        )
        self._make_field()
        self._make_switch()
        for surface in SURFACES:
            self._labels(surface)
            self._buttons(surface)
            self._fields(surface)
            self._switches(surface)
            self._choices(surface)
            self._scrollbars(surface)
        for bar in BARS:
            self._buttons(bar)

    # Grounds

    def _ground(self, fill: str, line: str = "", ring: str = "") -> tk.PhotoImage:
        image = self._pictures.ground(fill, line, 7, ring)
        self._kept.append(image)
        return image

    def _element(self, name: str, normal: tk.PhotoImage, *states: tuple[Any, ...]) -> None:
        """Make an element of stretched pictures, the first state that holds deciding."""
        border = self._theme.px(7) + max(1, round(self._theme.scale)) * 2
        size = border * 2
        self._style.element_create(
            name,
            "image",
            normal,
            *states,
            border=border,
            padding=0,
            sticky="nsew",
            width=size,
            height=size,
        )

    def _pad(self, x: float, y: float) -> tuple[int, int]:
        return self._theme.px(x), self._theme.px(y)

    # Labels and buttons

    def _labels(self, surface: str) -> None:
        ground, title = self._theme.colour(surface), surface.capitalize()
        self._style.configure(f"{title}.TFrame", background=ground)
        for prefix, colour, font in LABELS:
            self._style.configure(
                f"{title}.{prefix}TLabel",
                background=ground,
                foreground=self._theme.colour(colour),
                font=self._theme.font(font),
            )

    def _buttons(self, surface: str) -> None:
        palette, ground, title = self._palette, self._theme.colour(surface), surface.capitalize()
        hover = palette.side_hover if surface == "side" else mix(ground, palette.text, 0.06)
        pressed = mix(ground, palette.text, 0.12)
        quiet = (ground, hover, pressed)
        accent = (palette.accent, palette.accent_hover, palette.accent_pressed)
        danger = (palette.danger_soft, mix(palette.danger_soft, palette.danger, 0.12), pressed)
        outline = (palette.raised, hover, pressed)
        bold, small = self._theme.font("label_bold"), self._theme.font("small_bold")
        line = palette.field_line
        self._button(f"{title}.Quiet", ground, palette.text, quiet)
        self._button(f"{title}.Outline", ground, palette.text, outline, line)
        self._button(f"{title}.Accent", ground, palette.on_accent, accent, font=bold)
        self._button(f"{title}.Danger", ground, palette.danger_text, danger)
        self._button(f"{title}.Icon", ground, palette.muted, quiet, padding=self._pad(8, 8))
        self._button(f"{title}.Link", ground, palette.accent_text, quiet, padding=self._pad(6, 3), font=small)
        self._button(
            f"{title}.Search", ground, palette.muted, outline, line, padding=self._pad(12, 8), anchor="w"
        )
        emoji = self._theme.font("emoji_large")
        self._button(f"{title}.Emoji", ground, palette.text, quiet, padding=self._pad(6, 6), font=emoji)

    def _button(
        self,
        name: str,
        ground: str,
        ink: str,
        fills: tuple[str, str, str],
        line: str = "",
        **options: Any,
    ) -> None:
        """Make a kind of button; ``fills`` are its ground at rest, under the pointer and pressed."""
        normal, hover, pressed = fills
        palette = self._palette
        primary = normal == palette.accent
        ring = palette.text if primary else palette.accent
        disabled = mix(ground, palette.text, 0.07) if primary else normal
        self._element(
            f"{name}.ground",
            self._ground(normal, line),
            ("disabled", self._ground(disabled, line)),
            ("pressed", self._ground(pressed, line)),
            ("focus", "active", self._ground(hover, line, ring)),
            ("focus", self._ground(normal, line, ring)),
            ("active", self._ground(hover, line)),
        )
        style = f"{name}.TButton"
        self._style.layout(style, nested(f"{name}.ground", "Button.padding", "Button.label"))
        options = {"padding": self._pad(14, 8), "anchor": "center"} | options
        self._style.configure(style, background=ground, foreground=ink, shiftrelief=0, **options)
        self._style.map(style, foreground=[("disabled", palette.faint)], background=[])

    # Fields

    def _make_field(self) -> None:
        palette = self._palette
        self._element(
            "chat.field",
            self._ground(palette.raised, palette.field_line),
            ("invalid", self._ground(palette.raised, palette.danger, palette.danger)),
            ("focus", self._ground(palette.raised, palette.accent, palette.accent)),
            ("disabled", self._ground(palette.paper_hover, palette.line)),
        )

    def _fields(self, surface: str) -> None:
        palette, ground, title = self._palette, self._theme.colour(surface), surface.capitalize()
        self._style.layout(f"{title}.TEntry", nested("chat.field", "Entry.padding", "Entry.textarea"))
        self._style.configure(
            f"{title}.TEntry",
            background=ground,
            foreground=palette.text,
            insertcolor=palette.text,
            insertwidth=self._theme.px(1.5),
            selectbackground=palette.selection,
            selectforeground=palette.text,
            padding=self._pad(12, 8),
        )
        self._style.map(f"{title}.TEntry", foreground=[("disabled", palette.faint)])
        self._style.layout(f"{title}.Field.TFrame", nested("chat.field"))
        self._style.configure(f"{title}.Field.TFrame", background=ground)

    # Switches and choices

    def _make_switch(self) -> None:
        palette, size = self._palette, self._theme.px(20)
        off = self._pictures.switch(size, palette.field_line, palette.raised, False)
        on = self._pictures.switch(size, palette.accent, palette.on_accent, True)
        off_ring = self._pictures.switch(size, palette.text, palette.raised, False)
        on_ring = self._pictures.switch(size, palette.text, palette.on_accent, True)
        self._kept += [off, on, off_ring, on_ring]
        states = (("selected", "focus", on_ring), ("selected", on), ("focus", off_ring))
        self._style.element_create("chat.switch", "image", off, *states, width=size * 2, sticky="w")

    def _switches(self, surface: str) -> None:
        ground, name = self._theme.colour(surface), f"{surface.capitalize()}.TCheckbutton"
        inside = [
            ("chat.switch", {"side": "left", "sticky": ""}),
            ("Checkbutton.label", {"side": "left", "sticky": "w"}),
        ]
        layout: Any = [("Checkbutton.padding", {"sticky": "nsew", "children": inside})]
        self._style.layout(name, layout)
        self._style.configure(
            name, background=ground, foreground=self._palette.text, padding=self._theme.px(3)
        )
        self._style.map(name, background=[("active", ground)])

    def _choices(self, surface: str) -> None:
        palette, ground = self._palette, self._theme.colour(surface)
        self._element(
            f"{surface}.choice",
            self._ground(palette.raised, palette.field_line),
            ("selected", "focus", self._ground(palette.accent_soft, palette.accent, palette.accent)),
            ("selected", self._ground(palette.accent_soft, palette.accent)),
            ("focus", self._ground(palette.raised, palette.accent, palette.accent)),
            ("active", self._ground(palette.paper_hover, palette.field_line)),
        )
        name = f"{surface.capitalize()}.Choice.TRadiobutton"
        layout = nested(f"{surface}.choice", "Radiobutton.padding", "Radiobutton.label", innermost="")
        self._style.layout(name, layout)
        self._style.configure(name, background=ground, foreground=palette.text, padding=self._pad(14, 8))
        self._style.map(name, foreground=[("selected", palette.accent_text)], background=[("active", ground)])

    # Scrollbars

    def _scrollbars(self, surface: str) -> None:
        ground, size = self._theme.colour(surface), self._theme.px(10)
        shades = [mix(ground, self._palette.text, share) for share in (0.16, 0.3, 0.4)]
        normal, active, pressed, none = (self._pictures.thumb(size, shade) for shade in (*shades, ground))
        self._kept += [normal, active, pressed, none]
        self._style.element_create(
            f"{surface}.thumb",
            "image",
            normal,
            ("disabled", none),
            ("pressed", pressed),
            ("active", active),
            border=(0, size // 2, 0, size // 2),
            width=size,
            height=self._theme.px(28),
            sticky="ns",
        )
        name = f"{surface.capitalize()}.Vertical.TScrollbar"
        thumb = [(f"{surface}.thumb", {"expand": "1", "sticky": "nswe"})]
        layout: Any = [("Vertical.Scrollbar.trough", {"sticky": "ns", "children": thumb})]
        self._style.layout(name, layout)
        edges = dict.fromkeys(("background", "troughcolor", "bordercolor", "lightcolor", "darkcolor"), ground)
        self._style.configure(name, relief="flat", borderwidth=0, width=size, **edges)
