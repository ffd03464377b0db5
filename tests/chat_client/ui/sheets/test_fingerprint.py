"""The questions about a server's fingerprint: at first contact, changed, or other than an invitation's."""

import pytest

from chat_client.model.state import Phase
from chat_client.ui.sheets.fingerprint import ChangedFingerprintSheet, grouped
from tests.chat_client.ui.sheets.form import FINGERPRINT, fill_in, phase


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
