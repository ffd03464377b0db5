"""Where the database is, read from its URL; it must not open anything."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, quote, unquote, urlsplit

from chat_server.storage.core.errors import StorageConfigError

MYSQL_PORT = 3306


@dataclass(frozen=True, slots=True)
class SqliteAddress:
    """A database file."""

    path: Path


@dataclass(frozen=True, slots=True)
class MysqlAddress:
    """A MySQL or MariaDB server and the database on it; `unix_socket` wins over host and port."""

    user: str
    password: str
    host: str
    port: int
    name: str
    unix_socket: str | None

    def __str__(self) -> str:
        """Name the server without the password."""
        return f"mysql://{self.user}@{self.unix_socket or f'{self.host}:{self.port}'}/{self.name}"

    def __repr__(self) -> str:
        return f"<MysqlAddress {self}>"


def parse_url(url: str) -> SqliteAddress | MysqlAddress:
    """Read `sqlite:///path` or `mysql://user:password@host:port/name`.

    User, password, name and path may be percent-encoded. `sqlite:////var/chat.db` is an absolute path, and
    `?unix_socket=/run/mysqld/mysqld.sock` may stand in place of the host.

    :raises StorageConfigError: when it is neither; the text never shows a password.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise StorageConfigError(f"the database URL is malformed: {error}") from None
    if parts.scheme == "sqlite":
        return _sqlite(parts)
    if parts.scheme == "mysql":
        return _mysql(parts, port)
    raise StorageConfigError("the database URL begins with sqlite:/// or mysql://")


def sqlite_url(path: Path) -> str:
    """Return the URL of a database file."""
    return f"sqlite:///{quote(str(path))}"


def _sqlite(parts: SplitResult) -> SqliteAddress:
    path = unquote(parts.path.removeprefix("/"))
    if parts.netloc or parts.query or not path or "\0" in path:
        raise StorageConfigError("a SQLite URL is sqlite:///path/of/the/file")
    return SqliteAddress(Path(path))


def _mysql(parts: SplitResult, port: int | None) -> MysqlAddress:
    name = unquote(parts.path.removeprefix("/"))
    options = parse_qs(parts.query)
    unknown = set(options) - {"unix_socket"}
    if not parts.username or not name or "/" in name:
        raise StorageConfigError("a MySQL URL is mysql://user:password@host:port/name")
    if unknown:
        raise StorageConfigError(f"the database URL has an unknown option: {', '.join(sorted(unknown))}")
    return MysqlAddress(
        user=unquote(parts.username),
        password=unquote(parts.password or ""),
        host=parts.hostname or "127.0.0.1",
        port=MYSQL_PORT if port is None else port,
        name=name,
        unix_socket=options["unix_socket"][0] if "unix_socket" in options else None,
    )
