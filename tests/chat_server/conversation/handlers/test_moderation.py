"""Moderators' requests: who may make them, whom a sanction hits, what is asked first, what the audit says."""

import pytest

from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.moderation_replies import Accepted, SanctionPage
from chat_protocol.moderation_requests import (
    ModerationAccept,
    ModerationAvatar,
    ModerationDecide,
    ModerationInForce,
    ModerationLift,
    ModerationPending,
    ModerationSanction,
)
from chat_protocol.objects import JoinRequest
from chat_protocol.reply import Done
from chat_protocol.request import Request
from chat_protocol.requests import Join
from chat_protocol.room_replies import JoinRequests
from chat_server.conversation.acting import actor_of
from chat_server.conversation.dispatch import dispatch
from tests.chat_server.building import Building
from tests.chat_server.fakes import FakeSession


def _refusal(building: Building, session: FakeSession, request: Request) -> ChatError:
    with pytest.raises(ChatError) as caught:
        dispatch(building.services, session, request)
    return caught.value


def _audit(building: Building) -> list[tuple[str, str, str, bool]]:
    entries = building.server.parts.audit.entries()
    return [(entry.actor, entry.action, entry.target, entry.allowed) for entry in entries]


def test_actor_is_the_session_s_user(building: Building) -> None:
    """The audit tells who acted, in which role, from which address."""
    session = building.sign_in(building.user("mod", "moderator"))
    actor = actor_of(session)
    assert (actor.name, actor.role, actor.user_id) == ("mod", "moderator", session.user_id)
    assert (actor.origin, actor.addresses) == ("wire 127.0.0.1", ("127.0.0.1",))


def test_pending_lists_requests(building: Building) -> None:
    """A moderator sees who wants to enter which room, and why."""
    building.room("Plaza", moderated=True)
    jules = building.sign_in(building.user("jules"))
    dispatch(building.services, jules, Join("Plaza", "I work there"))
    moderator = building.sign_in(building.user("mod", "moderator"))
    reply = dispatch(building.services, moderator, ModerationPending())
    assert isinstance(reply, JoinRequests)
    (request,) = reply.requests
    assert isinstance(request, JoinRequest)
    told = (request.username, request.display_name, request.room, request.reason)
    assert told == ("jules", "jules", "Plaza", "I work there")


@pytest.mark.parametrize(
    ("request_", "action", "target"),
    [
        (ModerationPending(), "pending rooms", ""),
        (ModerationInForce(), "sanctions", ""),
        (ModerationAccept("Nowhere", ("zoe",)), "accept", "zoe"),
        (ModerationSanction("kick", username="zoe"), "kick", "zoe"),
        (ModerationSanction("kick", username="nobody"), "kick", "nobody"),
        (ModerationAvatar("zoe"), "remove avatar", "zoe"),
        (ModerationSanction("ban", address="192.0.2.1"), "ban", "192.0.2.1"),
        (ModerationLift("mute", username="nobody"), "unmute", "nobody"),
        (ModerationLift("ban", address="192.0.2.1"), "unban", "192.0.2.1"),
    ],
)
def test_member_is_refused_and_the_attempt_is_in_the_audit(
    building: Building, request_: Request, action: str, target: str
) -> None:
    """Who may not act learns nothing, not even whether there is such a user."""
    building.user("zoe")
    session = building.sign_in(building.user("jules"))
    assert _refusal(building, session, request_).code == ErrorCode.FORBIDDEN
    assert _audit(building)[-1] == ("jules", action, target, False)


def test_decide_lets_in_and_refuses(building: Building) -> None:
    """Accepted, a user is a member; refused, the user is told why."""
    room = building.room("Plaza", moderated=True)
    moderator = building.sign_in(building.user("mod", "moderator"))
    sessions = [building.sign_in(building.user(name)) for name in ("jules", "zoe")]
    for session in sessions:
        dispatch(building.services, session, Join("Plaza"))
    assert dispatch(building.services, moderator, ModerationDecide("jules", "Plaza", True)) == Done()
    assert dispatch(building.services, moderator, ModerationDecide("zoe", "Plaza", False, "full")) == Done()
    assert [room.id in session.rooms for session in sessions] == [True, False]
    assert getattr(sessions[1].sent[-1], "reason", None) == "full"


