"""The icon in the tray, with a stand-in for the command that only Tk 9 has."""

import tkinter as tk

import pytest

from chat_client.ui.outside import Outside
from chat_client.ui.tray import Tray, has_tray

FAKE = """
set ::tray {}
set ::refused 0
proc ::fake_systray {verb args} {
    if {$verb eq "exists"} {return 0}
    if {$::refused} {error "no tray here"}
    lappend ::tray [list $verb {*}$args]
}
"""


@pytest.fixture
def tray_of(hand):
    """A root whose Tk has the command; gives what was asked of it, oldest first."""
    root = hand.app.root
    before = root.tk.call("namespace", "ensemble", "configure", "tk", "-map")
    root.tk.eval(FAKE)
    root.tk.eval(
        "namespace ensemble configure tk -map"
        " [dict merge [namespace ensemble configure tk -map] {systray ::fake_systray}]"
    )

    def asked() -> list[tuple[str, dict[str, str]]]:
        calls = [root.tk.splitlist(call) for call in root.tk.splitlist(root.tk.getvar("tray"))]
        return [(call[0], dict(zip(call[1::2], call[2::2], strict=True))) for call in calls]

    yield asked
    root.tk.call("namespace", "ensemble", "configure", "tk", "-map", before)


@pytest.fixture
def outside(hand, tray_of) -> Outside:
    """The outside of the window, at a Tk that has a tray."""
    made = Outside(hand.app.root)
    made.dress(hand.app.look)
    return made


def show(hand, client, outside):
    outside.show(client, hand.app.look, hand.main.room)


def test_icon_says_what_is_unread(hand, client, outside, tray_of):
    """It is put there once; its picture and its words change with what is unread, and then alone."""
    show(hand, client, outside)
    client.state.rooms["blabla"].unread = 2
    show(hand, client, outside)
    show(hand, client, outside)
    client.state.rooms["blabla"].unread = 0
    show(hand, client, outside)
    (create, first), (again, unread), (_verb, read) = tray_of()
    assert (create, again) == ("create", "configure")
    assert first["-text"] == read["-text"] == "Général — chat.example.org"
    assert unread["-text"].startswith("(2) ")
    assert unread["-image"] != first["-image"] == read["-image"]


def test_click_opens_the_window(hand, client, outside, tray_of):
    """A click on the icon brings a minimised window back, with the keyboard."""
    root = hand.app.root
    show(hand, client, outside)
    root.withdraw()
    root.update()
    root.tk.eval(tray_of()[0][1]["-button1"])
    root.update()
    assert root.winfo_viewable()
    assert root.focus_displayof() is not None


def test_icon_goes_with_the_setting_and_the_window(hand, client, outside, tray_of):
    """Switched off it goes, switched on it comes back, and the end of the program takes it away."""
    show(hand, client, outside)
    client.settings.set("tray", False)
    show(hand, client, outside)
    show(hand, client, outside)
    client.settings.set("tray", True)
    show(hand, client, outside)
    outside.close()
    assert [verb for verb, _options in tray_of()] == ["create", "destroy", "create", "destroy"]


def test_other_colours_draw_it_again(hand, client, outside, tray_of):
    """Another look exchanges the picture of the icon that is there."""
    show(hand, client, outside)
    outside.dress(hand.app.look)
    assert tray_of()[-1][0] == "configure"
    assert tray_of()[-1][1]["-image"] != tray_of()[0][1]["-image"]


def test_desktop_without_a_tray_is_asked_once(hand, client, outside, tray_of):
    """Where the desktop refuses the icon, the window goes on without it."""
    hand.app.root.tk.setvar("refused", 1)
    show(hand, client, outside)
    hand.app.root.tk.setvar("refused", 0)
    show(hand, client, outside)
    assert tray_of() == []


def test_earlier_tk_has_none(bare_root):
    """Without the command nothing is asked, and nothing fails."""
    if tk.TkVersion >= 8.7:
        assert has_tray(bare_root)
        return
    assert not has_tray(bare_root)
    tray = Tray(bare_root, lambda: None)
    tray.show(True, "words")
    tray.hide()


@pytest.mark.parametrize("there", [True, False])
def test_settings_say_whether_there_is_one(hand, request, there):
    """A switch where Tk has a tray, a line that says what is missing where it has none."""
    if there:
        request.getfixturevalue("tray_of")
    hand.app.show_settings()
    sheet = hand.app.settings_sheet
    assert ("tray" in sheet.switches) is there
    texts = [str(child.cget("text")) for child in _labels(sheet)]
    assert any("needs Tk 9" in text for text in texts) is not there
    sheet.close()


def _labels(widget: tk.Misc) -> list[tk.Misc]:
    found = [widget] if widget.winfo_class() == "TLabel" else []
    return found + [label for child in widget.winfo_children() for label in _labels(child)]
