"""Which measurements there are and in which sizes `make bench` runs them."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.parts import flood, history, idle, latency, reconnect, rooms, search, signin, slow
from benchmarks.report import Result
from benchmarks.setting import Options, Setting, fresh_server

# A measurement with all it needs, its server included.
Part = Callable[[Options], Result]


def on_fresh_server(measure: Callable[[Setting], Result]) -> Part:
    """The measurement on a server with an empty database."""

    def part(options: Options) -> Result:
        with fresh_server(options) as setting:
            return measure(setting)

    return part


PARTS: dict[str, Part] = {
    "flood": on_fresh_server(flood.measure),
    "stored": on_fresh_server(flood.measure_stored),
    "latency": on_fresh_server(latency.measure),
    "idle": on_fresh_server(idle.measure),
    "signin": on_fresh_server(signin.measure),
    "slow": on_fresh_server(slow.measure),
    "rooms": rooms.part,
    "history": history.part,
    "search": search.part,
    "reconnect": on_fresh_server(reconnect.measure),
}

# What `make bench` runs: name, clients (None: the part's own number), whether over TLS.
ALL: list[tuple[str, int | None, bool]] = [
    ("flood", 50, False),
    ("flood", 200, False),
    ("flood", 1_000, False),
    ("flood", 50, True),
    ("flood", 200, True),
    ("flood", 1_000, True),
    ("stored", None, False),
    ("latency", 50, False),
    ("latency", 200, False),
    ("latency", 1_000, False),
    ("latency", 200, True),
    ("latency", 1_000, True),
    ("idle", None, True),
    ("signin", None, True),
    ("slow", None, False),
    ("rooms", None, False),
    ("history", None, False),
    ("search", None, False),
    ("reconnect", None, True),
]
