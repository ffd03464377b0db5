"""Rooms full of clients: who sends, who listens, and whether all had everything, once and in order."""

import gc
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Protocol, TypeVar

from benchmarks.clients import WINDOW, Client, Listener, Sender
from benchmarks.connection import Connection, Target
from benchmarks.conversations import SignIn
from benchmarks.loop import Loop
from benchmarks.machine import Meter, Shares
from benchmarks.stream import RoomStream

LoopType = TypeVar("LoopType", bound=Loop)

ARRIVAL_ROOM = "Général"
SENDERS = 4
WARM_UP_S = 0.5
QUIET_S = 5.0


def user_names(count: int) -> list[str]:
    """Names that no earlier run has used."""
    run = uuid.uuid4().hex[:8]
    return [f"bench-{run}-{number}" for number in range(count)]


class Talker(Protocol):
    """A client that sends, and when its sends were answered."""

    round_trips: deque[float]


class Load(Protocol):
    """Clients of whatever server that a flood lets loose."""

    @property
    def senders(self) -> Sequence[Talker]: ...
    @property
    def deliveries(self) -> int: ...
    @property
    def accepted(self) -> int: ...
    @property
    def unfinished(self) -> bool: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...


class Crowd:
    """The clients of one room."""

    def __init__(
        self,
        senders: Iterable[Connection],
        listeners: Iterable[Connection],
        room: str = ARRIVAL_ROOM,
        window: int = WINDOW,
        listener: Callable[[Connection, RoomStream], Listener] = Listener,
    ) -> None:
        self.stream = RoomStream()
        self.senders = [Sender(connection, room, window) for connection in senders]
        self.listeners = [listener(connection, self.stream) for connection in listeners]
        self.room = room

    @property
    def deliveries(self) -> int:
        """Messages received so far, by all."""
        heard = sum(listener.check.messages for listener in self.listeners)
        return heard + sum(sender.messages for sender in self.senders)

    @property
    def accepted(self) -> int:
        return sum(sender.accepted for sender in self.senders)

    def start(self) -> None:
        for sender in self.senders:
            sender.start()

    def stop(self) -> None:
        for sender in self.senders:
            sender.stop()

    @property
    def unfinished(self) -> bool:
        """Whether something sent was not answered or something accepted was not delivered everywhere."""
        if any(sender.in_flight and sender.lost is None for sender in self.senders):
            return True
        accepted = self.accepted
        if any(sender.messages + sender.accepted < accepted for sender in self.senders):
            return True
        return any(listener.check.messages < accepted for listener in self.listeners)

    def problems(self) -> list[str]:
        """What went wrong, in words; call it when nothing is under way any more."""
        accepted = self.accepted
        expected = accepted * (len(self.listeners) + len(self.senders) - 1)
        lost = sum(accepted - listener.check.messages for listener in self.listeners)
        lost += sum(accepted - sender.accepted - sender.messages for sender in self.senders)
        holes = self.stream.seqs.holes + sum(sender.seqs.holes for sender in self.senders)
        repeats = self.stream.seqs.repeats + sum(sender.seqs.repeats for sender in self.senders)
        apart = sum(listener.check.faults for listener in self.listeners)
        refused = [sender.first_error for sender in self.senders if sender.errors]
        cut = [client.lost for client in (*self.senders, *self.listeners) if client.lost is not None]
        found = {
            f"{lost} of {expected} deliveries lost": lost,
            f"{holes} holes in seq": holes,
            f"{repeats} seqs repeated": repeats,
            f"{self.stream.out_of_order} messages out of order": self.stream.out_of_order,
            f"{apart} holes or repeats at single listeners": apart,
            f"sends refused, the first with {refused[:1]}": len(refused),
            f"{len(cut)} connections lost, the first: {cut[:1]}": len(cut),
            "nothing was accepted": accepted == 0,
        }
        return [f"{self.room}: {text}" for text, count in found.items() if count]


def gather(
    target: Target,
    clients: int,
    senders: int = SENDERS,
    listener: Callable[[Connection, RoomStream], Listener] = Listener,
) -> Crowd:
    """Sign in the clients of the arrival room: senders are users, listeners further sessions of theirs."""
    sign_in = SignIn(target)
    talks = sign_in.register(user_names(senders))
    tokens = islice(cycle([talk.token for talk in talks]), clients - senders)
    listeners = sign_in.resume(tokens)
    sending, listening = ([talk.release() for talk in group] for group in (talks, listeners))
    return Crowd(sending, listening, listener=listener)


@dataclass(frozen=True, slots=True)
class Flood:
    """What a flood came to."""

    seconds: float
    deliveries_per_s: float
    stored_per_s: float
    round_trip_s: float
    drain_s: float
    shares: Shares

    @property
    def server_us_per_delivery(self) -> float:
        """CPU of the server's processes, in microseconds."""
        return self.shares.server / self.deliveries_per_s * 1e6 if self.deliveries_per_s else float("nan")


def flood(
    loop: Loop,
    crowds: Sequence[Load],
    seconds: float,
    target: Target | None = None,
    quiet_s: float = QUIET_S,
) -> Flood:
    """Let the senders send as fast as they are answered for *seconds*, then wait for what is under way.

    The crowds' clients are in the loop already.

    :param quiet_s: how long nothing may come before the rest counts as lost.
    """
    with without_collection():
        for crowd in crowds:
            crowd.start()
        loop.run_until(time.perf_counter() + WARM_UP_S)
        meter, began = meter_of(target), time.perf_counter()
        delivered, accepted = _totals(crowds)
        loop.run_until(began + seconds)
        ended, shares = time.perf_counter(), meter.shares()
        delivered_then, accepted_then = _totals(crowds)
        for crowd in crowds:
            crowd.stop()
        loop.run_while(lambda: any(crowd.unfinished for crowd in crowds), lambda: loop.reads, quiet_s)
    trips = [seconds for crowd in crowds for sender in crowd.senders for seconds in sender.round_trips]
    return Flood(
        seconds=ended - began,
        deliveries_per_s=(delivered_then - delivered) / (ended - began),
        stored_per_s=(accepted_then - accepted) / (ended - began),
        round_trip_s=sorted(trips)[len(trips) // 2] if trips else float("nan"),
        drain_s=time.perf_counter() - ended,
        shares=shares,
    )


def meter_of(target: Target | None) -> Meter:
    """A meter for the target's processes."""
    return Meter() if target is None else Meter(target.pids, target.database_pids)


def _totals(crowds: Sequence[Load]) -> tuple[int, int]:
    return sum(crowd.deliveries for crowd in crowds), sum(crowd.accepted for crowd in crowds)


@contextmanager
def without_collection() -> Iterator[None]:
    """Keep Python's cyclic collector from pausing the clients in the middle of a measurement."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


class Clients(Protocol):
    """Groups of clients that a loop serves."""

    @property
    def senders(self) -> Sequence[Client]: ...
    @property
    def listeners(self) -> Sequence[Client]: ...


@contextmanager
def loop_of(crowds: Sequence[Clients], loop: LoopType) -> Iterator[LoopType]:
    """The loop with the crowds' clients in it; afterwards everything is closed."""
    for crowd in crowds:
        loop.add(crowd.senders, prompt=True)
        loop.add(crowd.listeners)
    try:
        yield loop
    finally:
        loop.close()
        for crowd in crowds:
            for client in (*crowd.senders, *crowd.listeners):
                client.connection.close()
