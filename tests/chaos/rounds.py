"""One round after the other: talk, break something, wait for recovery, compare."""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.chaos import carrier as carriers
from tests.chaos.carrier import Carrier
from tests.chaos.checks import Checker, Verdict, all_quiet
from tests.chaos.program import ProgramClient
from tests.chaos.stage import Database, Stage
from tests.chaos.talker import Participant, Talker
from tests.support.wire import connected

TALK_BEFORE_S = (0.2, 1.5)
TALK_AFTER_S = 0.2
SETTLED_TIMEOUT_S = 180.0  # until something has happened, which promises nothing about how soon
# What docs/build/protocol.md and the operator's guide promise, and a moment for the talkers' own pauses.
ANSWER_MAX_S = 5.0 + 1.0
DATABASE_RECOVERY_MAX_S = 5.0 + 1.0
NAMES = ("alice", "bob", "carol", "dave")
CARRIER_NAME = "frank"  # sends files; what others see of them is no concern of the others' views
SILENT_NAME = "grace"  # is sent files in private
PROGRAM_NAME = "erin"  # uses the program's own client, whose pauses are its own: recovery is the others'
ROOM = "Général"
SECOND_ROOM = "Blabla"

Fault = Callable[[Stage], list[str] | None]


@dataclass(frozen=True)
class Count:
    """What some participants have said so far.

    :param longest_answer_s: in this round.
    """

    sent: int
    acknowledged: int
    longest_answer_s: float


def said_by(participants: Sequence[Participant]) -> Count:
    """Return what all of them have said."""
    records = [each.record for each in participants]
    return Count(
        sum(record.sent for record in records),
        sum(len(record.acknowledged) for record in records),
        max(record.longest_answer_s for record in records),
    )


def choices(chance: random.Random, names: Sequence[str], count: int) -> list[str]:
    """Return each name as often as the others, in a random order."""
    chosen: list[str] = []
    while len(chosen) < count:
        chosen += chance.sample(names, len(names))
    return chosen[:count]


@dataclass
class Row:
    """A line of the table: all rounds with one fault."""

    rounds: int = 0
    sent: int = 0
    acknowledged: int = 0
    lost: int = 0
    doubled: int = 0
    other: int = 0
    longest_answer_s: float = 0.0
    longest_recovery_s: float = 0.0

    def add(self, verdict: Verdict, wrong: list[str], recovery: float, before: Count, after: Count) -> None:
        """Count one round.

        :param before: what the participants had said when it began; `after` when it had ended.
        """
        self.rounds += 1
        self.lost += verdict.lost
        self.doubled += verdict.doubled
        self.other += len(wrong)
        self.sent += after.sent - before.sent
        self.acknowledged += after.acknowledged - before.acknowledged
        self.longest_answer_s = max(self.longest_answer_s, after.longest_answer_s)
        self.longest_recovery_s = max(self.longest_recovery_s, recovery)


@dataclass
class Result:
    """What all rounds came to."""

    rows: dict[str, Row] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    peak_memory_mib: float = 0.0
    files: int = 0  # sent with messages that were acknowledged


