"""How long the server takes to start, by how many messages it holds, until it accepts clients."""

import time

from benchmarks.prefill import add_account, add_library, add_room
from benchmarks.report import Figure, Result
from benchmarks.setting import Options, fresh_server, running
from chat_server.storage import Storage

MESSAGES = 1_000_000
ROUNDS = 5
GOAL_S = 1.5


def part(options: Options) -> Result:
    """Start the server again and again on the same database."""
    messages = options.messages or MESSAGES

    def build(storage: Storage) -> None:
        writer = add_account(storage, "writer")
        add_library(storage, add_room(storage, "library", [writer]), writer, messages)

    with fresh_server(options, build) as setting:
        result = setting.result("start", 0, messages=messages)
        taken = []
        setting.server.stop(timeout=60)
        for _ in range(ROUNDS):
            began = time.perf_counter()
            with running(options, setting.folder / "data", setting.database):
                taken.append(time.perf_counter() - began)
    result.figures = [Figure("started, median", sorted(taken)[ROUNDS // 2], "s", GOAL_S, at_most=True)]
    return result
