"""Small widgets that every view uses: icon buttons with tooltips, labelled fields, wheels and keys.

They know no room and no client. Tk thread only.
"""

import contextlib
import tkinter as tk
from collections.abc import Callable, Iterator
from tkinter import ttk
from typing import Protocol

from chat_client.i18n import _
from chat_client.ui.look.look import Look
from chat_client.ui.timer import Timer
from chat_client.ui.widgets.words import Words

_TOOLTIP_DELAY_MS = 500
#: Generated for the window when the keyboard has come to it, where keys are lost.
FOCUS_LOST = "<<FocusLost>>"


def on_event(act: Callable[..., object], *arguments: object) -> Callable[["tk.Event[tk.Misc]"], object]:
    """Return what is bound to an event to call `act` with these arguments, those of a loop for instance."""
    return lambda _event: act(*arguments)


class Tooltip:
    """Says what a widget is for while the pointer rests on it."""

    def __init__(self, look: Look, widget: tk.Misc, text: str) -> None:
        self._look = look
        self._widget = widget
        self.text = text
        self._rest = Timer(widget, self._show)
        self._window: tk.Toplevel | None = None
        self._at: tuple[int, int] | None = None
        widget.bind("<Enter>", self._schedule, add="+")
        for event in ("<Leave>", "<ButtonPress>", "<Destroy>", "<Key>"):
            widget.bind(event, self._hide, add="+")

    def point(self, text: str, x: int, y: int) -> None:
        """Say something else, of a place in the widget, once the pointer has rested there."""
        self.text, self._at = text, (x, y)
        self._schedule()

    @property
    def shown(self) -> bool:
        """Whether it is to be seen just now."""
        return self._window is not None

    def _schedule(self, _event: object = None) -> None:
        self._hide()
        if self.text or self._at is None:
            self._rest.later(_TOOLTIP_DELAY_MS)

    def _show(self) -> None:
        if not self.text:
            return
        look, palette = self._look, self._look.palette
        self._window = window = tk.Toplevel(self._widget, background=palette.text, borderwidth=0)
        window.wm_overrideredirect(True)
        text = "\n".join(look.line(line) for line in self.text.split("\n"))
        words = Words(window, look, "Paper.Small", text)
        words.paint(palette.paper, palette.text)
        words.pack(padx=look.px(8), pady=look.px(4))
        window.update_idletasks()
        if self._at is None:
            x = self._widget.winfo_rootx() + (self._widget.winfo_width() - window.winfo_reqwidth()) // 2
            y = self._widget.winfo_rooty() + self._widget.winfo_height() + look.px(4)
        else:
            x, y = self._widget.winfo_rootx() + self._at[0], self._widget.winfo_rooty() + self._at[1]
        x = max(4, min(x, window.winfo_screenwidth() - window.winfo_reqwidth() - 4))
        if y + window.winfo_reqheight() > window.winfo_screenheight():
            y = self._widget.winfo_rooty() - window.winfo_reqheight() - look.px(4)
        window.wm_geometry(f"+{x}+{y}")

    def _hide(self, _event: object = None) -> None:
        self._rest.cancel()
        if self._window is not None:
            self._window.destroy()
            self._window = None


class IconButton(ttk.Button):
    """A square button that shows an icon and says in a tooltip what it is for."""

    tooltip: Tooltip


def icon_button(
    parent: tk.Misc,
    look: Look,
    icon: str,
    tip: str,
    command: Callable[[], object],
    *,
    surface: str = "paper",
    colour: str = "muted",
    size: float = 18,
    focus: bool = True,
) -> IconButton:
    """Make a square button that shows an icon; its purpose stands in a tooltip."""
    # Without a picture of its own for the disabled state ttk dots the ordinary one.
    images = (
        look.pictures.icon(icon, colour, size),
        "disabled",
        look.pictures.icon(icon, "field_line", size),
    )
    button = IconButton(
        parent,
        image=images,  # type: ignore[arg-type]  # ttk takes an image for each state, too
        command=command,
        style=f"{surface.capitalize()}.Icon.TButton",
    )
    if not focus:  # otherwise ttk decides: Tab passes by a disabled button
        button.configure(takefocus=False)
    button.tooltip = Tooltip(look, button, tip)
    press_with_return(button)
    return button


