"""Answers to searches."""

from chat_protocol.message_replies import SearchPage
from chat_protocol.requests import Search
from chat_server.conversation.context import Services
from chat_server.conversation.dispatch import handles
from chat_server.live.session import Session


@handles(Search)
def search(services: Services, session: Session, request: Search) -> SearchPage:
    """Find messages in the rooms that one belongs to."""
    return services.search.search(session, request)
