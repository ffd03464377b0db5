"""Starts the attackers as a process, against the server or against a listener that only turns them away.

The attackers stand for other machines, but take their processor time from this one. What members notice of
that alone is measured beside the same attackers at the gate of another listener: the control.
"""

import asyncio
import contextlib
import json
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from benchmarks.cli import allow_many_files
from benchmarks.machine import take_what_is_left

ROOT = Path(__file__).resolve().parents[2]
# What a server does with strangers: so many of their connections are open, each for its deadline. The others
# are turned away, as many a second as in the siege.
HELD, HELD_S = 600, 10.0
TURNED_AWAY = ("refused: closed", "refused: rate_limited", "connections")


class Besiegers:
    """A process of attackers; `pids` are those that take processor time, `did` is there at its end."""

    def __init__(self, process: Process, gate: Process | None) -> None:
        self.pids = [one.pid for one in (process, gate) if one is not None]
        self.did: dict[str, int] = {}
        self._began = time.monotonic()
        self.turned_away_per_s = 0.0

    def ended(self, did: dict[str, int]) -> None:
        """Note what they did."""
        self.did = did
        turned_away = sum(did.get(name, 0) for name in TURNED_AWAY)
        self.turned_away_per_s = turned_away / (time.monotonic() - self._began)


@contextlib.asynccontextmanager
async def besiegers(
    port: int, seconds: float, token: str, share: float, control_per_s: float | None = None
) -> AsyncIterator[Besiegers]:
    """Attack for the length of a block, which begins when they do.

    :param seconds: for how long at least.
    :param token: of the hostile member.
    :param share: of the attackers there are to be.
    :param control_per_s: attack a listener of their own, which turns so many away a second, not the port.
    :raises RuntimeError: when they failed.
    """
    gate = None
    if control_per_s is not None:
        gate = await _started("benchmarks.siege.besiegers", HELD * share, control_per_s)
        assert gate.stdout is not None
        port = int(await gate.stdout.readline())
    process = await _started("benchmarks.siege.attackers", port, seconds, share)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(token.encode() + b"\n")
    await process.stdout.readline()  # they are here
    found = Besiegers(process, gate)
    try:
        yield found
    finally:
        process.stdin.close()
        output, complaint = await process.communicate()
        if gate is not None:
            gate.kill()
            await gate.wait()
    if process.returncode:
        raise RuntimeError(f"the attackers failed: {complaint.decode(errors='replace')[-2_000:]}")
    found.ended(json.loads(output))


async def _started(module: str, *arguments: Any) -> Process:
    command = (sys.executable, "-m", module, *map(str, arguments))
    return await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, stderr=PIPE, cwd=ROOT)


async def _turn_away(most: float, per_s: float) -> None:
    """Be the control's gate: hold some connections, close all others at the pace of the server."""
    held: deque[tuple[float, asyncio.StreamWriter]] = deque()
    turned_away = 0
    began = time.monotonic()

    async def meet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal turned_away
        while held and held[0][0] < time.monotonic():
            held.popleft()[1].transport.abort()
        if len(held) < most:
            held.append((time.monotonic() + HELD_S, writer))
            return
        turned_away += 1
        early_s = turned_away / per_s - (time.monotonic() - began)
        await asyncio.sleep(max(0.0, early_s))
        writer.transport.abort()

    server = await asyncio.start_server(meet, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    take_what_is_left()
    allow_many_files()
    asyncio.run(_turn_away(float(sys.argv[1]), float(sys.argv[2])))