def test_sanction_lasts_as_many_seconds_as_asked(building: Building) -> None:
    """A duration is in seconds on the wire; without one the sanction stands until it is lifted."""
    moderator = building.sign_in(building.user("mod", "moderator"))
    room = building.room("Plaza")
    jules, zoe = building.user("jules"), building.user("zoe")
    order = ModerationSanction("mute", username="Jules", duration=60, room="plaza", reason="loud")
    assert dispatch(building.services, moderator, order) == Done()
    assert dispatch(building.services, moderator, ModerationSanction("kick", username="zoe")) == Done()
    mute, kick = building.services.moderation.active()
    assert (mute.user_id, mute.room_id, mute.reason) == (jules.id, room.id, "loud")
    assert mute.until is not None
    assert mute.until - mute.created_at == 60_000
    assert (kick.user_id, kick.room_id, kick.reason, kick.until) == (zoe.id, None, "", None)


def test_sanction_is_about_a_user_or_an_address(building: Building) -> None:
    """Neither, both, or what is no address is a mistake in the request."""
    admin = building.sign_in(building.user("root", "admin"))
    building.user("jules")
    for request, field in (
        (ModerationSanction("ban"), "username"),
        (ModerationSanction("ban", username="jules", address="192.0.2.1"), "username"),
        (ModerationSanction("ban", address="not an address"), "address"),
        (ModerationLift("ban"), "username"),
    ):
        error = _refusal(building, admin, request)
        assert (error.code, error.extra["field"]) == (ErrorCode.BAD_REQUEST, field)
    unknown = _refusal(building, admin, ModerationSanction("ban", username="nobody"))
    assert unknown.code == ErrorCode.NO_SUCH_USER
    strange = _refusal(building, admin, ModerationSanction("mute", username="jules", room="Nowhere"))
    assert strange.code == ErrorCode.NO_SUCH_ROOM


def test_ban_of_an_address_that_hits_several_asks_first(building: Building) -> None:
    """What would end the connections of several users, or one's own, needs to be confirmed."""
    admin = building.sign_in(building.user("root", "admin"))
    for name in ("jules", "zoe"):
        building.sign_in(building.user(name))
    error = _refusal(building, admin, ModerationSanction("ban", address="127.0.0.0/8"))
    assert error.extra["field"] == "confirm"
    assert "jules, root, zoe" in str(error)
    assert building.services.moderation.active() == []
    confirmed = ModerationSanction("ban", address="127.0.0.0/8", confirm=True)
    assert dispatch(building.services, admin, confirmed) == Done()
    assert [one.network for one in building.services.moderation.active()] == ["127.0.0.0/8"]


def test_moderator_is_told_that_addresses_are_not_theirs_to_ban(building: Building) -> None:
    """Whom it would hit is a question for administrators alone."""
    moderator = building.sign_in(building.user("mod", "moderator"))
    error = _refusal(building, moderator, ModerationSanction("ban", address="127.0.0.0/8"))
    assert error.code == ErrorCode.FORBIDDEN


def test_lift_takes_a_sanction_back(building: Building) -> None:
    """A mute in one room is lifted there, and the others stay."""
    moderator = building.sign_in(building.user("mod", "moderator"))
    building.user("jules")
    for name in ("Plaza", "Tower"):
        building.room(name)
        dispatch(building.services, moderator, ModerationSanction("mute", username="jules", room=name))
    lifted = dispatch(building.services, moderator, ModerationLift("mute", username="jules", room="Plaza"))
    assert lifted == Done()
    (left,) = building.services.moderation.active()
    assert left.room_id == building.services.directory.find("Tower").id


