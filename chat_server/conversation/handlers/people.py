"""Answers to requests about who is there."""

from chat_protocol.replies import PeopleFound, StatusSet, TypingNoted, Watching
from chat_protocol.requests import Status, Typing, Users, Watch
from chat_server.conversation.context import Services
from chat_server.conversation.dispatch import handles
from chat_server.live.session import Session


@handles(Watch)
def watch(services: Services, session: Session, request: Watch) -> Watching:
    """Choose the room whose presence and typing are sent."""
    if request.room is None:
        services.presence.watch(session, None)
        return Watching(None)
    conversation = services.rooms.conversation(session, request.room)
    services.presence.watch(session, conversation)
    return Watching(conversation.label(session.user_id))


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


@handles(Users)
def users(services: Services, session: Session, request: Users) -> PeopleFound:
    """Find accounts by the beginning of a name."""
    return services.people.find(request.prefix, request.limit)
