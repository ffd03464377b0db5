"""Which measurements there are and in which sizes `make bench` runs them."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from benchmarks.parts import (
    cluster,
    fairness,
    files,
    files_beside,
    flood,
    history,
    idle,
    indexing,
    latency,
    presence,
    reconnect,
    rooms,
    screen,
    search,
    search_in_flood,
    signin,
    slow,
    start,
    window,
)
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
    "fairness": on_fresh_server(fairness.measure),
    "files": files.part,
    "files-beside": files_beside.part,
    "rooms": rooms.part,
    "history": history.part,
    "search": search.part,
    "search-in-flood": search_in_flood.part,
    "indexing": indexing.part,
    "presence": presence.part,
    "cluster": cluster.part,
    "cluster-crowd": cluster.crowd,
    "start": start.part,
    "reconnect": on_fresh_server(reconnect.measure),
    "window": window.part,
    "screen": screen.part,
}


@dataclass(frozen=True, slots=True)
class Size:
    """A measurement in one size; what is left out is the part's own choice."""

    part: str
    n: int | None = None
    tls: bool = False
    messages: int | None = None

    def of(self, options: Options) -> Options:
        """The options for this size; what was asked for on the command line wins."""
        return replace(
            options,
            n=options.n or self.n,
            tls=options.tls or self.tls,
            messages=options.messages or self.messages,
        )


# What `make bench` runs.
ALL = [
    *(Size("flood", clients) for clients in (50, 200, 1_000)),
    *(Size("flood", clients, tls=True) for clients in (50, 200, 1_000)),
    Size("stored"),
    *(Size("latency", clients) for clients in (50, 200, 1_000)),
    *(Size("latency", clients, tls=True) for clients in (200, 1_000)),
    Size("idle", tls=True),
    Size("signin", tls=True),
    Size("slow"),
    Size("rooms"),
    Size("history"),
    Size("fairness"),
    Size("files"),
    Size("files-beside"),
    Size("search", messages=200_000),
    Size("search-in-flood"),
    Size("indexing"),
    Size("reconnect", tls=True),
    Size("presence", tls=True),
    Size("start"),
    Size("window", tls=True),
    Size("screen", tls=True),
]

# How cost grows with clients, rooms and messages: `make bench-growth`.
GROWTH = [
    *(Size("flood", clients) for clients in (10, 100, 1_000, 10_000)),
    *(Size("latency", clients) for clients in (10, 100, 1_000, 10_000)),
    *(Size("idle", clients, tls=True) for clients in (10, 100, 1_000, 10_000)),
    *(Size("rooms", rooms) for rooms in (10, 100, 1_000)),
    *(Size("history", messages=messages) for messages in (1_000, 10_000, 100_000, 1_000_000)),
    *(Size("search", messages=messages) for messages in (10_000, 100_000, 1_000_000)),
]

LISTS = {"all": ALL, "growth": GROWTH}