def test_one_sanction_is_lifted_by_its_number(building: Building) -> None:
    """A mute everywhere is lifted alone, and those of single rooms stay."""
    moderator = building.sign_in(building.user("mod", "moderator"))
    building.user("jules")
    building.room("Plaza")
    for room in (None, "Plaza"):
        dispatch(building.services, moderator, ModerationSanction("mute", username="jules", room=room))
    everywhere, there = building.services.moderation.active()
    lift = ModerationLift("mute", username="jules", number=everywhere.id)
    assert dispatch(building.services, moderator, lift) == Done()
    assert [one.id for one in building.services.moderation.active()] == [there.id]
    assert _refusal(building, moderator, lift).code == ErrorCode.BAD_REQUEST


def _page(building: Building, session: FakeSession, request: ModerationInForce) -> SanctionPage:
    reply = dispatch(building.services, session, request)
    assert isinstance(reply, SanctionPage)
    return reply


def test_sanctions_in_force_come_in_pages(building: Building) -> None:
    """The newest first, with on whom, where, by whom, why; the mark of a page leads to the one behind it."""
    moderator = building.sign_in(building.user("mod", "moderator"))
    building.room("Plaza")
    for name in ("ann", "bob", "cem"):
        building.user(name)
        dispatch(
            building.services,
            moderator,
            ModerationSanction("mute", username=name, duration=60, room="plaza", reason="loud"),
        )
    first = _page(building, moderator, ModerationInForce(limit=2))
    assert [one.username for one in first.sanctions] == ["cem", "bob"]
    cem = first.sanctions[0]
    assert (cem.kind, cem.room, cem.by, cem.reason, cem.liftable) == ("mute", "Plaza", "mod", "loud", True)
    assert cem.until == cem.since + 60_000
    second = _page(building, moderator, ModerationInForce(before=first.next, limit=2))
    assert ([one.username for one in second.sanctions], second.next) == (["ann"], None)
    whole = _page(building, moderator, ModerationInForce(limit=3))
    assert (len(whole.sanctions), whole.next) == (3, None)


def test_sanctions_tell_moderators_no_address_and_what_they_may_lift(building: Building) -> None:
    """A ban is lifted by administrators alone, who also see addresses; of an erased user no name is told."""
    moderator = building.sign_in(building.user("mod", "moderator"))
    admin = building.sign_in(building.user("root", "admin"))
    gone = building.user("gone")
    building.user("jules")
    for request in (
        ModerationSanction("mute", username="gone"),
        ModerationSanction("ban", username="jules"),
        ModerationSanction("ban", address="192.0.2.0/24"),
    ):
        dispatch(building.services, admin, request)
    building.services.roles.erase(actor_of(admin), gone)

    def told(session: FakeSession) -> list[tuple[str | None, str | None, bool | None]]:
        sanctions = _page(building, session, ModerationInForce()).sanctions
        return [(one.username, one.address, one.liftable) for one in sanctions]

    of_users = [("jules", None, True), (None, None, None)]
    assert told(admin) == [(None, "192.0.2.0/24", True), *of_users]
    assert told(moderator) == [("jules", None, None), (None, None, None)]


def test_several_requests_are_accepted_at_once(building: Building) -> None:
    """Those who wait are let in, the others left out; moderators are told once how many are left."""
    room = building.room("Plaza", moderated=True)
    moderator = building.sign_in(building.user("mod", "moderator"))
    sessions = [building.sign_in(building.user(name)) for name in ("jules", "zoe", "ann")]
    for session in sessions[:2]:
        dispatch(building.services, session, Join("Plaza"))
    moderator.sent.clear()
    request = ModerationAccept("plaza", ("Jules", "ann", "nobody", "zoe"))
    assert dispatch(building.services, moderator, request) == Accepted(["jules", "zoe"])
    assert [room.id in session.rooms for session in sessions] == [True, True, False]
    assert [getattr(event, "pending", None) for event in moderator.sent] == [0]
    assert _refusal(building, moderator, ModerationAccept("Nowhere", ("zoe",))).code == ErrorCode.NO_SUCH_ROOM
