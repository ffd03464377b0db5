"""A small office without a network: real storage and services, and sessions that only remember what they are
sent.
"""

from functools import cache
from pathlib import Path

from chat_protocol.names import fold_text
from chat_server.assembly import assemble
from chat_server.live.session import Account
from chat_server.net.certificate import Encryption
from chat_server.options import Options
from chat_server.services.accounts.passwords import hash_password
from chat_server.services.vocabulary.actors import Actor
from chat_server.storage import Storage, open_storage
from chat_server.storage.core.records import UserRecord
from tests.chat_server.fakes import START_MS, FakeSession

PASSWORD = "a password of everybody"


@cache
def password_hash() -> str:
    """Return the hash of everybody's password, made once: a hash takes long on purpose."""
    return hash_password(PASSWORD)


class Clock:
    """A clock that is moved by hand; milliseconds."""

    def __init__(self) -> None:
        self.now = START_MS

    def __call__(self) -> int:
        return self.now

    def pass_by(self, ms: int) -> None:
        """Let time pass."""
        self.now += ms


class Office:
    """The parts of a server that is not started."""

    def __init__(self, storage: Storage, clock: Clock) -> None:
        self.storage = storage
        self.clock = clock
        self.parts = assemble(Options(rate_limits=False), storage, Encryption(), clock)
        self.registry, self.audience = self.parts.registry, self.parts.audience
        self.directory, self.audit = self.parts.directory, self.parts.audit
        self.sanctions, self.moderation = self.parts.sanctions, self.parts.moderation
        self.roles, self.notices = self.parts.roles, self.parts.notices
        self.registration = self.parts.registration
        self.admin = Actor("boss", "admin", "console", None, ("127.0.0.1",))

    def user(self, name: str, role: str = "member") -> UserRecord:
        """Make an account."""
        return self.storage.users.create(name, fold_text(name), name, password_hash(), self.clock(), role)

    def connect(self, user: UserRecord, address: str = "192.0.2.1") -> FakeSession:
        """Sign a user in from an address."""
        account = Account(user.id, user.username, user.username_key, user.display_name, user.role)
        session = FakeSession(account, address, self.clock())
        self.registry.opened(session)
        self.registry.add(session)
        return session

    def actions(self) -> list[tuple[str, str, bool]]:
        """Return what the audit holds: action, target, done or not."""
        return [(entry.action, entry.target, entry.allowed) for entry in self.audit.entries()]


def open_office(path: Path) -> Office:
    """Open an office on a SQLite file."""
    return Office(open_storage(f"sqlite:///{path}"), Clock())
