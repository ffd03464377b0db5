"""Search: words in none, few, and a third of the messages of a long room, and how soon a message is found."""

import time
from collections.abc import Iterator
from typing import Any

from benchmarks.connection import Waiting
from benchmarks.conversations import SignIn, Talk, run_all
from benchmarks.parts.history import ROOM, Library
from benchmarks.prefill import FREQUENT_WORD, RARE_WORD
from benchmarks.report import Figure, Result, percentile
from benchmarks.setting import Options, fresh_server

MESSAGES = 1_000_000
QUERIES = {
    "rare word": RARE_WORD,
    "frequent word": FREQUENT_WORD,
    "two words": f"{FREQUENT_WORD} mot17",
    "no match": "introuvable",
}
EACH = 50
RESULTS = 50
RARE_GOAL_MS = 100.0
FREQUENT_GOAL_MS = 200.0
FREQUENT_GOAL_OTHER_MS = 1_000.0  # of MySQL and MariaDB
SOON_GOAL_S = 2.0
SOON_TIMES = 10
INDEX_TIMEOUT_S = 1_800.0
POLL_S = 0.2
SOON_POLL_S = 0.02
# Said last: found once the index has come to the end.
LAST_WORD = "postscriptum"


class Searcher:
    """Asks one query at a time."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self.answer: dict[str, Any] = {}

    def search(self, query: str) -> float:
        """Search, keep the answer, and return the seconds it took."""
        began = time.perf_counter()
        run_all([(self._talk.connection, self._ask("search", query=query, room=ROOM, limit=RESULTS))], 1)
        return time.perf_counter() - began

    def say(self, text: str) -> None:
        run_all([(self._talk.connection, self._ask("send", room=ROOM, body=text))], 1)

    def _ask(self, type: str, **fields: Any) -> Waiting:
        self.answer = yield from self._talk.ask(type, **fields)


def wait_until_found(searcher: Searcher, word: str, poll_s: float) -> float:
    """Say something new, wait until it is found, and return the seconds that took."""
    searcher.say(word)
    began = time.perf_counter()
    while not searcher.search(word) or not searcher.answer["messages"]:
        if time.perf_counter() - began > INDEX_TIMEOUT_S:
            raise RuntimeError(f"what was said was not found within {INDEX_TIMEOUT_S} s")
        time.sleep(poll_s)
    return time.perf_counter() - began


def part(options: Options) -> Result:
    """Search a room that is otherwise silent."""
    messages = options.messages or MESSAGES
    library = Library(messages)
    with fresh_server(options, library.build) as setting:
        (talk,) = SignIn(setting.target).resume([library.token])
        searcher = Searcher(talk)
        indexed_s = wait_until_found(searcher, LAST_WORD, POLL_S)
        soon = [wait_until_found(searcher, f"{LAST_WORD}{n}", SOON_POLL_S) for n in range(SOON_TIMES)]
        result = setting.result("search", 1, messages=messages)
        for name, query in QUERIES.items():
            goal_ms = RARE_GOAL_MS if FREQUENT_WORD not in query else FREQUENT_GOAL_MS
            if FREQUENT_WORD in query and options.database is not None:
                goal_ms = FREQUENT_GOAL_OTHER_MS
            result.figures += _figures(name, [searcher.search(query) for _ in range(EACH)], goal_ms)
            found = len(searcher.answer["messages"])
            if bool(found) == (name == "no match"):
                result.problems.append(f"{name}: {found} messages found")
        talk.connection.close()
    result.figures.append(
        Figure("found after it was said, longest", max(soon), "s", SOON_GOAL_S, at_most=True)
    )
    result.figures.append(Figure("index caught up after the start", indexed_s, "s"))
    return result


def _figures(name: str, seconds: list[float], goal_ms: float) -> Iterator[Figure]:
    yield Figure(f"{name}, p50", percentile(seconds, 50) * 1000, "ms")
    yield Figure(f"{name}, p99", percentile(seconds, 99) * 1000, "ms", goal_ms, at_most=True)
