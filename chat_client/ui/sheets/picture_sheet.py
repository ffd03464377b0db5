"""Shows one picture over the window, as large as there is room or pixel by pixel; Tk thread only.

It walks through the files that it was given and knows no message.
"""

import tkinter as tk
from collections.abc import Callable, Sequence
from functools import partial
from tkinter import ttk
from typing import Final

from chat_client.engine.client import Client
from chat_client.file_words import size_words
from chat_client.i18n import _
from chat_client.model.pictures import Fault, PictureRefused, Size
from chat_client.store.saving import safe_name
from chat_client.ui.actions import Action
from chat_client.ui.look.look import Look
from chat_client.ui.look.photos import decode, shrunk
from chat_client.ui.opening import copy_to_open
from chat_client.ui.room.attaching import ask_where
from chat_client.ui.room.pasting import copy_file
from chat_client.ui.sheets.sheet import Sheet
from chat_client.ui.timer import Timer
from chat_client.ui.widgets.widgets import button, fit, icon_button, on_wheel
from chat_client.ui.widgets.words import Words
from chat_protocol.objects import File

STEP: Final = 54  # units of a turn of the wheel


class PictureSheet(Sheet):
    """The viewer.

    :param files: the pictures to walk through, the oldest first.
    :param at: which of them is shown first.
    """

    def __init__(self, look: Look, client: Client, files: Sequence[File], at: int) -> None:
        super().__init__(look.root, look)
        self._client, self._files, self.at = client, files, at
        self.inside.configure(padding=look.px(12))
        self.canvas = tk.Canvas(
            self.inside,
            background=look.palette.paper,
            highlightthickness=look.px(2),
            highlightbackground=look.palette.raised,
            highlightcolor=look.palette.accent,
            borderwidth=0,
            takefocus=True,
        )
        #: Shown pixel by pixel, not as large as there is room.
        self.whole = False
        self._full: tk.PhotoImage | None = None
        self.image: tk.PhotoImage | None = None
        self._from = (0, 0)
        self._dragged_from = (0, 0)
        self._drawing = Timer(self, self._draw)
        self._words = ""
        self._build()
        self._bind_keys()
        self.show(self.canvas)
        self._open(at)

    def _build(self) -> None:
        look = self.look
        top = ttk.Frame(self.inside, style="Raised.TFrame")
        top.pack(fill="x", pady=(0, look.px(8)))
        self.buttons: dict[str, ttk.Button] = {}
        for action in reversed(VIEWER):
            act = partial(action.perform, self)
            made: ttk.Button
            if action.icon:
                made = icon_button(top, look, action.icon, action.tip, act, surface="raised")
            else:
                made = button(top, action.words, act, kind="Quiet", surface="raised")
            made.pack(side="right", padx=(look.px(2), 0))
            self.buttons[action.id] = made
        self._name = Words(top, look, "Raised.SmallBold")
        self._details = ttk.Label(top, style="Raised.Small.TLabel")
        self._name.pack(side="left")
        self._details.pack(side="left", padx=(look.px(12), 0))
        self.canvas.pack(fill="both", expand=True)
        tk.Misc.lift(self.canvas)  # Tab comes here behind the buttons

    def _bind_keys(self) -> None:
        for action in VIEWER:
            for key in action.keys:
                self._bind_key(key, partial(action.perform, self))
        canvas = self.canvas
        canvas.bind("<Configure>", lambda _event: self._resized())
        canvas.bind("<ButtonPress-1>", self._grasp)
        canvas.bind("<B1-Motion>", self._drag)
        canvas.bind("<Double-Button-1>", lambda _event: self.toggle_size())
        on_wheel(canvas, lambda step: self.pan(0, step * self.look.px(STEP)))

    def _bind_key(self, key: str, act: Callable[[], object]) -> None:
        self.bind_class(self._tag, f"<{key}>", lambda _event: act())

    def show(self, focus: tk.Misc | None = None) -> None:
        """Put the card over nearly the whole window."""
        super().show(focus)
        margin = self.look.px(24)
        self.place_configure(relwidth=1.0, width=-margin * 2, relheight=1.0, height=-margin * 2)

    # Which

    @property
    def file(self) -> File:
        """The picture that is shown."""
        return self._files[self.at]

    def step(self, by: int) -> None:
        """Show the next picture, or the one before."""
        if 0 <= self.at + by < len(self._files):
            self._open(self.at + by)

    def _open(self, at: int) -> None:
        self.at = at
        self._full, self.image, self._from = None, None, (0, 0)
        self.buttons["previous"].state(["!disabled" if at else "disabled"])
        self.buttons["next"].state(["!disabled" if at + 1 < len(self._files) else "disabled"])
        self._client.pictures.want(self.file)
        self.tell(f"{self.file.width} × {self.file.height}   {size_words(self.file.size)}")
        self._draw_soon()

    def changed(self, file: str) -> None:
        """Show a picture that has come, by its file's id."""
        if file == self.file.id:
            self._draw_soon()

    def save(self) -> None:
        """Save the picture where the user wants it."""
        target = ask_where(self, safe_name(self.file.name))
        if target is not None:
            self._client.files.save(self.file, target)

    def copy(self) -> None:
        """Put the picture on the clipboard, as a file that other programs can take."""
        found = self._client.pictures.found(self.file)
        if found is None or found.path is None:
            return
        try:
            copy_file(self, copy_to_open(self._client.home / "opened", found.path, self.file))
        except OSError:
            self.tell(_("error.not_saved"))
        else:
            self.tell(_("picture.copied"))

    def tell(self, words: str) -> None:
        """Say something beside the picture's name."""
        self._words = words
        self._fit_words()

    def _resized(self) -> None:
        self._fit_words()
        self._draw_soon()

    def _fit_words(self) -> None:
        look = self.look
        number = f"{self.at + 1} / {len(self._files)}" if len(self._files) > 1 else ""
        said = "   ".join(part for part in (number, self._words) if part)
        taken = sum(one.winfo_reqwidth() for one in self.buttons.values()) + look.px(60)
        room = self.inside.winfo_width() - taken
        details = fit(said, look.font("small"), max(look.px(60), room * 2 // 3))
        self._details.configure(text=details)
        left = max(look.px(60), room - look.font("small").measure(details))
        self._name.say(fit(look.line(self.file.name), look.mixed("small_bold"), left))

    # How large

    def toggle_size(self) -> None:
        """Show the picture pixel by pixel, or as large as there is room."""
        self.show_size(not self.whole)

    def show_size(self, whole: bool) -> None:
        """Show the picture pixel by pixel, or as large as there is room."""
        self.whole, self._from = whole, (0, 0)
        self._draw_soon()

    def pan(self, right: int, down: int) -> None:
        """Show another part of a picture that has no room."""
        if self.whole and self._full is not None:
            self._from = (self._from[0] + right, self._from[1] + down)
            self._draw_soon()

    def _grasp(self, event: "tk.Event[tk.Misc]") -> None:
        self.canvas.focus_set()
        self._dragged_from = (event.x, event.y)

    def _drag(self, event: "tk.Event[tk.Misc]") -> None:
        x, y = self._dragged_from
        self._dragged_from = (event.x, event.y)
        self.pan(x - event.x, y - event.y)

    # Drawing

    def _draw_soon(self) -> None:
        if not self.closed:
            self._drawing.soon()

    def _draw(self) -> None:
        found = self._client.pictures.found(self.file)
        if found is None:
            self._say(_("picture.loading"))
        elif found.path is None:
            self._say(_(f"picture.{(found.fault or Fault.DAMAGED).value}"))
        else:
            try:
                self.image = self._part() if self.whole else self._fitted()
            except PictureRefused as refused:
                self._client.pictures.refuse(self.file, refused.fault)
                return
            self._put(lambda x, y: self.canvas.create_image(x, y, image=self.image or ""))

    def _say(self, words: str) -> None:
        look = self.look
        self.image = None
        self._put(
            lambda x, y: self.canvas.create_text(
                x,
                y,
                text=words,
                font=look.font("body"),
                fill=look.palette.muted,
                width=look.px(400),
                justify="center",
            )
        )

    def _put(self, make: Callable[[int, int], object]) -> None:
        self.canvas.delete("all")
        make(self.canvas.winfo_width() // 2, self.canvas.winfo_height() // 2)

    def _decoded(self, shown: Size | None) -> tk.PhotoImage:
        found = self._client.pictures.found(self.file)
        assert found is not None
        assert found.path is not None
        return decode(self.look.root, found.path, self.file.type, shown)

    def _fitted(self) -> tk.PhotoImage:
        own = Size(self.file.width or 1, self.file.height or 1)
        size = shrunk(own, self.canvas.winfo_width(), self.canvas.winfo_height())
        shown = self.image
        if shown is not None and (shown.width(), shown.height()) == (size.width, size.height):
            return shown
        return self._decoded(None if size == own else size)

    def _part(self) -> tk.PhotoImage:
        """Cut out what there is room for: an X server takes no picture of any size."""
        self._full = full = self._full or self._decoded(None)
        width = min(full.width(), max(1, self.canvas.winfo_width()))
        height = min(full.height(), max(1, self.canvas.winfo_height()))
        left = max(0, min(self._from[0], full.width() - width))
        top = max(0, min(self._from[1], full.height() - height))
        self._from = (left, top)
        part = tk.PhotoImage(master=self.look.root, width=width, height=height)
        self.tk.call(part, "copy", full, "-from", left, top, left + width, top + height)
        return part


#: What the viewer does, from the left of its bar to the right.
VIEWER: Final[tuple[Action[PictureSheet], ...]] = (
    Action("previous", "picture.previous", lambda s: s.step(-1), ("Left",), "back"),
    Action("next", "picture.next", lambda s: s.step(1), ("Right",), "forward"),
    Action("fit", "picture.fit", lambda s: s.show_size(False), ("minus",)),
    Action("whole", "picture.whole", lambda s: s.show_size(True), ("plus",)),
    Action("copy", "picture.copy", lambda s: s.copy(), ("c",), "copy"),
    Action("save", "picture.save", lambda s: s.save(), ("s",)),
    Action("close", "action.close", lambda s: s.close(), (), "close"),
)
