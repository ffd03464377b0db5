"""Presence: what it costs that people come and go in a large room that everybody watches; member lists."""

import time
from collections.abc import Callable, Sequence

from benchmarks.clients import Client
from benchmarks.connection import Target, Waiting
from benchmarks.conversations import Frame, SignIn, Talk, run_all, timed
from benchmarks.crowd import QUIET_S, meter_of, without_collection
from benchmarks.loop import Loop
from benchmarks.machine import Shares
from benchmarks.prefill import Account, add_account, add_room
from benchmarks.report import Figure, Result
from benchmarks.setting import Options, fresh_server
from chat_server.storage import Storage

ROOM = "everybody"
ONLINE = 2_000
#: Members of the room, of whom most are away.
MEMBERS = 5_000
COMING_PER_S = 50
SECONDS = 20.0
LISTS = 9
CPU_GOAL_PERCENT = 10.0
LIST_GOAL_MS = 30.0


class Onlooker(Client):
    """Watches the room; what it is told is only counted."""

    told = 0

    def received(self, chunk: memoryview) -> None:
        self.told += bytes(chunk).count(b'"type":"presence"')


class Population:
    """A room with many members."""

    def __init__(self, online: int, members: int) -> None:
        self.online, self.members = online, members
        self.accounts: list[Account] = []

    def build(self, storage: Storage) -> None:
        self.accounts = [add_account(storage, f"person-{number}") for number in range(self.members)]
        add_room(storage, ROOM, self.accounts)


def part(options: Options) -> Result:
    """Let people come and go with nobody there, then with all watching: the difference is presence."""
    online = options.n or ONLINE
    seconds = options.seconds_or(SECONDS)
    population = Population(online, max(MEMBERS * online // ONLINE, online + COMING_PER_S))
    with fresh_server(options, population.build) as setting, without_collection():
        tokens = [account.token for account in population.accounts]
        watching, coming = tokens[:online], tokens[online:]
        alone = come_and_go(setting.target, coming, seconds, [])
        talks = SignIn(setting.target).resume(watching)
        run_all([(talk.connection, _watch(talk)) for talk in talks], 32)
        first, whole = (_time(talks[0], exchange) for exchange in (_first_page, _all_pages))
        onlookers = [Onlooker(talk.connection) for talk in talks]
        silent = come_and_go(setting.target, [], seconds, onlookers)
        lively = come_and_go(setting.target, coming, seconds, onlookers)
        result = setting.result("presence", online, members=population.members)
        for talk in talks:
            talk.connection.close()
    percent = (lively.server - alone.server - silent.server) * 100
    result.figures = [
        Figure("CPU of presence", percent, "% of a core", CPU_GOAL_PERCENT, at_most=True),
        Figure("list of members, median", first * 1000, "ms", LIST_GOAL_MS, at_most=True),
        Figure("all pages of it, median", whole * 1000, "ms"),
        Figure("presence told to one", sum(each.told for each in onlookers) / online, "frames"),
    ]
    for name, shares in (("nobody there", alone), ("nobody coming", silent), ("both", lively)):
        result.details[f"server's cores, {name}"] = round(shares.server, 3)
    if not all(each.told for each in onlookers):
        result.problems.append("some were told of nobody")
    return result


def come_and_go(
    target: Target, tokens: Sequence[str], seconds: float, onlookers: Sequence[Onlooker]
) -> Shares:
    """Have people sign in and leave, so many a second, beside those who watch; return who used which CPU."""
    sign_in, loop, left = SignIn(target), Loop(), list(tokens)
    loop.add(onlookers)
    try:
        meter, began = meter_of(target), time.perf_counter()
        for number in range(int(seconds * COMING_PER_S)):
            loop.run_until(began + number / COMING_PER_S)
            if left:
                (talk,) = sign_in.resume([left[number % len(left)]])
                talk.connection.close()
        shares = meter.shares()
        if left:  # the last are told of a second later
            loop.run_while(lambda: not all(each.told for each in onlookers), lambda: loop.reads, QUIET_S)
        return shares
    finally:
        loop.close()


def _watch(talk: Talk) -> Waiting:
    yield from talk.ask("watch", room=ROOM)


def _time(talk: Talk, exchange: Callable[[Talk], Waiting]) -> float:
    """The median of the seconds that an exchange about the list of members takes."""
    taken: list[float] = []
    for _ in range(LISTS):
        run_all([(talk.connection, timed(exchange(talk), taken.append))], 1)
    return sorted(taken)[LISTS // 2]


def _first_page(talk: Talk) -> Waiting:
    """What a window shows: those who are online first, and how many there are."""
    yield from talk.ask("members", room=ROOM)


def _all_pages(talk: Talk) -> Waiting:
    page: Frame = {"members": [{"username": ""}], "more": True}
    while page.get("more"):
        page = yield from talk.ask("members", room=ROOM, after_username=page["members"][-1]["username"])
