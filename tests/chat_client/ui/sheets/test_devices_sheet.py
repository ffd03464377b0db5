"""The devices of the user: opened from the settings, listed, ended one by one or all others."""

import pytest

from chat_client.model import changes as ch
from chat_client.ui.sheets.devices_sheet import DevicesSheet
from chat_protocol.objects import Device

DESK = Device("0123456789ab", 0, 1_700_000_000_000, True, "desk (Linux)", "192.0.2.1")
PHONE = Device("ba9876543210", 0, 1_700_000_000_000, name="phone\u202e", address="198.51.100.7")
NAMELESS = Device("aaaaaaaaaaaa", 0, 1_700_000_000_000)


@pytest.fixture
def sheet(hand, client) -> DevicesSheet:
    """The sheet, with three devices in it."""
    hand.app.show_settings()
    hand.app.settings_sheet.show_devices()
    hand.settle()
    sheet = hand.app.devices_sheet
    assert client.called("devices.refresh") == [()]
    assert sheet.rows == []
    client.state.devices = [DESK, PHONE, NAMELESS]
    client.tell(ch.DevicesChanged())
    hand.settle()
    return sheet


def test_devices_are_listed(hand, sheet):
    """Each says its name, from where and when it was used; this one has no button."""
    desk, phone, nameless = (words for words, _button in sheet.rows)
    assert desk.startswith("desk (Linux): this device · 192.0.2.1 · last used ")
    assert "\u202e" not in phone
    assert "198.51.100.7" in phone
    assert nameless.startswith("a client without a name: last used ")
    assert [button is not None for _words, button in sheet.rows] == [False, True, True]


def test_device_is_ended_by_keyboard(hand, client, sheet):
    """Return on its button signs it out; its row goes, and the keyboard stays in the sheet."""
    hand.press("<Return>", sheet.rows[1][1])
    assert client.called("devices.end") == [(PHONE.id,)]
    client.state.devices = [DESK, NAMELESS]
    client.tell(ch.DevicesChanged(), ch.DevicesEnded(1, PHONE.id))
    hand.settle()
    assert len(sheet.rows) == 2
    assert sheet.told.cget("text") == "1 device was signed out."
    assert str(hand.app.root.focus_get()).startswith(str(sheet))
    client.tell(ch.DevicesEnded(0, PHONE.id))
    hand.settle()
    assert sheet.told.cget("text") == "There is no such device any more."


def test_all_others_are_ended(hand, client, sheet):
    """One button for all; where this is the only device, there is nothing to end."""
    hand.press("<space>", sheet.others)
    assert client.called("devices.end_others") == [()]
    client.state.devices = [DESK]
    client.tell(ch.DevicesChanged(), ch.DevicesEnded(2))
    hand.settle()
    assert sheet.others.instate(["disabled"])
    hand.press("<Escape>", sheet.done)
    assert sheet.closed
    client.tell(ch.DevicesChanged())
    hand.settle()


def test_many_devices_are_scrolled(hand, client, sheet):
    """Twenty fit into the window: the list is as high as it may be, and what has the keyboard is in view."""
    client.state.devices = [DESK, *(Device(f"{number:012x}", 0, 0) for number in range(19))]
    client.tell(ch.DevicesChanged())
    hand.settle()
    assert sheet.winfo_height() < hand.app.root.winfo_height()
    last = sheet.rows[-1][1]
    last.focus_force()
    hand.settle()
    assert 0 <= last.winfo_rooty() - sheet._scroller.winfo_rooty() < sheet._scroller.winfo_height()


def test_devices_are_in_the_list_of_actions(hand, client):
    """The keyboard finds them without the settings, where the server knows of devices."""
    actions = hand.main.actions
    assert not actions.find("devices").enabled(hand.main)
    client.state.connection.capabilities = ("devices",)
    assert actions.find("devices").enabled(hand.main)
    actions.do("devices")
    hand.settle()
    assert not hand.app.devices_sheet.closed


def test_server_without_devices_has_no_button(hand, client, monkeypatch):
    """The settings offer no list that the server does not have."""
    hand.app.show_settings()
    with_list = len(hand.app.settings_sheet._grid.winfo_children())
    hand.app.settings_sheet.close()
    monkeypatch.setattr(client.devices, "known", False)
    hand.app.show_settings()
    assert len(hand.app.settings_sheet._grid.winfo_children()) == with_list - 2
