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
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

from chat_client import i18n
from chat_client.engine.client import Client
from chat_client.i18n import _
from chat_client.model import changes as ch
from chat_client.model.state import Phase, Status
from chat_client.options import (
    Options,
    add_common_options,
    enclosed_invitation,
    make_options,
    start_log,
    started_by,
)
from chat_client.store.accounts import account_id
from chat_client.store.files import NewerFileError
from chat_client.terminal.commands import SECRETS, Commands
from chat_client.terminal.line_input import LineInput, Typed, standard_input
from chat_client.terminal.show import HISTORY_PIPED, HISTORY_TYPED, Show
from chat_protocol.errors import ChatError
from chat_protocol.invitations import Invitation, parse_invitation
from chat_protocol.standard_streams import on_any_streams

POLL_S = 0.05
DRAIN_S = 30.0  # how long the end of the input waits for what is unsent
DONE: Final = 0
FAILED: Final = 1
INTERRUPTED: Final = 130  # 128 and the number of SIGINT, as shells have it


class Terminal:
    """Run one client between lines in and lines out.

    :param write: takes a line for the user.
    :param room: the room to open; empty: the one that was open last.
    :param typed: whether a person types; what comes from a pipe goes nowhere unless a room is named.
    :param quiet: write messages and mistakes only, and no history.
    :param files: send these to the room, once it can be entered.
    """

    def __init__(
        self,
        client: Client,
        write: Callable[[str], None],
        *,
        room: str = "",
        typed: bool = True,
        quiet: bool = False,
        files: Sequence[Path] = (),
    ) -> None:
        self.client = client
        self._write = write
        self._room, self._typed = room, typed
        history = HISTORY_TYPED if typed else HISTORY_PIPED
        self._show = Show(client, write, history=0 if quiet else history, quiet=quiet)
        self._files = list(files)
        self._failed = False
        self._commands = Commands(client, self._show, write)
        self._lines: queue.SimpleQueue[Typed | None] = queue.SimpleQueue()
        self._quit_at: float | None = None

    def read(self, lines: Iterable[Typed]) -> None:
        """Take lines until there are no more; runs on a thread of its own, because reading waits."""
        for line in lines:
            self._lines.put(line)
        self._lines.put(None)

    def run(self) -> int:
        """Poll until the user quits or the input ends; return the exit status."""
        while not self._commands.quit:
            self.step()
            if self._given_up() or (self._quit_at is not None and self._drained()):
                break
            time.sleep(POLL_S)
        unsent = sum(len(room.pending) for room in self.client.state.rooms.values()) + len(self._files)
        if unsent:
            self._write("* " + i18n.ngettext("terminal.left", unsent))
        failed = self._given_up() or self._failed or self._commands.failed or bool(unsent)
        return FAILED if failed and not (self._typed and self._commands.quit) else DONE

    def step(self) -> None:
        """Apply what came from both sides."""
        changes = self.client.poll()
        self._show.changes(changes)
        self._note_failures(changes)
        if any(isinstance(change, ch.SignedIn) and change.fresh for change in changes):
            self._open_first_room()
        self._show.mark_read()
        self._send_files()
        self._commands.look()
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
            if not self.client.state.username:
                self._failed = True  # the question about the fingerprint had no answer
        elif line.problem:
            self._commands.refuse(line.problem)
        else:
            self._commands.line(line.text, line.secrets)

    def _open_first_room(self) -> None:
        state = self.client.state
        if state.open_room is not None:
            return
        if self._room:
            self._commands.line(f"/join {self._room}")
            self._failed = state.open_room is None
        elif self._typed and (rooms := state.joined_rooms()):
            last = self.client.rooms.last_open()
            self._commands.open(state.rooms[last] if last else rooms[0])

    def _note_failures(self, changes: Sequence[ch.Change]) -> None:
        lost = [c for c in changes if isinstance(c, ch.RequestFailed) and c.request in ("upload", "download")]
        self._commands.failed = self._commands.failed or bool(lost)
        if any(isinstance(change, ch.TransferChanged) for change in changes) and self._quit_at is not None:
            self._quit_at = time.monotonic() + DRAIN_S  # it comes further

    def _send_files(self) -> None:
        state = self.client.state
        room = state.rooms.get(state.open_room or "")
        if not self._files or room is None or not room.joined:
            return
        files, self._files = self._files, []
        try:
            self.client.files.send(room.key, files)
        except ChatError as error:
            self._commands.refuse(i18n.error_text(error.code))

    def _given_up(self) -> bool:
        # A kept sign-in that the server no longer takes leads to SIGNED_OUT: nobody is asked anything here.
        ended = self.client.state.connection.phase in (Phase.REFUSED, Phase.SIGNED_OUT)
        refused = ended and not self.client.state.username and not self._commands.quit
        nowhere = self._failed and (bool(self._room) or not self.client.state.username)
        return refused or nowhere

    def _drained(self) -> bool:
        unsent = any(
            message.status == Status.PENDING
            for room in self.client.state.rooms.values()
            for message in room.pending
        )
        unsent = unsent or bool(self._files) or self.client.files.busy or self._commands.waits
        unsent = unsent or self.client.transcripts.busy
        return not (unsent or self._show.waits) or time.monotonic() >= (self._quit_at or 0.0)


