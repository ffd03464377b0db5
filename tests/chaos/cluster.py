"""Chaos in a cluster: clients that move talk, a part is broken and mended, and all is compared.

Unlike a server alone, the others go on while a part is broken: how soon each client has something
acknowledged again is counted from the break, not from its end.
"""

import os
import random
import time
from collections.abc import Callable, Sequence
from itertools import chain, pairwise
from pathlib import Path
from typing import Final

from tests.chaos.bounds import Ledger, Seen
from tests.chaos.checks import Checker, all_quiet
from tests.chaos.load import Load
from tests.chaos.machines import Fault, Machines
from tests.chaos.mover import Addresses, Mover
from tests.chaos.program import ProgramClient
from tests.chaos.rounds import (
    NAMES,
    PROGRAM_NAME,
    ROOM,
    SECOND_ROOM,
    SETTLED_TIMEOUT_S,
    TALK_AFTER_S,
    TALK_BEFORE_S,
    Result,
    Row,
    choices,
    said_by,
)
from tests.chaos.talker import Participant
from tests.support.waiting import came_true

MOVING_SHARE: Final = 0.5
LONGEST_GAPS: Final = 20  # of those between messages that were stored; the others are looked at no closer


class ClusterChaos:
    """Run rounds against the machines.

    :param seed: makes the same choices again: faults, moments, messages.
    :param faults: only these; all without any.
    :param say: told of each round.
    """

    def __init__(
        self,
        machines: Machines,
        folder: Path,
        seed: int,
        *,
        faults: Sequence[str] = (),
        say: Callable[[str], None] = print,
    ) -> None:
        self._machines = machines
        self._say = say
        self._random = random.Random(seed)
        every = machines.faults()
        self._faults = {name: every[name] for name in faults or every}
        self.ledger = Ledger({name: fault.bounds for name, fault in self._faults.items()})
        self._load = Load(lambda: [os.getpid(), *chain(*machines.pids())])
        places = machines.places
        self._movers = [
            Mover(name, places, [ROOM, SECOND_ROOM, f"@{NAMES[i - 1]}"], f"{seed} {name}")
            for i, name in enumerate(NAMES)
        ]
        rooms = [ROOM, SECOND_ROOM, f"@{NAMES[0]}"]
        first = Addresses(places, self._random).next
        program = ProgramClient(folder / PROGRAM_NAME, PROGRAM_NAME, first, rooms, f"{seed}")
        self._everybody: list[Participant] = [*self._movers, program]
        self._checker = Checker()
        self.result = Result(rows={name: Row() for name in self._faults})

    @property
    def holes(self) -> list[str]:
        """What clients asked for because an event had left it out."""
        return [hole for each in self._everybody for hole in each.record.holes]

    def run(self, rounds: int) -> Result:
        """Run the rounds and, at the end, compare every history on each server from its first message on."""
        self._load.start()
        for participant in self._everybody:
            participant.start()
        try:
            if not all_quiet(self._everybody, SETTLED_TIMEOUT_S):
                self.result.wrong.append("the clients did not get connected")
                return self.result
            for number, name in enumerate(choices(self._random, list(self._faults), rounds), 1):
                self._round(number, name)
            for place in self._machines.places:
                self.result.wrong += self._checker.check(place, self._everybody, everything=True).wrong
        finally:
            for participant in self._everybody:
                participant.finish()
            self._load.close()
        self.result.wrong += self.ledger.broken()
        self.result.wrong += [
            f"a server logged an error: {machine.output[machine.output.index('Traceback') :][:2_000]}"
            for machine in self._machines.servers
            if "Traceback" in machine.output + machine.server.output
        ]
        return self.result

    def _round(self, number: int, name: str) -> None:
        holes = len(self.holes)
        before = said_by(self._everybody)
        self._spread()
        for participant in self._everybody:
            participant.record.begin_round()
            participant.talking.set()
        time.sleep(self._random.uniform(*TALK_BEFORE_S))
        seen, wrong = self._break(self._faults[name])
        self.ledger.add(name, seen)
        for participant in self._everybody:
            participant.talking.clear()
        if not all_quiet(self._everybody, SETTLED_TIMEOUT_S):
            waiting = [one.username for one in self._everybody if not one.quiet()]
            wrong.append(f"messages of {', '.join(waiting)} stay without an answer")
        verdict = self._checker.check(self._random.choice(self._machines.places), self._everybody)
        wrong += verdict.wrong
        self.result.rows[name].add(
            verdict, wrong, max([*seen.hit, *seen.others]), before, said_by(self._everybody)
        )
        self.result.wrong += [f"round {number}, {name}: {text}" for text in wrong]
        asked = "".join(f"\n  asked for a gap: {hole}" for hole in self.holes[holes:])
        came_to = "; ".join(wrong) or "all well"
        self._say(f"round {number}: {name}: {_told(seen)}, {came_to}{asked}")

    def _spread(self) -> None:
        """Let some clients move on, or all would soon be where nothing has been broken for long."""
        moving = [mover for mover in self._movers if self._random.random() < MOVING_SHARE]
        left = [(mover, mover.record.disconnects) for mover in moving]
        for mover in moving:
            mover.cut()
        came_true(lambda: all(mover.record.disconnects > count for mover, count in left), SETTLED_TIMEOUT_S)
        all_quiet(self._everybody, SETTLED_TIMEOUT_S)

    def _break(self, fault: Fault) -> tuple[Seen, list[str]]:
        """Break, wait, mend, until all are served again; return what was seen, and what was wrong."""
        self._load.begin()
        began = time.monotonic()
        broken = fault.break_it()
        hit = {mover.username for mover in self._movers if mover.server in broken.hit}
        for mover in self._movers:
            mover.note_break()
        time.sleep(self._random.uniform(*fault.lasts_s))
        lasted_s = time.monotonic() - began
        wrong = broken.mend()
        if not came_true(lambda: None not in [mover.served_s for mover in self._movers], SETTLED_TIMEOUT_S):
            wrong.append("somebody is not served any more")
        time.sleep(TALK_AFTER_S)
        free = {
            mover.username: self._free_s(began, began + (mover.served_s or SETTLED_TIMEOUT_S))
            for mover in self._movers
        }
        return Seen(
            lasted_s,
            hit=[seconds for name, seconds in free.items() if name in hit],
            others=[seconds for name, seconds in free.items() if name not in hit],
            stood_s=self._stood_s(began, time.monotonic()),
            heard=self._heard(began),
        ), wrong

    def _free_s(self, since: float, until: float) -> float:
        """Return the seconds of a time, less those in which an answer waited for a processor.

        It goes through this process, one of the servers, and the nodes side by side.
        """
        waited = self._load.waited(since, until)
        parts = [[os.getpid()], *self._machines.pids()]
        return max(0.0, until - since - sum(max(waited.get(pid, 0.0) for pid in pids) for pids in parts))

    def _stood_s(self, began: float, end: float) -> float:
        """Return the longest time between two messages that were acknowledged, whoever sent them."""
        times = {at for one in self._movers for at in list(one.record.acknowledged_at.values()) if at > began}
        gaps = pairwise([began, *sorted(times), end])
        long = sorted(gaps, key=lambda gap: gap[1] - gap[0])[-LONGEST_GAPS:]
        return max(self._free_s(*gap) for gap in long)

    def _heard(self, began: float) -> list[float]:
        """Return how much later than their senders those on other servers had messages."""
        return [
            max(0.0, heard[body] - at)
            for sender in self._movers
            for reader in self._movers
            if reader.server != sender.server
            for heard in [dict(reader.record.heard_at)]
            for body, at in list(sender.record.acknowledged_at.items())
            if at > began and body in heard
        ]


def _told(seen: Seen) -> str:
    """Say in short what was seen."""
    served = max([*seen.hit, *seen.others])
    return f"{seen.lasted_s:.1f} s, served again in {served:.2f} s, nothing stored for {seen.stood_s:.2f} s"
