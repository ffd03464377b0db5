"""Each control of every sheet and pane: Tab leads to it, downwards, it shows the keyboard, a click works."""

import tkinter as tk
from itertools import pairwise
from tkinter import ttk

import pytest

from chat_client.ui.look import x11
from chat_client.ui.sheets.sheet import Sheet
from tests.chat_client.ui.ways.means import click, widgets
from tests.chat_client.ui.ways.places import PANES, SHEETS

#: More than there are controls in the window.
STEPS_MAX = 80
#: The smallest window that the program allows.
SMALLEST = "720x480"
SIZES = {"usual": "1100x700", "smallest": SMALLEST}


def takes_tab(widget: tk.Misc) -> bool:
    """Say whether Tab may stop at a widget, which an option of Tk or a procedure of its own decides."""
    takes = str(widget.cget("takefocus"))
    return takes == "1" or (takes not in ("", "0") and bool(int(widget.tk.call(takes, widget))))


def is_control(widget: tk.Misc) -> bool:
    """Say whether something can be done with a widget."""
    if isinstance(widget, ttk.Widget) and widget.instate(["disabled"]):
        return False
    if isinstance(widget, tk.Canvas):
        return takes_tab(widget)
    if isinstance(widget, tk.Text):
        return str(widget.cget("state")) == "normal"
    return isinstance(widget, ttk.Button | ttk.Entry | ttk.Radiobutton | ttk.Checkbutton)


def controls(inside: tk.Misc) -> list[tk.Misc]:
    return [widget for widget in widgets(inside) if is_control(widget)]


def walk(hand, inside: tk.Misc) -> list[tk.Misc]:
    """Press Tab until the keyboard has been everywhere; give what of the place it came by."""
    root, seen = hand.app.root, []
    for _step in range(STEPS_MAX):
        hand.press("<Tab>")
        now = root.focus_get()
        if now in seen:
            break
        seen.append(now)
    return [widget for widget in seen if str(widget).startswith(f"{inside}.")]


def place_of(hand, widget: tk.Misc) -> tuple[int, int, int, int]:
    """Give where in the window a widget is."""
    left, top = (
        widget.winfo_rootx() - hand.app.root.winfo_rootx(),
        widget.winfo_rooty() - hand.app.root.winfo_rooty(),
    )
    return left, top, left + widget.winfo_width(), top + widget.winfo_height()


def pixels(hand, place: tuple[int, int, int, int]) -> bytes:
    """Give what is to be seen at a place of the window and closely around it."""
    root = hand.app.root
    root.update()
    width, height = root.winfo_width(), root.winfo_height()
    shown = x11.picture(root.winfo_id(), width, height)
    left, top, right, bottom = place
    left, right = max(0, left - 3), min(width, right + 3)
    return b"".join(
        shown[(y * width + left) * 4 : (y * width + right) * 4]
        for y in range(max(0, top - 3), min(height, bottom + 3))
    )


def check_keyboard(hand, inside: tk.Misc) -> None:
    """Tab leads to each control, downwards, and each shows the keyboard."""
    wanted = controls(inside)
    assert wanted
    walked = walk(hand, inside)
    missed = [widget for widget in wanted if widget not in walked]
    assert not missed, f"Tab does not lead to {missed}"
    for widget in walked:
        widget.focus_force()
        hand.settle()
        here = place_of(hand, widget)
        over = widget.winfo_containing(
            widget.winfo_rootx() + widget.winfo_width() // 2,
            widget.winfo_rooty() + widget.winfo_height() // 2,
        )
        assert over is not None, f"{widget} is outside of the window"
        assert str(over).startswith(str(widget)), f"{over} lies over {widget}"
        with_keyboard = pixels(hand, here)
        tk.Misc.focus_set(inside)
        hand.settle()
        shown = place_of(hand, widget) != here or pixels(hand, here) != with_keyboard
        assert shown, f"{widget} does not show the keyboard"


def check_order(hand, inside: tk.Misc) -> None:
    """Tab goes from left to right in a line, and downwards but for the top of a column at the right."""
    start = controls(inside)[0]
    start.focus_force()
    order = [start, *walk(hand, inside)]
    places = [place_of(hand, widget) for widget in dict.fromkeys(order)]
    for before, after in pairwise(places):
        next_column = after[0] >= before[2]
        assert after[3] > before[1] or next_column, f"{order} goes upwards"
        line = min(before[3], after[3]) - max(before[1], after[1])
        same_line = line > min(before[3] - before[1], after[3] - after[1]) / 2
        assert not same_line or after[0] > before[0], f"{order} goes to the left"


def check_mouse(hand, inside: tk.Misc) -> None:
    """A click on a control does what it is for, or gives it the keyboard."""
    for widget in controls(inside):
        if isinstance(widget, ttk.Button | ttk.Radiobutton | ttk.Checkbutton):
            pressed: list[int] = []
            widget.configure(command=lambda pressed=pressed: pressed.append(1))
            widget.focus_set()  # brings it into view where it scrolls
            hand.settle()
            click(hand, widget)
            assert pressed == [1], widget
        elif isinstance(widget, ttk.Entry | tk.Text):
            click(hand, widget)
            assert hand.app.root.focus_get() is widget


CHECKS = {"tab": check_keyboard, "order": check_order, "mouse": check_mouse}


@pytest.mark.long
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", SHEETS)
def test_controls_of_a_sheet(full, client, name, size):
    """Each control is reached, seen and pressed, in the smallest window, too."""
    full.app.root.geometry(SIZES[size])
    full.settle()
    sheet = SHEETS[name](full, client)
    assert isinstance(sheet, Sheet)
    assert 0 <= sheet.winfo_y() < sheet.winfo_y() + sheet.winfo_height() <= full.app.root.winfo_height()
    check_order(full, sheet)
    check_keyboard(full, sheet)
    check_mouse(full, sheet)
    sheet.close()


@pytest.mark.parametrize("size", SIZES)
def test_controls_of_the_sign_in(start, size):
    """Each control of the way in is reached, seen and pressed, before anybody is signed in."""
    hand = start(SIZES[size])
    hand.app.root.focus_force()
    hand.settle()
    check_keyboard(hand, hand.app.sign_in)
    check_mouse(hand, hand.app.sign_in)


@pytest.mark.long
@pytest.mark.parametrize("name", PANES)
def test_controls_of_a_pane(full, client, name):
    """Each control is reached, seen and pressed."""
    pane = PANES[name](full, client)
    check_order(full, pane)
    check_keyboard(full, pane)
    check_mouse(full, pane)
