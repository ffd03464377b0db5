"""The way in."""

import pytest

from chat_client.model import changes as ch
from chat_client.model.state import Phase
from tests.chat_client.ui.sheets.form import fill_in, phase


def test_three_fields_and_one_button(door, client):
    """Server, name and password are enough."""
    fill_in(door)
    door.app.sign_in.button.invoke()
    assert client.called("session.sign_in") == [("chat.example.org", 5000, "zoe", "correct horse", True)]


def test_return_signs_in(door, client):
    """Return in a field does what the button does."""
    fill_in(door, port="6000")
    door.press("<Return>", door.app.sign_in.password.entry)
    assert client.called("session.sign_in")[0][1] == 6000


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("host", " ", "Enter the server’s address."),
        ("port", "70000", "1 to 65535"),
        ("name", "", "Enter your name."),
        ("password", "", "Enter your password."),
    ],
)
def test_what_is_missing_is_told(door, client, field, value, words):
    """A field that is not right says so, and nothing is sent."""
    fill_in(door, **{field: value})
    door.app.sign_in.submit()
    assert getattr(door.app.sign_in, field).complaint == words
    assert client.called("session.sign_in") == []


def test_new_account(door, client):
    """A new account takes the password twice, and the name by which others see one."""
    view = door.app.sign_in
    view.mode.set("up")
    view._switch_mode()
    fill_in(door, password="short", repeat="shorter")
    view.submit()
    assert view.password.complaint == "At least 10 characters."
    assert view.repeat.complaint == "The two passwords differ."
    fill_in(door, repeat="correct horse", display_name="Zoé B.")
    view.button.invoke()
    assert client.called("session.sign_up") == [
        ("chat.example.org", 5000, "zoe", "correct horse", "Zoé B.", True, "")
    ]


def test_complaint_ends_with_the_choice_of_the_other_way_in(door):
    """Who wants a new account is not told any more that the password of the old one was wrong."""
    view = door.app.sign_in
    view.password.complain("Unknown name or wrong password.")
    view.mode.set("up")
    view._switch_mode()
    assert view.password.complaint == ""


@pytest.mark.parametrize(
    ("code", "field", "words"),
    [
        ("invalid_credentials", "password", "Unknown name or wrong password."),
        ("username_taken", "name", "This name is taken."),
        ("unreachable", "host", "The server cannot be reached."),
    ],
)
def test_refusal_stands_at_its_field(door, client, code, field, words):
    """What the server refuses is told where it can be mended."""
    fill_in(door)
    phase(door, client, Phase.REFUSED, code=code)
    assert getattr(door.app.sign_in, field).complaint == words


def test_button_is_off_while_connecting(door, client):
    """While the connection is made one does not press twice."""
    phase(door, client, Phase.CONNECTING, host="chat.example.org")
    assert door.app.sign_in.button.instate(["disabled"])
    assert door.app.sign_in.message == "Connecting to chat.example.org…"
    phase(door, client, Phase.REFUSED, code="banned", detail="spam")
    assert door.app.sign_in.button.instate(["!disabled"])
    assert "Reason: spam" in door.app.sign_in.message


def test_signing_in_shows_the_rooms(door, client):
    """Once signed in the rooms are shown, and the first of them is open."""
    client.add_room("Général")
    client.sign()
    door.settle()
    assert door.app.sign_in is None
    assert client.state.open_room == "general"
    assert door.app.status.words == "Connected to chat.example.org, encrypted"


def test_password_for_one_use_has_to_be_changed(hand, client):
    """A password that the administrator gave is changed before anything else."""
    client.state.must_change_password = True
    client.tell(ch.ProfileChanged())
    hand.settle()
    sheet = hand.main.sheet
    hand.press("<Escape>")
    assert not sheet.closed
    for field, value in (
        (sheet.old, "one-time-pass"),
        (sheet.new, "my own words"),
        (sheet.repeat, "my own words"),
    ):
        field.set(value)
    sheet.button.invoke()
    assert client.called("session.change_password") == [("one-time-pass", "my own words")]
    client.tell(ch.RequestFailed("password", "invalid_credentials"))
    hand.settle()
    assert sheet.old.complaint == "Unknown name or wrong password."
    client.state.must_change_password = False
    client.tell(ch.RequestDone("password"), ch.ProfileChanged())
    hand.settle()
    assert sheet.closed
    assert hand.main.toast.words == "The password has been changed."


def test_tab_stays_in_a_sheet(door):
    """Tab goes around in a dialog and does not leave it for the window behind."""
    door.app.show_settings()
    sheet = door.app.settings_sheet
    seen = set()
    for _ in range(20):
        door.press("<Tab>")
        seen.add(str(door.app.root.focus_get()))
    assert all(name.startswith(str(sheet)) for name in seen)
    assert len(seen) > 5
