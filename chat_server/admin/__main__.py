"""`python -m chat_server.admin`: the console of a running server, one command of it, or a first
administrator.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from chat_protocol.errors import ChatError
from chat_server.admin.client import Client
from chat_server.admin.frames import SOCKET_FILE
from chat_server.admin.offline import create_admin_offline
from chat_server.console.terminal.sign_in import ask_new_password
from chat_server.console.terminal.terminal import Terminal
from chat_server.storage.core.errors import StorageError

OK: Final = 0
REFUSED: Final = 1
WRONG_USAGE: Final = 2
CREATE_ADMIN: Final = "create-admin"

USAGE: Final = """\
usage: python -m chat_server.admin [--data-dir DIR] [--json] [--yes] [command ...]
       python -m chat_server.admin create-admin NAME [--reset] [--password-file FILE]
                                   [--data-dir DIR] [--database URL]

Without a command: the console of the running server. With one: run it, print the answer, and exit with
0 (done), 1 (refused, or no server) or 2 (not a command). The command `help` lists the commands.

create-admin makes an administrator, on a running server or, while none runs, in its database. The password
comes from a prompt (typed twice), from --password-file, or from standard input. With --reset an account that
exists becomes an administrator's and gets the new password.

options:
  --data-dir DIR        the server's data folder (default: data, or CHAT_DATA_DIR)
  --database URL        the database, for create-admin while no server runs (default: CHAT_DATABASE, or
                        chat.db in the data folder)
  --json                answer in JSON, for scripts
  --yes                 answer every question with yes
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program; return its exit status."""
    parser = _parser()
    try:
        options, words = parser.parse_known_args(argv)
    except argparse.ArgumentError as error:
        print(f"{error}\n\n{USAGE}", file=sys.stderr)
        return WRONG_USAGE
    if words[:1] in (["--help"], ["-h"]):
        print(USAGE)
        return OK
    try:
        if words[:1] == [CREATE_ADMIN]:
            return _create_admin(options, words[1:])
        return _converse(options, words)
    except (ChatError, StorageError, OSError) as error:
        print(_explained(error, options.data_dir), file=sys.stderr)
        return REFUSED
    except (EOFError, KeyboardInterrupt):
        print("\nNothing was done.", file=sys.stderr)
        return REFUSED


def _parser() -> argparse.ArgumentParser:
    """Return a parser of this program's own options; what it leaves is the command, whose options are its
    own.
    """
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    parser.add_argument("--data-dir", type=Path, default=Path(os.environ.get("CHAT_DATA_DIR") or "data"))
    parser.add_argument("--database", default=os.environ.get("CHAT_DATABASE"))
    parser.add_argument("--password-file", type=Path)
    parser.add_argument("--reset", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--yes", action="store_true")
    return parser


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
    password = _password(options.password_file)
    try:
        client = Client(options.data_dir)
    except OSError:
        user = create_admin_offline(options.data_dir, options.database, words[0], password, options.reset)
        print(f"{user.username} is an administrator.")
        return OK
    try:
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


def _explained(error: Exception, data_dir: Path) -> str:
    if isinstance(error, (FileNotFoundError, ConnectionRefusedError)):
        missing = Path(error.filename) if error.filename else data_dir / SOCKET_FILE
        if missing.name == SOCKET_FILE or missing == data_dir:
            return f"No server runs with the data folder {data_dir} ({SOCKET_FILE} does not answer there)."
    if isinstance(error, ChatError):
        return error.message
    return str(error)


if __name__ == "__main__":
    sys.exit(main())
