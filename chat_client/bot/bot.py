"""A bot: handlers for what is said, and what it can do in return, on the client's own engine.

Handlers run one after the other on the thread that calls `run`; the connection has a thread of its own.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from chat_client.bot.engine_thread import EngineThread, Stopped
from chat_client.bot.inbox import Due, Inbox
from chat_client.bot.message import Message, message_of
from chat_client.bot.signing_in import SignInRefused, find_home, find_server, find_token, refusal_of
from chat_client.bot.timing import Timing
from chat_client.engine.client import Client
from chat_client.model import changes as ch
from chat_client.model.room_names import room_named
from chat_client.model.state import Phase, RoomState, Status
from chat_client.store.attachments import save_copy
from chat_client.store.avatars import read_avatar
from chat_client.store.saving import free_path
from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.objects import File

#: Messages that wait for a handler; what else has arrived waits in the client, or on the server.
WAITING_MAX: Final = 100
#: What the bot has said and the server has not stored: above it, whoever says more has to wait.
UNSENT_MAX: Final = 50

Handler = Callable[[Message], object]
_log = logging.getLogger("chat.bot")


class Bot:
    """A program that takes part in a chat. It runs once: see `run`.

    It is as complete as every client: what is said while there is no connection, or while the program does
    not run, is handled when it is back, in the order of each room. A message whose handler the end of the
    program interrupts comes again at the next start.

    It hears nothing that it says itself, and nothing that other bots say, so that two never answer each other
    for ever. What it says is kept on disk until the server has stored it, goes out as fast as the server
    allows, and after a refusal for now at the time that the server names.

    :param server: an invitation (`chat://host:port/?fp=…`) or `host:port`; empty: what CHAT_BOT_SERVER says.
    :param token_file: where the token is; None: the file that CHAT_BOT_TOKEN_FILE names, or the token in
        CHAT_BOT_TOKEN.
    :param home: the bot's own folder; None: CHAT_BOT_HOME, or a folder called like the program.
    :param insecure: plain TCP instead of TLS, for loopback addresses only.
    :param to_bots: hear what other bots say, too; see to it that none of them answers this one.
    :raises NoToken: when there is no token.
    :raises ValueError: when no server is named.
    """

    def __init__(
        self,
        server: str = "",
        *,
        token_file: Path | None = None,
        home: Path | None = None,
        insecure: bool = False,
        to_bots: bool = False,
    ) -> None:
        self._server = find_server(server)
        self._token = find_token(token_file)
        self._client = Client(find_home(home), insecure=insecure)
        self._client.settings.set("away_after_minutes", 0)  # nobody sits before it
        self._inbox = Inbox(self._client, to_bots=to_bots)
        self._engine = EngineThread(self._client, self._polled)
        self._timing = Timing(time.monotonic)
        self._on_message: list[Handler] = []
        self._on_mention: list[Handler] = []
        self._on_start: list[Callable[[], object]] = []
        self._due: queue.Queue[Due | SignInRefused | None] = queue.Queue()  # None: look whether to stop
        self._stopping = threading.Event()
        # Guards how much is unsent; signalled when that changes, when a file has come, and at the end.
        self._progress = threading.Condition()
        self._unsent = 0

    # What is to be done when

    def on_start(self, handler: Callable[[], object]) -> Callable[[], object]:
        """Have a function called once, after the first sign-in."""
        self._on_start.append(handler)
        return handler

    def on_message(self, handler: Handler) -> Handler:
        """Have a function called with everything that others say in the rooms of the bot."""
        self._on_message.append(handler)
        return handler

    def on_mention(self, handler: Handler) -> Handler:
        """Have a function called with what names the bot (`@name`), and with all that is said in private.

        Such a message goes to the handlers of `on_message` first.
        """
        self._on_mention.append(handler)
        return handler

    def every(self, seconds: float) -> Callable[[Callable[[], object]], Callable[[], object]]:
        """Have a function called after the first sign-in, and again and again after so many seconds.

        It runs between messages, on their thread; what is late is not made up for.
        """

        def note(handler: Callable[[], object]) -> Callable[[], object]:
            self._timing.add(seconds, handler)
            return handler

        return note

    # What the bot does; from any thread

    def send(self, room: str, text: str, *, reply_to: int | None = None) -> None:
        """Say something in a room, or to a user (`@name`).

        It returns when the text is on this computer's disk. While too much waits for the server, it waits.

        :param reply_to: the number of the message that it answers.
        :raises ChatError: `no_such_room`, `body_too_long`, or `bad_request` for nothing but white space.
        :raises Stopped: when the bot is being stopped.
        """
        self._say(lambda: self._client.outbox.send(self._room(room).key, text, reply_to))

    def send_files(
        self, room: str, files: Sequence[Path], text: str = "", *, reply_to: int | None = None
    ) -> None:
        """Send files, with a text or none; they are copied before they go.

        :raises ChatError: `files_off`, `no_such_room`, `file_too_large`, `file_unreadable`, `bad_request`.
        """
        self._say(lambda: self._client.files.send(self._room(room).key, list(files), text, reply_to))

    def react(self, room: str, seq: int, emoji: str, *, on: bool = True) -> None:
        """Put an emoji to a message, or take it away.

        :raises ChatError: `no_such_room`.
        """
        self._say(lambda: self._client.outbox.react(self._room(room).key, seq, emoji, on))

    def show_picture(self, path: Path | None) -> None:
        """Show others a picture of the bot, as small as the protocol has it, or none; once signed in.

        :raises PictureRefused: it is no picture, damaged or too large.
        :raises OSError: it cannot be read.
        """
        picture = None if path is None else read_avatar(path)
        self._engine.call(lambda: self._client.avatars.choose(picture))

    def fetch(self, file: File, target: Path) -> Path:
        """Bring a file of a message, and return where it is; waits until it has come.

        :param target: a file, replaced where it exists, or a folder, in which no other file is touched.
        :raises ChatError: when the server has it no more, or does not give it.
        :raises Stopped: when the bot is being stopped.
        :raises OSError: when it cannot be written.
        """
        ended: list[ChatError | None] = []

        def told(error: ChatError | None) -> None:
            with self._progress:
                ended.append(error)
                self._progress.notify_all()

        self._engine.call(lambda: self._client.files.bring(file, told))
        self._wait_until(lambda: bool(ended))
        if (refusal := ended[0]) is not None:
            raise refusal
        found = self._engine.call(lambda: self._client.files.cached(file))
        if found is None:
            raise ChatError(ErrorCode.NO_SUCH_FILE, "The file is gone again.")
        place = free_path(target, file.name) if target.is_dir() else target
        save_copy(found, place)
        return place

    def join(self, room: str) -> None:
        """Enter a room, or ask to be let in where somebody decides; nothing where the bot is in it.

        :raises ChatError: `no_such_room`.
        """

        def enter() -> None:
            known = self._room(room)
            if known.membership == "none":
                self._client.rooms.join(known.key)

        self._engine.call(enter)

    def leave(self, room: str) -> None:
        """Leave a room.

        :raises ChatError: `no_such_room`.
        """
        self._engine.call(lambda: self._client.rooms.leave(self._room(room).key))

    def rooms(self) -> list[str]:
        """Return the names of the rooms and private conversations that the bot is in."""
        return self._engine.call(
            lambda: sorted(room.name for room in self._client.state.rooms.values() if room.joined)
        )

    @property
    def username(self) -> str:
        """The bot's username; empty before the first sign-in."""
        return self._client.state.username

    # Running

    def run(self) -> None:
        """Sign in, and call handlers until the bot is stopped; it comes back by itself after each loss.

        :raises SignInRefused: when the server does not let the bot in, or no more: a token that was revoked,
            a ban, an unknown certificate.
        """
        try:
            self._client.trust.accept_invitation(self._server)
            self._client.session.sign_in_with_token(self._server.host, self._server.port, self._token)
        except ChatError as error:
            self._client.close()
            raise SignInRefused(error.code, error.message) from error
        self._engine.start()
        try:
            while not self._stopping.is_set():
                self._take_next()
        finally:
            self.stop()
            self._engine.close()

    def stop(self) -> None:
        """End `run` after the present handler; from any thread, and from a handler."""
        self._stopping.set()
        with self._progress:
            self._progress.notify_all()
        self._due.put(None)

    def _take_next(self) -> None:
        try:
            due = self._due.get(timeout=self._timing.wait_s())
        except queue.Empty:
            self._timing.run_due(self._guarded)
            return
        if isinstance(due, SignInRefused):
            raise due
        if due is not None:
            if self._handle(due):
                self._engine.post(lambda: self._inbox.handled(due))
        elif not self._timing.started and self.username:
            for handler in self._on_start:
                self._guarded(handler)
            self._timing.start()
        self._timing.run_due(self._guarded)

    def _handle(self, due: Due) -> bool:
        """Call the handlers of a message; return False when the end of the bot has interrupted one."""
        if due.message is None:
            return True
        message = message_of(due.room, due.message, self)
        handlers = [*self._on_message, *(self._on_mention if message.to_me else ())]
        return all(self._guarded(partial(handler, message)) for handler in handlers)

    def _guarded(self, act: Callable[[], object]) -> bool:
        """Call a handler; what it raises is logged. Return False when the end has interrupted it."""
        try:
            act()
        except Stopped:
            return False
        except Exception:
            _log.exception("a handler of the bot has failed")
        return True

    # On the engine's thread

    def _polled(self, changes: list[ch.Change]) -> None:
        for change in changes:
            self._note(change)
        refusal = refusal_of(self._client.state.connection)
        if refusal is not None and not self._stopping.is_set():
            self._due.put(refusal)
        elif self._client.state.username:
            for due in self._inbox.take(WAITING_MAX - self._due.qsize()):
                self._due.put(due)
        self._count_unsent()

    def _note(self, change: ch.Change) -> None:
        if isinstance(change, ch.SignedIn):
            _log.info("signed in as %s", self._client.state.username)
            self._due.put(None)
        elif isinstance(change, ch.RequestFailed):
            _log.warning(
                "%s in %r was refused: %s", change.request, change.room, change.detail or change.code
            )
        elif isinstance(change, ch.PendingChanged):
            self._give_up_refused(self._client.state.rooms.get(change.room))
        elif (
            isinstance(change, ch.ConnectionChanged) and self._client.state.connection.phase == Phase.WAITING
        ):
            _log.info("no connection: %s", self._client.state.connection.code)

    def _give_up_refused(self, room: RoomState | None) -> None:
        """Drop messages that the server refuses for good: nobody is here to send them again."""
        refused = [one for one in room.pending if one.status == Status.REFUSED] if room is not None else []
        for message in refused:
            _log.warning("a message to %r was refused: %s", room.name if room else "", message.error)
            self._client.outbox.discard(message.nonce or "")

    def _count_unsent(self) -> None:
        with self._progress:
            self._unsent = len(self._client.outbox.stored.all())
            self._progress.notify_all()

    def _say(self, act: Callable[[], object]) -> None:
        """Queue something for the server, when little enough waits there already."""
        self._wait_until(lambda: self._unsent < UNSENT_MAX)

        def queue_it() -> None:
            act()
            self._count_unsent()

        self._engine.call(queue_it)

    def _wait_until(self, reached: Callable[[], bool]) -> None:
        """Wait for progress.

        :raises Stopped: when the bot is stopped meanwhile.
        """
        with self._progress:
            self._progress.wait_for(lambda: reached() or self._stopping.is_set())
        if self._stopping.is_set():
            raise Stopped("the bot is being stopped")

    def _room(self, name: str) -> RoomState:
        state = self._client.state
        if name.startswith("@"):
            return state.rooms[self._client.rooms.direct(name)]
        found = room_named(state, name)
        if found is None:
            raise ChatError(ErrorCode.NO_SUCH_ROOM, f"There is no room {name!r} that the bot knows of.")
        return found
