"""A proxy that cuts connections after a random number of bytes; it knows nothing of what it passes on."""

import contextlib
import random
import socket
import threading


class CuttingProxy:
    """Passes bytes on to a server, and cuts each connection after a random number of them.

    A number is drawn for each direction: a cut in the answers loses the `ok` of what was stored.

    :param gentle: cut nothing, as long as it is true.
    :param keep: keep in `answers` all that the server has sent.
    """

    def __init__(self, port: int, seed: int, *, gentle: bool = False, keep: bool = False) -> None:
        self._target = port
        self._random = random.Random(seed)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.cuts = 0
        self.gentle = gentle
        self._keep = keep
        self._shut = False
        self.answers = bytearray()
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._threads = [threading.Thread(target=self._accept, name="proxy")]
        self._threads[0].start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if self._shut:
                near.close()
                continue
            try:
                far = socket.create_connection(("127.0.0.1", self._target))
            except OSError:  # the server is down
                near.close()
                continue
            self._pairs.append((near, far))
            for source, sink in ((near, far), (far, near)):
                kept = self.answers if self._keep and source is far else None
                # The greeting and the sign-in mostly get through, the rest not for long.
                budget = self._random.randint(2_000, 12_000)
                thread = threading.Thread(
                    target=self._pass, args=(source, sink, budget, kept), name="proxy-pass"
                )
                self._threads.append(thread)
                thread.start()

    def _pass(self, source: socket.socket, sink: socket.socket, budget: int, kept: bytearray | None) -> None:
        try:
            while data := source.recv(500):
                if kept is not None:
                    kept += data
                budget -= len(data)
                if budget < 0 and not self.gentle:
                    self.cuts += 1
                    break
                sink.sendall(data)
        except OSError:
            pass  # the other direction was cut
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue

    def shut(self) -> None:
        """Cut everything, and let nobody through until it is opened again."""
        self._shut = True
        self._cut_all()

    def open(self) -> None:
        """Let those through who come from now on."""
        self._shut = False

    def _cut_all(self) -> None:
        for pair in self._pairs:
            for end in pair:
                with contextlib.suppress(OSError):  # cut already
                    end.shutdown(socket.SHUT_RDWR)  # closing alone would not wake who reads from it

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads[:1]:
            thread.join()
        self._cut_all()
        for thread in self._threads:
            thread.join()
        for pair in self._pairs:
            for end in pair:
                end.close()
