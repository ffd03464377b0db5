"""Making an administrator while no server runs, straight in the database; it must not know the socket."""

from pathlib import Path

from chat_protocol.times import now_ms
from chat_server.console.terminal.sign_in import LOOPBACK
from chat_server.live.registry import ConnectionRegistry
from chat_server.services.audience import Audience
from chat_server.services.moderation.audit import Audit
from chat_server.services.people.roles import Roles
from chat_server.services.vocabulary.actors import Actor
from chat_server.storage import open_storage
from chat_server.storage.core.records import UserRecord


def create_admin_offline(data_dir: Path, url: str, name: str, password: str, reset: bool) -> UserRecord:
    """Make an administrator in the database of a server that does not run.

    :param url: the database.
    :raises ChatError: for a name or password that is refused.
    :raises StorageError: when the database cannot be opened, also when a server uses it.
    """
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    storage = open_storage(url, data_dir=data_dir)
    try:
        roles = Roles(storage, Audience(ConnectionRegistry()), Audit(storage, now_ms), now_ms)
        actor = Actor("create-admin", "admin", "command line", None, LOOPBACK)
        return roles.create_admin(actor, name, password, reset=reset)
    finally:
        storage.close()
