"""The way in."""

import pytest

from chat_client.model import changes as ch
from chat_client.model.state import Phase
from chat_client.ui.sheets.fingerprint import ChangedFingerprintSheet, grouped
from chat_protocol.invitations import Invitation

FINGERPRINT = ":".join(f"{number:02X}" for number in range(32))


@pytest.fixture
def door(start):
    """The window of somebody who is not signed in."""
    return start("960x700")


def fill_in(hand, **values):
    for name, value in {
        "host": "chat.example.org",
        "name": "zoe",
        "password": "correct horse",
        **values,
    }.items():
        getattr(hand.app.sign_in, name).set(value)
    hand.settle()


def phase(hand, client, value, **values):
    """Let the connection stand so."""
    client.state.connection.phase = value
    for name, wanted in values.items():
        setattr(client.state.connection, name, wanted)
    client.tell(ch.ConnectionChanged())
    hand.settle()


def test_three_fields_and_one_button(door, client):
    """Server, name and password are enough."""
    fill_in(door)
    door.app.sign_in.button.invoke()
    assert client.called("session.sign_in") == [("chat.example.org", 5000, "zoe", "correct horse", True)]


@pytest.mark.parametrize(("way", "call"), [("in", "session.sign_in"), ("up", "session.sign_up")])
def test_user_may_choose_not_to_stay_signed_in(start, client, way, call):
    """The switch is on until it was turned off, by the keyboard too; the next form remembers the choice."""
    hand = start("960x700")
    form = hand.app.sign_in
    assert form.stay_switch.instate(["selected"])
    form.mode.set(way)
    form._switch_mode()
    hand.press("<space>", form.stay_switch)
    fill_in(hand, repeat="correct horse")
    form.button.invoke()
    assert client.called(call)[0][-2 if way == "up" else -1] is False
    hand.app.rebuild()
    assert not hand.app.sign_in.stay.get()


def test_account_that_does_not_stay_fills_in_the_form(start, client):
    """Server and name are known at the next start, and the keyboard is where the password goes."""
    account = client.remember("zoe", token="")
    client.settings.set("last_account", account.id)
    client.settings.set("last_host", account.host)
    client.settings.set("last_port", account.port)
    hand = start()
    form = hand.app.sign_in
    assert client.called("session.resume") == []
    assert (form.host.get(), form.port.get(), form.name.get()) == ("chat.example.org", "5000", "zoe")
    assert not form.accounts.rows
    assert hand.app.root.focus_get() is form.password.entry


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


def test_invitation_in_one_paste(door, client):
    """A pasted invitation fills in the server and trusts its fingerprint."""
    view = door.app.sign_in
    door.app.root.clipboard_clear()
    fingerprint = FINGERPRINT.replace(":", "").lower()
    door.app.root.clipboard_append(f"Welcome! chat://chat.example.org:6000/?fp={fingerprint}&server=Atelier")
    view.paste.invoke()
    door.settle()
    assert (view.host.get(), view.port.get(), view.mode.get()) == ("chat.example.org", "6000", "up")
    assert "Invitation to Atelier" in view.message
    assert client.known_servers.fingerprint("chat.example.org", 6000) == FINGERPRINT


def test_one_time_invitation_goes_with_the_new_account(door, client):
    """Also where an account is known: the name is filled in, and another one is told."""
    client.remember("jules")
    view = door.app.sign_in
    view.take_invitation("chat://chat.example.org:6000/?server=Atelier&for=Zo%C3%A9&code=Vb4-x_9")
    door.settle()
    assert (view.mode.get(), view.name.get()) == ("up", "Zoé")
    assert door.app.root.focus_get() is view.password.entry
    assert "Atelier, good for one new account" in view.message
    fill_in(door, host="chat.example.org", name="zora", repeat="correct horse")
    view.submit()
    assert view.name.complaint == "The invitation is for the name Zoé."
    view.name.set("zoé")
    view.submit()
    view.host.set("elsewhere.example.org")
    view.submit()
    codes = [call[-1] for call in client.called("session.sign_up")]
    assert codes == ["Vb4-x_9", ""]  # another server is told no code
    assert not any(b"Vb4-x_9" in path.read_bytes() for path in client.home.rglob("*") if path.is_file())


