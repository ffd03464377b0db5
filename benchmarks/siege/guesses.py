"""Guesses: wrong passwords by the thousand, from one address and at one name, and how its owner gets in."""

import asyncio
import collections
import time
from collections.abc import Coroutine, Sequence
from typing import Any

from benchmarks.machine import usage_of
from benchmarks.report import Figure, Result
from benchmarks.setting import Options
from benchmarks.siege.besieged import MIB, besieged
from benchmarks.siege.members import Member
from benchmarks.siege.storm import RETURN_MAX_S, SIGN_IN_MAX_S
from benchmarks.siege.wire import Ended, Refusal, connect

GUESSES = 10_000
ADDRESSES = 1_000
GUESSERS = 50
GUESSES_EACH = 10  # on one connection
GROWTH_MAX_MIB = 128.0
PAUSE_S = 0.05
SIGN_IN_EVERY_S = 7.0  # ten at once from one address, and one in ten seconds for ever after


class Guessing:
    """Guesses until there were enough of them, whatever becomes of each."""

    def __init__(self, port: int, count: int, sources: Sequence[str], names: Sequence[str]) -> None:
        self.answers: collections.Counter[str] = collections.Counter()
        self._port = port
        self._numbers = iter(range(count))
        self._sources = sources
        self._names = names

    async def run(self) -> None:
        """Guess from several connections at once."""
        await asyncio.gather(*(self._guess() for _ in range(GUESSERS)))

    async def _guess(self) -> None:
        wire, left = None, 0
        for number in self._numbers:
            try:
                if wire is None:
                    source = self._sources[number // GUESSES_EACH % len(self._sources)]
                    wire, left = await connect(self._port, source), GUESSES_EACH
                name, left = self._names[number % len(self._names)], left - 1
                await wire.ask("login", username=name, password=f"a guess, number {number}")
            except Refusal as error:
                self.answers[error.code] += 1
            except Ended:
                self.answers["turned away"] += 1
                left = 0
                await asyncio.sleep(PAUSE_S)
            if wire is not None and left <= 0:
                wire.cut()
                wire = None


def guesses(options: Options, count: int = GUESSES) -> Result:
    """Measure both, on a server each.

    :param count: how many guesses.
    """
    result = Result("guesses", {"guesses": count, "database": options.database_name})
    many = [f"127.88.{number // 250}.{number % 250 + 1}" for number in range(ADDRESSES)]
    names = ["owner", *(f"nobody{number}" for number in range(99))]
    for what, sources, guessed in (
        ("from one address", many[:1], names),
        ("at one name from 1,000 addresses", many, names[:1]),
    ):
        with besieged(options) as server:
            asyncio.run(
                _measure(
                    server.port, server.pid, what, Guessing(server.port, count, sources, guessed), result
                )
            )
    result.problems += [
        f"{figure.name}: {figure.value:.3g} {figure.unit}, over {figure.goal:.3g}"
        for figure in result.figures
        if figure.goal is not None and not figure.reached
    ]
    return result


async def _measure(port: int, pid: int, what: str, guessing: Guessing, result: Result) -> None:
    owner = Member(port, "owner", "127.89.0.1")
    await owner.register()
    before, began = usage_of([pid]).rss_bytes, time.perf_counter()
    attack = asyncio.create_task(guessing.run())
    returns: list[float] = []
    sign_ins: list[float] = []
    while not attack.done() or not sign_ins:
        sign_ins.append(await _timed(owner.sign_in()))
        returns.append(await _timed(_return(owner)))
        await asyncio.wait((attack,), timeout=SIGN_IN_EVERY_S)
    await attack
    took = time.perf_counter() - began
    growth = (usage_of([pid]).peak_bytes - before) / MIB
    result.details[what] = {"answers": dict(guessing.answers), "seconds": round(took, 1)}
    result.figures += [
        Figure(f"{what}: owner's password, longest", max(sign_ins), "s", SIGN_IN_MAX_S, at_most=True),
        Figure(f"{what}: owner's token, longest", max(returns), "s", RETURN_MAX_S, at_most=True),
        Figure(f"{what}: memory grown by, peak", growth, "MiB", GROWTH_MAX_MIB, at_most=True),
    ]


async def _return(owner: Member) -> None:
    (await owner.come_back()).cut()


async def _timed(act: Coroutine[Any, Any, None]) -> float:
    began = time.perf_counter()
    await act
    return time.perf_counter() - began
