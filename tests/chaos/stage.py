"""The server and the database that the faults are done to; it knows how to break them, not when."""

import os
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path

from tests.chaos.load import Load
from tests.support.server import ServerProcess, start_server

TERM_MAX_S = 5.0
# The disk is a small one, and who signs in is given time on a crowded machine: what follows is judged.
LIMITS = "[limits]\nfiles_free_mib = 1\nhandshake_s = 60\nsign_in_s = 60\n"
FILE_SYSTEM_MIB = 1024  # a hundred rounds bring some 6 MiB of files each


class Stage:
    """One server process, again and again on the same port and data folder."""

    def __init__(self, folder: Path, tls_files: tuple[Path, Path], database: "Database") -> None:
        self.folder = folder
        self._tls_files = tls_files
        self._url = database.url
        self._port = 0
        self._settings = folder / "chat.toml"
        self._settings.write_text(LIMITS)
        self.starts = 0
        self.fault_ended_at = 0.0
        self.server = self._start()
        self.load = Load(lambda: (os.getpid(), self.server.pid, *database.pids()))
        self.load.start()

    def close(self) -> None:
        """End what runs."""
        if self.alive():
            self.server.stop()
        self.load.close()

    def _start(self) -> ServerProcess:
        certificate, key = self._tls_files
        server = start_server(
            self.folder / "data",
            "--no-limits",
            "--config",
            str(self._settings),
            "--tls-cert",
            str(certificate),
            "--tls-key",
            str(key),
            database=self._url,
            port=self._port,
        )
        self._port = server.port
        self.starts += 1
        return server

    def place(self) -> tuple[str, int]:
        """Where the server is."""
        return "127.0.0.1", self._port

    def kill(self) -> None:
        """End the server as a power cut does, and start it again."""
        self.server.kill()
        self.fault_ended_at = time.monotonic()
        self.server = self._start()

    def terminate(self) -> list[str]:
        """End the server as a service manager does, start it again, and say what was wrong with its end."""
        begun = time.monotonic()
        status = self.server.stop()
        self.fault_ended_at = time.monotonic()
        took = self.fault_ended_at - begun
        wrong = [] if status == 0 else [f"SIGTERM: exit status {status}: {self.server.output[-2000:]}"]
        if took > TERM_MAX_S + (waited := self.load.waited_s()):
            wrong.append(
                f"SIGTERM: the server took {took:.1f} s to end, waiting {waited:.1f} s for a processor"
            )
        self.server = self._start()
        return wrong

    def alive(self) -> bool:
        return self.server.process.poll() is None

    def peak_memory_mib(self) -> float:
        """Return the most that the present server process has used."""
        status = Path(f"/proc/{self.server.pid}/status")
        if not status.exists():
            return 0.0
        fields = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(fields["VmHWM"].split()[0]) / 1024


class Database(ABC):
    """What holds the messages, and what can happen to it. Each fault lasts until its method returns."""

    url: str | None = None

    @abstractmethod
    def faults(self, scale: float) -> dict[str, Callable[[Stage], None]]:
        """Return the faults of this kind of database by their names in the table."""

    def pids(self) -> tuple[int, ...]:
        """Return its processes, where it has its own."""
        return ()

    @abstractmethod
    def close(self) -> None:
        """Give back what the database holds."""


class SqliteOnSmallDisk(Database):
    """The data folder on a small file system that can be filled; where none can be made, a limit."""

    def __init__(self, folder: Path) -> None:
        self._disk = folder / "data"
        self._disk.mkdir(mode=0o700, exist_ok=True)
        self.url = f"sqlite:///{self._disk / 'chat.db'}"
        options = ["-t", "tmpfs", "-o", f"size={FILE_SYSTEM_MIB}m,mode=700", "chaos", str(self._disk)]
        mounting = subprocess.run(["mount", *options], check=False, capture_output=True)
        self.mounted = mounting.returncode == 0

    def faults(self, scale: float) -> dict[str, Callable[[Stage], None]]:
        seconds = 20 * scale
        full = self._fill if self.mounted else self._limit
        return {"disk full": lambda stage: full(stage, seconds)}

    def close(self) -> None:
        if self.mounted:
            subprocess.run(["umount", str(self._disk)], check=True)

    def _fill(self, stage: Stage, seconds: float) -> None:
        """Fill the file system to its last byte, wait, and make room again."""
        filler = self._disk / "filler"
        block = bytes(65_536)
        try:
            with filler.open("wb", buffering=0) as file:
                while block:
                    try:
                        file.write(block)
                    except OSError:
                        block = block[: len(block) // 2]
            time.sleep(seconds)
        finally:
            filler.unlink()

    def _limit(self, stage: Stage, seconds: float) -> None:
        """Let the kernel refuse every write of the server beyond a file's first page (setrlimit(2))."""
        import resource

        before = resource.prlimit(stage.server.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(stage.server.pid, resource.RLIMIT_FSIZE, (4096, before[1]))
        try:
            time.sleep(seconds)
        finally:
            resource.prlimit(stage.server.pid, resource.RLIMIT_FSIZE, before)