def button(
    parent: tk.Misc,
    text: str,
    command: Callable[[], object],
    *,
    kind: str = "Outline",
    surface: str = "paper",
) -> ttk.Button:
    """Make a button with a text; ``kind`` is Accent, Outline, Quiet, Link or Danger."""
    made = ttk.Button(parent, text=text, command=command, style=f"{surface.capitalize()}.{kind}.TButton")
    press_with_return(made)
    return made


def person_label(
    parent: tk.Misc, look: Look, display_name: str, username: str, units: int, surface: str = "raised"
) -> ttk.Label:
    """Make a label with somebody's picture, which follows when that changes."""
    label = ttk.Label(parent, style=f"{surface.capitalize()}.TLabel")

    def draw() -> None:
        label.configure(image=look.pictures.avatar(display_name, username, units))

    draw()
    look.pictures.follow(label, draw)
    return label


def text_box(parent: tk.Misc, look: Look) -> tk.Text:
    """Make a text of several lines that fills the field around it."""
    palette = look.palette
    return tk.Text(
        parent,
        width=1,
        wrap="word",
        font=look.font("body"),
        borderwidth=0,
        highlightthickness=0,
        background=palette.raised,
        foreground=palette.text,
        insertbackground=palette.text,
        selectbackground=palette.selection,
        selectforeground=palette.text,
    )


def press_with_return(button: ttk.Button) -> None:
    """Let Return press a button as the space bar does."""

    def press(_event: object) -> str:
        button.invoke()
        return "break"

    button.bind("<Return>", press)
    button.bind("<KP_Enter>", press)


class Field(ttk.Frame):
    """A label, an entry and the room for what is wrong with its value."""

    def __init__(
        self,
        parent: tk.Misc,
        look: Look,
        label: str,
        *,
        secret: bool = False,
        surface: str = "paper",
        width: int = 24,
    ) -> None:
        title = surface.capitalize()
        super().__init__(parent, style=f"{title}.TFrame")
        self.value = tk.StringVar(self)
        self.label = ttk.Label(self, text=label, style=f"{title}.SmallBold.TLabel")
        self.label.pack(anchor="w", pady=(0, look.px(3)))
        row = ttk.Frame(self, style=f"{title}.TFrame")
        row.pack(fill="x")
        self.entry = ttk.Entry(
            row,
            textvariable=self.value,
            style=f"{title}.TEntry",
            width=width,
            show="•" if secret else "",
            font=look.font("body"),
        )
        if secret:
            self.eye = icon_button(row, look, "eye", _("field.show"), self._look_at_it, surface=surface)
            self.eye.pack(side="right", padx=(look.px(4), 0))
        self.entry.pack(side="left", fill="x", expand=True)
        # Its place is kept: what lies below does not move when there is something to say.
        self._error = ttk.Label(self, style=f"{title}.Danger.TLabel", wraplength=look.px(360))
        self._error.pack(anchor="w", pady=(look.px(1), look.px(4)))
        self._marking = Timer(self, self._mark)
        #: Says what is wrong with the value when it has changed after a complaint.
        self.recheck: Callable[[], str] = lambda: ""
        self.value.trace_add("write", lambda *_args: self._changed())

    def _changed(self) -> None:
        if self.complaint:
            self.complain(self.recheck())
            self._marking.soon()

    def _look_at_it(self) -> None:
        """Show what was typed, or hide it again."""
        hidden = bool(self.entry.cget("show"))
        self.entry.configure(show="" if hidden else "•")
        self.eye.tooltip.text = _("field.hide" if hidden else "field.show")

    def get(self) -> str:
        """Return the field's text."""
        return self.value.get()

    def set(self, value: str) -> None:
        """Replace the field's text, and put the cursor behind it."""
        self.value.set(value)
        self.entry.icursor("end")

    def complain(self, text: str) -> None:
        """Say what is wrong with the value; an empty text takes it back."""
        self._error.configure(text=text)
        self._mark()

    def _mark(self) -> None:
        """Draw the rim; Tk takes it away by itself at each key."""
        self.entry.state(["invalid" if self.complaint else "!invalid"])

    @property
    def complaint(self) -> str:
        """What is said to be wrong."""
        return str(self._error.cget("text"))


