"""A person's sheet: who it is, and what moderators and administrators do; the question how long and why."""

import pytest

from chat_client.model import changes as ch
from chat_client.ui.sheets.person_sheet import PersonSheet
from chat_client.ui.sheets.sanction_sheet import SanctionSheet
from chat_protocol.objects import Device, Member
from chat_protocol.people_requests import PersonReply

DESK = Device("0123456789ab", 0, 1_700_000_000_000, False, "desk\u202e", "192.0.2.1")
JULES = Member("jules", "Jules", "busy", "lunch", role="moderator")


@pytest.fixture
def show(hand, client):
    """A function that shows Jules to somebody of a role."""

    def show_to(role: str, username: str = "jules") -> PersonSheet:
        client.state.role = role
        client.state.connection.capabilities = ("moderation",)
        client.state.lists.directory.take([JULES, Member("zoe", "Zo\u00e9", role=role)], None, more=False)
        hand.main.menus.show_person(username)
        hand.settle()
        sheet = hand.main.sheet
        assert isinstance(sheet, PersonSheet)
        return sheet

    return show_to


def test_what_is_offered_to_whom(show):
    """A member writes, a moderator mutes and kicks, an administrator does the rest; less to oneself."""
    offered = {}
    for role in ("member", "moderator", "admin"):
        sheet = show(role)
        offered[role] = set(sheet.buttons)
        sheet.close()
    assert offered["member"] == {"write"}
    assert offered["moderator"] == {"write", "mute", "kick"}
    assert offered["admin"] == {"write", "mute", "kick", "ban", "role", "end", "password"}
    assert set(show("admin", "zoe").buttons) == {"role", "end"}


def test_what_the_server_tells_of_somebody(hand, client, show):
    """Local time and rooms in common are shown once they are known."""
    sheet = show("member")
    assert client.called("people.ask_about") == [("jules",)]
    told = PersonReply("jules", "Jules", "member", ("Blabla", "Projet ~k3f9"), None, "+00:00")
    client.state.lists.persons["jules"] = told
    client.tell(ch.PeopleChanged(("jules",)))
    hand.settle()
    assert sheet.facts.text.startswith("Local time ")
    assert sheet.facts.text.endswith("Rooms in common: Blabla, Projet")


def test_private_conversation_by_keyboard(hand, client, show):
    """The first button has the keyboard: Return opens the private conversation."""
    sheet = show("member")
    hand.press("<Return>")
    assert sheet.closed
    assert client.state.open_room == "@jules"


def test_role(hand, client, show):
    """Another role is chosen and saved; only then the button can be pressed."""
    sheet = show("admin")
    assert sheet.buttons["role"].instate(["disabled"])
    sheet.role.buttons[2].focus_force()
    hand.press("<space>")
    hand.press("<Return>", sheet.buttons["role"])
    assert client.called("administration.set_role") == [("jules", "admin")]
    client.tell(ch.RequestDone("moderation.role"))
    hand.settle()
    assert sheet.told.cget("text") == "The role was changed."


def test_one_time_password_needs_two_presses(hand, client, show):
    """The first press says what it does; the password is shown once, with a button that copies it."""
    sheet = show("admin")
    hand.press("<Return>", sheet.buttons["password"])
    assert client.called("administration.one_time_password") == []
    assert "signed out everywhere" in sheet.told.cget("text")
    hand.press("<Return>", sheet.buttons["password"])
    assert client.called("administration.one_time_password") == [("jules",)]
    client.tell(ch.PasswordMade("jules", "abcd-efgh"))
    hand.settle()
    assert sheet.secret.value.get() == "abcd-efgh"
    hand.press("<Return>")
    assert hand.app.root.clipboard_get() == "abcd-efgh"


def test_devices_are_ended(hand, client, show):
    """One by its button, or all; without any there is nothing to end."""
    sheet = show("admin")
    assert client.called("administration.devices") == [("jules",)]
    client.state.lists.devices = [DESK]
    client.tell(ch.ListChanged("devices"))
    hand.settle()
    words, end = sheet.devices.rows[0]
    assert words.startswith("desk")
    hand.press("<Return>", end)
    hand.press("<Return>", sheet.buttons["end"])
    assert client.called("administration.end_device") == [("jules", DESK.id), ("jules",)]
    client.state.lists.devices = []
    client.tell(ch.ListChanged("devices"), ch.RequestDone("moderation.end_device"))
    hand.settle()
    assert sheet.buttons["end"].instate(["disabled"])


def test_refusal_is_told(hand, client, show):
    """What the server refuses stands in the sheet."""
    sheet = show("admin")
    client.tell(ch.RequestFailed("moderation.role", "forbidden"))
    hand.settle()
    assert sheet.told.cget("text") == "You are not allowed to do that."


def test_sanction_with_duration_and_reason(hand, client, show):
    """How long is chosen and why is written; the sheet closes when it is done, and tells why it is not."""
    person = show("admin")
    hand.press("<Return>", person.buttons["ban"])
    sheet = hand.main.sheet
    assert isinstance(sheet, SanctionSheet)
    assert sheet.duration.get() == "forever"
    sheet.duration.buttons[2].focus_force()
    hand.press("<space>")
    sheet.reason.set("spam")
    hand.press("<Return>", sheet.reason.entry)
    hand.press("<Return>", sheet.reason.entry)
    assert client.called("moderation.sanction") == [("ban", "jules", 86_400, None, "spam")]
    client.tell(ch.RequestFailed("moderation.sanction", "forbidden"))
    hand.settle()
    assert sheet.told.winfo_ismapped()
    hand.press("<Return>", sheet.button)
    client.tell(ch.RequestDone("moderation.sanction"))
    hand.settle()
    assert sheet.closed
    assert len(client.called("moderation.sanction")) == 2
