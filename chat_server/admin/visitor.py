"""One visit at the admin socket: the shell of the console, with its questions sent to the other side.

It must not know any command. Runs on the visit's own thread.
"""

import contextlib
import os
import pwd
from typing import Any

from chat_protocol.errors import ChatError
from chat_server.admin.frames import Channel
from chat_server.console.shell.shell import DONE, REFUSED, Shell
from chat_server.console.terminal.sign_in import LOOPBACK
from chat_server.parts import Parts
from chat_server.services.vocabulary.actors import Actor
from chat_server.storage.core.errors import StorageError


class Visit:
    """Serve one visitor, who is the user whom the server runs as: the socket admits nobody else.

    :param parts: the running server's.
    :param channel: the connection.
    """

    interactive = False

    def __init__(self, parts: Parts, channel: Channel) -> None:
        self._parts = parts
        self._channel = channel
        self._frame: dict[str, Any] = {}

    def run(self) -> None:
        """Answer frames until the visitor goes.

        :raises OSError: when the connection breaks.
        :raises ValueError: for what is no frame.
        """
        opening = self._channel.receive()
        if opening is None:
            return
        self.interactive = bool(opening.get("interactive"))
        actor = self._actor(opening)
        if self.interactive:
            self._parts.audit.record(actor, "sign in")
        shell = Shell(
            self._parts, actor, self, as_json=bool(opening.get("json")), yes=bool(opening.get("yes"))
        )
        while (frame := self._channel.receive()) is not None:
            self._answer(shell, frame)

    def write(self, text: str) -> None:
        """Send text to be shown; a visitor who is gone is noticed at the next frame."""
        with contextlib.suppress(OSError):
            self._channel.send_text("out", text)

    def complain(self, text: str) -> None:
        """Send text to be shown as an error."""
        with contextlib.suppress(OSError):
            self._channel.send_text("err", text)

    def ask(self, prompt: str) -> str:
        """Return the visitor's answer; raise EOFError when none comes."""
        return self._ask(prompt, secret=False)

    def ask_secret(self, prompt: str) -> str:
        """Return the visitor's answer, typed without echo."""
        return self._ask(prompt, secret=True)

    def _ask(self, prompt: str, *, secret: bool) -> str:
        try:
            self._channel.send(ask=prompt, secret=secret)
            frame = self._channel.receive()
        except (OSError, ValueError) as error:
            raise EOFError from error
        answer = frame.get("answer") if frame else None
        if not isinstance(answer, str):
            raise EOFError
        return answer

    def _answer(self, shell: Shell, frame: dict[str, Any]) -> None:
        if isinstance(frame.get("line"), str):
            shell.run_line(frame["line"])
            self._channel.send(done=shell.status)
        elif isinstance(frame.get("words"), list):
            self._channel.send(done=shell.run_words([str(word) for word in frame["words"]]))
        elif isinstance(frame.get("complete"), str):
            begin, end = int(frame.get("begin", 0)), int(frame.get("end", 0))
            self._channel.send(matches=shell.completions(frame["complete"], begin, end))
        elif frame.get("database"):
            self._channel.send(database=self._parts.options.database_url)
        elif isinstance(frame.get("create_admin"), str):
            self._channel.send(done=self._create_admin(shell.actor, frame))
        else:
            raise ValueError("a frame of an unknown kind")

    def _create_admin(self, actor: Actor, frame: dict[str, Any]) -> int:
        roles = self._parts.roles
        try:
            user = roles.create_admin(
                actor, frame["create_admin"], str(frame.get("password")), reset=bool(frame.get("reset"))
            )
        except ChatError as refusal:
            self.complain(f"{refusal.message}\n")
            return REFUSED
        except StorageError:
            self.complain("The database does not answer just now.\n")
            return REFUSED
        self.write(f"{user.username} is an administrator.\n")
        return DONE

    def _actor(self, opening: dict[str, Any]) -> Actor:
        addresses = opening.get("addresses")
        known = tuple(str(one) for one in addresses) if isinstance(addresses, list) else ()
        return Actor(_system_name(), "admin", f"socket uid {os.geteuid()}", None, (*LOOPBACK, *known))


def _system_name() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return f"uid {os.geteuid()}"
