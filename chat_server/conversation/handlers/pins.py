"""Answers to requests about pinned messages."""

from chat_protocol.message_replies import PinnedPage
from chat_protocol.pin_requests import Pin, Pins
from chat_protocol.reply import Done
from chat_server.conversation.acting import actor_of
from chat_server.conversation.context import Services
from chat_server.conversation.dispatch import handles
from chat_server.live.session import Session


@handles(Pin)
def pin(services: Services, session: Session, request: Pin) -> Done:
    """Pin a message, or take it off."""
    services.pins.pin(actor_of(session), session, request)
    return Done()


@handles(Pins)
def pins(services: Services, session: Session, request: Pins) -> PinnedPage:
    """Return a page of what is pinned in a room."""
    return services.pins.page(session, request)
