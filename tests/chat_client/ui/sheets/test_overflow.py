"""A sheet that is higher than the window scrolls, by the wheel and after the keyboard; no other does."""

import pytest


@pytest.fixture
def sheet(hand):
    """The settings, in a window that is too low for them."""
    hand.app.root.geometry("720x480")
    hand.settle()
    hand.app.show_settings()
    hand.settle()
    yield hand.app.settings_sheet
    hand.app.settings_sheet.close()


def seen(hand, sheet, widget) -> bool:
    top = widget.winfo_rooty() - sheet.winfo_rooty()
    return top >= 0 and top + widget.winfo_height() <= sheet.winfo_height()


def test_keyboard_brings_into_view(hand, sheet):
    """The last button has the keyboard and is seen; Tab goes on to the first choice, and that is seen."""
    assert sheet._overflow.scrolls
    assert sheet.winfo_y() > 0
    assert sheet.winfo_y() + sheet.winfo_height() < hand.app.root.winfo_height()
    first = sheet.choices["language"][0]
    assert seen(hand, sheet, sheet.done)
    assert not seen(hand, sheet, first)
    hand.press("<Tab>", sheet.done)
    assert hand.app.root.focus_get() is first
    assert seen(hand, sheet, first)


def test_wheel_scrolls(hand, sheet):
    """Over any part of the sheet, up and down."""
    for event, delta in (("<Button-4>", 120), ("<Button-5>", -120)):
        for _step in range(12):
            sheet.inside.event_generate(event, x=5, y=5)
            sheet.inside.event_generate("<MouseWheel>", delta=delta, x=5, y=5)
        hand.settle()
        assert seen(hand, sheet, sheet.done) is (event == "<Button-5>")


def test_enough_room(hand):
    """In a window of the usual size the settings stand as they are."""
    hand.app.show_settings()
    hand.settle()
    assert not hand.app.settings_sheet._overflow.scrolls
    hand.app.settings_sheet.close()
