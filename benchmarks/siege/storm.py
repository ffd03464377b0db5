"""The siege itself: what 50 users notice while everything is tried at once.

By turns: in calm, besieged, and beside the same attackers at the door of another listener (the control) that
turns away as many as the server did.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from benchmarks.machine import Meter, usage_of
from benchmarks.report import Figure, Result, percentile
from benchmarks.setting import Options
from benchmarks.siege.attackers import MEMBER_SOURCE
from benchmarks.siege.besieged import MIB, besieged
from benchmarks.siege.besiegers import besiegers
from benchmarks.siege.members import Member, Members, Noticed

USERS = 50
OWNERS = 5  # who sign in by turns: one may do so ten times a minute from one address
SECONDS = 60.0
CALM_SHARE = 0.25  # of that time in calm, and as much of it beside the control
GATHER_MAX_S = 1.0  # until the attackers are there
REST_MAX_S = 12.0  # until the server has ended the last of the strangers
SLOWER_MAX = 2.0
RETURN_MAX_S = 1.0
SIGN_IN_MAX_S = 3.0
MEMORY_MAX_MIB = 512.0


@dataclass(slots=True)
class Seen:
    """What members noticed, turn after turn."""

    calm: Noticed = field(default_factory=Noticed)
    control: Noticed = field(default_factory=Noticed)
    siege: Noticed = field(default_factory=Noticed)
    peak_mib: float = 0.0


def storm(
    options: Options, share: float = 1.0, owners: int = OWNERS, slower_max: float = SLOWER_MAX, turns: int = 1
) -> Result:
    """Measure.

    :param share: of the attackers there are to be.
    :param owners: how many users sign in with their passwords, by turns.
    :param slower_max: how many times as long the last receiver may wait.
    :param turns: how often, each time with a server of its own.
    """
    seconds, users = options.seconds_or(SECONDS), options.n or USERS
    result = Result("siege", {"users": users, "seconds": seconds, "database": options.database_name})
    seen = Seen()
    for number in range(turns):
        with besieged(options) as server:
            members = Members(server.port, users, owners)
            details = asyncio.run(_turn(members, server.pid, seconds, share, seen))
            seen.peak_mib = max(seen.peak_mib, usage_of([server.pid]).peak_bytes / MIB)
        result.details |= {f"turn {number + 1}, {name}": value for name, value in details.items()}
    result.figures, result.problems = judge(seen, slower_max)
    result.details["messages"] = {
        "calm": seen.calm.sent, "control": seen.control.sent, "siege": seen.siege.sent
    }  # fmt: skip
    return result


async def _turn(members: Members, pid: int, seconds: float, share: float, seen: Seen) -> dict[str, Any]:
    """Let users live through all three, and return who used the processor, and what the attackers did."""
    hostile = Member(members.port, "hostile", MEMBER_SOURCE)
    await members.enter()
    await hostile.register()
    details: dict[str, Any] = {}
    meter = Meter([pid])
    seen.calm.add(await members.live(seconds * CALM_SHARE))
    details["cores in calm"] = _cores(meter)
    details |= await _attacked("siege", members, pid, hostile.token, share, seconds, seen.siege)
    turned_away_per_s = details["turned away a second in the siege"]
    await asyncio.sleep(min(REST_MAX_S, seconds / 5))
    details |= await _attacked(
        "control", members, pid, hostile.token, share, seconds * CALM_SHARE, seen.control, turned_away_per_s
    )
    members.leave()
    return details


async def _attacked(
    name: str,
    members: Members,
    pid: int,
    token: str,
    share: float,
    seconds: float,
    into: Noticed,
    control_per_s: float | None = None,
) -> dict[str, Any]:
    """Let users live beside attackers, and return what is worth noting."""
    details: dict[str, Any] = {}
    gather_s = min(GATHER_MAX_S, seconds / 10)
    async with besiegers(members.port, seconds + gather_s, token, share, control_per_s) as attackers:
        await asyncio.sleep(gather_s)
        meter = Meter([pid], attackers.pids)
        into.add(await members.live(seconds))
        details[f"cores in the {name}"] = _cores(meter)
    details[f"turned away a second in the {name}"] = round(attackers.turned_away_per_s, 1)
    details[f"attackers in the {name}"] = attackers.did
    return details


def _cores(meter: Meter) -> dict[str, float]:
    shares = meter.shares()
    return {
        "server": round(shares.server, 2),
        "members": round(shares.generator, 2),
        "attackers": round(shares.database, 2),
        "all else": round(shares.others, 2),
    }


def judge(seen: Seen, slower_max: float = SLOWER_MAX) -> tuple[list[Figure], list[str]]:
    """The figures, and each bound that is broken."""
    figures = _figures(seen, slower_max)
    figures.append(Figure("server's memory, peak", seen.peak_mib, "MiB", MEMORY_MAX_MIB, at_most=True))
    problems = []
    for name, noticed in (("calm", seen.calm), ("control", seen.control), ("siege", seen.siege)):
        if noticed.refused:
            problems.append(f"{name}: {len(noticed.refused)} refused: {sorted(set(noticed.refused))}")
        if noticed.undelivered:
            problems.append(f"{name}: {noticed.undelivered} messages did not reach everybody")
    for figure in figures:
        if figure.goal is not None and not figure.reached:
            problems.append(f"{figure.name}: {figure.value:.3g} {figure.unit}, over {figure.goal:.3g}")
    return figures, problems


def _figures(seen: Seen, slower_max: float) -> list[Figure]:
    found = []
    for name, noticed in (("in calm", seen.calm), ("beside the control", seen.control)):
        found += [
            Figure(f"last receiver {name}, p{percent}", _waited_ms(noticed, percent), "ms")
            for percent in (50, 95)
        ]
    found.append(Figure("last receiver besieged, p50", _waited_ms(seen.siege, 50), "ms"))
    for name, noticed in (("calm", seen.calm), ("control", seen.control)):
        reference = _waited_ms(noticed, 95)
        found.append(
            Figure(
                f"last receiver besieged, p95, against the {name}", _waited_ms(seen.siege, 95), "ms",
                slower_max * reference, at_most=True, reference=reference, reference_name="ms",
            )
        )  # fmt: skip
    found.append(Figure("users refused", float(len(seen.siege.refused)), "", 0.0, at_most=True))
    for what, times, most in (
        ("back with a token", seen.siege.returns, RETURN_MAX_S),
        ("right password from a known address", seen.siege.sign_ins, SIGN_IN_MAX_S),
    ):
        found.append(Figure(f"{what}, p50", percentile(times, 50), "s"))
        found.append(Figure(f"{what}, longest", max(times, default=float("nan")), "s", most, at_most=True))
    return found


def _waited_ms(noticed: Noticed, percent: float) -> float:
    return percentile(noticed.last_receiver, percent) * 1000