def give_back_focus(root: tk.Misc, widget: tk.Misc | None) -> None:
    """Give the keyboard back to a widget; to the window, which passes it on, where that is gone or hidden."""
    if widget is not None and widget.winfo_exists() and widget.winfo_viewable():
        widget.focus_set()
    else:
        root.focus_set()
        root.event_generate(FOCUS_LOST)  # Tk tells nothing where the widget with the keyboard is destroyed


def tab_from_left(frame: tk.Misc) -> None:
    """Let Tab go from left to right through what is packed from the right; Tk goes by the widgets' age."""
    from_right = [child for child in frame.pack_slaves() if child.pack_info()["side"] == "right"]
    for child in reversed(from_right):
        tk.Misc.lift(child)


def close_menu(widget: tk.Misc) -> None:
    """Close the menu that is open in the window, if any, and give back the keyboard that it holds.

    To be called before anything but the user moves the keyboard: what the menu offered may be gone.
    """
    menu = widget.tk.call("set", "tk::Priv(popup)")
    widget.tk.call("tk::MenuUnpost", "")
    if menu:  # Tk leaves it all events: the next click and every key of the window would be lost
        widget.tk.call("grab", "release", menu)
        widget.tk.call("tk::RestoreOldGrab")


@contextlib.contextmanager
def writable(text: tk.Text) -> Iterator[None]:
    """Let the program write into a text that the user only reads."""
    text.configure(state="normal")
    try:
        yield
    finally:
        text.configure(state="disabled")


#: The bits of an event's state that mean Control, Alt or Command; NumLock, which differs by system, is none.
_ALT = 0x20000
_COMMAND_BITS = {"x11": 0x4 | 0x8 | 0x40 | _ALT, "win32": 0x4 | _ALT, "aqua": 0x4 | 0x8 | 0x10 | _ALT}


def on_plain_key(widget: tk.Misc, key: str, act: Callable[[], object]) -> None:
    """Bind a key without Control and Alt. Tk's own binding of ``<c>`` would also take Ctrl+C."""
    bits = _COMMAND_BITS.get(str(widget.tk.call("tk", "windowingsystem")), 0x4 | _ALT)

    def press(event: "tk.Event[tk.Misc]") -> object:
        return None if int(event.state) & bits else act()

    widget.bind(f"<{key}>", press)


def on_key(widget: tk.Misc, key: str, act: Callable[[], object]) -> None:
    """Bind a key as the table of actions names it: one without Control and Alt means it without them."""
    if "-" in key:
        widget.bind(f"<{key}>", lambda _event: act())
    else:
        on_plain_key(widget, key, act)


def on_wheel(widget: tk.Misc, scroll: Callable[[int], object]) -> None:
    """Call ``scroll`` with steps of the wheel, downwards positive, on every platform."""
    widget.bind("<MouseWheel>", lambda event: scroll(-1 if event.delta > 0 else 1))
    widget.bind("<Button-4>", lambda _event: scroll(-1))
    widget.bind("<Button-5>", lambda _event: scroll(1))


class Measuring(Protocol):
    """A font, as far as widths are concerned."""

    def measure(self, text: str, /) -> int:
        """Return how many pixels wide a text is."""


def fit(text: str, font: Measuring, width: int) -> str:
    """Shorten a text with an ellipsis until it is at most ``width`` pixels wide."""
    measure = font.measure
    text = text[:400]
    if width <= 0 or measure(text) <= width:
        return text if width > 0 else ""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if measure(text[:middle].rstrip() + "…") <= width:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip() + "…" if low else ""
