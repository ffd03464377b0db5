"""The attackers, in a process of their own that takes what others leave of the processor, at stated rates.

They do it as often as these rates and the server let them, and print what they did.
"""

import asyncio
import collections
import contextlib
import itertools
import json
import random
import resource
import sys
import time
from collections.abc import Awaitable, Callable

from benchmarks.machine import take_what_is_left
from benchmarks.siege.members import ROOM
from benchmarks.siege.wire import Ended, Refusal, Wire, connect

ADDRESSES = 200
MEMBER_CONNECTIONS = 50
MEMBER_SOURCE = "127.66.9.9"
DOOR_PAUSE_S = 0.2  # before an address that was turned away knocks again
DRIP_EVERY_S = 1.0

# How many of each, and how often a second each one acts.
SILENT_TCP, DRIPPING_TCP, SILENT_TLS, DRIPPING_TLS = 400, 100, 200, 100
FLOODS, FLOODS_PER_S = 10, 20.0
HANDSHAKES, HANDSHAKES_PER_S = 5, 4.0
TALKERS, LINES, LINES_PER_S = 20, 20, 5.0  # each, of each kind: so many lines in a piece, so many pieces
GUESSERS, GUESSES_PER_S = 40, 2.0
CLIENT_HELLO = bytes.fromhex("16030100c8010000c40303") + bytes(190)
RUBBISH = b'{"type":"ping\xff"}\n'
PING = b'{"type":"ping","ref":1}\n'
REFUSED = b'{"type":"history","ref":1,"room":"none such"}\n{"type":"resume","ref":2,"token":"none such"}\n'
FLOOD = json.dumps({"type": "send", "room": ROOM, "body": "x" * 1_000, "ref": 1}).encode() + b"\n"
PAGE = json.dumps({"type": "history", "room": ROOM, "limit": 200, "ref": 1}).encode() + b"\n"


