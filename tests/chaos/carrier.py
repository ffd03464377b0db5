"""A client that sends files through every interruption, takes some back, and looks at all of them.

It is written from docs/build/protocol.md alone ("Files"); one thread.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol

from tests.chaos.checks import served
from tests.chaos.talker import UNAVAILABLE_PAUSE_S, Place, Reconnecting, Record, connect_to
from tests.support.pictures import png
from tests.support.transfers import begin_upload, sha256, take
from tests.support.wire import PASSWORD, ConnectionEnded, Frame, WireClient

SIZES: Final = (0, 1, 4_096, 60_000, 300_000)
PIECE_BYTES: Final = 16_384
FOR_THE_MOMENT: Final = frozenset({"unavailable", "no_space", "rate_limited"})
SAME_CHANCE: Final = 0.1  # of bytes that were sent before: they are kept once
PREVIEW_CHANCE: Final = 0.3
TAKE_BACK_CHANCE: Final = 0.2


@dataclass
class Parcel:
    """A file on its way into a message."""

    nonce: str
    room: str
    data: bytes
    preview: bytes = b""
    file: str = ""


@dataclass
class Delivered:
    """What was acknowledged: the place of the message, the file, the digests of its bytes and preview."""

    room: str
    seq: int
    file: str
    digest: str
    preview: str = ""  # empty where there is none
    taken_back: bool = False


@dataclass
class Deliveries:
    """All that was acknowledged, and which of it was not looked at yet."""

    all: list[Delivered] = field(default_factory=list)
    checked: int = 0


class Sends(Protocol):
    """Who has sent files."""

    token: str
    record: Record
    deliveries: Deliveries


class Carrier(Reconnecting):
    """One user who sends a file after the other.

    :param rooms: where to; what is sent in private is taken back now and then, where nobody compares texts.
    """

    def __init__(self, name: str, place: Callable[[], Place], rooms: list[str], seed: str) -> None:
        super().__init__(name, place, rooms, seed)
        self.deliveries = Deliveries()
        self._parcel: Parcel | None = None
        self._leaving: Delivered | None = None
        self._number = 0

    def quiet(self) -> bool:
        """Whether everything that was begun has been acknowledged."""
        return self._parcel is None and self._leaving is None and self.connected.is_set()

    def _connection(self) -> None:
        self._client = client = connect_to(self._place())
        self._sign_in(client)
        client.ok("quiet")
        self.connected.set()
        while not self._ending.is_set():
            if self._leaving is not None:
                self._take_back(client, self._leaving)
                continue
            if self._parcel is None and self.talking.is_set():
                self._parcel = self._next()
            if self._parcel is None:
                self._ending.wait(0.02)
                client.ok("ping")
            else:
                self._bring(client, self._parcel)

    def _sign_in(self, client: WireClient) -> None:
        if self.token:
            reply = client.request("resume", token=self.token)
        else:
            reply = client.request("register", username=self.username, password=PASSWORD)
            if reply.get("code") == "username_taken":
                reply = client.request("login", username=self.username, password=PASSWORD)
        if reply["type"] == "error":
            raise ConnectionEnded
        self.token = reply["token"]

    def _next(self) -> Parcel:
        self._number += 1
        self.record.sent += 1
        size = self._random.choice(SIZES)
        data = b"the same" if self._random.random() < SAME_CHANCE else self._random.randbytes(size)
        colour = (self._number % 256, self._number // 256 % 256, 0)
        preview = png(8, 8, colour) if self._random.random() < PREVIEW_CHANCE else b""
        return Parcel(f"{self.username} {self._number}", self._random.choice(self._rooms), data, preview)

    def _bring(self, client: WireClient, parcel: Parcel) -> None:
        if not parcel.file:
            answer = begin_upload(
                client, parcel.room, parcel.data, parcel.preview, nonce=parcel.nonce, name=parcel.nonce
            )
            if answer["type"] == "ok" and "file" not in answer:
                rest = (parcel.data + parcel.preview)[answer["offset"] :]
                for start in range(0, len(rest), PIECE_BYTES):
                    client.send_bytes(rest[start : start + PIECE_BYTES])
                answer = client.reply(answer["ref"])
            if self._refused(answer):
                return
            parcel.file = answer["file"]["id"]
        said = client.request(
            "send", room=parcel.room, body=parcel.nonce, nonce=parcel.nonce, files=[parcel.file]
        )
        if self._refused(said):
            return
        preview = sha256(parcel.preview) if parcel.preview else ""
        delivered = Delivered(said["room"], said["seq"], parcel.file, sha256(parcel.data), preview)
        self.deliveries.all.append(delivered)
        self._parcel = None
        if parcel.room.startswith("@") and self._random.random() < TAKE_BACK_CHANCE:
            self._leaving = delivered

    def _take_back(self, client: WireClient, one: Delivered) -> None:
        """Delete a message: its file goes with it."""
        nonce = f"{self.username} back {one.seq}"
        if not self._refused(client.request("delete", room=one.room, seq=one.seq, nonce=nonce)):
            one.taken_back = True
            self._leaving = None

    def _refused(self, answer: Frame) -> bool:
        if answer["type"] == "ok":
            return False
        if answer["code"] not in FOR_THE_MOMENT:
            self.record.wrong.append(f"{self.username}: {answer}")
        self.record.unavailable += 1
        self._ending.wait(UNAVAILABLE_PAUSE_S)
        return True


def check(place: Place, sender: Sends, *, everything: bool = False) -> list[str]:
    """Look, on a new connection, whether each acknowledged message names its file, as it was."""
    found = sender.deliveries.all if everything else sender.deliveries.all[sender.deliveries.checked :]
    wrong = [*sender.record.wrong]
    sender.record.wrong.clear()
    client = connect_to(place)
    try:
        served(client, "resume", token=sender.token)
        client.ok("quiet")
        for one in found:
            wrong += _check_one(client, one)
    finally:
        client.close()
    sender.deliveries.checked = len(sender.deliveries.all)
    return wrong


def _check_one(client: WireClient, one: Delivered) -> list[str]:
    page = served(client, "history", room=one.room, after=one.seq - 1, limit=1)
    files = [file["id"] for message in page["messages"] for file in message.get("files", ())]
    if files != [one.file][: not one.taken_back]:
        return [f"{one.room} {one.seq} names {files}, not {one.file} (taken back: {one.taken_back})"]
    if one.taken_back:
        answer = client.request("download", file=one.file)
        return [] if answer.get("code") == "no_such_file" else [f"{one.file} was taken back, but: {answer}"]
    for digest, preview in ((one.digest, False), (one.preview, True)):
        if digest:
            answer = served(client, "download", file=one.file, preview=preview)
            if sha256(take(client, answer["length"])) != digest:
                return [f"{one.file} of {one.room} {one.seq} is not what was sent (preview: {preview})"]
    return []
