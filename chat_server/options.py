"""What the server can be told at its start: the options, from the command line and the environment."""

import argparse
import ipaddress
import os
import socket
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from chat_protocol.limits import DEFAULT_PORT
from chat_server.limits import CONNECTIONS_MAX

LOG_LEVELS = ("debug", "info", "warning", "error")
_DATABASE_HELP = (
    "sqlite:///path or mysql://user:password@host:port/name (default: chat.db in the data folder)"
)
_REGISTRATION_HELP = "whether new users may register (the console overrides this)"
_CONSOLE_HELP = "no console in this terminal; `python -m chat_server.admin` opens one"


@dataclass(frozen=True, slots=True)
class Options:
    """The settings of one run."""

    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    database: str = ""
    data_dir: Path = Path("data")
    tls_cert: Path | None = None
    tls_key: Path | None = None
    insecure: bool = False
    registration: str = "open"
    console: bool = True
    limits: bool = True
    connections: int = CONNECTIONS_MAX
    name: str = "Chat"
    log_level: str = "info"

    @property
    def database_url(self) -> str:
        """Where messages are stored: in the data folder, unless something else was said."""
        return self.database or f"sqlite:///{self.data_dir / 'chat.db'}"


class UsageError(Exception):
    """An option is wrong; the text says which, and what it takes."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(message)


def parse_options(arguments: Sequence[str], environment: Mapping[str, str] = os.environ) -> Options:
    """Read the command line; what it does not say is taken from `CHAT_…` variables.

    :raises UsageError: with one line for a person.
    """
    given = vars(_parser(environment).parse_args(arguments))
    options = Options(**given)
    if options.insecure and not is_loopback(options.host):
        raise UsageError(
            f"--insecure sends passwords in the clear: it takes only a loopback address, not {options.host}"
        )
    if (options.tls_cert is None) != (options.tls_key is None):
        raise UsageError("--tls-cert and --tls-key go together")
    return options


def is_loopback(host: str) -> bool:
    """Return whether every address of a host name is on this machine only."""
    try:
        found = socket.getaddrinfo(host, None)
    except OSError as error:
        raise UsageError(f"--host {host}: {error.strerror or error}") from error
    return all(ipaddress.ip_address(str(item[4][0]).partition("%")[0]).is_loopback for item in found)


def _parser(environment: Mapping[str, str]) -> _Parser:
    def default(name: str, otherwise: str) -> str:
        return environment.get(f"CHAT_{name}", "") or otherwise

    def flag(name: str) -> bool:
        return environment.get(f"CHAT_{name}", "").lower() in ("1", "yes", "true", "on")

    parser = _Parser(
        prog="python -m chat_server",
        description="The chat server. Each option may stand in the environment: CHAT_HOST, CHAT_DATABASE, …",
    )
    add = parser.add_argument
    add("-a", "--host", default=default("HOST", "127.0.0.1"), help="address to listen on (%(default)s)")
    add(
        "-p",
        "--port",
        type=_port,
        default=default("PORT", str(DEFAULT_PORT)),
        help="port; 0 takes a free one",
    )
    add("--database", default=default("DATABASE", ""), metavar="URL", help=_DATABASE_HELP)
    add(
        "--data-dir",
        type=Path,
        default=default("DATA_DIR", "data"),
        help="folder for certificate and database",
    )
    add("--tls-cert", type=Path, default=_path(environment, "CHAT_TLS_CERT"), help="certificate chain (PEM)")
    add("--tls-key", type=Path, default=_path(environment, "CHAT_TLS_KEY"), help="private key (PEM)")
    add("--insecure", action="store_true", default=flag("INSECURE"), help="plain TCP, on loopback only")
    registration = default("REGISTRATION", "open")
    add("--registration", **_one_of("open", "closed"), default=registration, help=_REGISTRATION_HELP)
    add(
        "--no-console",
        dest="console",
        action="store_false",
        default=not flag("NO_CONSOLE"),
        help=_CONSOLE_HELP,
    )
    add(
        "--no-limits",
        dest="limits",
        action="store_false",
        default=not flag("NO_LIMITS"),
        help="no rate limits",
    )
    connections = default("CONNECTIONS", str(CONNECTIONS_MAX))
    add("--connections", type=_count, default=connections, help="most clients at a time (%(default)s)")
    add("--name", default=default("NAME", "Chat"), help="the server's name, shown to its users")
    add("--log-level", **_one_of(*LOG_LEVELS), default=default("LOG_LEVEL", "info"))
    return parser


def _one_of(*words: str) -> dict[str, Any]:
    """Return the settings of an option with a few values; `choices` would not look at the default."""

    def check(text: str) -> str:
        if text not in words:
            raise argparse.ArgumentTypeError(f"{text!r} is none of {', '.join(words)}")
        return text

    return {"type": check, "metavar": "{" + ",".join(words) + "}"}


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 <= int(text) <= 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: a whole number from 0 to 65535")
    return int(text)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of clients")
    return int(text)


def _path(environment: Mapping[str, str], name: str) -> Path | None:
    value = environment.get(name)
    return Path(value) if value else None


def fail(message: str) -> NoReturn:
    """Say in one line why the server does not start, and end with status 2."""
    print(f"chat_server: {' '.join(message.split())}", file=sys.stderr)
    raise SystemExit(2)