class Chaos:
    """Runs rounds against one stage.

    :param seed: makes the same choices again: faults, moments, messages.
    :param scale: what the outages' lengths (20 and 30 s) are multiplied by.
    :param talk_s: how long it is talked before a fault, at least and at most.
    :param say: told of each round.
    """

    def __init__(
        self,
        stage: Stage,
        database: Database,
        seed: int,
        scale: float,
        *,
        talk_s: tuple[float, float] = TALK_BEFORE_S,
        say: Callable[[str], None] = print,
    ) -> None:
        self._stage = stage
        self._talk_s = talk_s
        self._say = say
        self._random = random.Random(seed)
        self._database_faults = database.faults(scale)
        self._faults: dict[str, Fault] = {
            "kill -9 of the server": lambda stage: stage.kill(),
            "SIGTERM to the server": lambda stage: stage.terminate(),
            "every connection cut": lambda stage: self._cut(),
            **self._database_faults,
        }
        self._talkers = [
            Talker(name, stage.place, [ROOM, SECOND_ROOM, f"@{NAMES[i - 1]}"], f"{seed} {name}")
            for i, name in enumerate(NAMES)
        ]
        places = [ROOM, SECOND_ROOM, f"@{NAMES[0]}"]
        program = ProgramClient(stage.folder / PROGRAM_NAME, PROGRAM_NAME, stage.place, places, f"{seed}")
        carrier = Carrier(CARRIER_NAME, stage.place, [ROOM, f"@{SILENT_NAME}"], f"{seed} files")
        self._everybody: list[Participant] = [*self._talkers, program]
        self._present: list[Participant] = [*self._everybody, carrier]
        self._senders: list[carriers.Sends] = [carrier, program]
        self._checker = Checker()
        self.result = Result(rows={name: Row() for name in self._faults})

    def run(self, rounds: int) -> Result:
        """Run the rounds and, at the end, compare every history from its first message on."""
        with connected(self._stage.server.port) as silent:
            silent.register(SILENT_NAME)
        for participant in self._present:
            participant.start()
        try:
            if not all_quiet(self._present, SETTLED_TIMEOUT_S):
                self.result.wrong.append(f"{self._waiting()} did not get connected")
                return self.result
            for number, name in enumerate(choices(self._random, list(self._faults), rounds), 1):
                self._round(number, name)
            last = self._checker.check(self._stage.place(), self._everybody, everything=True)
            self.result.wrong += last.wrong
            for sender in self._senders:
                self.result.wrong += carriers.check(self._stage.place(), sender, everything=True)
            self.result.files = sum(len(sender.deliveries.all) for sender in self._senders)
        finally:
            for participant in self._present:
                participant.finish()
        return self.result

    def _waiting(self) -> str:
        """Name who waits for something, with what each knows of its own."""
        waiting = [one for one in self._present if not one.quiet()]
        return ", ".join(" ".join([one.username, *one.record.wrong]) for one in waiting)

    def _round(self, number: int, name: str) -> None:
        wrong: list[str] = []
        before = said_by(self._everybody)
        disconnects = [talker.record.disconnects for talker in self._talkers]
        starts = self._stage.starts
        for participant in self._present:
            participant.record.begin_round()
            participant.talking.set()
        time.sleep(self._random.uniform(*self._talk_s))
        self._stage.load.begin()
        self._stage.fault_ended_at = 0.0
        wrong += self._faults[name](self._stage) or []
        recovery = self._recovered(wrong)
        waited = self._stage.load.waited_s()
        time.sleep(TALK_AFTER_S)
        for participant in self._present:
            participant.talking.clear()
        if not all_quiet(self._present, SETTLED_TIMEOUT_S):
            wrong.append(f"messages of {self._waiting()} stay without an answer")
        self.result.peak_memory_mib = max(self.result.peak_memory_mib, self._stage.peak_memory_mib())
        if name in self._database_faults:
            wrong += self._stayed_up(disconnects, starts, recovery, waited)
        verdict = self._checker.check(self._stage.place(), self._everybody)
        wrong += verdict.wrong
        for sender in self._senders:
            wrong += carriers.check(self._stage.place(), sender)
        self.result.rows[name].add(verdict, wrong, recovery, before, said_by(self._everybody))
        self.result.wrong += [f"round {number}, {name}: {text}" for text in wrong]
        words = "; ".join(wrong) or "all well"
        self._say(
            f"round {number}: {name}: recovered in {recovery:.2f} s ({waited:.2f} s of waiting), {words}"
        )

    def _recovered(self, wrong: list[str]) -> float:
        """Wait until every talker has had something acknowledged since the fault; return the seconds."""
        begun = self._stage.fault_ended_at or time.monotonic()
        while any(talker.record.last_ack_at < begun for talker in self._talkers):
            if time.monotonic() - begun > SETTLED_TIMEOUT_S:
                wrong.append(f"no recovery within {SETTLED_TIMEOUT_S:.0f} s")
                break
            time.sleep(0.01)
        return time.monotonic() - begun

    def _stayed_up(self, disconnects: list[int], starts: int, recovery: float, waited: float) -> list[str]:
        """A fault of the database ends neither the server nor a connection, and no request waits long.

        :param waited: the seconds that threads had to wait for a processor meanwhile, which nobody promises.
        """
        wrong = []
        if not self._stage.alive() or self._stage.starts != starts:
            wrong.append("the server ended")
        if [talker.record.disconnects for talker in self._talkers] != disconnects:
            wrong.append("clients lost their connections")
        longest = max(talker.record.longest_answer_s for talker in self._talkers)
        beside = f"with {waited:.1f} s of waiting for a processor"
        if longest > ANSWER_MAX_S + waited:
            wrong.append(f"an answer took {longest:.1f} s, {beside}")
        if recovery > DATABASE_RECOVERY_MAX_S + waited:
            wrong.append(f"recovery took {recovery:.1f} s, {beside}")
        return wrong

    def _cut(self) -> None:
        for participant in self._present:
            participant.cut()
