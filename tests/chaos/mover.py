"""A talker that knows several servers and goes to the next one whenever a connection fails or is silent."""

import itertools
import random
import time
from collections.abc import Sequence

from tests.chaos.talker import Outgoing, Place, Talker
from tests.support.wire import TIMEOUT_S, ConnectionEnded, Frame


class Addresses:
    """The servers that a client knows, in an order of its own.

    :param places: of servers that come back where they were.
    """

    def __init__(self, places: Sequence[Place], chance: random.Random) -> None:
        self._turns = itertools.cycle(chance.sample(list(places), len(places)))
        self.last = places[0]

    def next(self) -> Place:
        """Return where to connect now."""
        self.last = next(self._turns)
        return self.last


class Mover(Talker):
    """One user on one server after another."""

    def __init__(self, name: str, places: Sequence[Place], rooms: list[str], seed: str) -> None:
        self._addresses = Addresses(places, random.Random(seed))
        super().__init__(name, self._addresses.next, rooms, seed)
        self._broken_at = 0.0
        #: How many seconds after the break something that was said since was acknowledged; None before.
        self.served_s: float | None = None

    @property
    def server(self) -> Place:
        """Where it is connected, or tries to be."""
        return self._addresses.last

    def note_break(self) -> None:
        """Begin to look when this user is served again."""
        self._broken_at, self.served_s = time.monotonic(), None

    def _answered(self, frame: Frame) -> Outgoing | None:
        since, _ = self._awaiting[frame["ref"]]
        message = super()._answered(frame)
        if (
            message is not None
            and frame["type"] == "ok"
            and since > self._broken_at
            and self.served_s is None
        ):
            self.served_s = time.monotonic() - self._broken_at
        return message

    def _read(self) -> None:
        super()._read()
        oldest = min((since for since, _ in self._awaiting.values()), default=None)
        if oldest is not None and time.monotonic() - oldest > TIMEOUT_S:
            raise ConnectionEnded("the server hangs")
