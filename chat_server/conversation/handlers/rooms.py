"""Answers to requests about rooms and their members."""

from chat_protocol.replies import MemberList, RoomReply
from chat_protocol.requests import Join, Leave, Members
from chat_server.conversation.context import Services
from chat_server.conversation.dispatch import handles
from chat_server.live.session import Session


@handles(Join)
def join(services: Services, session: Session, request: Join) -> RoomReply:
    """Enter a public room, or ask to be let into a moderated one."""
    return services.rooms.join(session, request.room, request.reason or "")


@handles(Leave)
def leave(services: Services, session: Session, request: Leave) -> RoomReply:
    """Leave a room, or take a request back."""
    return services.rooms.leave(session, request.room)


@handles(Members)
def members(services: Services, session: Session, request: Members) -> MemberList:
    """List who belongs to a room."""
    return services.rooms.members(session, request.room, request.after_username)
