"""How many files an action goes through, from the click to the other's window: what is short can be read."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chat_client.engine.client import Client
from chat_client.model.state import Phase
from chat_server.options import Options
from chat_server.server import ChatServer
from chat_server.services.vocabulary.actors import Actor
from chat_server.storage import open_storage
from tests.support.call_graph import Passage, Profiler

PASSWORD = "correct horse battery"
WAIT_S = 10.0
MODERATED = ("Comptabilité", "Informatique", "Marketing")
# A poll of the client alone goes through fourteen files, a call of the storage through six.
FILES_MAX = 70


class Window:
    """A client without a window, polled only when something has come."""

    def __init__(self, folder: Path, name: str, port: int) -> None:
        self.name = name
        self.client = Client(folder, insecure=True)
        self._woken = threading.Event()
        self.client.wake_with(self._woken.set)
        self.client.session.sign_up("127.0.0.1", port, name, PASSWORD)
        self.until(lambda: self.client.state.connection.phase == Phase.ONLINE)
        self.settle()

    def settle(self) -> None:
        """Take in what was told so far, and the answers to what the client has asked for by itself."""
        self.client.people.find("nobody")  # its answer comes behind what was told before
        self.client.poll()
        self.until(lambda: not self.client._core.replies._waiting)

    def until(self, happened: Callable[[], object]) -> None:
        """Poll once, and then at each arrival, until something has happened."""
        self.client.poll()
        while not happened():
            assert self._woken.wait(WAIT_S), f"{self.name} waits in vain: {self.client.state.connection}"
            self._woken.clear()
            self.client.poll()


class Office:
    """Three clients and a server in this process, all watched."""

    def __init__(self, server: ChatServer, profiler: Profiler, folder: Path) -> None:
        self.server, self.profiler = server, profiler
        self.zoe, self.jules, self.mod = (
            Window(folder / name, name, server.port) for name in ("zoe", "jules", "mod")
        )

    def settle(self) -> None:
        """Let every client take in what was told so far."""
        for window in (self.zoe, self.jules, self.mod):
            window.settle()

    def passage(self, act: Callable[[], object], window: Window, arrived: Callable[[], object]) -> Passage:
        """From an action to its effect in somebody's window."""
        with self.profiler.passage(arrived) as passage:
            act()
            window.until(arrived)
        return passage

    def give_role(self, window: Window, role: str) -> None:
        """Make somebody more than a member; the client knows it from the next sign-in on."""
        parts = self.server.parts
        user = parts.moderation.user(window.name)
        parts.roles.set_role(Actor("boss", "admin", "console"), user, role)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    folder = tmp_path / "data"
    folder.mkdir()
    options = Options(port=0, data_dir=folder, insecure=True, rate_limits=False)
    with Profiler().watching() as profiler:
        server = ChatServer(options, open_storage(options.database_url))
        server.start()
        office = Office(server, profiler, tmp_path)
        yield office
        for window in (office.zoe, office.jules, office.mod):
            window.client.close()
        server.stop()


def room_of(window: Window, name: str) -> str:
    """Return the key of a room."""
    return next(key for key, room in window.client.state.rooms.items() if room.name == name)


def assert_short(passages: list[Passage], calls: int) -> None:
    """Compare the fewest files and calls with what is allowed: a path that grows is looked at.

    What others are told at the same moment is counted, too, and differs from run to run.
    """
    found = (
        min(len(passage.files) for passage in passages),
        min(passage.calls for passage in passages),
    )
    shortest = min(passages, key=lambda passage: passage.calls)
    told = f"{found} files and calls, {(FILES_MAX, calls)} at most:\n" + "\n".join(sorted(shortest.told()))
    assert found[0] > 0
    assert found[0] <= FILES_MAX, told
    assert found[1] <= calls, told


def send(office: Office, text: str) -> Passage:
    """From Enter to the message in the other's window."""
    key = room_of(office.zoe, "Général")
    messages = office.jules.client.state.rooms[key].messages
    present = len(messages)

    def act() -> None:
        office.zoe.client.outbox.send(key, text)
        office.zoe.client.poll()

    passage = office.passage(act, office.jules, lambda: len(messages) > present)
    office.settle()
    return passage


def join(office: Office, window: Window) -> Passage:
    """From the click on a public room to being its member."""
    key = room_of(window, "Blabla")
    rooms = window.client.rooms
    passage = office.passage(lambda: rooms.join(key), window, lambda: window.client.state.rooms[key].joined)
    office.settle()
    return passage


def approve(office: Office, room: str) -> Passage:
    """From the moderator's click to the room in the other's window."""
    key, jules = room_of(office.jules, room), office.jules.client
    jules.rooms.join(key, "I work there")
    office.jules.until(lambda: jules.state.rooms[key].membership == "pending")
    office.settle()
    decide = office.mod.client.moderation.decide
    return office.passage(
        lambda: decide("jules", key, True), office.jules, lambda: jules.state.rooms[key].joined
    )


def ban(office: Office, window: Window) -> Passage:
    """From the administrator's click to the other's window, which says so."""
    office.mod.settle()
    sanction = office.mod.client.moderation.sanction
    return office.passage(
        lambda: sanction("ban", username=window.name),
        window,
        lambda: window.client.state.connection.phase == Phase.REFUSED,
    )


def test_send_is_short(office: Office) -> None:
    """A message goes through few files."""
    assert_short([send(office, text) for text in ("one", "two", "three")], 165)


def test_join_is_short(office: Office) -> None:
    """Joining a public room goes through few files."""
    assert_short([join(office, window) for window in (office.zoe, office.jules, office.mod)], 160)


def test_approval_is_short(office: Office) -> None:
    """Approving a join request goes through few files."""
    office.give_role(office.mod, "moderator")
    assert_short([approve(office, room) for room in MODERATED], 165)


def test_ban_is_short(office: Office) -> None:
    """A ban goes through few files."""
    office.give_role(office.mod, "admin")
    assert_short([ban(office, window) for window in (office.jules, office.zoe)], 150)
