"""Fairness: one client floods; what do others wait for a send, a page of history and a sign-in?"""

import threading
from itertools import repeat

from benchmarks.conversations import SignIn
from benchmarks.crowd import ARRIVAL_ROOM, Crowd, flood, loop_of, user_names
from benchmarks.loop import Loop
from benchmarks.parts.flood import note
from benchmarks.probe import Probe
from benchmarks.report import Figure, Result, per_send, percentile
from benchmarks.setting import Setting

CLIENTS = 50
SECONDS = 5.0
# Far more than a client with manners keeps in flight.
FLOODING_WINDOW = 1_000
P99_GOAL_MS = 200.0


class Newcomers:
    """Signs in by token again and again, on a thread of its own, until it is told to stop."""

    def __init__(self, sign_in: SignIn, token: str) -> None:
        self.sign_in = sign_in
        self._token = token
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="newcomers")

    def _run(self) -> None:
        while not self._stop.is_set():
            for talk in self.sign_in.resume([self._token]):
                talk.connection.close()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> list[float]:
        """Stop, and return the seconds that each sign-in took."""
        self._stop.set()
        self._thread.join()
        return list(self.sign_in.seconds)


def measure(setting: Setting) -> Result:
    """Flood the arrival room from one client, and let others ask for something meanwhile."""
    options = setting.options
    clients = options.n or CLIENTS
    sign_in = SignIn(setting.target)
    names = user_names(3)
    flooder, reader, speaker = sign_in.register(names)
    listeners = sign_in.resume([flooder.token] * (clients - 1))
    crowd = Crowd([flooder.release()], [talk.release() for talk in listeners], window=FLOODING_WINDOW)
    page = {"type": "history", "room": ARRIVAL_ROOM, "limit": 50}
    # Said in private: in the arrival room it would be a hole in what the crowd hears.
    words = {"type": "send", "room": f"@{names[1]}", "body": "do you hear me?"}
    probes = {
        "page of history": Probe(reader.release(), repeat(page)),
        "send": Probe(speaker.release(), repeat(words)),
    }
    newcomers = Newcomers(SignIn(setting.target), reader.token)
    with loop_of([crowd], Loop()) as loop:
        loop.add(probes.values(), prompt=True)
        for probe in probes.values():
            probe.ask()
        newcomers.start()
        found = flood(loop, [crowd], options.seconds_or(SECONDS), setting.target)
        waits = {name: probe.seconds for name, probe in probes.items()} | {"sign-in": newcomers.stop()}
    result = setting.result("fairness", clients)
    result.problems = crowd.problems() + [probe.first_error for probe in probes.values() if probe.first_error]
    for name, seconds in waits.items():
        result.figures += _figures(name, seconds)
    result.figures.append(per_send("deliveries meanwhile", found.deliveries_per_s, "/s", setting.reference))
    note(result, found)
    return result


def _figures(name: str, seconds: list[float]) -> list[Figure]:
    return [
        Figure(f"{name}, p50", percentile(seconds, 50) * 1000, "ms"),
        Figure(f"{name}, p99", percentile(seconds, 99) * 1000, "ms", P99_GOAL_MS, at_most=True),
    ]
