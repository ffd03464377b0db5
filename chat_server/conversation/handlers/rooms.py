"""Answers to requests about rooms and their members."""

from chat_protocol.reply import Done
from chat_protocol.requests import Join, Leave, Members
from chat_protocol.room_events import RoomEvent
from chat_protocol.room_replies import MemberList, RoomReply
from chat_protocol.room_requests import RoomAdd, RoomArchive, RoomCreate, RoomEdit, RoomRemove
from chat_server.conversation.acting import actor_of
from chat_server.conversation.context import Services
from chat_server.conversation.dispatch import handles
from chat_server.live.session import Session
from chat_server.services.messages.messages import muted

_NO_ROOM = 0  # no room has this number: mutes that hold everywhere do


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


@handles(RoomCreate)
def create(services: Services, session: Session, request: RoomCreate) -> RoomReply:
    """Make a room, which is then the user's."""
    _refuse_muted(services, session, _NO_ROOM)
    session.hold()  # nothing of the room before the reply that opens it
    view = services.room_owners.create(actor_of(session), session.user_id, request)
    services.rooms.tell_other_sessions(session, RoomEvent(view))
    return RoomReply.joined(view)


@handles(RoomEdit)
def edit(services: Services, session: Session, request: RoomEdit) -> Done:
    """Change a room's name, topic, description or kind."""
    room = services.rooms.visible(session, request.room)
    _refuse_muted(services, session, room.id)
    services.room_owners.edit(actor_of(session), room, request)
    return Done()


@handles(RoomAdd)
def add(services: Services, session: Session, request: RoomAdd) -> Done:
    """Let people into a room, or make members its owners."""
    room = services.rooms.visible(session, request.room)
    services.room_people.add(actor_of(session), room, request.people, request.owner)
    return Done()


@handles(RoomRemove)
def remove(services: Services, session: Session, request: RoomRemove) -> Done:
    """Remove somebody from a room."""
    room = services.rooms.visible(session, request.room)
    services.room_people.remove(actor_of(session), room, request.username, request.reason or "")
    return Done()


@handles(RoomArchive)
def archive(services: Services, session: Session, request: RoomArchive) -> Done:
    """Make a room read-only and its members' alone, or take that back."""
    room = services.rooms.visible(session, request.room)
    services.room_owners.archive(actor_of(session), room, on=request.on)
    return Done()


def _refuse_muted(services: Services, session: Session, room_id: int) -> None:
    """Refuse words about a room to who may say none in it."""
    record = services.sanctions.mute_of(session.user_id, room_id, session.address)
    if record is not None:
        raise muted(record)
