"""What is told and noted of an act: to whom it is done, in the audit, and while the database is away."""

from collections.abc import Callable

import pytest

from chat_protocol.errors import ChatError
from chat_protocol.limits import BODY_MAX_CHARS, REASON_MAX_CHARS
from chat_protocol.own_events import MuteEvent
from chat_server.services.moderation.sanction_order import SanctionOrder, clean_reason
from chat_server.services.vocabulary.addresses import parse_network
from chat_server.storage.core.errors import StorageUnavailable
from tests.support.office import Office

NETWORK = parse_network("192.0.2.0/24")


def details(office: Office) -> list[tuple[str, str]]:
    return [(entry.action, entry.detail) for entry in office.audit.entries()]


def test_audit_has_how_many_connections_an_act_has_ended(office: Office) -> None:
    """And nothing of it where there was none."""
    jules = office.user("jules")
    for _ in range(2):
        office.connect(jules)
    _, ended = office.moderation.sanction(office.admin, SanctionOrder("kick", jules, 60_000, "loud"))
    assert ended == 2
    _, none = office.moderation.sanction(office.admin, SanctionOrder("mute", office.user("zoe")))
    assert none == 0
    office.connect(office.user("kevin"))
    assert office.moderation.kill(office.admin, office.user("nobody there")) == 0
    noted = details(office)
    assert [detail.partition("; ")[2] for _, detail in noted[:2]] == ["ended 2 connections", ""]
    assert noted[2] == ("kill", "ended 0 connections")


def test_mute_is_told_to_whom_it_is_on_and_no_other_sanction_is(office: Office) -> None:
    """When it begins, with its end and its reason, and when it is lifted."""
    jules = office.user("jules")
    session, other = office.connect(jules), office.connect(office.user("zoe"))
    office.moderation.sanction(office.admin, SanctionOrder("mute", jules, 60_000, "loud"))
    office.moderation.lift(office.admin, "mute", jules)
    assert session.sent == [
        MuteEvent(True, "loud", office.clock() + 60_000, None, None),
        MuteEvent(False, "", None, None, None),
    ]
    assert session.ended is None
    session.sent.clear()
    office.moderation.sanction(office.admin, SanctionOrder("ban", jules))
    office.moderation.lift(office.admin, "ban", jules)
    office.moderation.sanction(office.admin, SanctionOrder("kick", NETWORK))
    assert (session.sent, other.sent) == ([], [])


def test_page_of_sanctions_has_as_many_as_asked_for(office: Office) -> None:
    """The newest, and those behind a number."""
    numbers = [
        office.moderation.sanction(office.admin, SanctionOrder("mute", office.user(f"user{number}")))[0].id
        for number in range(5)
    ]
    page = office.moderation.in_force(office.admin, None, 2)
    assert [one.record.id for one in page] == numbers[:2:-1]
    page = office.moderation.in_force(office.admin, numbers[3], 2)
    assert [one.record.id for one in page] == [numbers[2], numbers[1]]


def test_lift_of_what_is_not_there_names_one_thing_that_is(office: Office) -> None:
    """However many there are."""
    jules = office.user("jules")
    for kind in ("kick", "ban"):
        office.moderation.sanction(office.admin, SanctionOrder(kind, jules))
    with pytest.raises(ChatError) as caught:
        office.moderation.lift(office.admin, "mute", jules)
    assert str(caught.value).endswith("jules is not muted. It is kicked.")


def test_welcome_message_in_the_audit(office: Office) -> None:
    """Its text, or that it was removed; each of the largest length is taken."""
    longest = "x" * BODY_MAX_CHARS
    office.notices.set_motd(office.admin, "hello")
    office.notices.set_motd(office.admin, "")
    assert details(office) == [("motd", "hello"), ("motd", "removed")]
    office.notices.set_motd(office.admin, longest)
    assert office.notices.motd == longest
    with pytest.raises(ChatError, match="at most"):
        office.notices.announce(office.admin, longest + "x")


def test_reason_of_the_largest_length_is_taken() -> None:
    """Counted as it is kept: without what stands around it."""
    longest = "x" * REASON_MAX_CHARS
    assert clean_reason(f"  {longest}\n") == longest
    with pytest.raises(ChatError, match="at most"):
        clean_reason(longest + "x")


@pytest.mark.parametrize("look", ["entries", "page", "record"])
def test_entry_that_waited_is_stored_at_the_next_occasion(
    office: Office, monkeypatch: pytest.MonkeyPatch, look: str
) -> None:
    """Whoever reads the audit, or acts, after the database is back, has it stored first; once."""

    def away(*_: object) -> None:
        raise StorageUnavailable("away")

    with monkeypatch.context() as outage:
        outage.setattr(office.storage.audit, "add", away)
        office.audit.record(office.admin, "while away")
    acts: dict[str, Callable[[], object]] = {
        "entries": office.audit.entries,
        "page": lambda: office.audit.page(office.admin, None, 9),
        "record": lambda: office.audit.record(office.admin, "later"),
    }
    acts[look]()
    stored = [entry.action for entry in office.storage.audit.listing(limit=9)]
    assert stored == ["while away"] + ["later"] * (look == "record")


def test_kick_is_no_mute_and_a_mute_ends(office: Office) -> None:
    """By itself, to the millisecond; a mute excludes nobody."""
    jules = office.user("jules")
    office.moderation.sanction(office.admin, SanctionOrder("kick", jules))
    assert office.sanctions.mutes_of(jules.id) == []
    office.moderation.sanction(office.admin, SanctionOrder("mute", jules, 1_000))
    office.clock.pass_by(999)
    assert len(office.sanctions.mutes_of(jules.id)) == 1
    office.clock.pass_by(1)
    assert office.sanctions.mutes_of(jules.id) == []
    zoe = office.user("zoe")
    office.moderation.sanction(office.admin, SanctionOrder("mute", zoe))
    assert office.sanctions.check_user(zoe.id) is None


def test_ban_is_told_before_a_kick_that_lasts_as_long(office: Office) -> None:
    """It is the harder of the two, whichever came first."""
    for name, kinds in (("jules", ("kick", "ban")), ("zoe", ("ban", "kick"))):
        user = office.user(name)
        for kind in kinds:
            office.moderation.sanction(office.admin, SanctionOrder(kind, user, 60_000))
        found = office.sanctions.check_user(user.id)
        assert found is not None
        assert found.kind == "ban"
    assert office.sanctions.check_address("192.0.2.1") is None


def test_networks_within_each_other_end_one_by_one(office: Office) -> None:
    """The address stays excluded while one of those around it is."""
    wide, narrow = parse_network("192.0.2.0/24"), parse_network("192.0.2.0/30")
    for network in (wide, narrow):
        office.moderation.sanction(office.admin, SanctionOrder("ban", network))
    assert office.sanctions.check_address("192.0.2.1") is not None
    office.moderation.lift(office.admin, "ban", narrow)
    assert office.sanctions._lengths[4] == ((24, 0xFFFFFF00),)
    assert office.sanctions.check_address("192.0.2.1") is not None
    office.moderation.lift(office.admin, "ban", wide)
    assert office.sanctions.check_address("192.0.2.1") is None
    assert not office.sanctions._lengths[4]
