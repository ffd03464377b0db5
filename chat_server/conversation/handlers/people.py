"""Answers to requests about who is there."""

from chat_protocol.own_replies import StatusSet
from chat_protocol.people_requests import Avatar, AvatarReply, AvatarSet, Person, PersonReply, SetAvatar
from chat_protocol.requests import Quiet, Status, Typing, Users, Watch
from chat_protocol.room_replies import PeopleFound, QuietSet, TypingNoted, Watching
from chat_server.conversation.context import Services
from chat_server.conversation.dispatch import handles
from chat_server.live.session import Session


@handles(Watch)
def watch(services: Services, session: Session, request: Watch) -> Watching:
    """Choose the rooms whose presence and typing are sent; who is there now follows the answer."""
    one = () if request.room is None else (request.room,)
    names = one if request.rooms is None else request.rooms
    found = {room.id: room for room in (services.rooms.conversation(session, name) for name in names)}
    presence = services.presence
    session.hold()
    presence.watch(session, tuple(found.values()))
    for room in found.values():
        if not room.is_direct and room.id not in session.rooms:  # removed from it while asking
            presence.stop_watching(session.user_id, room.id)
            services.rooms.conversation(session, room.public_id)  # says why not
    for conversation in found.values():
        session.send(presence.first(session, conversation))
    labels = [conversation.label(session.user_id) for conversation in found.values()]
    return Watching(labels[0] if labels else None, None if request.rooms is None else labels)


@handles(Quiet)
def quiet(services: Services, session: Session, request: Quiet) -> QuietSet:
    """Send this connection few events, or all of them again."""
    session.quiet = request.on
    return QuietSet(request.on)


@handles(Typing)
def typing(services: Services, session: Session, request: Typing) -> TypingNoted:
    """Tell those who watch the room that somebody is writing."""
    conversation = services.rooms.conversation(session, request.room)
    services.presence.typing(session, conversation)
    return TypingNoted(conversation.label(session.user_id))


@handles(Status)
def status(services: Services, session: Session, request: Status) -> StatusSet:
    """Say whether one is there."""
    services.presence.set_status(session, request.status, request.text or "")
    return StatusSet(request.status)


@handles(Person)
def person(services: Services, session: Session, request: Person) -> PersonReply:
    """Tell who somebody is."""
    return services.people.about(session, request.username)


@handles(Avatar)
def avatar(services: Services, session: Session, request: Avatar) -> AvatarReply:
    """Show somebody's picture."""
    return services.avatars.of(request.username)


@handles(SetAvatar, rate_limit="message")
def set_avatar(services: Services, session: Session, request: SetAvatar) -> AvatarSet:
    """Show another picture of the user, or none."""
    return AvatarSet(services.avatars.choose(session, request.data) or None)


@handles(Users)
def users(services: Services, session: Session, request: Users) -> PeopleFound:
    """Find accounts by the beginning of a name."""
    return services.people.find(request.prefix, request.limit, request.after_username or "")
