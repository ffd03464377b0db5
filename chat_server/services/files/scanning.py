"""Has an administrator's program look at each file first; it must not know what that looks for."""

import logging
import shlex
import subprocess
from pathlib import Path
from typing import Final

from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.printable import escape

_log = logging.getLogger("chat.files")
RETRY_AFTER_S: Final = 30.0
WORDS_MAX_CHARS: Final = 200
REFUSED: Final = 1


def scan(command: str, path: Path, timeout_s: float) -> None:
    """Ask a program about a file; without a command all are taken.

    :param command: as a shell would read its words; the file's path is added. It is run without a shell.
    :raises ChatError: `file_refused` when it says no (exit status 1), with its words; `unavailable` when it
        says nothing: it could not be started, took too long, or ended otherwise.
    """
    if not command:
        return
    try:
        done = subprocess.run(
            [*shlex.split(command), str(path.absolute())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=timeout_s,
            check=False,
        )
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        _log.error("files cannot be checked: %s", error)
        raise _not_yet() from None
    if done.returncode == REFUSED:
        said = done.stdout.decode(errors="replace").strip().splitlines()
        words = (
            escape(said[0].replace(str(path.absolute()), "").strip(": "))[:WORDS_MAX_CHARS] if said else ""
        )
        _log.warning("a file was refused by the check: %s", words)
        raise ChatError(ErrorCode.FILE_REFUSED, words or "The server refuses this file.")
    if done.returncode:
        _log.error("files cannot be checked: %s ended with status %d", command, done.returncode)
        raise _not_yet()


def _not_yet() -> ChatError:
    message = "Files cannot be checked just now; this one is tried again later."
    return ChatError(ErrorCode.UNAVAILABLE, message, retry_after=RETRY_AFTER_S)
