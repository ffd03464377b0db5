"""The program's own client among the talkers: its network, model and outbox without a window, on one thread.

Now and then it is closed and started again, so that what it had not sent yet must come back from its disk.
"""

import contextlib
import random
import socket
import ssl
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import cast

from chat_client.engine.client import Client
from chat_client.engine.session import SIGN_IN_AGAIN
from chat_client.model.changes import RequestFailed
from chat_client.model.keys import key_of
from chat_client.model.state import MessageState, Phase, RoomState
from chat_client.net.network import Connection
from chat_client.net.transport import Address, Stream, open_stream
from chat_protocol.errors import ErrorCode
from chat_protocol.requests import Upload
from tests.chaos.carrier import Delivered, Deliveries
from tests.chaos.talker import UNAVAILABLE_PAUSE_S, Place, Record
from tests.support.transfers import sha256
from tests.support.wire import PASSWORD

POLL_S = 0.02
RECENT = 400  # messages among which one's own new ones are looked for
RESTART_CHANCE = 0.004  # at each message
FILE_CHANCE = 0.1
SIZES = (0, 1, 4_096, 200_000)


class ProgramClient(threading.Thread):
    """One user of the real client.

    :param home: where the client keeps its account and its outbox.
    :param place: of the server, which keeps it when it comes back.
    :param rooms: where it talks.
    """

    def __init__(
        self, home: Path, name: str, place: Callable[[], Place], rooms: list[str], seed: str
    ) -> None:
        super().__init__(name=f"program-{name}", daemon=True)
        self.username = name
        self.token = ""
        self.record = Record()
        self.deliveries = Deliveries()
        self.talking = threading.Event()
        self.connected = threading.Event()
        self.restarts = 0
        self._home = home
        self._place = place
        self._rooms = rooms
        self._random = random.Random(seed)
        self._ending = threading.Event()
        self._unacknowledged: dict[str, tuple[str, str]] = {}  # body -> digest of its file, key of the room
        self._next_message_at = 0.0
        self._joined: set[str] = set()
        self._stream: Stream | None = None
        self._client = self._new_client()

    # -- any thread -------------------------------------------------------------------------------

    def quiet(self) -> bool:
        """Whether everything that was said has been acknowledged."""
        return not self._unacknowledged and self.connected.is_set()

    def cut(self) -> None:
        """Cut the connection without a farewell."""
        stream = self._stream
        if stream is not None:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(cast(ssl.SSLSocket, stream), socket.SHUT_RDWR)

    def finish(self) -> None:
        self._ending.set()
        self.join(15)

    # -- its own thread ---------------------------------------------------------------------------

    def run(self) -> None:
        try:
            self._sign_up()
            while not self._ending.is_set():
                self._turn()
        except Exception:
            self.record.wrong.append(f"{self.username}: {traceback.format_exc()}")
        finally:
            self._client.close()

    def _new_client(self) -> Client:
        return Client(self._home, connector=lambda *args: Connection(*args, opener=self._open))

    def _open(self, address: Address) -> tuple[Stream, bool]:
        self._stream, encrypted = open_stream(address)
        return self._stream, encrypted

    def _turn(self) -> None:
        for change in self._client.poll():
            if isinstance(change, RequestFailed) and change.request == Upload.TYPE:
                self.record.wrong.append(f"{self.username}: {change}")
        self._follow_phase()
        if self.connected.is_set():
            for name in self._rooms:
                self._join(name)
            self._find_acknowledged()
            self._complete_rooms()
        self._say_something()
        if not self._client.more_waits:
            self._ending.wait(POLL_S)

    def _follow_phase(self) -> None:
        phase = self._client.state.connection.phase
        if phase == Phase.FINGERPRINT:
            self._client.trust.answer(True)
        elif phase == Phase.REFUSED and self._sign_in_again():
            pass
        elif phase == Phase.REFUSED:
            self.record.wrong.append(f"{self.username}: refused: {self._client.state.connection}")
            self._ending.set()
        if phase == Phase.ONLINE:
            self.token = self._client.accounts.all()[0].token
            self.connected.set()
        elif self.connected.is_set():
            self.connected.clear()
            self.record.disconnects += 1

    def _sign_up(self) -> None:
        self._client.session.sign_up(*self._place(), self.username, PASSWORD)

    def _sign_in_again(self) -> bool:
        """Try once more, as a user does whom a busy server refused; return whether that makes sense."""
        code = self._client.state.connection.code
        if self.token or code not in (*SIGN_IN_AGAIN, ErrorCode.USERNAME_TAKEN):
            return False
        self._ending.wait(UNAVAILABLE_PAUSE_S)
        if code == ErrorCode.USERNAME_TAKEN:  # the account was made, only the answer came too late
            self._client.session.sign_in(*self._place(), self.username, PASSWORD)
        else:
            self._sign_up()
        return True

    def _join(self, name: str) -> None:
        room = self._room(name)
        if room is not None and not room.joined and not room.is_direct and name not in self._joined:
            self._joined.add(name)
            self._client.rooms.join(room.key)

    def _room(self, name: str) -> RoomState | None:
        return self._client.state.rooms.get(key_of(name))

    def _say_something(self) -> None:
        now = time.monotonic()
        if not self.talking.is_set() or now < self._next_message_at or len(self._unacknowledged) > 100:
            return
        self._next_message_at = now + self._random.expovariate(10.0)
        name = self._random.choice(self._rooms)
        if name.startswith("@") and self._client.state.username:
            self._client.rooms.direct(name)
        room = self._room(name)
        if room is None or not room.joined:
            return  # after a restart the rooms come with the sign-in
        body = f"{self.username} {self.record.sent} {self._random.getrandbits(64):016x} 👋 *a* `b`"
        if self._random.random() < FILE_CHANCE and self._client.files.available:
            self._send_file(room.key, body)
        else:
            self._client.outbox.send(room.key, body)
            self._unacknowledged[body] = ("", room.key)
        self.record.sent += 1
        if self._random.random() < RESTART_CHANCE:
            self._restart()

    def _send_file(self, room: str, body: str) -> None:
        path = self._home / "to send.bin"
        path.write_bytes(self._random.randbytes(self._random.choice(SIZES)))
        self._unacknowledged[body] = (sha256(path.read_bytes()), room)
        self._client.files.send(room, [path], body)
        while self._client.files.busy:  # it is copied on a thread; then the original may change
            self._client.poll()
            self._ending.wait(0.001)

    def _restart(self) -> None:
        self.restarts += 1
        self._client.close()
        self._client = self._new_client()
        self._client.session.resume(self._client.accounts.all()[0].id)

    def _find_acknowledged(self) -> None:
        for key in {key for _, key in self._unacknowledged.values()}:
            room = self._client.state.rooms.get(key)
            if room is None:
                continue
            for message in room.messages[-RECENT:]:
                if message.body in self._unacknowledged and message.seq is not None:
                    digest, _ = self._unacknowledged.pop(message.body)
                    self._acknowledged(room.name, message, digest)
            for message in room.pending:
                if message.error == "no_space" and message.nonce:  # as a user who tries again
                    self._client.outbox.retry(message.nonce)
                elif message.error is not None:
                    self.record.wrong.append(f"{self.username}: refused: {message.error}")

    def _acknowledged(self, room: str, message: MessageState, digest: str) -> None:
        assert message.seq is not None
        self.record.acknowledged[message.body] = (room, message.seq, message.body)
        self.record.last_ack_at = time.monotonic()
        files = [file.id for file in message.files]
        if len(files) != bool(digest):
            self.record.wrong.append(f"{self.username}: {room} {message.seq} names {files}")
        elif digest:
            self.deliveries.all.append(Delivered(room, message.seq, files[0], digest))

    def _complete_rooms(self) -> None:
        """Look at each room that is not complete until it is, as one who scrolls up, and show the view."""
        if self.talking.is_set():
            return
        for room in self._client.state.rooms.values():
            if room.joined and not _is_complete(room):
                if self._client.state.open_room != room.key:
                    self._client.rooms.open(room.key)
                elif not room.loading:
                    self._fill(room)
                return
        self.record.view = {
            room.name: {said.seq: (said.author, said.body) for said in room.messages if said.seq}
            for room in self._client.state.rooms.values()
            if room.joined
        }

    def _fill(self, room: RoomState) -> None:
        for index, message in enumerate(room.messages):
            if index and room.gap_before(index) and message.seq is not None:
                self._client.history.load_before(room.key, message.seq)
                return
        self._client.history.load_older(room.key)


def _is_complete(room: RoomState) -> bool:
    return room.last_seq == 0 or room.covered.spans(1, room.last_seq)