class Attack:
    """All attackers, until their time is over.

    :param seconds: for how long.
    :param token: of the hostile member.
    :param share: of the attackers there are to be, for a short run.
    """

    def __init__(self, port: int, seconds: float, token: str, share: float = 1.0) -> None:
        self.done: collections.Counter[str] = collections.Counter()
        self._port = port
        self._end = time.monotonic() + seconds
        self._token = token
        self._share = share
        count = max(1, int(ADDRESSES * share))
        addresses = [f"127.66.{number // 100}.{number % 100 + 1}" for number in range(count)]
        random.Random(1).shuffle(addresses)
        self._addresses = itertools.cycle(addresses)

    async def run(self, stopped: asyncio.Event | None = None) -> None:
        """Do everything at once.

        :param stopped: until when they go on when their time is over.
        """
        crews: list[tuple[int, Callable[[], Awaitable[None]]]] = [
            (SILENT_TCP, lambda: self._hold("silent before TLS", tls=False)),
            (DRIPPING_TCP, lambda: self._hold("dripping before TLS", tls=False, drips=CLIENT_HELLO)),
            (SILENT_TLS, lambda: self._hold("silent behind TLS", tls=True)),
            (DRIPPING_TLS, lambda: self._hold("dripping behind TLS", tls=True, drips=PING[:-1] * 20)),
            (FLOODS, lambda: self._knock("connections", FLOODS_PER_S, tls=False)),
            (HANDSHAKES, lambda: self._knock("handshakes", HANDSHAKES_PER_S, tls=True)),
            (TALKERS, lambda: self._chatter("bad lines", RUBBISH)),
            (TALKERS, lambda: self._chatter("pings", PING)),
            (TALKERS, lambda: self._chatter("refused requests and tokens", REFUSED)),
            (GUESSERS, self._guess),
        ]
        tasks = [
            asyncio.create_task(self._again(act))
            for count, act in crews
            for _ in range(max(1, int(count * self._share)))
        ]
        tasks += [asyncio.create_task(self._again(self._member(number))) for number in range(self._members())]
        await asyncio.sleep(max(0.0, self._end - time.monotonic()))
        if stopped is not None:
            await stopped.wait()
        for task in tasks:
            task.cancel()
        for ended in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(
                ended, Exception
            ):  # a mistake of its own: this attacker has not attacked to the end
                raise ended

    def _members(self) -> int:
        return max(7, int(MEMBER_CONNECTIONS * self._share))

    async def _again(self, act: Callable[[], Awaitable[None]]) -> None:
        await asyncio.sleep(random.random())
        while True:
            try:
                await act()
            except (Ended, Refusal) as error:
                self.done[f"refused: {error.code if isinstance(error, Refusal) else 'closed'}"] += 1
                await asyncio.sleep(DOOR_PAUSE_S)

    # -- strangers --------------------------------------------------------------------------------

    async def _hold(self, what: str, *, tls: bool, drips: bytes = b"") -> None:
        """Keep a place until the server takes it back."""
        wire = await connect(self._port, next(self._addresses), tls=tls)
        if await self._ended(wire, DOOR_PAUSE_S):  # without TLS, that is how it is turned away
            wire.cut()
            raise Ended
        self.done[what] += 1
        await self._keep(wire, drips)

    async def _keep(self, wire: Wire, drips: bytes = b"") -> None:
        with contextlib.closing(wire.transport):
            for number in range(len(drips)):
                wire.send(drips[number : number + 1])
                if await self._ended(wire, DRIP_EVERY_S):
                    return
            await asyncio.shield(wire.closed)

    @staticmethod
    async def _ended(wire: Wire, seconds: float) -> bool:
        done, _ = await asyncio.wait((wire.closed,), timeout=seconds)
        return bool(done)

    async def _knock(self, what: str, per_s: float, *, tls: bool) -> None:
        """Connect and go away at once."""
        wire = await connect(self._port, next(self._addresses), tls=tls)
        self.done[what] += 1
        wire.cut()
        await asyncio.sleep(1 / per_s)

    async def _chatter(self, what: str, line: bytes) -> None:
        """Send the same line again and again, without signing in."""
        wire = await connect(self._port, next(self._addresses))
        with contextlib.closing(wire.transport):
            await self._repeat(wire, what, line, LINES, LINES_PER_S)

    async def _repeat(self, wire: Wire, what: str, line: bytes, lines: int, per_s: float) -> None:
        while not await self._ended(wire, 1 / per_s):
            wire.send(line * lines)
            self.done[what] += lines * line.count(b"\n")

    async def _guess(self) -> None:
        """Guess at the passwords of people who are there, and of people who are not."""
        wire = await connect(self._port, next(self._addresses))
        with contextlib.closing(wire.transport):
            while not await self._ended(wire, 1 / GUESSES_PER_S):
                name = random.choice(("owner0", "owner1", "owner2", "user0", "nobody"))
                self.done["guesses"] += 1
                try:
                    await wire.ask("login", username=name, password=f"a guess {random.random()}")
                except Refusal as error:
                    self.done[f"guesses: {error.code}"] += 1

    # -- the member -------------------------------------------------------------------------------

    def _member(self, number: int) -> Callable[[], Awaitable[None]]:
        ways: tuple[Callable[[], Awaitable[None]], ...] = (
            lambda: self._as_member("member: messages", FLOOD, 20, 10.0),
            lambda: self._as_member("member: pings", PING, 20, 10.0),
            lambda: self._as_member("member: refused requests and bad lines", REFUSED + RUBBISH, 10, 10.0),
            self._leave_unread,
            self._leave_unread,
            self._come_back,
            lambda: self._as_member("member: pages", PAGE, 5, 2.0),
        )
        return ways[number % len(ways)]

    async def _signed_in(self, receive_bytes: int | None = None) -> Wire:
        wire = await connect(self._port, MEMBER_SOURCE, receive_bytes=receive_bytes)
        try:
            await wire.ask("resume", token=self._token)
        except BaseException:
            wire.cut()
            raise
        return wire

    async def _as_member(self, what: str, line: bytes, lines: int, per_s: float) -> None:
        wire = await self._signed_in()
        with contextlib.closing(wire.transport):
            await self._repeat(wire, what, line, lines, per_s)

    async def _leave_unread(self) -> None:
        """Ask for page after page and read none."""
        wire = await self._signed_in(receive_bytes=4_096)
        with contextlib.closing(wire.transport):
            wire.transport.pause_reading()
            await self._repeat(wire, "member: unread pages", PAGE, 5, 5.0)

    async def _come_back(self) -> None:
        """Sign in with the token again and again."""
        wire = await self._signed_in()
        self.done["member: token resumes"] += 1
        wire.cut()
        await asyncio.sleep(0.02)


async def _run(attack: Attack) -> None:
    stopped, loop = asyncio.Event(), asyncio.get_running_loop()

    def stop() -> None:
        loop.remove_reader(sys.stdin)
        stopped.set()

    loop.add_reader(sys.stdin, stop)
    sys.stdout.write("here\n")
    sys.stdout.flush()
    await attack.run(stopped)


def main() -> None:
    """Attack for a time and until the standard input, which brings the token, ends; print what was done."""
    take_what_is_left()
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    port, seconds, share = int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
    attack = Attack(port, seconds, sys.stdin.readline().strip(), share)
    asyncio.run(_run(attack))
    sys.stdout.write(json.dumps(dict(sorted(attack.done.items()))))


if __name__ == "__main__":
    main()
