"""What the parts behind the client share: state, model, clocks, and the way to ask the server."""

import random
from collections.abc import Callable
from typing import Final

from chat_client.engine.pending_replies import Answered, PendingReplies, Refused
from chat_client.model.changes import Change, RequestFailed
from chat_client.model.model import Model
from chat_client.model.state import ClientState, NotifyLevel, Phase, RoomState
from chat_protocol.errors import ChatError
from chat_protocol.request import Request
from chat_protocol.times import from_rfc3339

NOT_CONNECTED: Final = "not_connected"
DROPPED: Final = "dropped"
# Refusals of the moment: what was asked is asked again later, by itself.
RETRIED_LATER: Final = frozenset(
    {"rate_limited", "unavailable", "password_change_required", "not_signed_in", DROPPED}
)


class Core:
    """One account's state and the requests about it; for one thread.

    :param clock: wall clock in seconds since 1970.
    :param monotonic: seconds that never go back.
    :param rng: the source of nonces.
    :param notify_level: returns the level that the user of an account chose for a room's key, or None.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        monotonic: Callable[[], float],
        rng: random.Random,
        notify_level: Callable[[str, str], NotifyLevel | None] = lambda _account, _room: None,
    ) -> None:
        self.clock, self.monotonic, self.rng = clock, monotonic, rng
        self.replies = PendingReplies()
        self._notify_level = notify_level
        self._changes: list[Change] = []
        #: Asks for a poll soon: the user has given something to do, or there is something to show.
        self.wake: Callable[[], object] = lambda: None
        self.account = ""
        self.state = ClientState()
        self.model = self._new_model()

    def forget_account(self) -> None:
        """Begin with a new state, without the changes of the old one; the connection's own line stays."""
        self._changes.clear()
        self.account = ""
        self.state = ClientState(connection=self.state.connection)
        self.model = self._new_model()

    def _new_model(self) -> Model:
        return Model(
            self.state,
            self.emit,
            notify_of=lambda room: self._notify_level(self.account, room),
            monotonic=self.monotonic,
        )

    @property
    def online(self) -> bool:
        """Whether requests make sense: signed in, and not held up by a one-time password."""
        return self.signed_in and not self.state.must_change_password

    @property
    def signed_in(self) -> bool:
        """Whether the present connection is signed in."""
        return self.state.connection.phase == Phase.ONLINE

    def room(self, key: str) -> RoomState | None:
        """Return a room by its key, or None when it is gone."""
        return self.state.rooms.get(key)

    def now_ms(self) -> int:
        """Return the wall clock in milliseconds since 1970."""
        return int(self.clock() * 1000)

    def emit(self, *changes: Change) -> None:
        """Keep changes for the next poll, and ask for one."""
        self._changes.extend(changes)
        self.wake()

    def take_changes(self) -> list[Change]:
        """Return the kept changes, once."""
        changes, self._changes = self._changes, []
        return changes

    def ask(
        self, request: Request, answered: Answered, refused: Refused | None = None, *, room: str = ""
    ) -> None:
        """Send what the user asked for; a refusal becomes the change RequestFailed.

        :param room: the key of the room that it is about.
        :param refused: instead of that, decides what a refusal changes.
        """

        def failed(error: ChatError) -> None:
            self.emit(failure(request.TYPE, error, room))

        if self.signed_in:
            self.replies.ask(request, answered, refused or failed)
        else:
            (refused or failed)(ChatError(NOT_CONNECTED, "There is no connection."))

    def tell(self, request: Request, answered: Answered = lambda _reply: None) -> None:
        """Send what the client does by itself; without a connection, or refused, nothing happens."""
        if self.online:
            self.replies.ask(request, answered, lambda _error: None)


def failure(request: str, error: ChatError, room: str = "") -> RequestFailed:
    """Return the change that tells of a refusal."""
    return RequestFailed(
        request, error.code, error.message, room, retry_after(error), str(error.extra.get("field", ""))
    )


def retry_after(error: ChatError) -> float:
    """Return the seconds to wait that a refusal names; 0 where it names none."""
    seconds = error.extra.get("retry_after", 0)
    return max(0.0, float(seconds)) if isinstance(seconds, (int, float)) else 0.0


def until_of(error: ChatError) -> int | None:
    """Return when what a refusal tells of ends (ms since 1970 UTC); None where it names no time."""
    until = error.extra.get("until")
    try:
        return from_rfc3339(until) if isinstance(until, str) else None
    except ValueError:
        return None
