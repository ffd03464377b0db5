"""Which database a program that works beside the server is to use; it must not know what the program does."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from chat_server.admin.frames import SOCKET_FILE, connect
from chat_server.config.layers import UsageError, read_layers
from chat_server.data_folder import local_database, remembered_database
from chat_server.options import Options, options_of


def tool_arguments(
    config: Path | None, data_dir: Path | None, database: str | None, database_file: Path | None
) -> list[str]:
    """Return the server's command line that names what a program was told."""
    given = (
        ("--config", config),
        ("--data-dir", data_dir),
        ("--database", database),
        ("--database-file", database_file),
    )
    return [word for option, value in given if value is not None for word in (option, str(value))]


def used_database(arguments: Sequence[str], environment: dict[str, str]) -> Options:
    """Return the options with the database that was said; else the running server's; else the folder's file.

    :raises UsageError: when what was said is wrong.
    :raises StorageConfigError: when the data folder's server uses a database that only it can open.
    """
    layers = read_layers(arguments, environment)
    options, mistakes = options_of(layers)
    if options.database:
        return options
    if mistakes:
        raise UsageError(str(mistakes[0]))
    running = _of_running_server(options.data_dir)
    if not running and layers.file is not None and not remembered_database(options.data_dir):
        return options  # the settings file of a server that has not run yet
    return dataclasses.replace(options, database=running or local_database(options.data_dir))


def _of_running_server(data_dir: Path) -> str:
    """Ask a running server; an empty text when none answers."""
    try:
        channel = connect(data_dir / SOCKET_FILE)
    except OSError:
        return ""
    try:
        channel.send(open=1)
        channel.send(database=1)
        reply = channel.receive()
    except (OSError, ValueError):
        return ""
    finally:
        channel.close()
    return str(reply.get("database", "")) if reply else ""
