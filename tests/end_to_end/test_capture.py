"""What somebody who records a conversation on the network can read of it."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.support.server import ServerProcess
from tests.support.wire import PASSWORD, connect

WORDS = ("Rendezvous", "waterfall", "capturer", "general", "register", "password", "message", "hello")


class Recorder:
    """Passes one connection on to a server, and keeps all bytes of both directions."""

    def __init__(self, port: int) -> None:
        self.bytes = b""
        self._lock = threading.Lock()  # guards the bytes
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept, args=(port,))]
        self._threads[0].start()

    def _accept(self, port: int) -> None:
        near, far = self._listener.accept()[0], socket.create_connection(("127.0.0.1", port))
        back = threading.Thread(target=self._pass, args=(far, near))
        back.start()
        self._pass(near, far)
        back.join()
        near.close()
        far.close()

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                with self._lock:
                    self.bytes += data
                sink.sendall(data)
        for end in (source, sink):
            with contextlib.suppress(OSError):  # the other direction was faster
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._threads[0].join()
        self._listener.close()


@pytest.fixture
def recorder(server: ServerProcess) -> Iterator[Recorder]:
    """A recorder before the shared server."""
    with closing(Recorder(server.port)) as made:
        yield made


def test_capture_of_a_conversation_holds_no_readable_word(recorder: Recorder) -> None:
    """Neither names, passwords and tokens nor what is said, nor a word of the protocol, is on the wire."""
    with closing(connect(recorder.port)) as client:
        client.register("capturer")
        client.ok("send", room="general", body="Rendezvous at the waterfall")
        page = client.ok("history", room="general", limit=10)
        assert "Rendezvous at the waterfall" in str(page)
        secrets = (PASSWORD, client.token, *WORDS)
    recorder.close()
    assert len(recorder.bytes) > 1_000
    assert [secret for secret in secrets if secret.lower().encode() in recorder.bytes.lower()] == []
