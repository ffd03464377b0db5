"""The flusher of one connection, which writes on when the test says so."""

from chat_server.net.flushing import Flushable, Flushing


class FlushingFake(Flushing):
    """Remembers what it was asked to do."""

    def __init__(self) -> None:
        self.watched: list[Flushable] = []
        self.lingering: list[float] = []

    def watch(self, connection: Flushable) -> None:
        self.watched.append(connection)

    def flush_once(self) -> None:
        """Do what the flusher does when the sockets have become writable."""
        waiting, self.watched = self.watched, []
        for connection in waiting:
            connection.flush()

    def flush_all(self) -> None:
        """Write on until nothing waits."""
        while self.watched:
            self.flush_once()

    def linger(self, connection: Flushable, seconds: float) -> None:
        self.lingering.append(seconds)

    def forget(self, connection: Flushable) -> None:
        pass
