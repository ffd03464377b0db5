"""The siege itself: what 50 users notice before it and while everything is tried at once."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

from benchmarks.machine import Meter, usage_of
from benchmarks.report import Figure, Result, percentile
from benchmarks.setting import Options
from benchmarks.siege.attackers import MEMBER_SOURCE
from benchmarks.siege.besieged import MIB, besieged
from benchmarks.siege.members import Member, Members, Noticed

USERS = 50
OWNERS = 5  # who sign in by turns: one may do so ten times a minute from one address
SECONDS = 60.0
BEFORE_SHARE = 0.5  # of that time, before the siege
SLOWER_MAX = 2.0
RETURN_MAX_S = 1.0
SIGN_IN_MAX_S = 3.0
MEMORY_MAX_MIB = 512.0
ROOT = Path(__file__).resolve().parents[2]


def storm(
    options: Options, share: float = 1.0, owners: int = OWNERS, slower_max: float = SLOWER_MAX
) -> Result:
    """Measure.

    :param share: of the attackers there are to be.
    :param owners: how many users sign in with their passwords, by turns.
    :param slower_max: how many times as long the last receiver may wait.
    """
    seconds, users = options.seconds_or(SECONDS), options.n or USERS
    result = Result("siege", {"users": users, "seconds": seconds, "database": options.database_name})
    with besieged(options) as server:
        members = Members(server.port, users, owners)
        quiet, during = asyncio.run(_run(members, server.pid, seconds, share, result))
        peak_mib = usage_of([server.pid]).peak_bytes / MIB
    result.figures, result.problems = judge(quiet, during, peak_mib, slower_max)
    result.details["messages"] = {"before": quiet.sent, "during": during.sent}
    return result


async def _run(
    members: Members, pid: int, seconds: float, share: float, result: Result
) -> tuple[Noticed, Noticed]:
    hostile = Member(members.port, "hostile", MEMBER_SOURCE)
    await members.enter()
    await hostile.register()
    meter = Meter([pid])
    quiet = await members.live(seconds * BEFORE_SHARE)
    result.details["cores before"] = _cores(meter)
    attackers = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.siege.attackers", str(members.port), str(seconds + 1), str(share),
        stdin=PIPE, stdout=PIPE, stderr=PIPE, cwd=ROOT,
    )  # fmt: skip
    attacking = asyncio.create_task(attackers.communicate(hostile.token.encode() + b"\n"))
    await asyncio.sleep(1)  # until they are there
    meter = Meter([pid])
    during = await members.live(seconds)
    result.details["cores during"] = _cores(meter)
    output, complaint = await attacking
    if attackers.returncode:
        raise RuntimeError(f"the attackers failed: {complaint.decode(errors='replace')[-2_000:]}")
    result.details["attackers did"] = json.loads(output)
    members.leave()
    return quiet, during


def _cores(meter: Meter) -> dict[str, float]:
    shares = meter.shares()
    return {
        "server": round(shares.server, 2),
        "members": round(shares.generator, 2),
        "attackers and all else": round(shares.others, 2),
    }


def judge(
    quiet: Noticed, during: Noticed, peak_mib: float, slower_max: float = SLOWER_MAX
) -> tuple[list[Figure], list[str]]:
    """The figures, and each bound that is broken.

    :param peak_mib: the most memory that the server had.
    """
    figures = _figures(quiet, during, slower_max)
    figures.append(Figure("server's memory, peak", peak_mib, "MiB", MEMORY_MAX_MIB, at_most=True))
    problems = []
    for name, noticed in (("before", quiet), ("during", during)):
        if noticed.refused:
            problems.append(f"{name}: {len(noticed.refused)} refused: {sorted(set(noticed.refused))}")
        if noticed.undelivered:
            problems.append(f"{name}: {noticed.undelivered} messages did not reach everybody")
    for figure in figures:
        if figure.goal is not None and not figure.reached:
            problems.append(f"{figure.name}: {figure.value:.3g} {figure.unit}, over {figure.goal:.3g}")
    return figures, problems


def _figures(quiet: Noticed, during: Noticed, slower_max: float) -> list[Figure]:
    p95 = percentile(quiet.last_receiver, 95) * 1000
    found = [
        Figure("last receiver before, p50", percentile(quiet.last_receiver, 50) * 1000, "ms"),
        Figure("last receiver before, p95", p95, "ms"),
        Figure("last receiver during, p50", percentile(during.last_receiver, 50) * 1000, "ms"),
        Figure(
            "last receiver during, p95", percentile(during.last_receiver, 95) * 1000, "ms",
            slower_max * p95, at_most=True, reference=p95, reference_name="ms before",
        ),
        Figure("users refused", float(len(during.refused)), "", 0.0, at_most=True),
    ]  # fmt: skip
    for what, times, most in (
        ("back with a token", during.returns, RETURN_MAX_S),
        ("right password from a known address", during.sign_ins, SIGN_IN_MAX_S),
    ):
        found.append(Figure(f"{what}, p50", percentile(times, 50), "s"))
        found.append(Figure(f"{what}, longest", max(times, default=float("nan")), "s", most, at_most=True))
    return found
