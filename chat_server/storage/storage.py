"""Opens the database of a URL and holds its repositories. Any thread may call any method of them."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from chat_server.storage.core.database import Database
from chat_server.storage.core.errors import StorageConfigError
from chat_server.storage.core.owner import Owner
from chat_server.storage.core.urls import MysqlAddress, parse_url
from chat_server.storage.mysql.servers import Servers
from chat_server.storage.repositories.audit import Audit
from chat_server.storage.repositories.avatars import Avatars
from chat_server.storage.repositories.files import Files
from chat_server.storage.repositories.invitations import Invitations
from chat_server.storage.repositories.members import Members
from chat_server.storage.repositories.messages import Messages
from chat_server.storage.repositories.own_settings import OwnSettings
from chat_server.storage.repositories.pending_notices import PendingNoticeRows
from chat_server.storage.repositories.personal import Personal
from chat_server.storage.repositories.pins import Pins
from chat_server.storage.repositories.retention import Retention
from chat_server.storage.repositories.room_ids import RoomIds
from chat_server.storage.repositories.rooms import Rooms
from chat_server.storage.repositories.sanctions import Sanctions
from chat_server.storage.repositories.saved import Saved
from chat_server.storage.repositories.settings import Settings
from chat_server.storage.repositories.tokens import Tokens
from chat_server.storage.repositories.users import Users
from chat_server.storage.repositories.webhooks import Webhooks
from chat_server.storage.schema.migrations import known_migrations, migrate
from chat_server.storage.search.search import Search
from chat_server.storage.sqlite.adapter import SqliteDatabase

RELEASE_MAX_S: Final = 0.5  # of the five seconds in which the server stops


class Storage:
    """All that outlives the server. Each call ends within 5 seconds, if only by StorageUnavailable."""

    def __init__(
        self,
        database: Database,
        owner: Owner | None = None,
        *,
        cluster: bool = False,
        tell: Callable[[str], None] = lambda _line: None,
    ) -> None:
        """Bring the schema up to date, once no server needs it as it is.

        :param owner: given back when the storage is closed.
        :param cluster: the owner shares the database with other servers.
        :param tell: is given a line for a person while a server is awaited.
        """
        self.database = database
        self._owner = owner
        known = known_migrations(database.name)
        self.servers = Servers(database, owner, len(known)) if owner is not None and cluster else None
        if self.servers is None:
            self.schema_version = migrate(database, known)
        else:
            self.schema_version = migrate(database, known, behind=self.servers.behind, tell=tell)
        self.warnings = database.check()
        self.users = Users(database)
        self.avatars = Avatars(database)
        self.tokens = Tokens(database)
        self.invitations = Invitations(database)
        ids = RoomIds(database)
        self.rooms = Rooms(database, ids)
        self.members = Members(database, ids)
        self.messages = Messages(database)
        self.files = Files(database)
        self.sanctions = Sanctions(database)
        self.audit = Audit(database)
        self.settings = Settings(database)
        self.pending_notices = PendingNoticeRows(database)
        self.own_settings = OwnSettings(database, ids)
        self.saved = Saved(database)
        self.pins = Pins(database)
        self.search = Search(database)
        self.retention = Retention(database, ids)
        self.personal = Personal(database, ids)
        self.webhooks = Webhooks(database)
        if self.servers is not None:
            self.messages.follow(self.servers.said)

    def close(self, release_max_s: float = RELEASE_MAX_S) -> None:
        """Close every connection, and let another server have the database.

        :param release_max_s: how long to wait for the database's answer.
        """
        self.database.release(release_max_s)
        self.database.close()
        if self._owner is not None:
            self._owner.release()


def open_database(url: str, *, exclusive: bool = True) -> Database:
    """Open the database of a URL as it is.

    :param exclusive: keep a second server off a SQLite file; False for tools that work beside a server.
    :raises StorageConfigError: when the URL is wrong or what it names may not be used.
    """
    address = parse_url(url)
    if isinstance(address, MysqlAddress):
        try:
            from chat_server.storage.mysql.adapter import (
                MysqlDatabase,  # the driver is needed for MySQL alone
            )
        except ModuleNotFoundError as error:
            raise StorageConfigError(
                f"MySQL needs the package mysql-connector-python (pip install -r requirements.txt): {error}"
            ) from None
        return MysqlDatabase(address)
    return SqliteDatabase(address.path, exclusive=exclusive)


def open_storage(
    url: str,
    *,
    exclusive: bool = True,
    data_dir: Path | None = None,
    cluster: bool = False,
    tell: Callable[[str], None] = lambda _line: None,
) -> Storage:
    """Open the storage and bring its schema up to date.

    :param exclusive: as in :func:`open_database`.
    :param data_dir: of the server that is to have the database for itself; a MySQL one is shared without it.
    :param cluster: share it with other servers that say so, too.
    :param tell: is given a line for a person while another server may still use the database.
    :raises StorageConfigError: when the URL is wrong, what it names may not be used, or a server uses it.
    :raises OSError: when nothing can be written in `data_dir`.
    :raises SchemaError: when the schema is newer than this program, or could not be brought up to date.
    :raises StorageUnavailable: when the database does not answer.
    """
    database = open_database(url, exclusive=exclusive)
    owner = None
    try:
        if data_dir is None:
            return Storage(database)
        owner = Owner(data_dir)
        held = database.hold(owner, tell, shared=cluster)  # before the schema is touched
        storage = Storage(database, owner, cluster=cluster, tell=tell)
        if not held:
            database.hold(owner, tell, shared=cluster)
        return storage
    except BaseException:
        database.release(RELEASE_MAX_S)
        database.close()
        if owner is not None:
            owner.release()
        raise
