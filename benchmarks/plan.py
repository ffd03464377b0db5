"""Which measurements there are and in which sizes `make bench` runs them."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.parts import flood
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
}

# name, clients, TLS
ALL: list[tuple[str, int, bool]] = [
    ("flood", 50, False),
    ("flood", 200, False),
    ("flood", 1_000, False),
    ("flood", 50, True),
    ("flood", 200, True),
    ("flood", 1_000, True),
    ("stored", 2, False),
]
