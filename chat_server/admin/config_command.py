"""`config check` and `config show`: the settings as a server would take them; it must know no running one."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from chat_server.config.layers import Layers, UsageError, read_layers
from chat_server.config.settings_file import Mistake
from chat_server.config.table import SETTINGS
from chat_server.console.shell.text import safe, table
from chat_server.data_folder import shown
from chat_server.net.certificate import CertificateError, fingerprint, make_context
from chat_server.options import Options, mistakes_in, options_of
from chat_server.storage.core.errors import StorageConfigError
from chat_server.storage.core.urls import parse_url

GOOD: Final = 0
WRONG: Final = 1
WRONG_USAGE: Final = 2
USAGE: Final = """\
usage: chat-admin config check [--config FILE] [the server's other options]
       chat-admin config show [--json] [--config FILE] [the server's other options]

check names each mistake in the settings, with its line. show lists the settings in force and where each comes
from. Both read the command line, the CHAT_… variables and the settings file, as the server would."""


def run_config(words: Sequence[str], environment: dict[str, str], *, as_json: bool) -> int:
    """Carry out one of the two; return 0, 1 when there are mistakes, 2 for wrong usage."""
    if words[:1] not in (["check"], ["show"]):
        print(USAGE, file=sys.stderr)
        return WRONG_USAGE
    try:
        layers = read_layers(words[1:], environment, f"chat-admin config {words[0]}")
    except UsageError as error:
        print(f"{error}\n\n{USAGE}", file=sys.stderr)
        return WRONG_USAGE
    options, mistakes = options_of(layers)
    mistakes = (*mistakes, *mistakes_in(options), *_unusable(options, layers))
    if words[0] == "show":
        print(_as_json(layers) if as_json else _as_table(layers))
    for mistake in mistakes:
        print(safe(str(mistake)), file=sys.stderr)
    if words[0] == "check" and not mistakes:
        print(f"{layers.file or 'The settings'}: no mistake.")
    return WRONG if mistakes else GOOD


def _unusable(options: Options, layers: Layers) -> list[Mistake]:
    """Say what would stop the server although each setting is well-formed."""
    found = []
    if options.database:
        try:
            parse_url(options.database)
        except StorageConfigError as error:
            found.append(Mistake(layers.sources["database"], 0, str(error)))
    if options.tls_cert is not None and options.tls_key is not None:
        try:
            make_context(options.tls_cert, options.tls_key)
            fingerprint(options.tls_cert)
        except CertificateError as error:
            found.append(Mistake(layers.sources["tls_cert"], 0, str(error)))
    return [*found, *_readable_by_all(layers)]


def _readable_by_all(layers: Layers) -> list[Mistake]:
    """Warn of passwords that every user of the machine can read."""
    secret = [layers.values["database_file"]]
    sources = [layers.sources[key] for key in ("database", "broker_password")]
    if layers.file is not None and any(each.startswith(f"{layers.file}:") for each in sources):
        secret.append(layers.file)
    return [
        Mistake(str(path), 0, f"holds a password and every user can read it: chmod 640 {path}")
        for path in secret
        if isinstance(path, Path) and path.exists() and path.stat().st_mode & 0o004
    ]


def _as_table(layers: Layers) -> str:
    rows = [[key, safe(_text(key, layers.values[key])), safe(layers.sources[key])] for key in SETTINGS]
    return table(["Setting", "Value", "From"], rows)


def _as_json(layers: Layers) -> str:
    def value(key: str) -> Any:
        plain = layers.values[key]
        return plain if isinstance(plain, (bool, int, float)) else _text(key, plain)

    return json.dumps({key: {"value": value(key), "from": layers.sources[key]} for key in SETTINGS})


def _text(key: str, value: object) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not SETTINGS[key].secret:
        return f"{value:g}" if isinstance(value, float) else str(value)
    try:
        return shown(str(value))
    except StorageConfigError:
        return "(hidden)"
