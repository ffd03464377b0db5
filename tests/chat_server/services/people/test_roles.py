"""Administrators' accounts and their sign-in on the console: what ends, and what the audit has of it."""

import pytest

from chat_protocol.errors import ChatError, ErrorCode
from chat_server.services.accounts.passwords import verify_password
from tests.support.office import PASSWORD, Office

NEW = "quite another password"


def test_account_that_is_taken_over_is_signed_out_everywhere(office: Office) -> None:
    """Whoever knew its earlier password has neither a connection nor a token left; others keep theirs."""
    jules, zoe = office.user("jules"), office.user("zoe")
    sessions = [office.connect(user) for user in (jules, zoe)]
    for user in (jules, zoe):
        office.storage.tokens.add(user.id, f"hash of {user.username}", office.clock())
    office.roles.create_admin(office.admin, "JULES", NEW, reset=True)
    assert [session.ended is not None for session in sessions] == [True, False]
    assert [len(office.storage.tokens.of_user(user.id)) for user in (jules, zoe)] == [0, 1]
    taken = office.storage.users.by_id(jules.id)
    assert taken is not None
    assert taken.role == "admin"
    assert verify_password(NEW, taken.password_hash)


@pytest.mark.parametrize("name", ["nobody", "member", "robo", "x" * 99, "", "boss"])
def test_refused_sign_in_is_in_the_audit(office: Office, name: str) -> None:
    """Under the name that was typed, as far as it is shown, and as nobody's where there was none."""
    office.user("member")
    office.user("boss", "admin")
    office.storage.users.create_bot("robo", "robo", 0)
    password = "wrong" if name == "boss" else PASSWORD
    with pytest.raises(ChatError) as caught:
        office.roles.sign_in(name, password, "console")
    assert caught.value.code == ErrorCode.INVALID_CREDENTIALS
    entry = office.audit.entries()[-1]
    assert (entry.actor, entry.action, entry.detail) == (name[:40] or "?", "sign in", "refused")
    assert (entry.origin, entry.allowed) == ("console", False)


def test_only_administrators_are_the_last_one(office: Office) -> None:
    """Of others there may be none: whoever is a member can be erased though there is one administrator."""
    boss, jules = office.user("boss", "admin"), office.user("jules", "moderator")
    office.roles.erase(office.admin, jules)
    with pytest.raises(ChatError, match="last administrator"):
        office.roles.erase(office.admin, boss)
    office.user("second", "admin")
    office.roles.erase(office.admin, boss)


def test_name_that_is_none_is_cut_in_the_audit(office: Office) -> None:
    """A whole book as a name is no book in the audit."""
    with pytest.raises(ChatError):
        office.roles.create_admin(office.admin, "x" * 99, NEW)
    assert office.actions()[-1] == ("create admin", "x" * 40, False)