@on_any_streams
def main(arguments: list[str] | None = None) -> int:
    """Run the terminal client; return the exit status."""
    options, given = _parse(arguments)
    assert options.invitation is not None
    start_log(options)
    i18n.use(options.language)
    try:
        client = Client(options.home, insecure=options.insecure)
    except NewerFileError as error:
        print(error, file=sys.stderr)
        return FAILED
    lines = standard_input(
        {line: tuple(_(question) for question in asked) for line, asked in SECRETS.items()}
    )
    try:
        _sign_in(client, options.invitation, given)
        return _converse(client, lines, given)
    except KeyboardInterrupt:
        return INTERRUPTED
    except EOFError:
        print(_("terminal.nothing_done"), file=sys.stderr)
        return FAILED
    except ChatError as error:
        print(i18n.error_text(error.code), file=sys.stderr)
        return FAILED
    finally:
        lines.close()
        client.close()


def _converse(client: Client, lines: LineInput, given: argparse.Namespace) -> int:
    files = [Path(name) for name in given.file]
    typed = lines.is_terminal and not files
    room = given.send or given.room
    terminal = Terminal(client, lines.write, room=room, typed=typed, quiet=given.quiet, files=files)
    if files:
        terminal.read([])
        return terminal.run()
    threading.Thread(target=lambda: terminal.read(lines.lines()), name="input", daemon=True).start()
    return terminal.run()


def _parse(arguments: list[str] | None) -> tuple[Options, argparse.Namespace]:
    parser = argparse.ArgumentParser(
        prog=started_by(terminal=True), description="The chat client for a terminal."
    )
    enclosed = enclosed_invitation()
    default = enclosed.link() if enclosed is not None else ""
    help_text = "or an invitation: chat://host:port/?fp=…; without it, a terminal is asked"
    parser.add_argument("server", metavar="HOST:PORT", nargs="?", default=default, help=help_text)
    parser.add_argument("--user", default="", help="the username (default: asked for)")
    parser.add_argument("--register", action="store_true", help="make the account first")
    parser.add_argument(
        "--no-stay",
        dest="stay",
        action="store_false",
        help="do not keep the sign-in on this computer: sign out at the end",
    )
    parser.add_argument("--room", default="", help="open this room, and join it where needed")
    parser.add_argument("--quiet", action="store_true", help="write messages and mistakes only")
    parser.add_argument("--send", metavar="ROOM", default="", help="send files to this room, and end")
    parser.add_argument("--file", metavar="FILE", action="append", default=[], help="one to send; repeatable")
    add_common_options(parser)
    given = parser.parse_args(arguments)
    if bool(given.send) != bool(given.file):
        parser.error("--send ROOM and --file FILE go together")
    server = given.server or _asked_server(parser, given.lang)
    try:
        invitation = parse_invitation(server)
    except ValueError as error:
        parser.error(f"{server!r}: {error}")
    return make_options(parser, given, invitation), given


def _asked_server(parser: argparse.ArgumentParser, language: str) -> str:
    """Ask where to go: so a one-time invitation stands in no list of processes and no shell's history."""
    missing = "the server is missing: HOST:PORT, or an invitation"
    if not sys.stdin.isatty():
        parser.error(missing)
    i18n.use(language)
    try:
        return input(_("terminal.server"))
    except EOFError:
        parser.error(missing)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def _sign_in(client: Client, server: Invitation, given: argparse.Namespace) -> None:
    """Sign in with the remembered token where there is one, otherwise with a password."""
    client.trust.accept_invitation(server)
    user = given.user or server.username or input(_("terminal.username"))
    known = client.accounts.get(account_id(server.host, server.port, user))
    if known is not None and known.token and given.stay and not given.register:
        client.session.resume(known.id)
        return
    place = (server.host, server.port)
    password = os.environ.get("CHAT_PASSWORD", "")
    if given.register or server.code:
        password = password or _chosen_password()
        client.session.sign_up(*place, user, password, stay=given.stay, code=server.code)
    else:
        password = password or getpass.getpass(_("terminal.password"))
        client.session.sign_in(*place, user, password, stay=given.stay)


def _chosen_password() -> str:
    """Ask for a new password until it is the same twice: nobody sees what he types."""
    while True:
        password = getpass.getpass(_("terminal.password"))
        if getpass.getpass(_("terminal.password_repeat")) == password:
            return password
        print(_("terminal.passwords_differ"), file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
