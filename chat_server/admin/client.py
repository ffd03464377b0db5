"""The admin program's side of the socket: one command, or a console with line editing; it must not know any
command.
"""

import contextlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, TextIO

from chat_server.admin.frames import SOCKET_FILE, connect
from chat_server.console.terminal.run import HISTORY_FILE
from chat_server.console.terminal.sign_in import own_addresses
from chat_server.console.terminal.terminal import Terminal

PROMPT: Final = "chat> "
INTERRUPTED: Final = 130
GONE: Final = "The server has ended."


class Client:
    """Speak to a running server.

    :param data_dir: the server's data folder.
    :param as_json: ask for answers in JSON.
    :param yes: answer every question with yes.
    :raises OSError: when no server listens there.
    """

    def __init__(self, data_dir: Path, *, as_json: bool = False, yes: bool = False) -> None:
        self._data_dir = data_dir
        self._as_json = as_json
        self._yes = yes
        self._channel = connect(data_dir / SOCKET_FILE)
        self._terminal: Terminal | None = None

    def close(self) -> None:
        """Hang up."""
        self._channel.close()

    def run_words(self, words: Sequence[str]) -> int:
        """Run one command; return 0, 1 when it was refused, 2 when it was no command."""
        self._open(interactive=False)
        return self._request(words=list(words))

    def create_admin(self, name: str, password: str, *, reset: bool) -> int:
        """Make an administrator; return 0, or 1 when it was refused."""
        self._open(interactive=False)
        return self._request(create_admin=name, password=password, reset=reset)

    def converse(self, stdin: TextIO, stdout: TextIO) -> int:
        """Open a console; return when its input ends."""
        self._open(interactive=stdin.isatty())
        history = self._data_dir / HISTORY_FILE
        self._terminal = Terminal(stdin, stdout, history, self._completions, guard_keys=False)
        with self._terminal.attached():
            return self._commands(self._terminal)

    def _commands(self, terminal: Terminal) -> int:
        if terminal.is_terminal:
            terminal.write("Connected to the server. Type help for the commands; Ctrl-D leaves.\n")
        status = 0
        while True:
            try:
                line = terminal.read_command(PROMPT)
            except KeyboardInterrupt:
                terminal.write("\n")
                continue
            except EOFError:
                terminal.write("\n")
                return status
            if line.strip().lower() in ("exit", "quit"):
                return status
            try:
                status = self._request(line=line)
            except KeyboardInterrupt:
                return INTERRUPTED

    def _open(self, *, interactive: bool) -> None:
        addresses = list(own_addresses(os.environ))
        with contextlib.suppress(OSError):  # noticed at the first request
            self._channel.send(
                open=1, interactive=interactive, json=self._as_json, yes=self._yes, addresses=addresses
            )

    def _request(self, **frame: Any) -> int:
        """Send a request, show what comes, answer what is asked; return the status."""
        with contextlib.suppress(OSError):  # what the server said before it hung up is still to be read
            self._channel.send(**frame)
        while (reply := self._receive()) is not None:
            if "out" in reply:
                self._show(reply["out"], sys.stdout)
            elif "err" in reply:
                self._show(reply["err"], sys.stderr)
            elif "ask" in reply:
                self._channel.send(answer=self._answer(reply["ask"], bool(reply.get("secret"))))
            elif "done" in reply:
                return int(reply["done"])
            elif "error" in reply:
                raise PermissionError(str(reply["error"]))
        raise ConnectionResetError(GONE)

    def _receive(self) -> dict[str, Any] | None:
        try:
            return self._channel.receive()
        except ConnectionResetError:
            return None

    def _show(self, text: str, stream: TextIO) -> None:
        if self._terminal:
            self._terminal.write(text)
            return
        encoding = stream.encoding or "utf-8"
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
        stream.flush()

    def _answer(self, prompt: str, secret: bool) -> str | None:
        if self._terminal is None:
            return None
        try:
            return self._terminal.ask_secret(prompt) if secret else self._terminal.ask(prompt)
        except (EOFError, KeyboardInterrupt):
            self._terminal.write("\n")
            return None

    def _completions(self, line: str, begin: int, end: int) -> list[str]:
        try:
            self._channel.send(complete=line, begin=begin, end=end)
            reply = self._channel.receive()
        except (OSError, ValueError):
            return []
        return [str(match) for match in reply.get("matches", [])] if reply else []
