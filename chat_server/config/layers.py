"""Puts the settings of the command line, the environment, a file and the defaults over each other.

It must not know what a setting does.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn

from chat_server.config.kinds import Flag
from chat_server.config.settings_file import Mistake, SettingsFile, read_settings_file
from chat_server.config.table import LIMITS, SETTINGS, Setting

CONFIG_VARIABLE: Final = "CHAT_CONFIG"
DEFAULT: Final = "default"
_EPILOG: Final = (
    "Each option may stand in the environment (CHAT_HOST, CHAT_DATABASE, …) and in the settings file, which"
    " takes the limits too. The command line comes before the environment, and that before the file."
)


class UsageError(Exception):
    """An option is wrong; the text says which, and what it takes."""


@dataclass(frozen=True, slots=True)
class Layers:
    """The settings in force, where each comes from, and what was wrong; a wrong value is left out."""

    values: Mapping[str, Any]
    sources: Mapping[str, str]
    file: Path | None
    mistakes: tuple[Mistake, ...]

    def is_given(self, key: str) -> bool:
        """Return whether anything but the default says what the setting is."""
        return self.sources[key] != DEFAULT


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(message)


def read_layers(arguments: Sequence[str], environment: Mapping[str, str], program: str = "") -> Layers:
    """Read all sources.

    :raises UsageError: when the command line is wrong.
    """
    line = vars(_parser(program).parse_args(arguments))
    path = line.pop("config")
    if path is None and environment.get(CONFIG_VARIABLE):
        path = Path(environment[CONFIG_VARIABLE])
    file = read_settings_file(path) if path is not None else SettingsFile(Path(), {}, {}, ())
    values = {key: setting.default for key, setting in SETTINGS.items()}
    sources = dict.fromkeys(SETTINGS, DEFAULT)
    mistakes = list(file.mistakes)
    said, wrong = _from_environment(environment)
    for layer, named in (
        (file.values, lambda key: f"{path}:{file.lines.get(key, 0)}"),
        (said, lambda key: SETTINGS[key].variable),
        ({key: value for key, value in line.items() if value is not None}, _command_line),
    ):
        if layer.get("database") and layer.get("database_file"):
            both = "database and database_file exclude each other"
            mistakes.append(Mistake(named("database_file"), 0, both))
        for key, value in layer.items():
            values[key], sources[key] = value, named(key)
        _let_nearer_database_win(layer, values, sources)
    return Layers(values, sources, path, (*mistakes, *wrong))


def _command_line(key: str) -> str:
    return next(flag for flag in SETTINGS[key].flags if flag.startswith("--"))


def _let_nearer_database_win(
    layer: Mapping[str, object], values: dict[str, Any], sources: dict[str, str]
) -> None:
    """Let a database that a layer names displace the file of the layers below it, and vice versa."""
    for key, other in (("database", "database_file"), ("database_file", "database")):
        if layer.get(key) and not layer.get(other):
            values[other], sources[other] = SETTINGS[other].default, DEFAULT


def _from_environment(environment: Mapping[str, str]) -> tuple[dict[str, object], list[Mistake]]:
    found: dict[str, object] = {}
    mistakes = []
    for key, setting in SETTINGS.items():
        text = environment.get(setting.variable, "")
        if not text:
            continue
        try:
            value = setting.kind.from_text(text)
            found[key] = not value if setting.negated else value
        except ValueError as error:
            mistakes.append(Mistake(setting.variable, 0, str(error)))
    return found, mistakes


def _parser(program: str) -> _Parser:
    parser = _Parser(
        prog=program or "chat-server", description="The chat server.", epilog=f"{_EPILOG} {_limits()}"
    )
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings file (TOML)")
    for setting in SETTINGS.values():
        if setting.flags:
            _add(parser, setting)
    return parser


def _limits() -> str:
    limits = [setting for key, setting in SETTINGS.items() if key.startswith(f"{LIMITS}.")]
    each = ", ".join(f"{setting.key.removeprefix(f'{LIMITS}.')} {setting.default}" for setting in limits)
    return f"The limits and their defaults (docs/run/chat.toml says what each one is): {each}."


def _add(parser: _Parser, setting: Setting) -> None:
    text = setting.help.replace("%", "%%")
    if isinstance(setting.kind, Flag):
        parser.add_argument(
            *setting.flags, dest=setting.key, action="store_const", const=not setting.negated, help=text
        )
        return

    def read(text: str) -> object:
        try:
            return setting.kind.from_text(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    words = getattr(setting.kind, "words", ())
    metavar = setting.metavar or "{" + ",".join(words) + "}"
    parser.add_argument(*setting.flags, dest=setting.key, type=read, metavar=metavar, help=text)
