"""The client's command line, shared by the window and the terminal client; it starts nothing."""

import argparse
import logging
import sys
from dataclasses import dataclass
from importlib import resources
from logging.handlers import RotatingFileHandler
from pathlib import Path

from chat_client.net.tls import is_loopback
from chat_client.store.files import HOME_VARIABLE, make_private_folder, settings_folder
from chat_protocol.invitations import Invitation, parse_invitation
from chat_protocol.limits import DEFAULT_PORT

INVITATION_FILE = "invitation.txt"
LOG_LEVELS = ("debug", "info", "warning", "error")
LOG_FILE_BYTES = 1_000_000
LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for. `invitation` is None where neither a link nor a host was given.

    :param hidden: the window is minimised at first, unless somebody has to sign in.
    """

    invitation: Invitation | None
    insecure: bool
    language: str
    log_level: str
    home: Path
    hidden: bool = False


def add_common_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that both clients have."""
    parser.add_argument("--insecure", action="store_true", help="plain TCP, for loopback addresses only")
    parser.add_argument("--lang", default="", metavar="LANG", help="fr or en (default: the system's)")
    parser.add_argument("--log-level", choices=LOG_LEVELS, default="warning", help="default: warning")
    parser.add_argument(
        "--home",
        type=Path,
        metavar="FOLDER",
        help=f"keep settings, accounts and unsent messages here ({HOME_VARIABLE} does the same)",
    )


def started_by(*, terminal: bool = False) -> str:
    """Return what starts the window, or the terminal client, of this copy of the program, to be typed."""
    python, mode = Path(sys.executable), " terminal" if terminal else ""
    if getattr(sys, "frozen", False):  # by PyInstaller: no Python is seen
        return python.name + mode
    archive = Path(__file__).parents[1]
    if archive.is_file():  # the one file that is handed out
        return f"{python.name} {archive.name}{mode}"
    script = "chat-terminal" if terminal else "chat-client"
    if python.with_name(script).exists():
        return str(python.with_name(script))
    return f"{python.name} -m chat_client{mode.replace(' ', '.')}"


def parse_window_options(arguments: list[str] | None = None) -> Options:
    """Read the command line of the window; a bad one ends the program with status 2."""
    parser = argparse.ArgumentParser(prog=started_by(), description="The chat client.")
    parser.add_argument("link", nargs="?", metavar="LINK", help="an invitation: chat://host:port/?fp=…")
    parser.add_argument("--host", default="", help="the server's name or address")
    parser.add_argument("--port", type=port_number, help=f"default: {DEFAULT_PORT}")
    parser.add_argument("--invite", default="", metavar="LINK", help="the same")
    parser.add_argument("--hidden", action="store_true", help="minimised at first, as at the login")
    add_common_options(parser)
    given = parser.parse_args(arguments)
    try:
        invitation = _invitation(given.link or given.invite, given.host, given.port)
    except ValueError as error:
        parser.error(f"{given.link or given.invite!r}: {error}")
    return make_options(parser, given, invitation)


def make_options(
    parser: argparse.ArgumentParser, given: argparse.Namespace, invitation: Invitation | None
) -> Options:
    """Check what belongs together, and return the options."""
    if given.insecure and invitation is not None and not is_loopback(invitation.host):
        parser.error(f"--insecure is for loopback addresses only, and {invitation.host} is none")
    home = given.home or settings_folder()
    try:
        make_private_folder(home)
    except OSError as error:
        parser.error(f"the settings folder cannot be used: {error}")
    hidden = bool(getattr(given, "hidden", False))  # of the window alone
    return Options(invitation, given.insecure, given.lang, given.log_level, home, hidden)


def port_number(text: str) -> int:
    """Read a port.

    :raises argparse.ArgumentTypeError: when it is none.
    """
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65_536:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port (1 to 65535)")
    return int(text)


def start_log(options: Options) -> None:
    """Write the log to stderr and to `client.log` in the settings folder."""
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)]
    problem = ""
    try:
        path = options.home / "client.log"
        handlers.append(RotatingFileHandler(path, maxBytes=LOG_FILE_BYTES, backupCount=1, encoding="utf-8"))
    except OSError as error:
        problem = str(error)
    logging.basicConfig(level=options.log_level.upper(), format=LOG_FORMAT, handlers=handlers)
    if problem:
        logging.getLogger("chat.client").warning("no log file: %s", problem)


def _invitation(link: str, host: str, port: int | None) -> Invitation | None:
    if link:
        return parse_invitation(link)
    if host or port:
        return Invitation(host or "127.0.0.1", port or DEFAULT_PORT)
    return enclosed_invitation()


def enclosed_invitation() -> Invitation | None:
    """Return the invitation that was put into this copy of the program when it was packed, if any."""
    file = resources.files("chat_client") / INVITATION_FILE
    return parse_invitation(file.read_text(encoding="utf-8")) if file.is_file() else None
