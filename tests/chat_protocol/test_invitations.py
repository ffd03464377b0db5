"""Invitations: one paste holds all that a first sign-in needs to know of the server."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_protocol.invitations import Invitation, normal_fingerprint, parse_invitation

FINGERPRINT = ":".join(["AB"] * 32)


@pytest.mark.parametrize(
    ("text", "invitation"),
    [
        ("chat://chat.example:6000/", Invitation("chat.example", 6000)),
        ("chat://chat.example", Invitation("chat.example", 5000)),
        ("CHAT://Chat.Example:6000", Invitation("chat.example", 6000)),
        ("chat.example", Invitation("chat.example", 5000)),
        (" chat.example:6000\n", Invitation("chat.example", 6000)),
        ("192.0.2.7:6000", Invitation("192.0.2.7", 6000)),
        ("chat://[2001:db8::1]:6000/", Invitation("2001:db8::1", 6000)),
        (f"chat://h/?fp={'ab' * 32}", Invitation("h", 5000, FINGERPRINT)),
        (
            f"chat://h/?fp=SHA256:{FINGERPRINT}&server=Caf%C3%A9%20%26%20Co",
            Invitation("h", 5000, FINGERPRINT, "Café & Co"),
        ),
        (f"Welcome! Paste this: <chat://h:1/?fp={'ab' * 32}> and sign up.", Invitation("h", 1, FINGERPRINT)),
        ("Come to chat://h:1/.", Invitation("h", 1)),
        ("chat://h:1/?for=Zo%C3%A9&code=a-B_9.", Invitation("h", 1, code="a-B_9", username="Zoé")),
        ("chat://h:1/?for=zoe", Invitation("h", 1)),
        (
            f"chat://h:1/?fp={'ab' * 32}&also=g:2,[2001:db8::1]:3,,a@b,g:2",
            Invitation("h", 1, FINGERPRINT, also=(("g", 2), ("2001:db8::1", 3))),
        ),
        ("chat://h:1/?also=g:2", Invitation("h", 1)),
    ],
)
def test_invitation_is_read_however_it_was_pasted(text: str, invitation: Invitation) -> None:
    """As a link, within a message, or as a bare address."""
    assert parse_invitation(text) == invitation


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "chat://",
        "chat://:5000/",
        "hello there",
        "a,b",
        "me@chat.example",
        "h:70000",
        "h:0",
        "h:x",
        "http://h/x",
        "chat://h/?fp=abc",
        "chat://h/?code=a+b",
        f"chat://h/?code={'a' * 101}",
        "chat://[::1",
        "h/path",
    ],
)
def test_invitation_that_is_none_is_refused(text: str) -> None:
    """Anything else is a ValueError, which the window shows as a hint."""
    with pytest.raises(ValueError):  # noqa: PT011 - the text is not shown
        parse_invitation(text)


@given(
    st.sampled_from(["chat.example", "10.0.0.1", "2001:db8::1", "h"]),
    st.integers(1, 65535),
    st.sampled_from(["", FINGERPRINT]),
    st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), max_size=30),
    st.from_regex(r"[A-Za-z0-9_-]{1,22}", fullmatch=True),
    st.sampled_from(["", "Zoé", "j.b."]),
)
def test_invitation_comes_back_from_its_link(
    host: str, port: int, fingerprint: str, server: str, code: str, username: str
) -> None:
    """What one client writes another reads."""
    invitation = Invitation(host, port, fingerprint, server, code, username)
    assert parse_invitation(f"Hi! {invitation.link()} see you") == invitation


def test_code_is_in_no_repr() -> None:
    """A log that has the values has not the secret."""
    assert "Vb4-x_9" not in repr(Invitation("h", code="Vb4-x_9"))


@pytest.mark.parametrize(
    "text", [FINGERPRINT, "ab" * 32, f"SHA256:{FINGERPRINT.lower()}", f"sha256={'AB' * 32} "]
)
def test_fingerprint_is_read_in_any_usual_spelling(text: str) -> None:
    """As openssl prints it, without colons, with its algorithm."""
    assert normal_fingerprint(text) == FINGERPRINT


@pytest.mark.parametrize("text", ["", "AB", "ZZ" * 32, "AB" * 33])
def test_fingerprint_that_is_none_is_refused(text: str) -> None:
    """A typing error does not become a pin."""
    with pytest.raises(ValueError, match="64"):
        normal_fingerprint(text)
