"""Search while others talk: ten people search a long room, again and again, beside a flood in another one."""

import random
from collections.abc import Iterator
from typing import Any

from benchmarks.conversations import SignIn
from benchmarks.crowd import flood, gather, loop_of
from benchmarks.loop import Loop
from benchmarks.parts.flood import note
from benchmarks.parts.history import ROOM, Library
from benchmarks.parts.search import LAST_WORD, POLL_S, RESULTS, Searcher, wait_until_found
from benchmarks.prefill import FREQUENT_WORD, RARE_WORD
from benchmarks.probe import Probe
from benchmarks.report import Figure, Result, per_send, percentile
from benchmarks.setting import Options, fresh_server

MESSAGES = 1_000_000
CLIENTS = 50
SEARCHERS = 10
SECONDS = 10.0
P95_GOAL_MS = 300.0
#: The last is a phrase of two frequent words, which stand beside each other in few messages.
QUERIES = (RARE_WORD, FREQUENT_WORD, f"{FREQUENT_WORD} mot17", '"mot17 mot4"', f'"{FREQUENT_WORD} mot17"')


def part(options: Options) -> Result:
    """Flood the arrival room while people search a long one."""
    library = Library(options.messages or MESSAGES)
    with fresh_server(options, library.build) as setting:
        (first,) = SignIn(setting.target).resume([library.token])
        wait_until_found(Searcher(first), LAST_WORD, POLL_S)
        first.connection.close()
        talks = SignIn(setting.target).resume([library.token] * SEARCHERS)
        probes = [Probe(talk.release(), _questions(number)) for number, talk in enumerate(talks)]
        crowd = gather(setting.target, options.n or CLIENTS)
        with loop_of([crowd], Loop()) as loop:
            loop.add(probes, prompt=True)
            for probe in probes:
                probe.ask()
            found = flood(loop, [crowd], options.seconds_or(SECONDS), setting.target)
            for probe in probes:
                probe.stopped = True
        result = setting.result("search in a flood", options.n or CLIENTS, messages=library.messages)
        for probe in probes:
            probe.connection.close()
    waits = [seconds for probe in probes for seconds in probe.seconds]
    result.problems = crowd.problems() + [probe.first_error for probe in probes if probe.first_error]
    result.figures = [
        Figure("one search of ten, p50", percentile(waits, 50) * 1000, "ms"),
        Figure("one search of ten, p95", percentile(waits, 95) * 1000, "ms", P95_GOAL_MS, at_most=True),
        Figure("searches", len(waits) / found.seconds, "/s"),
        per_send("deliveries meanwhile", found.deliveries_per_s, "/s", setting.reference),
    ]
    note(result, found)
    return result


def _questions(number: int) -> Iterator[dict[str, Any]]:
    choice = random.Random(number)
    while True:
        yield {"type": "search", "query": choice.choice(QUERIES), "room": ROOM, "limit": RESULTS}
