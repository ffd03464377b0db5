"""A link to a port on this machine, which can be cut: then nothing passes it, and nothing is closed."""

import contextlib
import selectors
import socket
import threading
from typing import Final

CHUNK: Final = 65_536
LOOK_S: Final = 0.05


class Link:
    """Pass bytes on until it is cut; what was under way comes when it is mended, as TCP sends it again.

    :param target: the port behind it, on this machine; whoever connects while nobody listens there is closed
        at once.
    """

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._whole = threading.Event()
        self._whole.set()
        self._ending = False
        self._others: dict[socket.socket, socket.socket] = {}  # the thread's
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._run, name="link", daemon=True)
        self._thread.start()

    def cut(self) -> None:
        """Let nothing pass from now on."""
        self._whole.clear()

    def mend(self) -> None:
        """Let everything pass."""
        self._whole.set()

    def close(self) -> None:
        """End it with all its connections."""
        self._ending = True
        self._whole.set()
        self._thread.join()
        for each in (*self._others, self._listener):
            each.close()
        self._selector.close()

    def _run(self) -> None:
        while not self._ending:
            if not self._whole.wait(LOOK_S):
                continue
            for key, _ in self._selector.select(LOOK_S):
                if not self._whole.is_set():
                    break
                if key.fileobj is self._listener:
                    self._accept()
                elif key.fileobj in self._others:
                    assert isinstance(key.fileobj, socket.socket)
                    self._pass(key.fileobj)

    def _accept(self) -> None:
        near, _ = self._listener.accept()
        try:
            far = socket.create_connection(("127.0.0.1", self._target))
        except OSError:
            near.close()
            return
        for one, other in ((near, far), (far, near)):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._others[one] = other
            self._selector.register(one, selectors.EVENT_READ)

    def _pass(self, source: socket.socket) -> None:
        data = b""
        with contextlib.suppress(OSError):
            data = source.recv(CHUNK)
            self._others[source].sendall(data)
        if not data:
            for end in (source, self._others[source]):
                self._selector.unregister(end)
                del self._others[end]
                end.close()
