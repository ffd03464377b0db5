"""Chaos in a cluster: clients that move talk, a part is broken and mended, and all is compared.

Unlike a server alone, the others go on while a part is broken: how soon each client has something
acknowledged again is counted from the break, not from its end.
"""

import random
import time
from collections.abc import Callable
from pathlib import Path

from tests.chaos.checks import Checker, all_quiet
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


class ClusterChaos:
    """Run rounds against the machines.

    :param seed: makes the same choices again: faults, moments, messages.
    :param say: told of each round.
    """

    def __init__(
        self, machines: Machines, folder: Path, seed: int, *, say: Callable[[str], None] = print
    ) -> None:
        self._machines = machines
        self._say = say
        self._random = random.Random(seed)
        self._faults = machines.faults()
        ports = machines.ports
        self._movers = [
            Mover(name, ports, [ROOM, SECOND_ROOM, f"@{NAMES[i - 1]}"], f"{seed} {name}")
            for i, name in enumerate(NAMES)
        ]
        places = [ROOM, SECOND_ROOM, f"@{NAMES[0]}"]
        first = Addresses(ports, self._random).next
        program = ProgramClient(folder / PROGRAM_NAME, PROGRAM_NAME, first, places, f"{seed}")
        self._everybody: list[Participant] = [*self._movers, program]
        self._checker = Checker()
        self.result = Result(rows={name: Row() for name in self._faults})

    @property
    def holes(self) -> int:
        """How often a client asked for what an event had left out."""
        return sum(each.record.holes for each in self._everybody)

    def run(self, rounds: int) -> Result:
        """Run the rounds and, at the end, compare every history on each server from its first message on."""
        for participant in self._everybody:
            participant.start()
        try:
            if not all_quiet(self._everybody, SETTLED_TIMEOUT_S):
                self.result.wrong.append("the clients did not get connected")
                return self.result
            for number, name in enumerate(choices(self._random, list(self._faults), rounds), 1):
                self._round(number, name)
            for port in self._machines.ports:
                self.result.wrong += self._checker.check(port, self._everybody, everything=True).wrong
        finally:
            for participant in self._everybody:
                participant.finish()
        self.result.wrong += [
            f"a server logged an error: {machine.output[machine.output.index('Traceback') :][:2_000]}"
            for machine in self._machines.servers
            if "Traceback" in machine.output + machine.server.output
        ]
        return self.result

    def _round(self, number: int, name: str) -> None:
        holes = self.holes
        before = said_by(self._everybody)
        for participant in self._everybody:
            participant.record.longest_answer_s = 0.0
            participant.talking.set()
        time.sleep(self._random.uniform(*TALK_BEFORE_S))
        recovery, wrong = self._break(self._faults[name])
        time.sleep(TALK_AFTER_S)
        for participant in self._everybody:
            participant.talking.clear()
        if not all_quiet(self._everybody, SETTLED_TIMEOUT_S):
            waiting = [one.username for one in self._everybody if not one.quiet()]
            wrong.append(f"messages of {', '.join(waiting)} stay without an answer")
        verdict = self._checker.check(self._random.choice(self._machines.ports), self._everybody)
        wrong += verdict.wrong
        self.result.rows[name].add(verdict, wrong, recovery, before, said_by(self._everybody))
        self.result.wrong += [f"round {number}, {name}: {text}" for text in wrong]
        asked = f", {self.holes - holes} gaps were asked for" if self.holes > holes else ""
        came_to = "; ".join(wrong) or "all well"
        self._say(f"round {number}: {name}: served again in {recovery:.2f} s, {came_to}{asked}")

    def _break(self, fault: Fault) -> tuple[float, list[str]]:
        """Break, wait, mend; return in how many seconds everybody was served again, and what was wrong."""
        mend = fault.break_it()
        for mover in self._movers:
            mover.note_break()
        time.sleep(self._random.uniform(*fault.lasts_s))
        wrong = mend()
        if not came_true(lambda: None not in [mover.served_s for mover in self._movers], SETTLED_TIMEOUT_S):
            wrong.append("somebody is not served any more")
        return max(mover.served_s or SETTLED_TIMEOUT_S for mover in self._movers), wrong
