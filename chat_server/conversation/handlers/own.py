"""Answers to requests about what a user keeps on the server."""

from chat_protocol.frames import encode_frame
from chat_protocol.own_replies import ReceiptReply, SavedPage, SettingKept, SettingsTold
from chat_protocol.own_requests import Receipt, Save, Saved, SetSetting, Settings
from chat_protocol.reply import Done
from chat_server.conversation.context import Services
from chat_server.conversation.dispatch import handles
from chat_server.live.session import Session


@handles(Settings)
def settings(services: Services, session: Session, request: Settings) -> SettingsTold:
    """Send all of the user's settings, and then how many there are."""
    count = 0
    for event in services.own_settings.all_of(session):
        session.give(encode_frame(event.to_frame()))
        count += len(event.settings)
    return SettingsTold(count)


@handles(SetSetting)
def set_setting(services: Services, session: Session, request: SetSetting) -> SettingKept:
    """Keep what the user chooses."""
    return SettingKept(services.own_settings.choose(session, request))


@handles(Save)
def save(services: Services, session: Session, request: Save) -> Done:
    """Put a message on the user's list, or take it off."""
    services.saved.save(session, request)
    return Done()


@handles(Saved)
def saved(services: Services, session: Session, request: Saved) -> SavedPage:
    """Return a page of the user's list."""
    return services.saved.page(session, request)


@handles(Receipt)
def receipt(services: Services, session: Session, request: Receipt) -> ReceiptReply:
    """Return how far the other one has read."""
    return services.receipts.receipt(session, request.room)
