"""Deadlines: how long silent and dripping connections stay before TLS, behind it, and after the sign-in."""

import asyncio
import contextlib
import itertools
import time
from collections.abc import Awaitable, Callable

from benchmarks.machine import usage_of
from benchmarks.report import Figure, Result, percentile
from benchmarks.setting import Options
from benchmarks.siege.attackers import CLIENT_HELLO, DRIP_EVERY_S, PING
from benchmarks.siege.besieged import MIB, besieged
from benchmarks.siege.members import Member
from benchmarks.siege.wire import Ended, Refusal, Wire, connect

SILENT, DRIPPING = 2_000, 200
ADDRESSES = 200
AT_ONCE = 50  # connections that are being made
CONNECTIONS_EACH = 50  # of one user
DEADLINE_S = 10.0
# The timer looks every second or two, and two thousand threads end one after another.
LATE_MAX_S = 5.0

Opening = Callable[[int], Awaitable[Wire]]


class Crowd:
    """Connections that say nothing, or a byte a second, and how long each of them was let be."""

    def __init__(self, silent: int, dripping: int) -> None:
        self.stayed: list[float] = []
        self.turned_away = 0
        self._drips = [b""] * silent + [PING[:-1]] * dripping
        self._making = asyncio.Semaphore(AT_ONCE)

    async def come(self, opening: Opening, drip: bytes = b"") -> None:
        """Open all, and wait until the last one is gone.

        :param drip: what is dripped, where it is not a request.
        """
        await asyncio.gather(
            *(
                self._one(opening, number, (drip or each) if each else b"")
                for number, each in enumerate(self._drips)
            )
        )

    async def _one(self, opening: Opening, number: int, drips: bytes) -> None:
        try:
            async with self._making:
                wire = await opening(number)
        except (Ended, Refusal):
            self.turned_away += 1
            return
        began = time.perf_counter()
        with contextlib.closing(wire.transport):
            for index in itertools.count() if drips else ():
                wire.send(drips[index % len(drips) : index % len(drips) + 1])
                done, _ = await asyncio.wait((wire.closed,), timeout=DRIP_EVERY_S)
                if done:
                    break
            await wire.closed
        self.stayed.append(time.perf_counter() - began)


def deadlines(
    options: Options, silent: int = SILENT, dripping: int = DRIPPING, deadline_s: float = DEADLINE_S
) -> Result:
    """Measure each of the three, on a server of its own.

    :param deadline_s: of each; for a short run.
    """
    result = Result("deadlines", {"silent": silent, "dripping": dripping, "database": options.database_name})
    names = ("before TLS", "behind TLS", "after the sign-in")
    for name in names:
        limits = dict.fromkeys(("handshake_s", "sign_in_s", "line_s", "silent_s"), deadline_s)
        with besieged(options, **limits) as server:
            crowd = asyncio.run(_besiege(server.port, name, silent, dripping))
            peak_mib = usage_of([server.pid]).peak_bytes / MIB
        result.figures += [
            Figure(f"{name}: stayed, p50", percentile(crowd.stayed, 50), "s"),
            Figure(
                f"{name}: stayed, longest", max(crowd.stayed, default=float("nan")), "s",
                deadline_s + LATE_MAX_S, at_most=True,
            ),
            Figure(f"{name}: memory, peak", peak_mib, "MiB"),
        ]  # fmt: skip
        result.details[name] = {"gone": len(crowd.stayed), "turned away at the door": crowd.turned_away}
    result.problems += [
        f"{figure.name}: {figure.value:.3g} s, over {figure.goal:.3g}"
        for figure in result.figures
        if figure.goal is not None and not figure.reached
    ]
    return result


async def _besiege(port: int, name: str, silent: int, dripping: int) -> Crowd:
    crowd = Crowd(silent, dripping)
    if name != "after the sign-in":
        tls = name == "behind TLS"

        def as_stranger(number: int) -> Awaitable[Wire]:
            return connect(port, f"127.77.0.{number % ADDRESSES + 1}", tls=tls)

        await crowd.come(as_stranger, b"" if tls else CLIENT_HELLO)
        return crowd
    count = -(-(silent + dripping) // CONNECTIONS_EACH)
    members = [Member(port, f"silent{number}", f"127.78.0.{number + 1}") for number in range(count)]
    for member in members:
        await member.register()
    await crowd.come(lambda number: members[number % count].come_back())
    return crowd
