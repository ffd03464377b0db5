"""The ordinary users of a siege: they talk, come back and sign in, and time what they notice."""

import asyncio
import itertools
import re
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field

from benchmarks.siege.wire import Ended, Refusal, Wire, connect

PASSWORD = "the owner's long password"
ROOM = "general"
TALK_EVERY_S = 1.0
RETURN_EVERY_S = 1.0
SIGN_IN_EVERY_S = 2.5
SETTLE_S = 5.0  # for what was said last
_NUMBER = re.compile(rb'"body":"siege (\d+)"')


@dataclass(slots=True)
class Noticed:
    """What members noticed over a stretch of time; times in seconds."""

    last_receiver: list[float] = field(default_factory=list)
    returns: list[float] = field(default_factory=list)
    sign_ins: list[float] = field(default_factory=list)
    sent: int = 0
    refused: list[str] = field(default_factory=list)
    undelivered: int = 0

    def add(self, other: "Noticed") -> None:
        """Add what was noticed over another stretch of time."""
        self.last_receiver += other.last_receiver
        self.returns += other.returns
        self.sign_ins += other.sign_ins
        self.sent += other.sent
        self.refused += other.refused
        self.undelivered += other.undelivered


@dataclass(slots=True)
class _Message:
    sent_at: float
    missing: int


class Member:
    """Somebody with an account, a token, and an address of his own."""

    def __init__(self, port: int, name: str, source: str) -> None:
        self.port = port
        self.name = name
        self.source = source
        self.token = ""

    async def register(self) -> None:
        """Make the account."""
        wire = await connect(self.port, self.source)
        self.token = (await wire.ask("register", username=self.name, password=PASSWORD))["token"]
        wire.cut()

    async def come_back(self, heard: Callable[[bytes], object] | None = None) -> Wire:
        """Connect and sign in with the token."""
        wire = await connect(self.port, self.source, heard=heard)
        await wire.ask("resume", token=self.token)
        return wire

    async def sign_in(self) -> None:
        """Sign in with the password, and out again."""
        wire = await connect(self.port, self.source)
        await wire.ask("login", username=self.name, password=PASSWORD)
        await wire.ask("logout")
        wire.cut()


class Members:
    """The users who talk, one who comes back again and again, and some who sign in by turns.

    :param count: how many talk.
    :param owners: how many sign in with their passwords.
    """

    def __init__(self, port: int, count: int, owners: int) -> None:
        self.port = port
        self.talking = [Member(port, f"user{number}", f"127.10.0.{number + 1}") for number in range(count)]
        self.returning = Member(port, "returning", "127.11.0.1")
        self.owners = [Member(port, f"owner{number}", f"127.12.0.{number + 1}") for number in range(owners)]
        self.noticed = Noticed()
        self._wires: list[Wire] = []
        self._under_way: dict[int, _Message] = {}
        self._numbers = itertools.count()

    async def enter(self) -> None:
        """Make the accounts and connect those who talk."""
        for member in (*self.talking, self.returning, *self.owners):
            await member.register()
        self._wires = [await member.come_back(self._heard) for member in self.talking]

    async def live(self, seconds: float) -> Noticed:
        """Talk, come back and sign in for some time, and return what was noticed."""
        self.noticed = Noticed()
        end = time.perf_counter() + seconds
        turns = itertools.cycle(self.owners)
        await asyncio.gather(
            *(self._talk(number, wire, end) for number, wire in enumerate(self._wires)),
            self._time(self.noticed.returns, "return", RETURN_EVERY_S, end, self._return),
            self._time(self.noticed.sign_ins, "sign-in", SIGN_IN_EVERY_S, end, lambda: next(turns).sign_in()),
        )
        await self._settle()
        return self.noticed

    def leave(self) -> None:
        """Close the connections."""
        for wire in self._wires:
            wire.cut()

    async def _talk(self, number: int, wire: Wire, end: float) -> None:
        for pause in _beats(TALK_EVERY_S, end, number / len(self._wires)):
            await asyncio.sleep(pause)
            identity = next(self._numbers)
            self._under_way[identity] = _Message(time.perf_counter(), len(self._wires) - 1)
            try:
                await wire.ask("send", room=ROOM, body=f"siege {identity}")
                self.noticed.sent += 1
            except (Ended, Refusal) as error:
                del self._under_way[identity]
                self._refused("message", error)
                if isinstance(error, Ended):
                    return

    def _heard(self, line: bytes) -> None:
        if (found := _NUMBER.search(line)) is None:
            return
        identity = int(found[1])
        message = self._under_way[identity]
        message.missing -= 1
        if not message.missing:
            self.noticed.last_receiver.append(time.perf_counter() - message.sent_at)
            del self._under_way[identity]

    async def _return(self) -> None:
        (await self.returning.come_back()).cut()

    async def _time(
        self, into: list[float], what: str, every_s: float, end: float, act: Callable[[], Awaitable[None]]
    ) -> None:
        for pause in _beats(every_s, end, 0.5):
            await asyncio.sleep(pause)
            began = time.perf_counter()
            try:
                await act()
            except (Ended, Refusal) as error:
                self._refused(what, error)
            into.append(time.perf_counter() - began)

    def _refused(self, what: str, error: Ended | Refusal) -> None:
        self.noticed.refused.append(f"{what}: {error.code if isinstance(error, Refusal) else 'closed'}")

    async def _settle(self) -> None:
        end = time.perf_counter() + SETTLE_S
        while self._under_way and time.perf_counter() < end:
            await asyncio.sleep(0.05)
        self.noticed.undelivered = len(self._under_way)


def _beats(every_s: float, end: float, phase: float) -> Iterator[float]:
    """How long to sleep before each beat, up to the end; a late one is not made up for."""
    at = time.perf_counter() + every_s * phase
    while at < end:
        yield max(0.0, at - time.perf_counter())
        at = max(at + every_s, time.perf_counter())
