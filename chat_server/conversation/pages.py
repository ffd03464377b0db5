"""Pages of messages as replies, written once and cut to a frame; it must not read storage."""

from chat_protocol.frames import encode_frame
from chat_protocol.paging import fitting_encoded
from chat_server.live.directory import Conversation
from chat_server.net.wire import EncodedPage, usual_entry
from chat_server.services.messages.messages import RoomPage, to_message
from chat_server.storage.core.records import MessageRecord


def encoded_page(page: RoomPage) -> EncodedPage:
    """Return the reply to `history`: as many of the page's messages as fit in one frame."""
    room, reader_id, more = page.conversation, page.reader_id, page.more
    entries = [_entry(record, room, reader_id) for record in page.messages]
    fits = fitting_encoded(entries, newest=not page.forward)
    if fits < len(entries):
        entries, more = (entries[:fits] if page.forward else entries[-fits:]), True
    return EncodedPage(room.label(reader_id), entries, more, room.public_id)


def _entry(record: MessageRecord, conversation: Conversation, reader_id: int) -> bytes:
    usual = usual_entry(conversation.label_json(reader_id), record)
    return usual or encode_frame(to_message(record, conversation.label(reader_id)).to_frame())[:-1]
