"""Where the database is, read from its URL; it must not open anything."""

import ipaddress
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, parse_qs, quote, unquote, urlsplit

from chat_server.storage.core.errors import StorageConfigError

MYSQL_PORT = 3306
PREFER: Final = "prefer"  # of a database on this machine: nobody listens in between
TLS_MODES: Final = ("verify", "require", "off")


@dataclass(frozen=True, slots=True)
class SqliteAddress:
    """A database file."""

    path: Path


@dataclass(frozen=True, slots=True)
class MysqlAddress:
    """A MySQL or MariaDB server and the database on it; `unix_socket` wins over host and port.

    :param tls: `verify` the server's certificate, `require` any encryption, `off`, or `prefer` it.
    :param ca: the file of the authorities that `verify` trusts; the system's where it is empty.
    """

    user: str
    password: str
    host: str
    port: int
    name: str
    unix_socket: str | None
    tls: str = PREFER
    ca: str = ""

    def __str__(self) -> str:
        """Name the server without the password."""
        return f"mysql://{self.user}@{self.unix_socket or f'{self.host}:{self.port}'}/{self.name}"

    def __repr__(self) -> str:
        return f"<MysqlAddress {self}>"


def parse_url(url: str) -> SqliteAddress | MysqlAddress:
    """Read `sqlite:///path` or `mysql://user:password@host:port/name`.

    User, password, name and path may be percent-encoded. `sqlite:////var/chat.db` is an absolute path, and
    `?unix_socket=/run/mysqld/mysqld.sock` may stand in place of the host. `?tls=verify&ca=FILE` holds the
    server's certificate against the file, or the system's authorities; it is the default for other machines.

    :raises StorageConfigError: when it is neither; the text never shows a password.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:  # its text quotes the URL, and with it the password
        raise StorageConfigError(
            "the database URL is malformed: it is mysql://user:password@host:port/name, special characters"
            " of the password are percent-encoded (/ is %2F, @ is %40, : is %3A)"
        ) from None
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
    unknown = set(options) - {"unix_socket", "tls", "ca"}
    if not parts.username or not name or "/" in name:
        raise StorageConfigError("a MySQL URL is mysql://user:password@host:port/name")
    if unknown:
        raise StorageConfigError(f"the database URL has an unknown option: {', '.join(sorted(unknown))}")
    host, unix_socket = parts.hostname or "127.0.0.1", options.get("unix_socket", [None])[0]
    tls = options.get("tls", [PREFER if unix_socket or _is_here(host) else "verify"])[0]
    if tls not in (*TLS_MODES, PREFER):
        raise StorageConfigError(f"tls of the database URL is one of {', '.join(TLS_MODES)}")
    if "ca" in options and tls != "verify":
        raise StorageConfigError("ca of the database URL is read with tls=verify only")
    return MysqlAddress(
        user=unquote(parts.username),
        password=unquote(parts.password or ""),
        host=host,
        port=MYSQL_PORT if port is None else port,
        name=name,
        unix_socket=unix_socket,
        tls=tls,
        ca=options.get("ca", [""])[0],
    )


def _is_here(host: str) -> bool:
    """Return whether a host is this machine by its name or number alone; a resolver may be lied to."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
