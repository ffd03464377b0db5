"""One-time invitations: they let one person in while registration is closed, as what they say."""

from pathlib import Path

import pytest

from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.limits import INVITATION_DAYS_MAX
from chat_server.services.accounts.passwords import hash_password
from chat_server.services.vocabulary.actors import Actor
from chat_server.services.vocabulary.durations import UNITS_MS
from tests.chat_server.building import ADMIN, Building
from tests.chat_server.fakes import FakeSession
from tests.support.office import PASSWORD


@pytest.fixture
def closed(building: Building) -> Building:
    """A server on which nobody may register."""
    building.server.parts.registration.change(ADMIN, "closed")
    return building


def _register(building: Building, name: str, code: str = "") -> FakeSession:
    session = FakeSession()
    building.services.accounts.register(session, name, PASSWORD, None, code=code)
    return session


def _refusal(building: Building, name: str, code: str = "") -> str:
    with pytest.raises(ChatError) as caught:
        _register(building, name, code)
    return caught.value.code


def test_code_lets_one_person_register(closed: Building) -> None:
    """With the role that it gives; the second one is refused, and so is whoever has none."""
    invitations = closed.server.parts.invitations
    made, code = invitations.make(ADMIN, role="moderator")
    assert (made.by_name, made.expires_at - made.created_at) == ("boss", 7 * UNITS_MS["d"])
    assert invitations.count() == 1
    assert _refusal(closed, "jules") == ErrorCode.REGISTRATION_CLOSED
    session = _register(closed, "zoe", code)
    assert (session.role, invitations.count(), invitations.in_force()) == ("moderator", 0, [])
    assert _refusal(closed, "jules", code) == ErrorCode.INVALID_INVITATION
    assert closed.storage.users.by_key("jules") is None


def test_code_for_a_name_is_for_no_other(closed: Building) -> None:
    """Any spelling of the name will do; a taken one is told before anything is made."""
    invitations = closed.server.parts.invitations
    _, code = invitations.make(ADMIN, "Zoé")
    assert _refusal(closed, "jules", code) == ErrorCode.INVALID_INVITATION
    assert _register(closed, "zoe", code).username == "zoe"
    with pytest.raises(ChatError) as caught:
        invitations.make(ADMIN, "ZOÉ")
    assert caught.value.code == ErrorCode.USERNAME_TAKEN


def test_failed_registration_leaves_the_code(closed: Building) -> None:
    """A taken name or a weak password costs nothing."""
    closed.user("jules")
    _, code = closed.server.parts.invitations.make(ADMIN)
    assert _refusal(closed, "jules", code) == ErrorCode.USERNAME_TAKEN
    session = FakeSession()
    with pytest.raises(ChatError, match="at least"):
        closed.services.accounts.register(session, "zoe", "short", None, code=code)
    assert _register(closed, "zoe", code).signed_in


def test_code_used_while_another_password_is_hashed(
    closed: Building, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who is behind by the time of a hash is refused, and has no account."""
    _, code = closed.server.parts.invitations.make(ADMIN)

    def hash_behind(password: str, group: str = "", *, known: bool = True) -> str:
        monkeypatch.undo()
        _register(closed, "first", code)
        return hash_password(password, group, known=known)

    monkeypatch.setattr("chat_server.services.accounts.accounts.hash_password", hash_behind)
    assert _refusal(closed, "second", code) == ErrorCode.INVALID_INVITATION
    assert closed.storage.users.by_key("first") is not None
    assert closed.storage.users.by_key("second") is None


def test_code_ends_by_time_and_by_revoking(closed: Building) -> None:
    """After its days it lets nobody in; a revoked one at once."""
    invitations = closed.server.parts.invitations
    old, old_code = invitations.make(ADMIN, days=1)
    made, code = invitations.make(ADMIN)
    invitations._clock = lambda: old.expires_at
    assert _refusal(closed, "zoe", old_code) == ErrorCode.INVALID_INVITATION
    assert (invitations.count(), [each.id for each in invitations.in_force()]) == (1, [made.id])
    invitations.revoke(ADMIN, made.id)
    assert _refusal(closed, "zoe", code) == ErrorCode.INVALID_INVITATION
    with pytest.raises(ChatError, match=f"no invitation {made.id}"):
        invitations.revoke(ADMIN, made.id)
    assert old.id != made.id


def test_guessed_codes_wait_like_passwords(closed: Building) -> None:
    """Wrong ones of an address soon wait, with the right one too; names and other addresses do not."""
    _, code = closed.server.parts.invitations.make(ADMIN)
    refused = [_refusal(closed, "zoe", f"guess-{number}") for number in range(12)]
    assert refused[0] == ErrorCode.INVALID_INVITATION
    assert refused[-1] == ErrorCode.RATE_LIMITED
    assert _refusal(closed, "zoe", code) == ErrorCode.RATE_LIMITED
    guesses = closed.services.rates.guesses
    assert guesses.wait_s("zoe", "198.51.100.1") == 0
    counted = sum(code == ErrorCode.INVALID_INVITATION for code in refused)
    assert guesses._entries["127.0.0.1"][0] == counted
    session = FakeSession(address="198.51.100.1")
    assert closed.services.accounts.register(session, "zoe", PASSWORD, None, code=code)


def test_only_administrators_invite(closed: Building) -> None:
    """Nobody else makes or ends one, for no time that is none; the audit has who tried and who came."""
    invitations = closed.server.parts.invitations
    moderator = Actor("mod", "moderator", "console")
    for act in (lambda: invitations.make(moderator), lambda: invitations.revoke(moderator, 1)):
        with pytest.raises(ChatError) as caught:
            act()
        assert caught.value.code == ErrorCode.FORBIDDEN
    for days in (0, INVITATION_DAYS_MAX + 1):
        with pytest.raises(ChatError, match="1 to 365"):
            invitations.make(ADMIN, days=days)
    made, code = invitations.make(ADMIN, "zoe", days=INVITATION_DAYS_MAX)
    noted = next(entry for entry in closed.server.parts.audit.entries() if entry.target == "zoe")
    assert noted.detail == f"member, {INVITATION_DAYS_MAX} days; invitation {made.id}"
    _register(closed, "zoe", code)
    acts = [
        (each.actor, each.action, each.target, each.allowed) for each in closed.server.parts.audit.entries()
    ]
    assert ("mod", "invite", "", False) in acts
    assert ("boss", "invite", "zoe", True) in acts
    assert ("zoe", "use invitation", str(made.id), True) in acts


def test_code_is_kept_nowhere(closed: Building) -> None:
    """Neither the database nor the audit has it, before it is used and after."""
    _, code = closed.server.parts.invitations.make(ADMIN)
    folder: Path = closed.server.parts.data_dir
    for name in ("", "zoe"):
        if name:
            _register(closed, name, code)
        assert not any(code.encode() in file.read_bytes() for file in folder.rglob("*") if file.is_file())
