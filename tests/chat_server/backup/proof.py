"""Takes a large backup while clients talk, to MariaDB and back, and compares them.

Not a test of `make test`: it takes minutes. It prints what it did, how long each step took, and fails when
any count or checksum differs, when a message that was acknowledged before the backup began is not in it, or
when a room has a hole.
"""

import argparse
import random
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from chat_protocol.times import now_ms
from chat_server.storage import open_storage
from chat_server.storage.core.records import NewMessage
from chat_server.storage.storage import open_database
from tests.support.mariadb import MariaDb
from tests.support.server import ROOT, start_server
from tests.support.waiting import until
from tests.support.wire import WireClient, connect

ROOM = "Général"
TALKERS = 8
USERS = 50
BATCH = 1_000
WORDS = (
    "bonjour",
    "réunion",
    "demain",
    "à",
    "dix heures",
    "la grande salle",
    "👍",
    "merci",
    "日本",
    "%s",
    "\\",
    "\"'",
)
DEFAULT_POOL = "--innodb-buffer-pool-size=128M"  # what MariaDB has unless it is told otherwise

Sums = list[str]


class Talker(threading.Thread):
    """A client that says one thing after another and keeps what was acknowledged, and when."""

    def __init__(self, port: int, number: int, pause_s: float) -> None:
        super().__init__(name=f"talker-{number}")
        self.acknowledged: list[tuple[float, int, str]] = []  # when, seq, body
        self.done = threading.Event()
        self._pause_s = pause_s
        self._client: WireClient = connect(port, tls=False)
        self._client.register(f"talker{number}")

    def run(self) -> None:
        number = 0
        while not self.done.wait(self._pause_s):
            number += 1
            body = f"{self.name} says {number}"
            reply = self._client.ok("send", room=ROOM, body=body, nonce=f"{self.name}-{number}")
            self.acknowledged.append((time.monotonic(), reply["seq"], body))
        self._client.close()


@contextmanager
def talking(port: int, pause_s: float) -> Iterator[list[Talker]]:
    """Clients that talk until the block ends."""
    talkers = [Talker(port, number, pause_s) for number in range(TALKERS)]
    for talker in talkers:
        talker.start()
    try:
        yield talkers
    finally:
        for talker in talkers:
            talker.done.set()
        for talker in talkers:
            talker.join()


def fill(url: str, messages: int) -> None:
    """Store so many messages of fifty users in all rooms and one private conversation."""
    storage = open_storage(url)
    choice = random.Random(4)
    users = [
        storage.users.create(f"user{number}", f"user{number}", f"User {number}", "!", now_ms())
        for number in range(USERS)
    ]
    rooms = [*storage.rooms.all(), storage.rooms.direct(users[0].id, users[1].id, now_ms())]
    for start in range(0, messages, BATCH):
        batch = [
            NewMessage(
                choice.choice(rooms).id,
                choice.choice(users).id,
                " ".join(choice.choices(WORDS, k=12)),
                f"{choice.getrandbits(128):032x}",
            )
            for _ in range(min(BATCH, messages - start))
        ]
        storage.messages.append(batch, now_ms())
    storage.close()


def backup(what: str, *arguments: object) -> Sums:
    """Run the backup program, print how long it took, and return its lines of sums."""
    cpu_before = _children_cpu_s()
    done = subprocess.run(
        [sys.executable, "-m", "chat_server.backup", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{arguments[0]}: {done.stderr}")
    *sums, last = done.stdout.splitlines()
    took = last.rpartition(" ")[0].rpartition(" ")[2]
    print(
        f"{what:<24} {took:>6} s, of which {_children_cpu_s() - cpu_before:.1f} s on the processor",
        flush=True,
    )
    return sums


def verify(path: Path, talkers: list[Talker], began: float) -> tuple[int, int]:
    """Look into a restored database: no hole, and all that was acknowledged before the backup began.

    :return: how many acknowledged messages had to be there, and how many are there that came later.
    """
    database = open_database(f"sqlite:///{path}")
    rooms = database.rows(
        "SELECT r.name, r.last_seq, (SELECT COUNT(*) FROM messages m WHERE m.room_id = r.id) FROM rooms r"
    )
    assert all(last == count for _, last, count in rooms), rooms
    (room_id,) = database.rows("SELECT id FROM rooms WHERE name = ?", (ROOM,))[0]
    there: dict[int, str] = dict(
        database.rows("SELECT seq, body FROM messages WHERE room_id = ? AND body LIKE 'talker%'", (room_id,))
    )
    database.close()
    before = 0
    for talker in talkers:
        for at, seq, body in talker.acknowledged:
            if at < began:
                assert there.get(seq) == body, (seq, body)
                before += 1
    return before, len(there) - before


def prove(messages: int, folder: Path, pause_s: float) -> None:
    """Go once round."""
    data, first, second = folder / "data", folder / "first.backup", folder / "second.backup"
    data.mkdir(mode=0o700)
    began = time.monotonic()
    fill(f"sqlite:///{data}/chat.db", messages)
    print(f"filled with {messages:,} messages in {time.monotonic() - began:.0f} s")
    with ExitStack() as stack:
        server = start_server(data, "--no-limits", tls=False)
        stack.callback(server.stop)
        with talking(server.port, pause_s) as talkers:
            until(lambda: all(talker.acknowledged for talker in talkers))  # and they go on during the backup
            began = time.monotonic()
            sums = backup("create from SQLite", "create", first, "--database", f"sqlite:///{data}/chat.db")
            took = time.monotonic() - began
        said = [at for talker in talkers for at, *_ in talker.acknowledged]
        during = sum(began <= at <= began + took for at in said)
        print(f"meanwhile {TALKERS} clients said {during / took:,.0f} messages a second")
    print(f"the file has {first.stat().st_size / 2**20:,.0f} MiB, the database {_size(data):,.0f} MiB")
    same = [backup("check", "check", first)]
    mariadb = stack.enter_context(MariaDb(options=("--skip-log-bin", DEFAULT_POOL), folder=folder / "m"))
    url = mariadb.new_database()
    same.append(backup("restore into MariaDB", "restore", first, "--database", url))
    same.append(backup("create from MariaDB", "create", second, "--database", url))
    stack.close()
    same.append(backup("restore into SQLite", "restore", second, "--database", f"sqlite:///{folder}/back.db"))
    assert all(each == sums for each in same), "counts or checksums differ"
    before, later = verify(folder / "back.db", talkers, began)
    print(f"{before:,} messages acknowledged before the backup began are in it, and {later:,} of those after")
    print("counts and checksums are equal everywhere, and no room has a hole:")
    print("\n".join(sums))


def _children_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _size(data: Path) -> float:
    return sum(path.stat().st_size for path in data.glob("chat.db*")) / 2**20


def main() -> None:
    """Read the options and go once round in a folder that is removed afterwards."""
    parser = argparse.ArgumentParser(prog="python -m tests.chat_server.backup.proof", description=__doc__)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--pause", type=float, default=0.01, help="seconds between a client's messages")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pb-") as folder:
        prove(options.messages, Path(folder), options.pause)


if __name__ == "__main__":
    main()
