"""Invitations: pasted, typed or named at the start, and copied for others."""

from chat_client.model.state import Phase
from chat_protocol.invitations import Invitation
from tests.chat_client.ui.sheets.form import FINGERPRINT, fill_in, phase


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


def test_invitation_is_copied(hand, client, account_menu):
    """A link that leads others here can be copied, with the fingerprint."""
    client.known_servers.trust("chat.example.org", 5000, FINGERPRINT)
    account_menu.invoke("Copy an invitation")
    link = hand.app.root.clipboard_get()
    assert link.startswith("chat://chat.example.org:5000/?fp=")
    assert hand.main.toast.words == "The invitation is on the clipboard."


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
