"""What the parts behind the controller share: state, model, clocks, and the way to ask the server."""

from __future__ import annotations

import random
from collections.abc import Callable

from chat_client.engine.pending_replies import Answered, PendingReplies, Refused
from chat_client.model.changes import Change, RequestFailed
from chat_client.model.model import Model
from chat_client.model.state import ClientState, Phase
from chat_protocol.errors import ChatError
from chat_protocol.requests import Request

NOT_CONNECTED = "not_connected"
DROPPED = "dropped"
FOR_NOW = frozenset({"rate_limited", "unavailable", "password_change_required", "not_signed_in", DROPPED})


class Core:
    """One account's state and the requests about it; for one thread.

    :param clock: wall clock in seconds since 1970, :param monotonic: seconds that never go back.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        monotonic: Callable[[], float],
        rng: random.Random,
    ) -> None:
        self.state = ClientState()
        self.model = Model(self.state, monotonic=monotonic)
        self.table = PendingReplies()
        self.account = ""
        self.clock, self.monotonic, self.rng = clock, monotonic, rng
        self._changes: list[Change] = []

    @property
    def online(self) -> bool:
        """Whether requests make sense: signed in, and not held up by a one-time password."""
        return self.signed_in and not self.state.must_change_password

    @property
    def signed_in(self) -> bool:
        """Whether the present connection is signed in."""
        return self.state.connection.phase == Phase.ONLINE

    def now_ms(self) -> int:
        """Return the wall clock in milliseconds since 1970."""
        return int(self.clock() * 1000)

    def emit(self, *changes: Change) -> None:
        """Keep changes for the next poll."""
        self._changes.extend(changes)

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

        def failed(error: ChatError) -> list[Change]:
            return [failure(request.TYPE, error, room)]

        if self.signed_in:
            self.table.ask(request, answered, refused or failed)
        else:
            self.emit(*(refused or failed)(ChatError(NOT_CONNECTED, "There is no connection.")))

    def tell(self, request: Request, answered: Answered = lambda frame: []) -> None:
        """Send what the client does by itself; without a connection, or refused, nothing happens."""
        if self.online:
            self.table.ask(request, answered, lambda error: [])


def failure(request: str, error: ChatError, room: str = "") -> RequestFailed:
    """Return the change that tells of a refusal."""
    return RequestFailed(
        request, error.code, error.message, room, retry_after(error), str(error.extra.get("field", ""))
    )


def retry_after(error: ChatError) -> float:
    """Return the seconds to wait that a refusal names; 0 where it names none."""
    seconds = error.extra.get("retry_after", 0)
    return max(0.0, float(seconds)) if isinstance(seconds, (int, float)) else 0.0
