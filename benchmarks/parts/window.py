"""The window: whether it answers while messages pour in, with a long history loaded."""

import os
import random
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

from benchmarks.clients import Sender
from benchmarks.conversations import SignIn
from benchmarks.loop import Loop
from benchmarks.machine import Meter, Shares
from benchmarks.prefill import Account, add_account, add_library, add_room, bodies
from benchmarks.report import Figure, Result, percentile
from benchmarks.setting import Options, Setting, fresh_server
from benchmarks.window.keyboard import Keyboard
from benchmarks.window.process import WindowProcess, some_display
from chat_server.storage import Storage

MESSAGES = 100_000
RATE_PER_S = 200
SECONDS = 10.0
#: Several, so that most messages have a head and an avatar of their own.
WRITERS = 5
KEYS_PER_S = 20
ROOM, ELSEWHERE = "lively", "quiet"
GEOMETRY = "1120x740+0+0"
P99_GOAL_MS = 50.0
#: The window may be so far behind the server at the end of a view.
BEHIND_MAX_S = 1.0
QUIET_S = 5.0
BEHIND = "behind"

#: What the reader does meanwhile, and whether messages come: at the end of the timeline with none coming
#: (what the machine itself costs); at the end; scrolled up; in another room; in another program.
VIEWS = {"still": 0, "newest": RATE_PER_S, "above": RATE_PER_S, "elsewhere": RATE_PER_S, BEHIND: RATE_PER_S}


