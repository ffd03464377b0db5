"""A card over the window, for a question or a dialog; it knows nothing of what it asks. Tk thread only."""

import contextlib
import tkinter as tk
from collections.abc import Callable
from functools import partial
from tkinter import ttk

from chat_client.i18n import _
from chat_client.ui.look.look import Look
from chat_client.ui.look.veil import Veil
from chat_client.ui.sheets.overflow import Overflow
from chat_client.ui.widgets.widgets import button, close_menu, give_back_focus, tab_from_left
from chat_client.ui.widgets.words import Words


class Sheet(tk.Frame):
    """A card over the window, for a question or a dialog: Escape closes it, the keyboard stays in it."""

    def __init__(
        self, root: tk.Misc, look: Look, title: str = "", *, width: float = 420, rely: float = 0.5
    ) -> None:
        palette = look.palette
        super().__init__(root, background=palette.field_line, padx=1, pady=1)
        self.look = look
        close_menu(root)
        self._returns_to = root.focus_get()
        self.inside = ttk.Frame(self, style="Raised.TFrame", padding=look.px(24))
        self.inside.pack(fill="both", expand=True)
        self._overflow = Overflow(self, self.inside, look)
        self._shadow = tk.Frame(root, background=palette.shade)
        self._veil: Veil | None = None
        if title:
            heading = Words(self.inside, look, "Raised.Title", look.line(title), wrap=look.px(width - 48))
            heading.pack(anchor="w", pady=(0, look.px(12)))
        self._wide = width
        self._rely = rely
        self.closed = False
        self.on_close: Callable[[], object] | None = None
        self.bind_all_inside("<Escape>", self._escape)
        self.bind_class(self._tag, "<Tab>", lambda _event: self._walk(tk.Misc.tk_focusNext))
        self.bind_class(self._tag, "<Shift-Tab>", lambda _event: self._walk(tk.Misc.tk_focusPrev))
        if str(self.tk.call("tk", "windowingsystem")) == "x11":
            self.bind_class(self._tag, "<ISO_Left_Tab>", lambda _event: self._walk(tk.Misc.tk_focusPrev))

        for event, step in (("<Button-4>", -1), ("<Button-5>", 1)):
            self.bind_class(self._tag, event, partial(self._turn, step))
        self.bind_class(
            self._tag, "<MouseWheel>", lambda event: self._turn(-1 if event.delta > 0 else 1, event)
        )
        self.bind_class(self._tag, "<FocusIn>", self._follow_focus)

    def _follow_focus(self, event: "tk.Event[tk.Misc]") -> None:
        if event.widget is self.focus_get():  # the frames around it are told, too
            self._overflow.see(event.widget)

    def _turn(self, step: int, event: "tk.Event[tk.Misc]") -> None:
        self._overflow.turn(event, step)

    def bind_all_inside(self, sequence: str, action: "Callable[[tk.Event[tk.Misc]], object]") -> None:
        """Bind a key for this card and everything in it."""
        self._tag = f"sheet{id(self)}"
        self.bind_class(self._tag, sequence, action)
        self.bindtags((self._tag, *self.bindtags()))

    def end_with_close(self) -> ttk.Frame:
        """Put a button that closes the card under all else, `done`; return its row, for more buttons."""
        row = ttk.Frame(self.inside, style="Raised.TFrame")
        row.pack(fill="x", pady=(self.look.px(8), 0))
        self.done = button(row, _("action.close"), self.close, kind="Accent", surface="raised")
        self.done.pack(side="right")
        return row

    def show(self, focus: tk.Misc | None = None) -> None:
        """Put the card over the window and give it the keyboard."""
        self._veil = Veil(self.look.root, self.look, self._shadow)
        margin = self.look.px(16)
        room = self.master.winfo_width() - margin * 2
        width = min(self.look.px(self._wide), room) if room > 200 else self.look.px(self._wide)
        self._fit()
        self.place(relx=0.5, rely=self._rely, anchor="center" if self._rely == 0.5 else "n", width=width)
        self._place_shadow()
        self._shadow.lift()
        self.lift()
        self._tag_children(self)
        # A widget that is not mapped yet gets the keyboard later: what is typed meanwhile would go elsewhere.
        self.update_idletasks()
        (focus or self).focus_set()
        self._overflow.see(focus or self)
        with contextlib.suppress(tk.TclError):
            self.grab_set()

    def _fit(self) -> None:
        """Leave a rim of the window above and below the card, if it is drawn already."""
        high = self.master.winfo_height()
        if high > 1:
            self.update_idletasks()
            above = 0 if self._rely == 0.5 else self._rely * high
            self._overflow.fit(round(high - above) - self.look.px(16))

    def grown(self) -> None:
        """Let what lies under the card follow it, after something in it has become higher or lower."""
        self.update_idletasks()
        self._fit()
        self._place_shadow()
        self._tag_children(self)

    def _place_shadow(self) -> None:
        spread = self.look.px(5)
        self._shadow.place(
            in_=self, x=-spread // 3, y=0, relwidth=1, relheight=1, width=spread, height=spread
        )

    def _tag_children(self, widget: tk.Misc) -> None:
        tab_from_left(widget)
        for child in widget.winfo_children():
            if self._tag not in child.bindtags():
                child.bindtags((self._tag, *child.bindtags()))
            self._tag_children(child)

    def _walk(self, step: Callable[[tk.Misc], tk.Misc | None]) -> str:
        """Take the keyboard to the next widget of the card, past those of the window behind it."""
        widget = self.focus_get() or self
        for _count in range(500):
            widget = step(widget) or self
            if str(widget).startswith(f"{self}."):
                widget.focus_set()
                break
        return "break"

    def _escape(self, _event: object) -> str:
        self.close()
        return "break"

    def close(self) -> None:
        """Take the card away; the keyboard returns to where it was."""
        if self.closed:
            return
        self.closed = True
        self.grab_release()
        for sequence in self.bind_class(self._tag):
            self.unbind_class(self._tag, sequence)
        self._shadow.destroy()
        if self._veil is not None:
            self._veil.destroy()
        back = self._returns_to
        self.destroy()
        give_back_focus(self.look.root, back)
        if self.on_close is not None:
            self.on_close()
