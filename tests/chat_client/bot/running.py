"""Bots on a real server, for tests: their tokens, and a thread that runs one until the test ends."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from chat_client.bot import Bot
from chat_protocol.invitations import Invitation
from tests.support.admin import answer
from tests.support.server import ServerProcess
from tests.support.waiting import came_true

END_S = 20.0


def invitation(server: ServerProcess, port: int | None = None) -> str:
    """The link with the server's fingerprint."""
    return Invitation(server.host, port or server.port, server.fingerprint or "").link()


def new_token(server: ServerProcess, name: str, folder: Path, command: str = "add") -> Path:
    """Make a bot's account, or (`rotate`) give it another token; return the file with the token."""
    file = folder / f"{name}.token"
    file.write_text(answer(server, ["bot", command, name])["token"], encoding="utf-8")
    file.chmod(0o600)
    return file


class RunningBot:
    """A bot that runs on a thread; `started` after its first sign-in, `error` is what ended it."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot
        self.error: Exception | None = None
        self.started = threading.Event()
        bot.on_start(self.started.set)
        self._thread = threading.Thread(target=self._run, name="bot")
        self._thread.start()

    def _run(self) -> None:
        try:
            self.bot.run()
        except Exception as error:
            self.error = error

    def hurry(self) -> bool:
        """Have the bot make its next attempt to connect now."""
        self.bot._engine.post(self.bot._client.session.reconnect_now)
        return True

    @property
    def ended(self) -> bool:
        """Whether it runs no more."""
        return not self._thread.is_alive()

    def wait_for_end(self) -> None:
        self._thread.join(END_S)
        assert not self._thread.is_alive(), "the bot goes on"

    def stop(self) -> None:
        self.bot.stop()
        self.wait_for_end()


@contextmanager
def running(
    server: ServerProcess, token: Path, set_up: Callable[[Bot], object], **options: Any
) -> Iterator[RunningBot]:
    """Run a bot with handlers until the end of the block, which begins after its first sign-in, or its end.

    What is said before that is not for the bot.
    """
    port = options.pop("port", None)
    bot = Bot(invitation(server, port), token_file=token, home=token.with_suffix(".home"), **options)
    set_up(bot)
    runs = RunningBot(bot)
    try:
        came_true(lambda: runs.started.is_set() or runs.ended, END_S)
        yield runs
    finally:
        runs.stop()
