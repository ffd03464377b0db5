"""The console in the server's own terminal: sign-in, then a command at a time; it must not know any command.

Runs on the main thread; :meth:`Console.close` may be called from any.
"""

import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final, TextIO

from chat_server.console.shell.shell import Shell
from chat_server.console.terminal.interjecting import log_interjected
from chat_server.console.terminal.sign_in import SignIn, own_addresses
from chat_server.console.terminal.terminal import Terminal, TerminalClosed
from chat_server.parts import Parts
from chat_server.process import program

_log = logging.getLogger("chat.console")

HISTORY_FILE: Final = "console_history"
GOODBYE: Final = (
    "\nThe console is closed; the server goes on. This opens the console again;\n"
    "with `shutdown` behind it, it stops the server:\n  {admin}\n"
)
LEAVING: Final = frozenset({"exit", "quit"})


class Console:
    """Let an administrator type commands.

    :param parts: the running server's.
    :param stdin: where lines come from.
    :param stdout: where answers go.
    :param pause: waits a number of seconds after failed sign-ins; the terminal's own where it is None.
    """

    def __init__(
        self,
        parts: Parts,
        stdin: TextIO,
        stdout: TextIO,
        *,
        history: Path | None = None,
        pause: Callable[[float], None] | None = None,
    ) -> None:
        self._parts = parts
        self._shell: Shell | None = None
        self._terminal = Terminal(stdin, stdout, history, self._completions)
        self._pause = pause or self._terminal.pause

    def run(self) -> None:
        """Sign in and run commands until the input ends or :meth:`close` is called."""
        try:
            with self._terminal.attached(), log_interjected(self._terminal.half_typed):
                self._converse()
        except EOFError:
            if self._terminal.hung_up:
                self._parts.shutdown.request(0, "")  # SIGHUP reaches `make` alone where no shell started it
            else:
                admin = f"{program('admin')} --data-dir {self._parts.data_dir.absolute()}"
                self._terminal.write(GOODBYE.format(admin=admin))
        except TerminalClosed:
            self._terminal.write("\n")

    def close(self) -> None:
        """End :meth:`run`, from any thread."""
        self._terminal.close()

    def _converse(self) -> None:
        roles = self._parts.roles
        actor = SignIn(roles, self._terminal, own_addresses(os.environ), self._pause).run()
        shell = self._shell = Shell(self._parts, actor, self._terminal)
        self._terminal.write(f"Signed in as {actor.name}. Type help for the commands.\n")
        while True:
            line = self._terminal.read_command(shell.prompt)
            if line.strip().lower() in LEAVING:
                raise EOFError
            shell.run_line(line)

    def _completions(self, line: str, begin: int, end: int) -> list[str]:
        return self._shell.completions(line, begin, end) if self._shell else []


def run_console(parts: Parts) -> None:
    """Run the console in this process's terminal until its input ends or the server stops."""
    try:
        console = Console(parts, sys.stdin, sys.stdout, history=parts.data_dir / HISTORY_FILE)
        parts.shutdown.on_begin(console.close)
        console.run()
    except Exception:  # whatever it is, people go on talking
        opens = f"{program('admin')} --data-dir {parts.data_dir.absolute()}"
        _log.exception("the console failed and is closed; the server goes on, and `%s` opens it again", opens)
