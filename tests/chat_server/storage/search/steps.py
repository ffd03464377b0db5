"""Steps of the search's tests: store messages and changes, fill the index, and search."""

from collections.abc import Iterable
from itertools import count

from chat_server.services.messages.search_query import parse_query
from chat_server.storage import Storage
from chat_server.storage.core.records import NewMessage, RoomRecord, Stored, UserRecord
from chat_server.storage.search.records import SearchQuery
from tests.chat_server.storage.conftest import START_MS

_nonces = count()


def say(storage: Storage, room: RoomRecord, user: UserRecord, *bodies: str, at: int = START_MS) -> list[int]:
    """Store messages, a second between them."""
    seqs = []
    for number, body in enumerate(bodies):
        message = NewMessage(room.id, user.id, body, f"n{next(_nonces)}")
        (stored,) = storage.messages.append([message], at + number * 1000)
        assert isinstance(stored, Stored)
        seqs.append(stored.seq)
    return seqs


def change(storage: Storage, room: RoomRecord, user: UserRecord, kind: str, target: int, body: str) -> None:
    message = NewMessage(room.id, user.id, body, f"n{next(_nonces)}", kind, target)
    (stored,) = storage.messages.append([message], START_MS)
    assert isinstance(stored, Stored)


def index_all(storage: Storage, limit: int = 300) -> None:
    """Do what the indexer does until nothing is left."""
    while not storage.search.index.prepare():
        pass
    rooms = storage.search.index.behind()
    while rooms:
        rooms = storage.search.index.advance(rooms, limit)
    assert not storage.search.index.behind()


def search(storage: Storage, text: str, rooms: Iterable[RoomRecord], limit: int = 100) -> list[str]:
    """Search as somebody who belongs to the rooms."""
    asked = parse_query(text)
    query = SearchQuery(
        tuple(asked.clauses), tuple(room.id for room in rooms), None, asked.since, asked.until
    )
    return [record.body for record in storage.search.find(query, limit)]
