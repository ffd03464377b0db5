"""Answers to requests about what was said; `send`, `edit`, `delete` and `react` take the pipeline."""

from typing import Any

from chat_protocol.requests import History, Read
from chat_server.conversation.context import Services
from chat_server.conversation.dispatch import handles
from chat_server.conversation.pages import history_fields
from chat_server.live.session import Session


@handles(History)
def history(services: Services, session: Session, request: History) -> dict[str, Any]:
    """Return a page of a room's messages."""
    return history_fields(services.messages.history(session, request))


@handles(Read)
def read(services: Services, session: Session, request: Read) -> dict[str, Any]:
    """Remember up to where a room has been read."""
    return services.messages.read(session, request.room, request.seq)