class Library:
    """A long room with a reader and some who write."""

    def __init__(self, messages: int) -> None:
        self.messages = messages
        self.reader: Account | None = None
        self.writers: list[Account] = []

    def build(self, storage: Storage) -> None:
        self.reader = add_account(storage, "reader")
        self.writers = [add_account(storage, f"writer-{number}") for number in range(WRITERS)]
        room = add_room(storage, ROOM, [self.reader, *self.writers])
        add_room(storage, ELSEWHERE, [self.reader])
        add_library(storage, room, self.writers[0], self.messages)
        storage.members.set_read(room.id, self.reader.user.id, self.messages)


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found in one view; times in seconds."""

    view: str
    late_s: list[float]
    work_s: list[float]
    key_s: list[float]
    sent: int
    behind: int
    keys_lost: int
    shares: Shares
    answer: dict[str, Any] = field(repr=False)


class Stage:
    """The window, the writers and the keyboard, for one view after another."""

    def __init__(self, window: WindowProcess, keyboard: Keyboard, senders: list[Sender], loop: Loop) -> None:
        self._window = window
        self._keyboard = keyboard
        self._senders = senders
        self._turns = cycle(senders)
        self._loop = loop

    def watch(self, view: str, rate_per_s: int, seconds: float, pids: list[int]) -> Seen:
        """Let messages come and keys be pressed for so long."""
        began = self._window.ask({"do": "start", "view": view})
        self._keyboard.pressed.clear()
        if view == BEHIND:
            self._keyboard.let_go()
        # The window's share stands where that of a database's processes would.
        meter = Meter(pids, [self._window.process.pid])
        sent = self._play(rate_per_s, seconds, keys=view not in ("elsewhere", BEHIND))
        shares = meter.shares()
        answer = self._window.ask({"do": "stop", "keys": len(self._keyboard.pressed)})
        pressed, shown = self._keyboard.pressed, answer["shown"]
        key_s = [at - then for then, at in zip(pressed, shown, strict=False)]
        behind = began["last_seq"] + sent - answer["last_seq"]
        lost = max(0, len(pressed) - len(shown))
        return Seen(
            view, answer["late_s"], answer["work_s"], key_s, sent, behind, lost, shares, began | answer
        )

    def refusals(self) -> list[str]:
        """What the server refused or cut off, which it must not."""
        return [text for sender in self._senders for text in (sender.first_error, sender.lost) if text]

    def _play(self, rate_per_s: int, seconds: float, *, keys: bool) -> int:
        began = time.perf_counter()
        sent, choice = 0, random.Random(3)
        key_at = began + 0.1
        while (now := time.perf_counter()) < began + seconds:
            if keys and now >= key_at:
                self._keyboard.press()
                key_at += choice.uniform(0.5, 1.5) / KEYS_PER_S
            if sent < int((now - began) * rate_per_s):
                next(self._turns).send(1)
                sent += 1
            self._loop.run_until(now + 0.002)
        self._loop.run_while(
            lambda: any(s.in_flight for s in self._senders), lambda: self._loop.reads, QUIET_S
        )
        return sent


def part(options: Options) -> Result:
    """Watch the window in each view."""
    messages = options.messages or MESSAGES
    library = Library(messages)
    with fresh_server(options, library.build) as setting, stage(setting, library) as (played, loaded):
        seconds = options.seconds_or(SECONDS)
        load = os.getloadavg()[0]
        seen = [played.watch(view, rate, seconds, [setting.server.pid]) for view, rate in VIEWS.items()]
    result = setting.result("window", WRITERS, messages=loaded)
    result.problems = played.refusals()
    for found in seen:
        result.figures += figures(found)
        result.problems += problems(found)
        result.details[f"cores, {found.view}"] = cores(found.shares)
        result.details[f"messages/s, {found.view}"] = round(found.sent / seconds)
        result.details[f"ms to show, {found.view}"] = round(found.answer["shown_s"] * 1000)
    if loaded < messages:
        result.problems.append(f"only {loaded} of {messages} messages were loaded")
    result.details |= {
        "load average before": round(load, 1),
        "peak MB": seen[-1].answer["peak_bytes"] // 10**6,
    }
    return result


@contextmanager
def stage(setting: Setting, library: Library) -> Iterator[tuple[Stage, int]]:
    """All that takes part, for a ``with`` block, and how many messages the window has loaded."""
    assert library.reader is not None
    order = {
        "home": str(setting.folder / "home"),
        "host": setting.target.host,
        "port": setting.target.port,
        "fingerprint": setting.server.fingerprint,
        "name": library.reader.user.username,
        "token": library.reader.token,
        "room": ROOM,
        "elsewhere": ELSEWHERE,
        "messages": library.messages,
        "geometry": GEOMETRY,
    }
    texts = bodies(random.Random(4))
    with ExitStack() as stack:
        display = stack.enter_context(some_display())
        window = WindowProcess(display, order)
        stack.callback(window.kill)
        keyboard = Keyboard(display, window.began["window"])
        stack.callback(keyboard.close)
        talks = SignIn(setting.target).resume(account.token for account in library.writers)
        senders = [Sender(talk.release(), ROOM, body=next(texts)) for talk in talks]
        loop = Loop()
        stack.callback(loop.close)
        loop.add(senders, prompt=True)
        yield Stage(window, keyboard, senders, loop), window.began["messages"]
        window.close()


def figures(seen: Seen) -> list[Figure]:
    """How late timers came, how long a key took to be seen, and the window's own work between two beats."""
    found = []
    measured = {"timer late": seen.late_s, "key to screen": seen.key_s, "work at a stretch": seen.work_s}
    for name, values in measured.items():
        if values:
            for percent in (50, 99, 100):
                label = "max" if percent == 100 else f"p{percent}"
                goal = P99_GOAL_MS if percent == 99 else None
                value = percentile(values, percent) * 1000
                found.append(Figure(f"{seen.view}: {name}, {label}", value, "ms", goal, at_most=True))
    return found


def problems(seen: Seen) -> list[str]:
    """What makes the measurement fail, in words: with them, whether it was the window's own doing."""
    work_ms = percentile(seen.work_s, 99) * 1000
    circumstances = f"its own work at a stretch {work_ms:.0f} ms; cores used: {cores(seen.shares)}"
    found = [
        f"{figure.name} is {figure.value:.0f} ms, over {P99_GOAL_MS:.0f} ms ({circumstances})"
        for figure in figures(seen)
        if figure.reached is False
    ]
    if seen.behind > max(BEHIND_MAX_S * RATE_PER_S, 1):
        found.append(f"{seen.view}: the window is {seen.behind} of {seen.sent} messages behind")
    if seen.answer["in_front"] != (seen.view != BEHIND):
        found.append(f"{seen.view}: the keyboard was not where it was meant to be")
    if seen.keys_lost:
        found.append(f"{seen.view}: {seen.keys_lost} keys never reached the screen")
    return found


def cores(shares: Shares) -> dict[str, float]:
    """Who used how much CPU, under the names that fit here."""
    return {
        "server": round(shares.server, 2),
        "window": round(shares.database, 2),
        "generator": round(shares.generator, 2),
        "others": round(shares.others, 2),
    }
