"""A whole server without its threads, and people who sign in on it without a network."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chat_protocol.names import fold_text
from chat_protocol.request import Request
from chat_server.options import Options
from chat_server.server import ChatServer
from chat_server.services.vocabulary.actors import Actor
from chat_server.services.vocabulary.hashes import hash_secret
from chat_server.storage import open_storage
from chat_server.storage.core.records import NewMessage, RoomRecord, Stored, UserRecord
from tests.chat_server.fakes import FakeSession
from tests.support.office import password_hash

_numbers = itertools.count(1)  # of tokens: two servers of a cluster have one table of them
ADMIN = Actor("boss", "admin", "console", None, ("127.0.0.1",))


class Building:
    """A server's services, and what tests do to begin with: accounts, sign-ins, rooms, messages."""

    def __init__(self, server: ChatServer) -> None:
        self.server = server
        self.storage = server.parts.storage
        self.services = server.parts.services

    def user(self, name: str, role: str = "member") -> UserRecord:
        """Make an account."""
        return self.storage.users.create(
            name, fold_text(name), name, password_hash(), self.server.parts.clock(), role
        )

    def sign_in(self, user: UserRecord) -> FakeSession:
        """Sign a user in by a token; forget what was sent meanwhile."""
        token = f"token {next(_numbers)}"
        self.storage.tokens.add(user.id, hash_secret(token), self.server.parts.clock())
        session = FakeSession()
        self.services.registry.opened(session)
        self.services.accounts.resume(session, token)
        session.sent.clear()
        return session

    def enter(self, user: UserRecord, room: RoomRecord) -> FakeSession:
        """Sign a user in, and join a room."""
        session = self.sign_in(user)
        self.services.rooms.join(session, room.name, "")
        return session

    def prepared(self, session: FakeSession, request: Request) -> NewMessage:
        """Return what is to be stored for a request.

        :raises ChatError: where it is refused.
        """
        return self.services.messages.prepare(session, 1, request).message

    def room(self, name: str, *, moderated: bool = False, kind: str = "public") -> RoomRecord:
        """Add a room."""
        return self.services.room_admin.add(ADMIN, name, "moderated" if moderated else kind, "")

    def say(self, room: RoomRecord, user: UserRecord, body: str, *, age_ms: int = 0) -> int:
        """Store a message that was said some time ago; return its seq."""
        nonce = f"{room.id} {user.id} {body}"
        message = NewMessage(room.id, user.id, body, nonce)
        (stored,) = self.storage.messages.append([message], self.server.parts.clock() - age_ms)
        assert isinstance(stored, Stored)
        return stored.seq

    def index(self) -> None:
        """Make everything that was said searchable."""
        index = self.storage.search.index
        while not index.prepare():
            pass
        rooms = index.behind()
        while rooms:
            rooms = index.advance(rooms, 100)


@contextmanager
def open_building(folder: Path) -> Iterator[Building]:
    """Open a server on a new database and close it again."""
    folder.mkdir()
    options = Options(port=0, data_dir=folder, insecure=True, rate_limits=True)
    server = ChatServer(options, open_storage(options.database_url), None)
    try:
        yield Building(server)
    finally:
        server.close()
        server.parts.storage.close()