def test_invitation_that_was_used_is_told(door, client):
    """In words, and it goes with no further attempt."""
    view = door.app.sign_in
    view.take_invitation("chat://chat.example.org/?code=Vb4-x_9")
    door.settle()
    fill_in(door, repeat="correct horse")
    phase(door, client, Phase.REFUSED, code="invalid_invitation")
    assert "was used or revoked" in view.message
    view.submit()
    assert client.called("session.sign_up")[0][-1] == ""


@pytest.fixture
def other_invitation(door, client):
    """The question that a pasted invitation with another fingerprint than the pinned one causes."""
    client.known_servers.trust("chat.example.org", 6000, FINGERPRINT)
    door.app.root.clipboard_clear()
    door.app.root.clipboard_append(f"chat://chat.example.org:6000/?fp={'ab' * 32}")
    door.app.sign_in.paste.invoke()
    door.settle()
    return next(w for w in door.app.root.winfo_children() if isinstance(w, ChangedFingerprintSheet))


def test_invitation_with_another_fingerprint_is_no_reason_to_trust_it(door, client, other_invitation):
    """The pin stays until the user says so; Return and Escape both keep it."""
    assert client.known_servers.fingerprint("chat.example.org", 6000) == FINGERPRINT
    assert door.app.root.focus_get() == other_invitation.keep
    door.press("<Return>")
    assert other_invitation.closed
    assert client.known_servers.fingerprint("chat.example.org", 6000) == FINGERPRINT


def test_invitation_replaces_a_pin_after_a_question(door, client, other_invitation):
    """Where the administrator has confirmed the new fingerprint, one button takes it."""
    other_invitation.replace.invoke()
    door.settle()
    assert client.known_servers.fingerprint("chat.example.org", 6000) == ":".join(["AB"] * 32)
    assert "Invitation to chat.example.org" in door.app.sign_in.message


def test_invitation_typed_into_the_server_field(door):
    """An invitation may also be put where the server's name goes."""
    door.app.sign_in.host.set("chat://other.example.org/")
    door.settle()
    assert door.app.sign_in.host.get() == "other.example.org"


def test_clipboard_without_an_invitation(door):
    """Anything else on the clipboard is told kindly."""
    door.app.root.clipboard_clear()
    door.app.root.clipboard_append("just some words")
    door.app.sign_in.paste.invoke()
    assert door.app.sign_in.message == "There is no invitation on the clipboard."


def test_fingerprint_is_asked_at_first_contact(door, client):
    """The fingerprint is shown in groups; the marked button says no."""
    phase(door, client, Phase.FINGERPRINT, host="chat.example.org", fingerprint=FINGERPRINT)
    sheet = door.app._fingerprint
    assert door.app.root.focus_get() is sheet.refuse
    sheet.trust.invoke()
    assert client.called("trust.answer") == [(True,)]


def test_fingerprint_is_refused_by_escape(door, client):
    """Closing the question is a no."""
    phase(door, client, Phase.FINGERPRINT, host="chat.example.org", fingerprint=FINGERPRINT)
    door.press("<Escape>")
    assert client.called("trust.answer") == [(False,)]


def test_grouped_fingerprint():
    """A fingerprint is set to be compared by eye."""
    assert grouped(FINGERPRINT).splitlines()[0] == "00:01:02:03:04:05:06:07"
    assert len(grouped(FINGERPRINT).splitlines()) == 4


def test_changed_fingerprint(door, client):
    """A server with another certificate is refused; going on takes a deliberate press."""
    fill_in(door)
    phase(door, client, Phase.REFUSED, host="chat.example.org", port=5000, code="fingerprint_changed")
    view = door.app.sign_in
    assert "your password was not sent" in view.message
    assert view._forget.winfo_ismapped()
    view._forget.invoke()
    assert client.called("trust.forget") == [("chat.example.org", 5000)]


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


