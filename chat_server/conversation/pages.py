"""Pages of messages as replies, written once and cut to a frame; it must not read storage."""

import json
from collections.abc import Iterable, Iterator

from chat_protocol.frames import encode_frame
from chat_protocol.paging import fitting_encoded
from chat_server.limits import SYNC_MAX_BYTES
from chat_server.net.wire import EncodedPage, sync_frame, usual_entry
from chat_server.services.messages.messages import RoomPage, to_message
from chat_server.services.messages.sync import Missed
from chat_server.storage.core.records import MessageRecord


def encoded_page(page: RoomPage) -> EncodedPage:
    """Return the reply to `history`: as many of the page's messages as fit in one frame."""
    room, reader_id, more = page.conversation, page.reader_id, page.more
    label, label_json = room.label(reader_id), room.label_json(reader_id)
    entries = [_entry(record, label, label_json) for record in page.messages]
    fits = fitting_encoded(entries, newest=not page.forward)
    if fits < len(entries):
        entries, more = (entries[:fits] if page.forward else entries[-fits:]), True
    return EncodedPage(label, entries, more, room.public_id)


def missed_frames(missed: Iterable[Missed], most_bytes: int = SYNC_MAX_BYTES) -> Iterator[bytes]:
    """Return a `sync` event for each room, with messages until there are enough bytes of them."""
    left = most_bytes
    for one in missed:
        label_json = json.dumps(one.room.name, ensure_ascii=False)
        entries = [_entry(record, one.room.name, label_json) for record in one.messages] if left > 0 else []
        fits = fitting_encoded(entries, newest=True)
        entries = entries[len(entries) - fits :]
        left -= sum(map(len, entries))
        yield sync_frame(one.room, entries, one.more or len(entries) < len(one.messages))


def _entry(record: MessageRecord, label: str, label_json: str) -> bytes:
    return usual_entry(label_json, record) or encode_frame(to_message(record, label).to_frame())[:-1]
