"""Pages of messages as the fields of a reply, written once and cut to a frame; it must not read storage."""

from typing import Any

from chat_protocol.frames import encode_frame
from chat_protocol.paging import fitting_encoded
from chat_server.live.directory import Conversation
from chat_server.net.wire import Encoded, usual_entry
from chat_server.services.messages.messages import HistoryPage, to_message
from chat_server.storage.core.records import MessageRecord


def history_fields(page: HistoryPage) -> dict[str, Any]:
    """Return the fields of the answer to `history`: as many of the page's messages as fit in one frame."""
    room, reader_id, more = page.conversation, page.reader_id, page.more
    entries = Encoded(_entry(record, room, reader_id) for record in page.messages)
    fits = fitting_encoded(entries, newest=not page.forward)
    if fits < len(entries):
        entries, more = Encoded(entries[:fits] if page.forward else entries[-fits:]), True
    return {"room": room.label(reader_id), "messages": entries, "more": more}


def _entry(record: MessageRecord, conversation: Conversation, reader_id: int) -> bytes:
    usual = usual_entry(conversation.label_json(reader_id), record)
    return usual or encode_frame(to_message(record, conversation.label(reader_id)).to_frame())[:-1]
