"""What fingers and a pointer do with the real widgets: menus, lists, buttons; it knows no action."""

import tkinter as tk
from collections.abc import Iterator
from contextlib import contextmanager

from chat_client.ui.widgets.row_list import RowList
from chat_client.ui.widgets.widgets import IconButton

#: More steps than any list or menu of the tests has rows.
STEPS_MAX = 120


@contextmanager
def noted(action) -> Iterator[list[object]]:
    """Let an action be noted instead of done, whatever it is bound to already."""
    ran: list[object] = []
    run = action.run

    def note(on: object) -> str:
        ran.append(on)
        return "break"

    object.__setattr__(action, "run", note)
    try:
        yield ran
    finally:
        object.__setattr__(action, "run", run)


def widgets(parent: tk.Misc) -> Iterator[tk.Misc]:
    """Go through all that is to be seen in a widget."""
    for child in parent.winfo_children():
        if child.winfo_ismapped():
            yield child
            yield from widgets(child)


def click(hand, widget, x=None, y=None, number=1):
    """Press a button of the pointer and let it go, where nothing lies over the widget."""
    x = widget.winfo_width() // 2 if x is None else x
    y = widget.winfo_height() // 2 if y is None else y
    over = widget.winfo_containing(widget.winfo_rootx() + x, widget.winfo_rooty() + y)
    assert over is not None, f"{widget} is outside of the window"
    assert str(over).startswith(str(widget)), f"{over} lies over {widget}"
    place = {"x": x, "y": y, "rootx": widget.winfo_rootx() + x, "rooty": widget.winfo_rooty() + y}
    for event in ("<Enter>", "<Motion>", f"<ButtonPress-{number}>", f"<ButtonRelease-{number}>"):
        if widget.winfo_exists():
            widget.event_generate(event, **place)
    hand.settle()


def row_y(rows: RowList, key: str) -> int:
    index = next(index for index, row in enumerate(rows.rows) if row.key == key)
    return (rows._tops[index] + rows._tops[index + 1]) // 2 - rows._offset


def click_row(hand, rows: RowList, key: str, number: int = 1) -> None:
    """Bring a row into view by the wheel, and press it."""
    for _step in range(STEPS_MAX):
        y = row_y(rows, key)
        if 0 <= y < rows.canvas.winfo_height():
            break
        rows.canvas.event_generate("<Button-5>" if y > 0 else "<Button-4>", x=5, y=5)
        hand.settle()
    click(hand, rows.canvas, 60, row_y(rows, key), number)


def go_to_row(hand, rows: RowList, key: str, field: tk.Misc | None = None) -> None:
    """Bring the keyboard's place to a row by the arrows, of the list or of the field above it."""
    target = field or rows.canvas
    if field is None:
        hand.press("<Home>", target)
    for _step in range(STEPS_MAX):
        if rows.cursor >= 0 and rows.rows[rows.cursor].key == key:
            return
        hand.press("<Down>")
    raise AssertionError(f"the arrows do not lead to {key}")


def entry_of(menu: tk.Menu, label: str) -> int:
    """Give the place in a menu of what can be chosen under a label; -1 where that is not there."""
    last = menu.index("end")
    for index in range(0 if last is None else last + 1):
        if menu.type(index) in ("separator", "tearoff") or menu.entrycget(index, "state") == "disabled":
            continue
        if menu.entrycget(index, "label") == label:
            return index
    return -1


def click_entry(hand, menu: tk.Menu, label: str) -> None:
    """Press an entry of a menu that is open."""
    index = entry_of(menu, label)
    assert menu.winfo_viewable()
    assert index >= 0, f"the menu has no {label!r}"
    y = menu.yposition(index) + 4
    menu.event_generate("<Enter>", x=8, y=y)
    menu.event_generate("<Motion>", x=8, y=y)
    menu.event_generate("<ButtonRelease-1>", x=8, y=y)
    hand.settle()


def choose_entry(hand, menu: tk.Menu, label: str) -> None:
    """Go to an entry of a menu that is open by the arrows, and press Return."""
    index = entry_of(menu, label)
    assert menu.winfo_viewable()
    assert index >= 0, f"the menu has no {label!r}"
    hand.app.root.update()
    for _step in range(STEPS_MAX):
        if menu.index("active") == index:
            break
        hand.press("<Down>", menu)
    assert menu.index("active") == index
    hand.press("<Return>", menu)


def icon_button_of(hand, tip: str) -> IconButton | None:
    """Find a button in view by what its tooltip says."""
    for widget in widgets(hand.app.root):
        if isinstance(widget, IconButton) and widget.tooltip.text == tip and not widget.instate(["disabled"]):
            return widget
    return None
