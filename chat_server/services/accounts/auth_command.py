"""Asks an administrator's program whether a name and a password are right; it must not know what that asks.

Runs on client threads, a few at a time. A password goes to the program's standard input and nowhere else.
"""

import json
import logging
import os
import shlex
import subprocess
import threading
from dataclasses import dataclass
from typing import Any, Final

from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.limits import DISPLAY_NAME_MAX_CHARS
from chat_server.services.people.people import clean_display_name
from chat_server.services.vocabulary.actors import ROLES

_log = logging.getLogger("chat.accounts")

AT_A_TIME: Final = 8
PLACE_WAIT_S: Final = 2.0  # with the program's own time less than a client has to sign in
ANSWER_MAX_BYTES: Final = 64 * 1024
ROOMS_MAX: Final = 100
RETRY_AFTER_S: Final = 15


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a program says of somebody whose password is right.

    :param role: empty where it says nothing of it.
    :param rooms: names of rooms to be a member of.
    """

    display_name: str = ""
    role: str = ""
    rooms: tuple[str, ...] = ()


class AuthCommand:
    """Run the program.

    :param command: as a shell would read its words; it is run without a shell.
    :param timeout_s: how long it may take.
    """

    def __init__(self, command: str, timeout_s: float) -> None:
        self._command = command
        self._timeout_s = timeout_s
        self._places = threading.BoundedSemaphore(AT_A_TIME)

    def ask(self, name: str, password: str, address: str) -> Verdict | None:
        """Return what the program says, or None when the name or the password is wrong.

        :param address: from where somebody signs in.
        :raises ChatError: `unavailable` when nobody can tell just now.
        """
        if not self._places.acquire(timeout=PLACE_WAIT_S):
            _log.warning("sign-ins cannot be checked: %d programs are at work already", AT_A_TIME)
            raise _later()
        try:
            return _read(self._run({"name": name, "password": password, "address": address}))
        finally:
            self._places.release()

    def _run(self, question: dict[str, str]) -> bytes:
        try:
            done = subprocess.run(
                shlex.split(self._command),
                input=json.dumps(question).encode() + b"\n",
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=self._timeout_s,
                env={name: value for name, value in os.environ.items() if not name.startswith("CHAT_")},
                check=False,
            )
        except subprocess.TimeoutExpired:
            _log.error("sign-ins cannot be checked: the program took more than %g s", self._timeout_s)
            raise _later() from None
        except (OSError, ValueError) as error:
            _log.error("sign-ins cannot be checked: %s", error)
            raise _later() from None
        if done.returncode:
            _log.error("sign-ins cannot be checked: the program ended with status %d", done.returncode)
            raise _later()
        return done.stdout


def _read(answer: bytes) -> Verdict | None:
    """Read an answer; what is not understood is no yes, and nothing of it is logged."""
    try:
        said = json.loads(answer) if len(answer) <= ANSWER_MAX_BYTES else None
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict) or not (said.get("later") is True or isinstance(said.get("ok"), bool)):
        _log.error("sign-ins cannot be checked: the program's answer is not understood")
        raise _later()
    if said.get("later") is True:
        _log.warning("sign-ins cannot be checked: the program says later")
        raise _later()
    return _verdict(said) if said["ok"] else None


def _verdict(said: dict[str, Any]) -> Verdict:
    role, rooms = said.get("role"), said.get("rooms")
    if role is not None and role not in ROLES:
        _log.error(
            "sign-ins cannot be checked: the program gives a role that is none of %s", ", ".join(ROLES)
        )
        raise _later()
    names = [name for name in rooms if isinstance(name, str)] if isinstance(rooms, list) else []
    return Verdict(_display_name(said.get("display_name")), role or "", tuple(names[:ROOMS_MAX]))


def _display_name(said: object) -> str:
    """Return a name that can be shown, or nothing: a directory's odd entry keeps nobody out."""
    try:
        text = said if isinstance(said, str) else ""
        text.encode()
        return clean_display_name(text[:DISPLAY_NAME_MAX_CHARS])
    except (ChatError, UnicodeEncodeError):
        return ""


def _later() -> ChatError:
    message = "Sign-ins cannot be checked just now; try again in a moment."
    return ChatError(ErrorCode.UNAVAILABLE, message, retry_after=RETRY_AFTER_S)
