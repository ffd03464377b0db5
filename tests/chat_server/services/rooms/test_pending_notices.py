"""What became of a request while its user was away: kept, told once, and no longer when it is told."""

import pytest

from chat_protocol.room_events import MembershipEvent
from chat_server.services.rooms.pending_notices import PendingNotices
from chat_server.storage.core.errors import StorageUnavailable
from tests.support.office import Office


@pytest.fixture
def notices(office: Office) -> PendingNotices:
    return PendingNotices(office.storage, office.audience)


def event(office: Office, state: str = "none", room: str = "Général") -> MembershipEvent:
    return MembershipEvent(room, state, "full", office.directory.find(room).public_id)


def test_user_who_is_here_is_told_at_once(office: Office, notices: PendingNotices) -> None:
    """And nothing is kept."""
    jules = office.user("jules")
    session = office.connect(jules)
    notices.tell(jules.id, event(office))
    assert session.sent == [event(office)]
    assert list(notices.pop(jules.id)) == []


def test_user_who_is_away_is_told_at_the_sign_in(office: Office, notices: PendingNotices) -> None:
    """The last of a room, once."""
    jules = office.user("jules")
    for state in ("joined", "none"):
        notices.tell(jules.id, event(office, state))
    office.storage.members.remove(office.directory.find("Général").id, jules.id)
    assert [each.membership for each in notices.pop(jules.id)] == ["none"]
    assert list(notices.pop(jules.id)) == []


def test_user_who_signs_in_meanwhile_is_not_told_again(
    office: Office, notices: PendingNotices, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was kept for one who was away a moment ago is dropped when a connection has it."""
    jules = office.user("jules")
    save = notices.save

    def sign_in_first(user_id: int, kept: MembershipEvent) -> None:
        save(user_id, kept)
        office.connect(jules)

    monkeypatch.setattr(notices, "save", sign_in_first)
    office.storage.members.remove(office.directory.find("Général").id, jules.id)
    notices.tell(jules.id, event(office))
    assert list(notices.pop(jules.id)) == []


def test_notice_that_was_told_is_of_its_room_alone(office: Office, notices: PendingNotices) -> None:
    """Those about other rooms wait on; one without a room's id goes by its name."""
    jules = office.user("jules")
    for room in ("Général", "Blabla"):
        office.storage.members.remove(office.directory.find(room).id, jules.id)
        notices.save(jules.id, event(office, "none", room))
    notices.told(jules.id, event(office))
    assert [each.room for each in notices.pop(jules.id)] == ["Blabla"]


def test_notice_that_cannot_be_dropped_is_a_line_of_the_log(
    office: Office, notices: PendingNotices, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The user is told again, and nobody's request fails for it."""

    def away(*_: object) -> None:
        raise StorageUnavailable("away")

    monkeypatch.setattr(office.storage.pending_notices, "drop", away)
    notices.told(office.user("jules").id, event(office))
    assert "told again at the next sign-in" in caplog.text
