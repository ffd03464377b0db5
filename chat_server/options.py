"""What the server can be told at its start, checked as a whole; it must not know a running server."""

import dataclasses
import ipaddress
import os
import socket
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn

from chat_protocol.invitations import parse_invitation
from chat_protocol.limits import DEFAULT_PORT
from chat_server.config.layers import Layers, UsageError, read_layers
from chat_server.config.settings_file import Mistake
from chat_server.config.table import LIMITS
from chat_server.limits import CONNECTIONS_MAX, Limits
from chat_server.permissions import reason_of
from chat_server.storage.core.urls import sqlite_url

__all__ = ["Options", "UsageError", "fail", "is_loopback", "mistakes_in", "options_of", "parse_options"]

_SECRET_MAX_BYTES: Final = 64 * 1024
_USUAL: Final = Limits()


@dataclass(frozen=True, slots=True)
class Options:
    """The settings of one run."""

    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    database: str = ""
    database_file: Path | None = None
    cluster: bool = False
    broker: str = ""
    broker_password: str = ""
    data_dir: Path = Path("data")
    tls_cert: Path | None = None
    tls_key: Path | None = None
    insecure: bool = False
    registration: str = "open"
    console: bool = True
    rate_limits: bool = True
    connections: int = CONNECTIONS_MAX
    name: str = "Chat"
    public_name: str = ""
    proxy_from: str = ""
    metrics: str = ""
    webhooks: str = ""
    auth_command: str = ""
    files: bool = True
    files_dir: Path | None = None
    scan: str = ""
    log_level: str = "info"
    log_format: str = "text"
    limits: Limits = _USUAL

    @property
    def database_url(self) -> str:
        """Where messages are stored: in the data folder, unless something else was said."""
        return self.database or sqlite_url(self.data_dir / "chat.db")

    @property
    def certified_host(self) -> str:
        """The name in a certificate that the server makes for itself."""
        return parse_invitation(self.public_name).host if self.public_name else self.host

    @property
    def files_folder(self) -> Path:
        """Where the bytes of files are."""
        return self.files_dir or self.data_dir / "files"


def parse_options(arguments: Sequence[str], environment: Mapping[str, str] = os.environ) -> Options:
    """Read the command line, `CHAT_…` variables and the settings file that one of them names.

    :raises UsageError: with one line for a person.
    """
    layers = read_layers(arguments, environment)
    options, mistakes = options_of(layers)
    mistakes = (*mistakes, *mistakes_in(options))
    if mistakes:
        more = f" (and {len(mistakes) - 1} more: see `chat-admin config check`)" if len(mistakes) > 1 else ""
        raise UsageError(f"{mistakes[0]}{more}")
    return options


def options_of(layers: Layers) -> tuple[Options, tuple[Mistake, ...]]:
    """Make options of the settings, the database's URL read from its file, and say what was wrong."""
    plain = {key: value for key, value in layers.values.items() if not key.startswith(f"{LIMITS}.")}
    limits = {
        key.removeprefix(f"{LIMITS}."): value for key, value in layers.values.items() if key not in plain
    }
    mistakes = layers.mistakes
    if plain["database_file"] is not None and not plain["database"]:
        try:
            plain["database"] = _first_line(plain["database_file"])
        except (OSError, ValueError) as error:
            reason = reason_of(error, plain["database_file"])
            text = f"database_file {plain['database_file']}: {reason}"
            mistakes = (*mistakes, Mistake(layers.sources["database_file"], 0, text))
    return Options(limits=Limits(**limits), **plain), mistakes


def mistakes_in(options: Options) -> Iterator[Mistake]:
    """Say what is wrong with settings that are right one by one."""
    if options.insecure:
        try:
            is_local = is_loopback(options.host)
        except UsageError as error:
            yield Mistake("--host", 0, str(error))
        else:
            if not is_local:
                text = f"sends passwords in the clear: it takes only a loopback address, not {options.host}"
                yield Mistake("--insecure", 0, text)
        if options.webhooks and not ipaddress.ip_address(_host_of(options.webhooks)).is_loopback:
            text = "sends webhooks' secrets in the clear: with it, --webhooks takes only a loopback address"
            yield Mistake("--insecure", 0, text)
    if options.cluster and not options.database.startswith("mysql:"):
        text = "several servers share a MySQL or MariaDB database; a SQLite file belongs to one server"
        yield Mistake("--cluster", 0, text)
    if options.broker and not options.cluster:
        yield Mistake("--broker", 0, "it stands between the servers of a cluster: say --cluster, too")
    if (options.tls_cert is None) != (options.tls_key is None):
        yield Mistake("--tls-cert and --tls-key", 0, "one needs the other")


def _host_of(place: str) -> str:
    return place.rpartition(":")[0].strip("[]")


def is_loopback(host: str) -> bool:
    """Return whether every address of a host name is on this machine only."""
    try:
        found = socket.getaddrinfo(host, None)
    except OSError as error:
        raise UsageError(f"{host}: {error.strerror or error}") from error
    return all(ipaddress.ip_address(str(item[4][0]).partition("%")[0]).is_loopback for item in found)


def changed(old: Options, new: Options) -> dict[str, tuple[Any, Any]]:
    """Return the settings that differ, with their values before and after."""
    return {
        key: (before, after)
        for (key, before), (_, after) in zip(_flat(old), _flat(new), strict=True)
        if before != after
    }


def places_for_guests(options: Options) -> int:
    """Return how many places anybody may take; the others are for users who come back with a token."""
    return max(1, int(options.connections * (1 - options.limits.places_kept)))


def _flat(options: Options) -> Iterator[tuple[str, Any]]:
    for field in dataclasses.fields(options):
        value = getattr(options, field.name)
        if field.name != LIMITS:
            yield field.name, value
            continue
        for each in dataclasses.fields(value):
            yield f"{LIMITS}.{each.name}", getattr(value, each.name)


def _first_line(path: Path) -> str:
    with path.open(encoding="utf-8") as stream:
        line = stream.readline(_SECRET_MAX_BYTES).strip()
    if not line:
        raise ValueError("its first line is empty")
    return line


def fail(message: str) -> NoReturn:
    """Say in one line why the server does not start, and end with status 2."""
    print(f"chat_server: {' '.join(message.split())}", file=sys.stderr)
    raise SystemExit(2)
