"""What each failure of a cluster may cost, and whether it did not cost more; it breaks nothing."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from tests.support.wire import TIMEOUT_S


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of one failure; all in seconds, without what threads had to wait for a processor.

    :param lasted_s: until it was mended.
    :param hit: until each client of a server that was hit had something stored that it said since.
    :param others: the same of the other clients.
    :param stood_s: the longest time in which nobody's message was stored.
    :param heard: how much later than its sender each client on another server had a message.
    """

    lasted_s: float
    hit: Sequence[float]
    others: Sequence[float]
    stood_s: float
    heard: Sequence[float]


@dataclass(frozen=True, slots=True)
class Bound:
    """One promise.

    :param share: of the samples, the smallest first, for which it holds; of so many the last is the figure.
    """

    what: str
    most_s: float
    share: float
    samples: Callable[[Seen], Sequence[float]]

    def figure(self, seen: Sequence[Seen]) -> float | None:
        """Return what stands against the bound, or None where nothing was seen of it."""
        samples = sorted(sample for each in seen for sample in self.samples(each))
        return samples[math.ceil(self.share * len(samples)) - 1] if samples else None


def elsewhere(most_s: float) -> Bound:
    """Clients of a server that is gone are served by another one."""
    what = "its clients are served elsewhere (p95)"
    return Bound(what, most_s, 0.95, lambda seen: seen.hit)


def afterwards(most_s: float) -> Bound:
    """Clients of a server that is cut off are served by it again, or before by another one."""
    what = "its clients are served after its end (p95)"
    return Bound(what, most_s, 0.95, lambda seen: [max(0.0, sample - seen.lasted_s) for sample in seen.hit])


def others(most_s: float) -> Bound:
    """Clients of the other servers notice nothing."""
    what = "clients of the others are served (p95)"
    return Bound(what, most_s, 0.95, lambda seen: seen.others)


def writes(most_s: float) -> Bound:
    """Nobody's message is stored for so long at most."""
    what = "no message at all is stored for"
    return Bound(what, most_s, 1.0, lambda seen: [seen.stood_s])


def heard(most_s: float) -> Bound:
    """Other servers' readers have a message so much later."""
    return Bound("a message is late on other servers (p50)", most_s, 0.5, lambda seen: seen.heard)


SERVER_DIES: Final = (elsewhere(3.0), others(1.0))
SERVER_APART: Final = (afterwards(3.0), others(1.0))
# Its clients hear nothing more: as soon as they give it up themselves.
SERVER_SILENT: Final = (elsewhere(TIMEOUT_S + 3.0), others(1.0))
BROKER_DIES: Final = (others(1.0), heard(0.25))
BROKER_HANGS: Final = (others(1.0), heard(1.0))


@dataclass
class Ledger:
    """All that was seen, by failure, beside what it may cost."""

    bounds: dict[str, tuple[Bound, ...]]
    seen: dict[str, list[Seen]] = field(default_factory=dict)

    def add(self, name: str, seen: Seen) -> None:
        """Note one failure."""
        self.seen.setdefault(name, []).append(seen)

    def broken(self) -> list[str]:
        """Return a sentence for each bound that was not held."""
        return [
            f"{name}: {bound.what} {figure:.2f} s, at most {bound.most_s:g} s are allowed"
            for name, bound, figure in self._figures()
            if figure is not None and figure > bound.most_s
        ]

    def table(self) -> str:
        """Return a line for each bound, in Markdown."""
        lines = ["| fault | what is bounded | at most | seen | held |", "|---|---|---|---|---|"]
        for name, bound, figure in self._figures():
            shown = "-" if figure is None else f"{figure:.2f} s"
            held = "-" if figure is None else "no" if figure > bound.most_s else "yes"
            lines.append(f"| {name} | {bound.what} | {bound.most_s:g} s | {shown} | {held} |")
        return "\n".join(lines)

    def _figures(self) -> list[tuple[str, Bound, float | None]]:
        return [
            (name, bound, bound.figure(seen))
            for name, seen in self.seen.items()
            for bound in self.bounds[name]
        ]
