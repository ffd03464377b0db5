"""Answers to requests about what was said; `send`, `edit`, `delete` and `react` take the pipeline."""

from chat_protocol.message_replies import ReadMarked, Synced
from chat_protocol.requests import History, Read, Sync
from chat_server.conversation.context import Services
from chat_server.conversation.dispatch import handles
from chat_server.conversation.pages import encoded_page, missed_frames
from chat_server.live.session import Session
from chat_server.net.wire import EncodedPage


@handles(History)
def history(services: Services, session: Session, request: History) -> EncodedPage:
    """Return a page of a room's messages."""
    page = services.messages.history(session, request)
    services.right_of_way.give()
    return encoded_page(page)


@handles(Read)
def read(services: Services, session: Session, request: Read) -> ReadMarked:
    """Remember up to where a room has been read."""
    return services.messages.read(session, request.room, request.seq, counts=bool(request.counts))


@handles(Sync)
def sync(services: Services, session: Session, request: Sync) -> Synced:
    """Send what was missed in all rooms, and then how many there are."""
    count = 0
    for frame in missed_frames(services.sync.missed(session, request.rooms, request.limit)):
        services.right_of_way.give()
        session.give(frame)
        count += 1
    return Synced(count)
