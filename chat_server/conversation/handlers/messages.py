"""Answers to requests about what was said; `send`, `edit`, `delete` and `react` take the pipeline."""

from chat_protocol.replies import ReadMarked
from chat_protocol.requests import History, Read
from chat_server.conversation.context import Services
from chat_server.conversation.dispatch import handles
from chat_server.conversation.pages import encoded_page
from chat_server.live.session import Session
from chat_server.net.wire import EncodedPage


@handles(History)
def history(services: Services, session: Session, request: History) -> EncodedPage:
    """Return a page of a room's messages."""
    return encoded_page(services.messages.history(session, request))


@handles(Read)
def read(services: Services, session: Session, request: Read) -> ReadMarked:
    """Remember up to where a room has been read."""
    return services.messages.read(session, request.room, request.seq, counts=bool(request.counts))
