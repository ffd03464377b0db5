"""A scripted stand-in for the server, on one thread, that stores nothing and can be told to make mistakes."""

import json
import selectors
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

ROOM = "Général"
SENT_AT = "2026-11-22T10:31:02.123Z"


@dataclass
class Mistakes:
    """What the stub does wrong, once, at the message with this seq (0: never)."""

    # One session is not sent the message.
    forget: int = 0
    # The seq itself is left out, for everybody.
    skip: int = 0
    # One session is sent the message twice.
    repeat: int = 0
    # One session is cut off.
    cut: int = 0


@dataclass
class Session:
    """One connection to the stub."""

    connection: socket.socket
    name: str = ""
    received: bytes = b""
    outgoing: bytearray = field(default_factory=bytearray)


class StubServer:
    """Serves until it is told to stop."""

    def __init__(self, mistakes: Mistakes) -> None:
        self._mistakes = mistakes
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.port: int = self._listener.getsockname()[1]
        self._wake, self._woken = socket.socketpair()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(self._woken, selectors.EVENT_READ)
        self._sessions: dict[int, Session] = {}
        self._seq = 0

    def stop(self) -> None:
        self._wake.send(b"!")

    def serve(self) -> None:
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is self._woken:
                    return
                if key.fileobj is self._listener:
                    self._accept()
                else:
                    self._read(self._sessions[key.fd])
            self._flush()

    def close(self) -> None:
        for session in self._sessions.values():
            session.connection.close()
        for each in (self._selector, self._listener, self._wake, self._woken):
            each.close()

    def _accept(self) -> None:
        connection, _ = self._listener.accept()
        session = Session(connection)
        self._sessions[connection.fileno()] = session
        self._selector.register(connection, selectors.EVENT_READ)
        self._put(session, type="hello", protocol=1)

    def _read(self, session: Session) -> None:
        try:
            data = session.connection.recv(1 << 16)
        except ConnectionError:
            data = b""
        if not data:
            self._drop(session)
            return
        *lines, session.received = (session.received + data).split(b"\n")
        for line in lines:
            self._answer(session, json.loads(line))

    def _answer(self, session: Session, request: dict[str, Any]) -> None:
        if request["type"] == "send":
            self._send(session, request)
            return
        session.name = request.get("username") or request["token"]
        self._put(session, type="ok", token=session.name, rooms=[{"room": ROOM, "last_seq": self._seq}])

    def _send(self, sender: Session, request: dict[str, Any]) -> None:
        self._seq += 1
        if self._seq == self._mistakes.skip:
            self._seq += 1
        place = {"room": ROOM, "seq": self._seq}
        self._put(sender, type="ok", ref=request["ref"], **place, sent_at=SENT_AT)
        event = {"type": "message", **place, "from": sender.name, "body": request["body"], "sent_at": SENT_AT}
        line = self._line(event)
        others = [session for session in self._sessions.values() if session is not sender]
        for session in others:
            session.outgoing += line
        self._err(others[-1], line)

    def _err(self, session: Session, line: bytes) -> None:
        """Make the mistake that is due."""
        if self._seq == self._mistakes.forget:
            del session.outgoing[-len(line) :]
        if self._seq == self._mistakes.repeat:
            session.outgoing += line
        if self._seq == self._mistakes.cut:
            self._drop(session)

    def _put(self, session: Session, **frame: Any) -> None:
        session.outgoing += self._line(frame)

    @staticmethod
    def _line(frame: dict[str, Any]) -> bytes:
        return json.dumps(frame, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"

    def _flush(self) -> None:
        for session in list(self._sessions.values()):
            if session.outgoing:
                session.connection.sendall(session.outgoing)
                session.outgoing.clear()

    def _drop(self, session: Session) -> None:
        self._selector.unregister(session.connection)
        del self._sessions[session.connection.fileno()]
        session.connection.close()


@contextmanager
def stub_server(mistakes: Mistakes | None = None) -> Iterator[StubServer]:
    """A stub that serves on a thread of its own for the length of a ``with`` block."""
    server = StubServer(mistakes or Mistakes())
    thread = threading.Thread(target=server.serve, name="stub-server")
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join()
        server.close()
