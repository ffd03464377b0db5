"""The table of settings: name, kind, default and help of each; it must not know where values come from."""

import dataclasses
import ipaddress
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from chat_protocol.invitations import parse_invitation
from chat_protocol.limits import DEFAULT_PORT
from chat_server.config.broker import EXAMPLE as BROKER_EXAMPLE
from chat_server.config.broker import parse_broker
from chat_server.config.kinds import Address, FilePath, Flag, Kind, Number, OneOf, Whole, Words
from chat_server.limits import CONNECTIONS_MAX, Limits

LOG_LEVELS: Final = ("debug", "info", "warning", "error")
LOG_FORMATS: Final = ("text", "json")
LIMITS: Final = "limits"
_WHOLE_MAX: Final = 2**31 - 1


@dataclasses.dataclass(frozen=True, slots=True)
class Setting:
    """One setting.

    :param key: its name in a settings file, `limits.x` for the key x in the table `[limits]`.
    :param flags: its options on the command line; none for a setting that stands in no command line.
    :param negated: the option and the variable switch it off (`--no-console`, `CHAT_NO_CONSOLE`).
    :param secret: its value is never shown.
    :param live: a changed value is taken while the server runs.
    """

    key: str
    kind: Kind
    default: object
    help: str
    flags: tuple[str, ...] = ()
    metavar: str | None = None
    negated: bool = False
    secret: bool = False
    live: bool = False

    @property
    def variable(self) -> str:
        """The name of its environment variable."""
        long = next((flag for flag in self.flags if self.negated and flag.startswith("--no-")), self.key)
        return "CHAT_" + long.removeprefix("--").replace("-", "_").replace(".", "_").upper()


def _wrong_place(example: str) -> Callable[[str], str]:
    """Return the check for an address with a port, or nothing."""

    def wrong(text: str) -> str:
        host, colon, port = text.rpartition(":")
        if not text:
            return ""
        if not colon or not port.isdecimal() or not 0 <= int(port) <= 65_535:
            return f"{text!r} is not ADDRESS:PORT, as in {example}"
        try:
            ipaddress.ip_address(host.strip("[]"))
        except ValueError:
            return f"{host!r} is no address; the usual one is {example}"
        return ""

    return wrong


def _wrong_name(text: str) -> str:
    return "" if text.strip() and text.isprintable() else "the name is empty or has control characters"


def _wrong_networks(text: str) -> str:
    for one in filter(None, map(str.strip, text.split(","))):
        try:
            ipaddress.ip_network(one, strict=False)
        except ValueError:
            return f"{one!r} is not an address (192.0.2.7, 2001:db8::7) or network (192.0.2.0/24)"
    return ""


def _wrong_public_name(text: str) -> str:
    try:
        parse_invitation(text or "localhost")
    except ValueError as error:
        return f"{error}; say chat.example.org, or chat.example.org:5000 where another port leads here"
    return ""


def _wrong_broker(url: str) -> str:
    try:
        if url:
            parse_broker(url)
    except ValueError as error:
        return str(error)
    return ""


