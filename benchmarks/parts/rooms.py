"""Many rooms: a tenth of them busy, compared with one room of the same size."""

import secrets

from benchmarks.conversations import SignIn, run_all
from benchmarks.crowd import SENDERS, Crowd, Flood, flood, loop_of
from benchmarks.loop import Loop
from benchmarks.parts.flood import note
from benchmarks.prefill import Account, add_account, add_room
from benchmarks.report import Figure, Result, per_fsync, per_send
from benchmarks.setting import Options, Setting, fresh_server
from chat_server.storage import Storage

ROOMS = 1_000
MEMBERS = 10
BUSY = 100
SECONDS = 5.0
SINGLE = "single"


class Town:
    """Rooms of ten. User u is a member of the rooms u-9 to u: one busy room and nine silent ones."""

    def __init__(self, rooms: int) -> None:
        self.rooms = [f"room {number}" for number in range(rooms)]
        self.accounts: list[Account] = []
        self.neighbours: list[Account] = []

    def build(self, storage: Storage) -> None:
        run = secrets.token_hex(3)
        self.accounts = [add_account(storage, f"town-{run}-{number}") for number in range(len(self.rooms))]
        self.neighbours = [add_account(storage, f"single-{run}-{number}") for number in range(MEMBERS)]
        for number, name in enumerate(self.rooms):
            add_room(storage, name, self.members(number))
        add_room(storage, SINGLE, self.neighbours)

    def members(self, room: int) -> list[Account]:
        return [self.accounts[(room + step) % len(self.accounts)] for step in range(MEMBERS)]


def crowd_of(setting: Setting, room: str, members: list[Account], senders: int) -> Crowd:
    """Sign these members in."""
    talks = SignIn(setting.target).resume(member.token for member in members)
    run_all(((talk.connection, talk.settle()) for talk in talks), len(members))
    connections = [talk.release() for talk in talks]
    return Crowd(connections[:senders], connections[senders:], room)


def part(options: Options) -> Result:
    """Flood one room of ten, then a tenth of the rooms, a sender in each."""
    rooms = options.n or ROOMS
    town = Town(rooms)
    with fresh_server(options, town.build) as setting:
        single = crowd_of(setting, SINGLE, town.neighbours, SENDERS)
        one = _flood(setting, [single])
        step = rooms // min(BUSY, rooms // MEMBERS)
        busy = [crowd_of(setting, town.rooms[at], town.members(at), 1) for at in range(0, rooms, step)]
        many = _flood(setting, busy)
    result = setting.result("rooms", rooms, rooms=rooms, busy=len(busy))
    result.problems = [problem for crowd in (single, *busy) for problem in crowd.problems()]
    result.figures = [
        per_send("deliveries, one room of ten", one.deliveries_per_s, "/s", setting.reference),
        per_send("deliveries, many rooms of ten", many.deliveries_per_s, "/s", setting.reference),
        Figure("many against one", many.deliveries_per_s / one.deliveries_per_s, "", 1.0),
        per_fsync("stored, many rooms", many.stored_per_s, "messages/s", setting.reference),
        Figure("server CPU a delivery, many rooms", many.server_us_per_delivery, "µs"),
    ]
    note(result, many)
    return result


def _flood(setting: Setting, crowds: list[Crowd]) -> Flood:
    with loop_of(crowds, Loop()) as loop:
        return flood(loop, crowds, setting.options.seconds_or(SECONDS), setting.target)
