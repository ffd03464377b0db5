"""Proves that each server of a cluster has applied what was done on any so far; it must not know what it was.

What a server tells the others is stored in the order in which it was done, and they apply it in that order:
who hears an announcement that was made on another server is told after all that was done there before it.

Messages take another way. A look at the rooms finds all that was stored before it, and hands it to the
delivery, room by room; bells are heard in the order in which they rang. So a first marker that is heard shows
that all before it is in the hands of the delivery, private conversations among it, which are announced like
acts; and a second one, said after that and so delivered after it, that all of it was delivered.
"""

import itertools
from collections.abc import Sequence
from typing import Final

from tests.support.admin import answer
from tests.support.server import ServerProcess
from tests.support.wire import connect

HERALD: Final = "herald"
Told = list[tuple[int, str]]  # which server told it, and the text


class Fence:
    """Heralds: one is connected to each server, and says something in a room where no other one does.

    In a common room a server would read the other's marker with its own herald's, and not by a look.

    :param servers: of one cluster, without rate limits.
    """

    def __init__(self, servers: Sequence[ServerProcess]) -> None:
        self._servers = servers
        self._numbers = itertools.count(1)
        self._rooms = [f"Fence {number}" for number, _ in enumerate(servers)]
        #: The heralds' accounts.
        self.names = [f"{HERALD}{number}" for number, _ in enumerate(servers)]
        self._heralds = [connect(server.port, tls=False) for server in servers]
        for herald, name in zip(self._heralds, self.names, strict=True):
            herald.register(name)
        for room in self._rooms:
            answer(servers[0], ["add", "room", room])
        self._hear(self._announce())  # the rooms are known everywhere
        for herald in self._heralds:
            for room in self._rooms:
                herald.ok("join", room=room)

    def wait(self, *, messages: bool = True) -> None:
        """Return when all that was done before the call is applied, and told, on every server.

        :param messages: whether something was said, or is being written; else acts alone are waited for.
        :raises TimeoutError: when a server does not hear another one.
        """
        self._hear(self._announce() + (self._say() if messages else []))
        if messages:
            self._hear(self._say())

    def close(self) -> None:
        """Close the heralds' connections."""
        for herald in self._heralds:
            herald.close()

    def _announce(self) -> Told:
        told = [(place, f"announced {next(self._numbers)}") for place, _ in enumerate(self._servers)]
        for place, text in told:
            answer(self._servers[place], ["announce", text])
        return told

    def _say(self) -> Told:
        told = [(place, f"said {next(self._numbers)}") for place, _ in enumerate(self._servers)]
        for place, text in told:
            self._heralds[place].ok("send", room=self._rooms[place], body=text, nonce=text)
        return told

    def _hear(self, told: Told) -> None:
        """Let each herald read until it was sent all that the other servers told."""
        for place, herald in enumerate(self._heralds):
            left = {text for teller, text in told if teller != place}
            while left:
                frame = herald.events.popleft() if herald.events else herald.frame()
                left.discard(str(frame.get("body") or frame.get("text")))
