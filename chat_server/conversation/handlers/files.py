"""Answers to requests about files; how their bytes travel behind the answer is `transfers`'."""

from chat_protocol.message_replies import UploadReply
from chat_protocol.requests import Download, Upload
from chat_server.conversation.context import Services
from chat_server.conversation.dispatch import handles
from chat_server.live.session import Session
from chat_server.services.files.downloads import Outgoing
from chat_server.services.files.uploads import Incoming


@handles(Upload)
def upload(services: Services, session: Session, request: Upload) -> UploadReply | Incoming:
    """Take a file, or tell what became of it."""
    return services.files.upload(session, request)


@handles(Download)
def download(services: Services, session: Session, request: Download) -> Outgoing:
    """Give a file."""
    return services.files.download(session, request)
