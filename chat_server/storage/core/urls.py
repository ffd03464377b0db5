"""Where the database is, read from its URL; it must not open anything."""

import ipaddress
import re
from dataclasses import dataclass, replace
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

    :param others: host and port of the further servers that hold the same database, in the order of the URL.
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
    others: tuple[tuple[str, int], ...] = ()

    def __str__(self) -> str:
        """Name the servers without the password."""
        places = ",".join(each.place for each in self.each())
        return f"mysql://{self.user}@{places}/{self.name}"

    @property
    def place(self) -> str:
        """Where the first server is."""
        return self.unix_socket or f"{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"

    def each(self) -> "list[MysqlAddress]":
        """Return an address for each of the servers."""
        places = ((self.host, self.port), *self.others)
        return [replace(self, host=host, port=port, others=()) for host, port in places]

    def __repr__(self) -> str:
        return f"<MysqlAddress {self}>"


def parse_url(url: str) -> SqliteAddress | MysqlAddress:
    """Read `sqlite:///path` or `mysql://user:password@host:port/name`.

    User, password, name and path may be percent-encoded. `sqlite:////var/chat.db` is an absolute path, and
    `?unix_socket=/run/mysqld/mysqld.sock` may stand in place of the host. The servers of a replicated one
    stand as `host:port,host:port`. `?tls=verify&ca=FILE` holds the server's certificate against the file, or
    the system's authorities; it is the default for other machines.

    :raises StorageConfigError: when it is neither; the text never shows a password.
    """
    try:
        first, *others = _one_by_one(url)
        parts = urlsplit(first)
        port = parts.port
        further = tuple(_place(other) for other in others)
    except ValueError:  # its text quotes the URL, and with it the password
        raise StorageConfigError(
            "the database URL is malformed: it is mysql://user:password@host:port/name, special characters"
            " of the password are percent-encoded (/ is %2F, @ is %40, : is %3A); several servers of one"
            " database stand as host:port,host:port"
        ) from None
    if parts.scheme == "sqlite":
        return _sqlite(parts)
    if parts.scheme == "mysql":
        return _mysql(parts, port, further)
    raise StorageConfigError("the database URL begins with sqlite:/// or mysql://")


def sqlite_url(path: Path) -> str:
    """Return the URL of a database file."""
    return f"sqlite:///{quote(str(path))}"


def _sqlite(parts: SplitResult) -> SqliteAddress:
    path = unquote(parts.path.removeprefix("/"))
    if parts.netloc or parts.query or not path or "\0" in path:
        raise StorageConfigError("a SQLite URL is sqlite:///path/of/the/file")
    return SqliteAddress(Path(path))


def _one_by_one(url: str) -> list[str]:
    """Return the URL with the first of its servers alone, and then the other servers."""
    match = re.fullmatch(r"(mysql://(?:[^/?#]*@)?)([^/?#@]*)(.*)", url, re.DOTALL)
    if match is None:
        return [url]
    first, *others = match[2].split(",")
    return [f"{match[1]}{first}{match[3]}", *others]


def _place(text: str) -> tuple[str, int]:
    """Read host and port of a further server.

    :raises ValueError: when it is none.
    """
    parts = urlsplit(f"mysql://{text}")
    if not parts.hostname or "@" in text:
        raise ValueError("no host")
    return parts.hostname, MYSQL_PORT if parts.port is None else parts.port


def _mysql(parts: SplitResult, port: int | None, others: tuple[tuple[str, int], ...]) -> MysqlAddress:
    name = unquote(parts.path.removeprefix("/"))
    options = parse_qs(parts.query)
    unknown = set(options) - {"unix_socket", "tls", "ca"}
    if not parts.username or not name or "/" in name:
        raise StorageConfigError("a MySQL URL is mysql://user:password@host:port/name")
    if unknown:
        raise StorageConfigError(f"the database URL has an unknown option: {', '.join(sorted(unknown))}")
    host, unix_socket = parts.hostname or "127.0.0.1", options.get("unix_socket", [None])[0]
    if others and (unix_socket or not parts.hostname):
        raise StorageConfigError("a database URL with several servers gives each by its host name")
    is_here = all(_is_here(each) for each in (host, *(other for other, _ in others)))
    tls = options.get("tls", [PREFER if unix_socket or is_here else "verify"])[0]
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
        others=others,
    )


def _is_here(host: str) -> bool:
    """Return whether a host is this machine by its name or number alone; a resolver may be lied to."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
