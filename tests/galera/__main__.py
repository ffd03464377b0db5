"""Kills and freezes Galera's nodes under two servers with --cluster, and compares what was acknowledged.

`python -m tests.galera` prints lines for each failure and ends with status 1 when anything was lost, doubled
or out of order. It needs `mariadb-server`, `galera-4` and `rsync`.
"""

import itertools
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from tests.galera.galera import INSTALL_COMMAND, Galera, is_installed
from tests.support.server import ServerProcess, start_server
from tests.support.wire import WireClient, connected

ROOM = "Général"
ANSWER_MAX_S = 30.0
PAUSE_S = 0.02


class Talker(threading.Thread):
    """Says one thing after the other, each again with its nonce until it is stored."""

    def __init__(self, client: WireClient, name: str) -> None:
        super().__init__(name=name, daemon=True)
        self.client = client
        self.acknowledged: dict[str, int] = {}  # text -> seq
        self.longest_s = 0.0
        self.refused = 0
        self.failure = ""
        self._stop_wanted = threading.Event()

    def run(self) -> None:
        """Talk until :meth:`finish`."""
        try:
            for number in itertools.count():
                self._say(f"{self.name} {number}")
                if self._stop_wanted.wait(PAUSE_S):
                    return
        except Exception as error:  # the main thread tells it
            self.failure = f"{self.name}: {error!r}"

    def _say(self, text: str) -> None:
        began = time.monotonic()
        while True:
            ref = self.client.send("send", room=ROOM, body=text, nonce=text)
            reply = self.client.reply(ref, ANSWER_MAX_S)
            if reply["type"] == "ok":
                break
            if reply["code"] != "unavailable":
                raise RuntimeError(str(reply))
            self.refused += 1
            time.sleep(0.2)
        self.acknowledged[text] = reply["seq"]
        self.longest_s = max(self.longest_s, time.monotonic() - began)

    def take_longest(self) -> float:
        """Return how long the slowest message took since the last call, in seconds."""
        longest, self.longest_s = self.longest_s, 0.0
        return longest

    def finish(self) -> None:
        """Stop talking."""
        self._stop_wanted.set()
        self.join(2 * ANSWER_MAX_S)
        if self.failure or self.is_alive():
            raise RuntimeError(self.failure or f"{self.name} has no answer")


def main() -> int:
    """Run the failures and return the exit status."""
    if not is_installed():
        print(f"install what is missing: {INSTALL_COMMAND}", file=sys.stderr)
        return 2
    with Galera() as galera, tempfile.TemporaryDirectory() as folder:
        servers = [_server(Path(folder) / name, galera.url) for name in ("one", "two")]
        try:
            wrong = _rounds(galera, servers)
        finally:
            for server in servers:
                server.stop()
    print("\n".join(wrong) or "nothing lost, nothing doubled, one order")
    return 1 if wrong else 0


def _server(folder: Path, url: str) -> ServerProcess:
    return start_server(folder, "--cluster", "--no-limits", tls=False, database=url)


def _rounds(galera: Galera, servers: list[ServerProcess]) -> list[str]:
    first, second, third = galera.nodes
    with connected(servers[0].port, tls=False) as alice, connected(servers[1].port, tls=False) as bob:
        alice.register("alice")
        bob.register("bob")
        talkers = [Talker(alice, "alice"), Talker(bob, "bob")]
        for talker in talkers:
            talker.start()
        _round("nothing", talkers, lambda: None, 3)
        _round("kill -9 of the node written to", talkers, lambda: first.signal(signal.SIGKILL), 12)
        _round("it comes back", talkers, lambda: first.start(galera.members), 5)
        _round("kill -9 of another node", talkers, lambda: third.signal(signal.SIGKILL), 12)
        _round("SIGSTOP of one of the two left", talkers, lambda: second.signal(signal.SIGSTOP), 15)
        _round("it goes on", talkers, lambda: second.signal(signal.SIGCONT), 20)
        for talker in talkers:
            talker.finish()
    return list(_faults(servers[1], talkers))


def _round(what: str, talkers: list[Talker], act: Callable[[], None], seconds: float) -> None:
    before = [(len(each.acknowledged), each.refused) for each in talkers]
    act()
    time.sleep(seconds)
    for talker, (stored, refused) in zip(talkers, before, strict=True):
        print(
            f"{what}: {talker.name} stored {len(talker.acknowledged) - stored}, was refused"
            f" {talker.refused - refused} times, waited {talker.take_longest():.1f} s at most",
            flush=True,
        )


def _faults(server: ServerProcess, talkers: list[Talker]) -> list[str]:
    """Compare what was acknowledged, and what each was told, with what is stored."""
    found = []
    with connected(server.port, tls=False) as reader:
        reader.register("reader")
        stored: list[tuple[int, str]] = []
        while True:
            page = reader.ok("history", room=ROOM, after=stored[-1][0] if stored else 0)
            stored += [(each["seq"], each["body"]) for each in page["messages"]]
            if not page.get("more"):
                break
    if [seq for seq, _ in stored] != list(range(1, len(stored) + 1)):
        found.append("there are holes")
    if len({body for _, body in stored}) != len(stored):
        found.append("something was stored twice")
    places = {body: seq for seq, body in stored}
    for talker in talkers:
        lost = [text for text, seq in talker.acknowledged.items() if places.get(text) != seq]
        if lost:
            found.append(f"{talker.name}: {len(lost)} acknowledged messages are gone, first {lost[0]}")
        heard = [each["seq"] for each in talker.client.events if each["type"] == "message"]
        if heard != sorted(set(heard)):
            found.append(f"{talker.name} heard messages twice or out of order")
        own = set(talker.acknowledged.values())
        missed = set(range(1, max(own | set(heard)) + 1)) - own - set(heard)
        if missed:
            found.append(f"{talker.name} was not told of {len(missed)} messages, first {min(missed)}")
    return found


if __name__ == "__main__":
    raise SystemExit(main())
