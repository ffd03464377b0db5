"""A client against a real server: what a window does, without a window."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from chat_client.engine.client import Client
from chat_client.model.changes import Change
from chat_client.model.keys import key_of
from chat_client.model.state import Phase, RoomState
from chat_server.admin.client import Client as AdminClient
from tests.support.server import ServerProcess

PASSWORD = "correct horse battery"
TIMEOUT_S = 20.0
POLL_S = 0.005


class LiveClient:
    """One person's client, in a folder of its own."""

    def __init__(self, home: Path, name: str, **options: Any) -> None:
        self.home, self.name = home, name  # `name` is the username
        self.options = options
        self.client = Client(home, **options)
        self.changes: list[Change] = []
        self.place = "general"

    @property
    def state(self) -> Any:
        return self.client.state

    def room(self, key: str) -> RoomState:
        room: RoomState = self.state.rooms[key]
        return room

    def bodies(self, key: str) -> list[str]:
        return [message.body for message in self.room(key).messages]

    def poll(self) -> None:
        self.changes += self.client.poll()

    def until(self, happened: Callable[[], object], timeout_s: float = TIMEOUT_S) -> None:
        """Poll until something has happened; on a time-out tell what the client shows instead."""
        deadline = time.monotonic() + timeout_s
        while not happened():
            assert time.monotonic() < deadline, self.visible()
            self.poll()
            if not self.client.more_waits:
                time.sleep(POLL_S)

    def visible(self) -> str:
        """Return what a window would show."""
        rooms = [
            f"{room.key}: {len(room.messages)} messages, {len(room.pending)} waiting, {room.covered}, "
            f"last {[message.body[:30] for message in room.messages[-5:]]}"
            for room in self.state.rooms.values()
        ]
        return "\n".join([f"{self.name}: {self.state.connection}", *rooms])

    def sign_up(self, server: ServerProcess, port: int | None = None, code: str = "") -> "LiveClient":
        """Make the account, trusting the server's fingerprint at first contact; open the first room.

        :param code: of an invitation.
        """
        self.client.session.sign_up(server.host, port or server.port, self.name, PASSWORD, code=code)
        self.until(lambda: self.state.connection.phase == Phase.FINGERPRINT)
        assert self.state.connection.fingerprint == server.fingerprint
        self.client.trust.answer(True)
        self.until_online()
        return self

    def until_online(self) -> None:
        self.until(lambda: self.state.connection.phase == Phase.ONLINE)

    def enter(self, key: str) -> None:
        """Join a room and open it; `place` is its key from then on."""
        self.until(lambda: key in self.state.rooms)
        self.client.rooms.join(key)
        self.until(lambda: self.room(key).joined)
        self.place = key
        self.open(key)

    def say(self, body: str) -> None:
        """Send a message to the room that was entered."""
        self.client.outbox.send(self.place, body)

    @property
    def here(self) -> RoomState:
        """The room that was entered."""
        return self.room(self.place)

    @property
    def heard(self) -> list[str]:
        """The texts in the room that was entered."""
        return self.bodies(self.place)

    def open(self, key: str) -> None:
        """Open a room and wait until its history is there."""
        self.client.rooms.open(key)
        self.until(lambda: not self.room(key).loading and self.room(key).members_known)

    def restart(self, *, closed: bool = True) -> None:
        """Start the program again, as after closing it or (`closed` false) after a crash."""
        if closed:
            self.client.close()
        else:
            self.client._link.close()  # the threads end; nothing is written
        self.client = Client(self.home, **self.options)
        self.client.session.resume(self.client.accounts.all()[0].id)


@contextmanager
def clients(folder: Path, *names: str) -> Iterator[list[LiveClient]]:
    """Clients that are closed at the end of the block."""
    made = [LiveClient(folder / name, name) for name in names]
    try:
        yield made
    finally:
        for person in made:
            person.client.close()


def all_until(people: list[LiveClient], happened: Callable[[], object], timeout_s: float = TIMEOUT_S) -> None:
    """Poll several clients until something has happened."""
    deadline = time.monotonic() + timeout_s
    while not happened():
        assert time.monotonic() < deadline, "\n\n".join(person.visible() for person in people)
        for person in people:
            person.poll()
        time.sleep(POLL_S)


def hurry(people: list[LiveClient]) -> None:
    """Do not wait for the back-off: the test is about what is sent, not when."""
    for person in people:
        if person.state.connection.phase == Phase.WAITING:
            person.client.session.reconnect_now()


class Stage:
    """A server that the tests of a module share; each test has people and a room of its own on it."""

    def __init__(self, server: ServerProcess) -> None:
        self.server = server
        self._tests = 0

    @contextmanager
    def act(self, folder: Path, *names: str) -> Iterator[list[LiveClient]]:
        """Sign people up (`zoe` becomes `zoe3` in the third test) and let them into a new, open room."""
        self._tests += 1
        room = f"Room {self._tests}"
        run_command(self.server, ["add", "room", room])
        with clients(folder, *(f"{name}{self._tests}" for name in names)) as people:
            for person in people:
                person.sign_up(self.server)
                person.enter(key_of(room))
            yield people


def run_command(server: ServerProcess, words: list[str]) -> None:
    """Run a console command at the server's admin socket."""
    server.wait_for_output("no console here")
    client = AdminClient(server.data_dir, yes=True)
    try:
        assert client.run_words(words) == 0
    finally:
        client.close()