_SETTINGS: Final = (
    Setting(
        "host",
        Address(),
        "127.0.0.1",
        "address to listen on (default: 127.0.0.1)",
        ("-a", "--host"),
        "ADDRESS",
    ),
    Setting(
        "port",
        Whole(0, 65_535, "port"),
        DEFAULT_PORT,
        f"port; 0 takes a free one (default: {DEFAULT_PORT})",
        ("-p", "--port"),
        "PORT",
    ),
    Setting(
        "database",
        Words(),
        "",
        "sqlite:///path or mysql://user:password@host:port/name, where host:port,host:port… name several"
        " servers of one database (default: chat.db in the data folder)",
        ("--database",),
        "URL",
        secret=True,
    ),
    Setting(
        "database_file",
        FilePath(),
        None,
        "file whose first line is the URL of the database, in place of --database",
        ("--database-file",),
        "FILE",
    ),
    Setting(
        "cluster",
        Flag(),
        False,
        "share the database with other servers, all of which say so; MySQL and MariaDB only",
        ("--cluster",),
    ),
    Setting(
        "broker",
        Words(_wrong_broker),
        "",
        "Redis or Valkey through which the servers of a cluster tell each other at once what is new:"
        f" {BROKER_EXAMPLE} (default: none; they look ten times a second)",
        ("--broker",),
        "URL",
    ),
    Setting(
        "broker_password",
        Words(),
        "",
        "the broker's password; in the environment or the settings file alone",
        secret=True,
    ),
    Setting(
        "data_dir",
        FilePath(),
        Path("data"),
        "folder for certificate and database (default: data)",
        ("--data-dir",),
        "DIR",
    ),
    Setting("tls_cert", FilePath(), None, "certificate chain (PEM)", ("--tls-cert",), "FILE", live=True),
    Setting("tls_key", FilePath(), None, "private key (PEM)", ("--tls-key",), "FILE", live=True),
    Setting("insecure", Flag(), False, "plain TCP, on loopback only", ("--insecure",)),
    Setting(
        "registration",
        OneOf(("open", "closed")),
        "open",
        "whether new users may register; the console overrides this (default: open)",
        ("--registration",),
    ),
    Setting(
        "console",
        Flag(),
        True,
        "no console in this terminal; the admin program opens one",
        ("--no-console",),
        negated=True,
    ),
    Setting("rate_limits", Flag(), True, "no rate limits", ("--no-limits",), negated=True),
    Setting(
        "connections",
        Whole(1, _WHOLE_MAX, "number of clients"),
        CONNECTIONS_MAX,
        f"most clients at a time (default: {CONNECTIONS_MAX})",
        ("--connections",),
        "NUMBER",
        live=True,
    ),
    Setting(
        "name",
        Words(_wrong_name),
        "Chat",
        "the server's name, shown to its users (default: Chat)",
        ("--name",),
        "NAME",
        live=True,
    ),
    Setting(
        "public_name",
        Words(_wrong_public_name),
        "",
        "host name under which users reach the server, for invitations and the certificate that it makes"
        " (default: the address of this machine)",
        ("--public-name",),
        "HOST",
        live=True,
    ),
    Setting(
        "proxy_from",
        Words(_wrong_networks),
        "",
        "addresses or networks of proxies, with commas between, which say by a PROXY header, version 2, who"
        " their client is (default: none)",
        ("--proxy-from",),
        "ADDRESSES",
    ),
    Setting(
        "metrics",
        Words(_wrong_place("127.0.0.1:9464")),
        "",
        "serve /healthz and /metrics over HTTP there, for instance 127.0.0.1:9464 (default: nowhere)",
        ("--metrics",),
        "ADDRESS:PORT",
    ),
    Setting(
        "webhooks",
        Words(_wrong_place("0.0.0.0:5080")),
        "",
        "take messages of other programs over HTTPS there, for instance on 0.0.0.0:5080 (default: nowhere)",
        ("--webhooks",),
        "ADDRESS:PORT",
    ),
    Setting(
        "files",
        Flag(),
        True,
        "keep no files: messages have words alone",
        ("--no-files",),
        negated=True,
    ),
    Setting(
        "files_dir",
        FilePath(),
        None,
        "folder for the files that users send (default: files in the data folder)",
        ("--files-dir",),
        "DIR",
    ),
    Setting(
        "scan",
        Words(),
        "",
        "program that looks at each file first: exit status 0 takes it, 1 refuses it with what it says",
        ("--scan",),
        "COMMAND",
        live=True,
    ),
    Setting(
        "auth_command",
        Words(),
        "",
        "program that says whether a name and a password are right, for accounts that are kept elsewhere",
        ("--auth-command",),
        "PROGRAM",
    ),
    Setting(
        "log_level",
        OneOf(LOG_LEVELS),
        "info",
        "what is logged: debug, info, warning or error (default: info)",
        ("--log-level",),
        live=True,
    ),
    Setting(
        "log_format",
        OneOf(LOG_FORMATS),
        "text",
        "how it is logged: text or json (default: text)",
        ("--log-format",),
    ),
)


def _limit(field: "dataclasses.Field[int | float]") -> Setting:
    kind: Kind = Number() if field.type is float else Whole(1, _WHOLE_MAX)
    meaning = str(field.metadata["help"])
    return Setting(f"{LIMITS}.{field.name}", kind, field.default, meaning, live=bool(field.metadata["live"]))


SETTINGS: Final[Mapping[str, Setting]] = {
    setting.key: setting for setting in (*_SETTINGS, *map(_limit, dataclasses.fields(Limits)))
}
