"""Reconnection storm: all clients are cut at once while others go on talking, come back and catch up."""

import time
from collections.abc import Iterator
from itertools import cycle, islice

from benchmarks.connection import Connection, Waiting
from benchmarks.conversations import SignIn, Talk, run_all, timed
from benchmarks.crowd import ARRIVAL_ROOM, meter_of, user_names, without_collection
from benchmarks.report import Figure, Result, per_send, percentile
from benchmarks.setting import Setting
from benchmarks.stream import SeqCheck

CLIENTS = 1_000
USERS = 8
AT_A_TIME = 64
MISSED = 200
PAGE = 200


class Returning:
    """A client that was cut off and asks for what it missed."""

    def __init__(self, talk: Talk, token: str, seen: int) -> None:
        self.talk = talk
        self.seqs = SeqCheck()
        self.seqs.expect(seen + 1)
        self._token = token

    def come_back(self) -> Waiting:
        """Connect, resume, and page through the history to its end."""
        yield from self.talk.sign_in(token=self._token)
        more = True
        while more:
            page = yield from self.talk.ask(
                "history", room=ARRIVAL_ROOM, after=self.seqs.next - 1, limit=PAGE
            )
            self.seqs.take([message["seq"] for message in page["messages"]])
            more = page["more"]


def measure(setting: Setting) -> Result:
    """Cut all, say something meanwhile, and time the return of each and of all."""
    clients = setting.options.n or CLIENTS
    users = SignIn(setting.target).register(user_names(USERS))
    tokens = list(islice(cycle([user.token for user in users]), clients))
    before = SignIn(setting.target, AT_A_TIME).resume(tokens)
    for talk in before:
        talk.connection.cut()
    speaker = users[0]
    run_all([(speaker.connection, _say(speaker, MISSED))], 1)

    sign_in = SignIn(setting.target)
    returning = [Returning(sign_in.talk(), token, seen=0) for token in tokens]
    seconds: list[float] = []

    def returns() -> Iterator[tuple[Connection, Waiting]]:
        for client in returning:
            yield client.talk.connection, timed(client.come_back(), seconds.append)

    with without_collection():
        meter, began = meter_of(setting.target), time.perf_counter()
        run_all(returns(), AT_A_TIME)
        elapsed, shares = time.perf_counter() - began, meter.shares()
    result = setting.result("reconnection", clients)
    short = [client for client in returning if client.seqs.seen != MISSED or client.seqs.repeats]
    if short:
        result.problems.append(
            f"{len(short)} clients did not get the {MISSED} messages they missed, once each"
        )
    result.figures = [
        Figure("all back and caught up", elapsed, "s"),
        per_send("back and caught up", clients / elapsed, "clients/s", setting.reference),
        Figure("one return, p50", percentile(seconds, 50) * 1000, "ms"),
        Figure("one return, p99", percentile(seconds, 99) * 1000, "ms"),
    ]
    result.add_shares(shares)
    for talk in (*users, *(client.talk for client in returning)):
        talk.connection.close()
    return result


def _say(speaker: Talk, count: int) -> Waiting:
    for number in range(count):
        yield from speaker.ask("send", room=ARRIVAL_ROOM, body=f"message {number}")
