"""Answers to moderators' requests; who may do what, and the audit, are the services' own."""

from chat_protocol.errors import bad_request
from chat_protocol.moderation_replies import Accepted, Sanction, SanctionPage
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
from chat_protocol.paging import fitting
from chat_protocol.reply import Done
from chat_protocol.room_replies import JoinRequests
from chat_server.conversation.acting import actor_of
from chat_server.conversation.context import Services
from chat_server.conversation.dispatch import handles
from chat_server.live.session import Session
from chat_server.services.moderation.moderation import ShownSanction
from chat_server.services.moderation.sanction_order import SanctionOrder, Target
from chat_server.services.vocabulary.addresses import parse_network, show_network
from chat_server.storage.core.records import RoomRecord

SECOND_MS = 1_000


@handles(ModerationPending)
def pending(services: Services, session: Session, request: ModerationPending) -> JoinRequests:
    """List the join requests that wait for a decision."""
    services.moderation.admit(actor_of(session), "moderator", "pending rooms")
    requests = [
        JoinRequest(one.user.username, one.user.display_name, one.room.name, one.reason, one.requested_at)
        for one in services.room_admin.pending()
    ]
    return JoinRequests(requests[: fitting(requests)])


@handles(ModerationDecide)
def decide(services: Services, session: Session, request: ModerationDecide) -> Done:
    """Accept or refuse a join request."""
    services.room_admin.decide(
        actor_of(session), request.username, request.room, request.accept, request.reason or ""
    )
    return Done()


@handles(ModerationAccept)
def accept(services: Services, session: Session, request: ModerationAccept) -> Accepted:
    """Accept several join requests for one room."""
    return Accepted(services.room_admin.accept_several(actor_of(session), list(request.people), request.room))


@handles(ModerationAvatar)
def remove_avatar(services: Services, session: Session, request: ModerationAvatar) -> Done:
    """Take away the picture that a user shows."""
    services.avatars.remove(actor_of(session), request.username)
    return Done()


@handles(ModerationInForce)
def in_force(services: Services, session: Session, request: ModerationInForce) -> SanctionPage:
    """List the sanctions in force, a page at a time."""
    found = services.moderation.in_force(actor_of(session), request.before, request.limit + 1)
    sanctions = [_told(one) for one in found]
    end = min(request.limit, fitting(sanctions))
    return SanctionPage(sanctions[:end], sanctions[end - 1].number if end < len(sanctions) else None)


@handles(ModerationSanction)
def sanction(services: Services, session: Session, request: ModerationSanction) -> Done:
    """Kick, ban or mute; one that hits further than meant needs the request's `confirm`."""
    moderation, actor = services.moderation, actor_of(session)
    moderation.admit(actor, "moderator", request.kind, request.username or request.address or "")
    duration_ms = None if request.duration is None else request.duration * SECOND_MS
    target, room = _target(services, request), _room(services, session, request.room)
    order = SanctionOrder(request.kind, target, duration_ms, request.reason or "", room)
    hits = moderation.hits(actor, target)
    if hits.needs_confirmation and not request.confirm and actor.may_act_as("admin"):
        raise bad_request("confirm", f"This would hit {', '.join(hits.usernames) or 'your own address'}.")
    moderation.sanction(actor, order)
    return Done()


@handles(ModerationLift)
def lift(services: Services, session: Session, request: ModerationLift) -> Done:
    """Lift a sanction at once."""
    moderation, actor = services.moderation, actor_of(session)
    moderation.admit(actor, "moderator", f"un{request.kind}", request.username or request.address or "")
    target, room = _target(services, request), _room(services, session, request.room)
    moderation.lift(actor, request.kind, target, room, request.number)
    return Done()


def _told(shown: ShownSanction) -> Sanction:
    record = shown.record
    return Sanction(
        record.id,
        record.kind,
        record.by_name,
        record.created_at,
        record.until,
        shown.user.username if shown.user is not None else None,
        show_network(record.network) if record.network is not None else None,
        shown.room.name if shown.room is not None else None,
        record.reason or None,
        shown.liftable or None,
    )


def _target(services: Services, request: ModerationSanction | ModerationLift) -> Target:
    """Return whom the request is about.

    :raises ChatError: `no_such_user`, or `bad_request` for neither or both, or what is no address.
    """
    if (request.username is None) == (request.address is None):
        raise bad_request("username", "Give either a username or an address.")
    if request.username is not None:
        return services.moderation.user(request.username)
    try:
        return parse_network(request.address or "")
    except ValueError as error:
        raise bad_request("address", f"{error}.") from None


def _room(services: Services, session: Session, name: str | None) -> RoomRecord | None:
    return None if name is None else services.rooms.visible(session, name).record
