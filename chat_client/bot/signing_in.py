"""With what a bot signs in, and why it is not let in: token, server, folder; it opens no connection."""

import logging
import os
import stat
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from chat_client.model.state import ConnectionState, Phase
from chat_client.store.files import settings_folder
from chat_protocol.errors import ErrorCode
from chat_protocol.invitations import Invitation, parse_invitation

SERVER_VARIABLE: Final = "CHAT_BOT_SERVER"
TOKEN_VARIABLE: Final = "CHAT_BOT_TOKEN"
TOKEN_FILE_VARIABLE: Final = "CHAT_BOT_TOKEN_FILE"
HOME_VARIABLE: Final = "CHAT_BOT_HOME"

_log = logging.getLogger("chat.bot")


class NoToken(Exception):
    """There is no token, or its file cannot be read; the text says what to do."""


class SignInRefused(Exception):
    """The server does not let the bot in, or no more, and trying again would not help.

    :param code: an error code (`ErrorCode`), or one of the client's own (`ConnectionState.code`).
    """

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code


def find_server(given: str, environment: Mapping[str, str] = os.environ) -> Invitation:
    """Return which server is meant: the one that is given, or that of CHAT_BOT_SERVER.

    :param given: an invitation (`chat://host:port/?fp=…`) or `host:port`.
    :raises ValueError: when it is neither, or nothing is given.
    """
    server = given or environment.get(SERVER_VARIABLE, "")
    if not server:
        raise ValueError(f"No server: give an invitation, or set {SERVER_VARIABLE}.")
    return parse_invitation(server)


def find_token(file: Path | None, environment: Mapping[str, str] = os.environ) -> str:
    """Return the token: from the file, from that of CHAT_BOT_TOKEN_FILE, or from CHAT_BOT_TOKEN.

    :raises NoToken: when there is none.
    """
    if file is None and (named := environment.get(TOKEN_FILE_VARIABLE)):
        file = Path(named)
    token = _read(file) if file is not None else environment.get(TOKEN_VARIABLE, "").strip()
    if not token:
        where = file or f"{TOKEN_FILE_VARIABLE} or {TOKEN_VARIABLE}"
        raise NoToken(f"There is no token in {where}: `bot add` in the server's console makes one.")
    return token


def find_home(given: Path | None, environment: Mapping[str, str] = os.environ) -> Path:
    """Return the bot's own folder: given, that of CHAT_BOT_HOME, or one called like the program's file."""
    if given is not None:
        return given
    if named := environment.get(HOME_VARIABLE):
        return Path(named)
    return settings_folder(environment) / "bots" / (Path(sys.argv[0]).stem or "bot")


def refusal_of(connection: ConnectionState) -> SignInRefused | None:
    """Return why the bot is not let in; None while it is, or while another attempt will come by itself."""
    phase, code = connection.phase, connection.code
    if phase == Phase.FINGERPRINT:
        words = (
            f"This is the first connection to {connection.host}:{connection.port}, and nobody is here to"
            f" compare its fingerprint. Give an invitation with it: fp={connection.fingerprint}"
        )
        return SignInRefused("fingerprint_unknown", words)
    if phase == Phase.SIGNED_OUT:
        return SignInRefused(
            ErrorCode.INVALID_CREDENTIALS,
            "The token is not valid, or no more: `bot rotate` in the server's console makes another one.",
        )
    if phase == Phase.REFUSED and connection.until is None:
        return SignInRefused(
            code, f"The server does not let the bot in ({code}). {connection.detail}".strip()
        )
    return None


def _read(file: Path) -> str:
    try:
        mode = file.stat().st_mode
        token = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeError) as error:
        raise NoToken(f"The token cannot be read from {file}: {error}") from error
    if os.name == "posix" and mode & (stat.S_IRGRP | stat.S_IROTH):
        _log.warning("other users of this machine can read the token in %s", file)
    return token
