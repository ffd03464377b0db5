"""Files in an office without a network, and two members of a room who bring and have them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chat_protocol.errors import ChatError
from chat_protocol.requests import Upload
from chat_server.files.store import BlobStore
from chat_server.limits import Limits
from chat_server.services.files.files import Files
from chat_server.services.files.sweeper import Sweeper
from chat_server.services.files.uploads import Incoming
from chat_server.storage.core.records import FileRecord, NewMessage
from tests.chat_server.fakes import FakeSession
from tests.support.office import Office
from tests.support.transfers import put

ROOM = "General"


class Shelf:
    """Files in an office, with two who talk there."""

    def __init__(self, office: Office, folder: Path) -> None:
        self.office = office
        self.folder = folder
        self.store = BlobStore(folder, lambda: office.clock() / 1000)
        self.store.prepare()
        messages, storage = office.parts.services.messages, office.storage
        self.files = Files(storage, self.store, messages, Limits(files_free_mib=1), office.clock)
        self.sweeper = Sweeper(storage, self.store, self.files.uploads, office.clock)
        self.alice, self.bob = self.join("alice"), self.join("bob")

    def join(self, name: str) -> FakeSession:
        """Connect somebody to a quiet connection in the room."""
        session = self.office.connect(self.office.user(name))
        session.quiet = True
        conversation = self.office.directory.conversation(ROOM)
        self.office.registry.join(session.user_id, conversation)
        return session

    def begin(self, size: int, nonce: str = "u1", preview: int = 0, **fields: Any) -> Incoming:
        """Begin an upload of alice's."""
        request = Upload(ROOM, nonce, "file", size, preview=preview, **fields)
        found = self.files.upload(self.alice, request)
        assert isinstance(found, Incoming)
        return found

    def bring(self, data: bytes, nonce: str = "u1") -> FileRecord:
        """Bring a file of alice's whole."""
        incoming = self.begin(len(data), nonce)
        try:
            put(incoming, data)
            return incoming.finish()
        finally:
            incoming.close()

    def send(self, file: FileRecord) -> int:
        """Say something with a file; return its place."""
        message = NewMessage(file.room_id, file.user_id, "", f"m{file.id}", files=(file,))
        (stored,) = self.office.storage.messages.append([message], self.office.clock())
        assert not isinstance(stored, Exception)
        return stored.seq

    def refusal(self, size: int, **fields: Any) -> str:
        """Return the code with which an upload is refused."""
        with pytest.raises(ChatError) as caught:
            self.begin(size, **{"nonce": "refused", **fields})
        return caught.value.code

    def limit(self, **values: int) -> None:
        """Use other limits."""
        self.files.apply(replace(self.files.limits, **values), self.files.uploads.scan_command)
