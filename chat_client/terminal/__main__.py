"""Runs the terminal client: reads lines on a thread, polls the client on the main one.

`python -m chat_client.terminal HOST:PORT`. The password comes from the terminal, or from CHAT_PASSWORD.
"""

import argparse
import getpass
import os
import queue
import sys
import threading
import time
from collections.abc import Callable, Iterable

from chat_client.engine.client import Client
from chat_client.invitation import Invitation, parse_invitation
from chat_client.model import changes as ch
from chat_client.model.state import Phase
from chat_client.options import Options, add_common_options, enclosed_invitation, make_options, start_log
from chat_client.store.accounts import account_id
from chat_client.store.files import NewerFileError
from chat_client.terminal.commands import Commands
from chat_client.terminal.show import Show
from chat_protocol.standard_streams import on_any_streams

POLL_S = 0.05
DRAIN_S = 30.0  # how long the end of the input waits for what is unsent


class Terminal:
    """Run one client between lines in and lines out.

    :param write: takes a line for the user.
    """

    def __init__(self, client: Client, write: Callable[[str], None]) -> None:
        self.client = client
        self._write = write
        self._show = Show(client, write)
        self._commands = Commands(client, self._show, write)
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._quit_at: float | None = None

    def read(self, lines: Iterable[str]) -> None:
        """Take lines until there are no more; runs on a thread of its own, because reading waits."""
        for line in lines:
            self._lines.put(line.rstrip("\r\n"))
        self._lines.put(None)

    def run(self) -> int:
        """Poll until the user quits or the input ends; return the exit status."""
        while not self._commands.quit:
            self.step()
            if self._given_up() or (self._quit_at is not None and self._drained()):
                break
            time.sleep(POLL_S)
        return 1 if self._given_up() else 0

    def step(self) -> None:
        """Apply what came from both sides."""
        changes = self.client.poll()
        self._show.changes(changes)
        if any(isinstance(change, ch.SignedIn) and change.fresh for change in changes):
            self._open_first_room()
        self._show.mark_read()
        while self._ready_for_line():
            self._take_line()

    def _ready_for_line(self) -> bool:
        # Lines before the sign-in are answers to the question about the fingerprint, or wait.
        state = self.client.state
        return not self._lines.empty() and bool(state.username or state.connection.phase == Phase.FINGERPRINT)

    def _take_line(self) -> None:
        line = self._lines.get()
        if line is None:
            self._quit_at = time.monotonic() + DRAIN_S
        else:
            self._commands.line(line)

    def _open_first_room(self) -> None:
        rooms = self.client.state.joined_rooms()
        if rooms and self.client.state.open_room is None:
            self._commands.open(rooms[0])

    def _given_up(self) -> bool:
        return self.client.state.connection.phase == Phase.REFUSED and not self.client.state.username

    def _drained(self) -> bool:
        unsent = any(room.pending for room in self.client.state.rooms.values())
        return not unsent or time.monotonic() >= (self._quit_at or 0.0)


@on_any_streams
def main(arguments: list[str] | None = None) -> int:
    """Run the terminal client; return the exit status."""
    options, given = _parse(arguments)
    start_log(options)
    try:
        client = Client(options.home, insecure=options.insecure)
    except NewerFileError as error:
        print(error, file=sys.stderr)
        return 1
    try:
        _sign_in(client, options.invitation or Invitation("127.0.0.1"), given)
        terminal = Terminal(client, lambda line: print(line, flush=True))
        threading.Thread(target=terminal.read, args=(sys.stdin,), name="input", daemon=True).start()
        return terminal.run()
    except (KeyboardInterrupt, EOFError):
        return 0
    finally:
        client.close()


def _parse(arguments: list[str] | None) -> tuple[Options, argparse.Namespace]:
    parser = argparse.ArgumentParser(
        prog="python -m chat_client.terminal", description="The chat client for a terminal."
    )
    enclosed = enclosed_invitation()
    default = enclosed.link() if enclosed is not None else None
    needed = "?" if default else None
    help_text = "or an invitation: chat://host:port/?fp=…"
    parser.add_argument("server", metavar="HOST:PORT", nargs=needed, default=default, help=help_text)
    parser.add_argument("--user", default="", help="the username (default: asked for)")
    parser.add_argument("--register", action="store_true", help="make the account first")
    add_common_options(parser)
    given = parser.parse_args(arguments)
    try:
        invitation = parse_invitation(given.server)
    except ValueError as error:
        parser.error(f"{given.server!r}: {error}")
    return make_options(parser, given, invitation), given


def _sign_in(client: Client, server: Invitation, given: argparse.Namespace) -> None:
    """Sign in with the remembered token where there is one, otherwise with a password."""
    client.trust.accept_invitation(server)
    user = given.user or input("Username: ")
    known = client.accounts.get(account_id(server.host, server.port, user))
    if known is not None and known.token and not given.register:
        client.session.resume(known.id)
        return
    password = os.environ.get("CHAT_PASSWORD") or getpass.getpass("Password: ")
    sign = client.session.sign_up if given.register else client.session.sign_in
    sign(server.host, server.port, user, password)


if __name__ == "__main__":
    sys.exit(main())