def test_remembered_accounts(start, client):
    """Accounts of this computer are offered; the last one is resumed at once."""
    account = client.remember("zoe", display_name="Zoé", last_used=2)
    other = client.remember("admin", display_name="Administrator", last_used=1)
    client.remember("gone", token="")
    client.settings.set("last_account", account.id)
    hand = start()
    assert client.called("session.resume") == [(account.id,)]
    assert hand.app.sign_in.accounts.texts() == ["Zoé", "Administrator"]
    hand.app.sign_in.accounts.on_choose(other.id)
    assert client.called("session.resume")[-1] == (other.id,)


def test_signing_in_shows_the_rooms(door, client):
    """Once signed in the rooms are shown, and the first of them is open."""
    client.add_room("Général")
    client.sign()
    door.settle()
    assert door.app.sign_in is None
    assert client.state.open_room == "general"
    assert door.app.status.words == "Connected to chat.example.org, encrypted"


def test_signing_out_shows_the_way_in(hand, client):
    """After signing out one is back at the way in, with the reason where there is one."""
    client.state.username = ""
    client.state.rooms.clear()
    client.state.open_room = None
    client.state.connection.phase = Phase.SIGNED_OUT
    client.tell(ch.SignedOut("invalid_credentials"))
    hand.settle()
    assert hand.app.main is None
    assert hand.app.sign_in.message.startswith("You have been signed out: your password was changed")


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


@pytest.fixture
def account_menu(hand, monkeypatch):
    """The menu of one's own account, opened."""
    monkeypatch.setattr(hand.main.menus.menu, "tk_popup", lambda x, y: None)
    hand.main.show_account_menu()
    return hand.main.menus.menu


def test_another_account(hand, client, account_menu):
    """Another account is added without leaving the present one; one may also go back."""
    account_menu.invoke("Another account…")
    hand.settle()
    assert hand.app.main is None
    hand.app.sign_in.back.invoke()
    hand.settle()
    assert hand.app.main is not None
    assert client.called("session.log_out") == []
    hand.app.add_account()
    fill_in(hand, name="admin")
    client.state.username = ""
    hand.app.sign_in.button.invoke()
    assert client.called("session.sign_in") == [("chat.example.org", 5000, "admin", "correct horse", True)]
    client.sign("admin", "Administrator")
    hand.settle()
    assert hand.app.main is not None


def test_invitation_is_copied(hand, client, account_menu):
    """A link that leads others here can be copied, with the fingerprint."""
    client.known_servers.trust("chat.example.org", 5000, FINGERPRINT)
    account_menu.invoke("Copy an invitation")
    link = hand.app.root.clipboard_get()
    assert link.startswith("chat://chat.example.org:5000/?fp=")
    assert hand.main.toast.words == "The invitation is on the clipboard."


def test_signing_out_asks_first(hand, client, account_menu):
    """Signing out asks, since this computer forgets the way in."""
    account_menu.invoke("Sign out")
    hand.settle()
    assert client.called("session.log_out") == []
    hand.press("<Return>")
    assert client.called("session.log_out") == [()]


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


def test_server_of_the_command_line(start, client):
    """A server named at the start is offered, and the account of another server is not resumed."""
    account = client.remember("zoe")
    client.settings.set("last_account", account.id)
    hand = start(invitation=Invitation("other.example.org", 6000))
    assert client.called("session.resume") == []
    assert (hand.app.sign_in.host.get(), hand.app.sign_in.mode.get()) == ("other.example.org", "up")


def test_server_of_the_command_line_that_is_known(start, client):
    """Where this computer knows an account there, it is resumed; without a token one signs in."""
    client.settings.set("last_account", client.remember("zoe", last_used=2).id)
    invitation = Invitation("chat.example.org", 5000)
    start(invitation=invitation)
    assert client.called("session.resume") == [("zoe@chat.example.org:5000",)]
    client.accounts.forget_token("zoe@chat.example.org:5000")
    hand = start(invitation=invitation)
    hand.settle()
    assert hand.app.sign_in.mode.get() == "in"
