"""Answers to requests about files; it must not know how their bytes travel."""

from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.replies import DownloadReply, UploadReply
from chat_protocol.requests import Download, Upload
from chat_server.conversation.context import Services
from chat_server.conversation.dispatch import handles
from chat_server.live.session import Session

_NO_FILES = "This server keeps no files."


@handles(Upload)
def upload(services: Services, session: Session, request: Upload) -> UploadReply:
    """Take a file."""
    raise ChatError(ErrorCode.UNKNOWN_TYPE, _NO_FILES)


@handles(Download)
def download(services: Services, session: Session, request: Download) -> DownloadReply:
    """Give a file."""
    raise ChatError(ErrorCode.UNKNOWN_TYPE, _NO_FILES)
