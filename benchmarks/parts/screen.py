"""From one user's Enter to the other's screen: two real windows, a real server, one message after another."""

import os
import random
import time
from contextlib import ExitStack

from benchmarks.parts.window import GEOMETRY
from benchmarks.prefill import Account, add_account, add_library, add_room
from benchmarks.report import Figure, Result, percentile
from benchmarks.setting import Options, Setting, fresh_server
from benchmarks.window.keyboard import LETTER, RETURN, Keyboard
from benchmarks.window.process import WindowProcess, some_display
from chat_server.storage import Storage

ROOM, ELSEWHERE = "lively", "quiet"
HISTORY = 300
SECONDS = 30.0
#: How quickly somebody writes short messages one after another, who waits for no answer.
PAUSE_MIN_S, PAUSE_MAX_S = 0.1, 0.25
LETTERS = 3
ARRIVE_TIMEOUT_S = 10.0
#: Goals of p50 and p99 in milliseconds: the other's screen; the sender's own line, with its tick.
OTHER_GOALS_MS, OWN_GOALS_MS = (12.0, 40.0), (20.0, 50.0)


class Pair:
    """Two users in one room with some history."""

    def __init__(self) -> None:
        self.people: list[Account] = []

    def build(self, storage: Storage) -> None:
        self.people = [add_account(storage, name) for name in ("writer", "reader")]
        room = add_room(storage, ROOM, self.people)
        add_room(storage, ELSEWHERE, self.people)
        add_library(storage, room, self.people[0], HISTORY)
        for person in self.people:
            storage.members.set_read(room.id, person.user.id, HISTORY)


def part(options: Options) -> Result:
    """Write in one window, and note when each message stands on both screens."""
    pair = Pair()
    with fresh_server(options, pair.build) as setting, ExitStack() as stack:
        display = stack.enter_context(some_display())
        writer, reader = (_window(stack, setting, display, person) for person in pair.people)
        keyboard = Keyboard(display, writer.began["window"])
        stack.callback(keyboard.close)
        for window in (reader, writer):
            window.ask({"do": "start", "view": "newest"})
        load = os.getloadavg()[0]
        entered = _write(keyboard, options.seconds_or(SECONDS))
        seen = {"other": _lines(reader, len(entered)), "own": _lines(writer, len(entered))}
        result = setting.result("screen", len(pair.people))
    for name, label, goals in (
        ("other", "Enter to the other's screen", OTHER_GOALS_MS),
        ("own", "Enter to the own line with its tick", OWN_GOALS_MS),
    ):
        taken = [at - then for then, at in zip(entered, seen[name], strict=False)]
        for percent, goal in zip((50, 99), goals, strict=True):
            value = percentile(taken, percent) * 1000
            result.figures.append(Figure(f"{label}, p{percent}", value, "ms", goal, at_most=True))
        if len(seen[name]) != len(entered):
            result.problems.append(f"{name}: {len(seen[name])} of {len(entered)} messages are on the screen")
    result.details |= {"messages": len(entered), "load average before": round(load, 1)}
    return result


def _window(stack: ExitStack, setting: Setting, display: str, person: Account) -> WindowProcess:
    name = person.user.username
    order = {
        "home": str(setting.folder / name),
        "host": setting.target.host,
        "port": setting.target.port,
        "fingerprint": setting.server.fingerprint,
        "name": name,
        "token": person.token,
        "room": ROOM,
        "elsewhere": ELSEWHERE,
        "messages": HISTORY,
        "geometry": GEOMETRY,
    }
    window = WindowProcess(display, order)
    stack.callback(window.kill)
    return window


def _write(keyboard: Keyboard, seconds: float) -> list[float]:
    """Write short messages for so long; return when Enter was pressed for each."""
    choice = random.Random(5)
    entered = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        for _ in range(LETTERS):
            keyboard.press(LETTER)
            time.sleep(choice.uniform(PAUSE_MIN_S, PAUSE_MAX_S))
        keyboard.press(RETURN)
        entered.append(keyboard.pressed[-1])
        time.sleep(choice.uniform(PAUSE_MIN_S, PAUSE_MAX_S))
    return entered


def _lines(window: WindowProcess, count: int) -> list[float]:
    """When each of so many messages stood on the window's screen; fewer where some do not come in time."""
    deadline = time.monotonic() + ARRIVE_TIMEOUT_S
    while True:
        stored: list[float] = window.ask({"do": "lines"})["stored"]
        if len(stored) >= count or time.monotonic() > deadline:
            return stored
        time.sleep(0.05)
