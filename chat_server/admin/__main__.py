"""`python -m chat_server.admin`: the console of a running server, one command of it, or a first
administrator.
"""

import argparse
import contextlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from chat_protocol.errors import ChatError
from chat_protocol.standard_streams import on_any_streams, output_has_gone
from chat_server.admin.client import Client
from chat_server.admin.config_command import run_config
from chat_server.admin.database import tool_arguments, used_database
from chat_server.admin.frames import SOCKET_FILE
from chat_server.admin.offline import create_admin_offline
from chat_server.admin.service_unit import install_service
from chat_server.config.layers import UsageError, read_layers
from chat_server.console.terminal.sign_in import ask_new_password
from chat_server.console.terminal.terminal import Terminal
from chat_server.data_folder import shown
from chat_server.storage.core.errors import StorageError

OK: Final = 0
REFUSED: Final = 1
WRONG_USAGE: Final = 2
CREATE_ADMIN: Final = "create-admin"
CONFIG: Final = "config"
INSTALL_SERVICE: Final = "install-service"

USAGE: Final = """\
usage: chat-admin [--config FILE] [--data-dir DIR] [--json] [--yes] [command ...]
       chat-admin create-admin NAME [--reset] [--password-file FILE] [--config FILE] [--data-dir DIR]
                  [--database URL | --database-file FILE]
       chat-admin config check|show [--config FILE] [the server's other options]
       chat-admin install-service [--config FILE] [--user NAME] [--print | --into DIR]

Without a command: the console of the running server. With one: run it, print the answer, and exit with
0 (done), 1 (refused, or no server) or 2 (not a command). The command `help` lists the commands.

create-admin makes an administrator, on a running server or, while none runs, in its database. The password
comes from a prompt (typed twice), from --password-file, or from standard input. With --reset an account that
exists becomes an administrator's and gets the new password.

config check names each mistake in the settings with its line; config show lists those in force, and where
each comes from. install-service writes systemd's units for the server and its nightly backup. None of the
three needs a server.

options:
  --config FILE         the server's settings file (default: CHAT_CONFIG), for its data folder and database
  --data-dir DIR        the server's data folder (default: CHAT_DATA_DIR, the settings file's, or data)
  --database URL        the database, for create-admin while no server runs (default: CHAT_DATABASE, the
                        settings file's, or the one that the data folder's server used last)
  --database-file FILE  a file whose first line is that URL
  --json                answer in JSON, for scripts
  --yes                 answer every question with yes
"""


@on_any_streams
def main(argv: Sequence[str] | None = None) -> int:
    """Run the program; return its exit status."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    if arguments[:1] == [INSTALL_SERVICE]:
        return install_service(arguments[1:])
    try:
        options, words = _parser().parse_known_args(arguments)
        if words[:1] == [CONFIG]:
            return _config(arguments, words[1:2], as_json=options.json)
        options.data_dir = options.data_dir or _data_dir(options)
    except argparse.ArgumentError as error:
        print(f"{error}\n\n{USAGE}", file=sys.stderr)
        return WRONG_USAGE
    except UsageError as error:  # in a settings file or the environment: this program is used well
        print(error, file=sys.stderr)
        return WRONG_USAGE
    if words[:1] in (["--help"], ["-h"]):
        print(USAGE)
        return OK
    try:
        if words[:1] == [CREATE_ADMIN]:
            return _create_admin(options, words[1:])
        return _converse(options, words)
    except (ChatError, StorageError, UsageError, OSError) as error:
        if isinstance(error, BrokenPipeError) and output_has_gone():
            raise  # it is not the server that failed
        print(_explained(error, options.data_dir), file=sys.stderr)
        return REFUSED
    except (EOFError, KeyboardInterrupt):
        print("\nNothing was done.", file=sys.stderr)
        return REFUSED


def _config(arguments: Sequence[str], verb: Sequence[str], *, as_json: bool) -> int:
    """Look at the settings, with the options of the server that stand before or behind the words."""
    rest = [word for word in arguments if word not in (CONFIG, "--json", *verb)]
    return run_config([*verb, *rest], dict(os.environ), as_json=as_json)


def _parser() -> argparse.ArgumentParser:
    """Return a parser of this program's own options; what it leaves is the command, whose options are its
    own.
    """
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    parser.add_argument("--config", type=Path)
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--database")
    parser.add_argument("--database-file", type=Path)
    parser.add_argument("--password-file", type=Path)
    parser.add_argument("--reset", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--yes", action="store_true")
    return parser


def _data_dir(options: argparse.Namespace) -> Path:
    """Return the data folder that the environment or the settings file names."""
    layers = read_layers(tool_arguments(options.config, None, None, None), os.environ)
    unreadable = [mistake for mistake in layers.mistakes if "data_dir" in str(mistake) or not mistake.line]
    if unreadable and layers.file is not None:
        raise UsageError(str(unreadable[0]))
    return Path(layers.values["data_dir"])


def _converse(options: argparse.Namespace, words: Sequence[str]) -> int:
    client = Client(options.data_dir, as_json=options.json, yes=options.yes)
    try:
        return client.run_words(words) if words else client.converse(sys.stdin, sys.stdout)
    finally:
        client.close()


def _create_admin(options: argparse.Namespace, words: Sequence[str]) -> int:
    if len(words) != 1 or words[0].startswith("-"):
        print(USAGE, file=sys.stderr)
        return WRONG_USAGE
    try:
        client = Client(options.data_dir)
    except OSError:
        said = tool_arguments(options.config, options.data_dir, options.database, options.database_file)
        url = used_database(said, dict(os.environ)).database_url  # before a password is asked for
        password = _password(options.password_file)
        user = create_admin_offline(options.data_dir, url, words[0], password, options.reset)
        print(f"{user.username} is an administrator, in {shown(url)}.")
        return OK
    try:
        password = _password(options.password_file)
        return client.create_admin(words[0], password, reset=options.reset)
    finally:
        client.close()


def _password(file: Path | None) -> str:
    """Return the password: the first line of the file or of standard input, or typed twice at a terminal."""
    if file is not None:
        with file.open(encoding="utf-8") as stream:
            return stream.readline().rstrip("\r\n")
    if sys.stdin.isatty():
        return ask_new_password(Terminal(sys.stdin, sys.stdout, guard_keys=False))
    return sys.stdin.readline().rstrip("\r\n")


def _wrong_user(error: PermissionError, data_dir: Path) -> str:
    """Say as whom to do it: the owner of the data folder is the user whom the server runs as."""
    with contextlib.suppress(OSError, KeyError):
        owner = data_dir.owner()
        return (
            f"Only the user {owner}, whom the server runs as, may do this: put `sudo -u {owner}` before it."
        )
    return str(error)


def _explained(error: Exception, data_dir: Path) -> str:
    if isinstance(error, (FileNotFoundError, ConnectionRefusedError)):
        missing = Path(error.filename) if error.filename else data_dir / SOCKET_FILE
        if missing.name == SOCKET_FILE or missing == data_dir:
            return f"No server runs with the data folder {data_dir} ({SOCKET_FILE} does not answer there)."
    if isinstance(error, PermissionError) and error.errno is not None:  # the system's, not the server's
        return _wrong_user(error, data_dir)
    if isinstance(error, ChatError):
        return error.message
    return str(error)


if __name__ == "__main__":
    sys.exit(main())
