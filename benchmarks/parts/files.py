"""Files: an upload and a download over TLS, by turns with a plain HTTPS server, and the memory of 1 GiB."""

import json
import os
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from benchmarks.machine import usage_of
from benchmarks.report import Figure, Result
from benchmarks.setting import ROOT, Options, Setting, fresh_server
from chat_server.process import NICE_BEHIND
from tests.support.certificate import make_certificate

MIB: Final = 1024 * 1024
SIZE_BYTES: Final = 256 * MIB
ROUNDS: Final = 5
LARGE_BYTES: Final = 1024 * MIB
GROWTH_MAX_MIB: Final = 16.0
PIECE_BYTES: Final = 256 * 1024
TIMEOUT_S: Final = 120.0
ROOM: Final = "General"
LIMITS: Final = """[limits]
file_max_mib = 2048
files_per_user_mib = 1000000
files_total_mib = 1000000
files_free_mib = 1
"""


class Line:
    """A blocking TLS connection, the same one for both servers."""

    def __init__(self, port: int) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        raw = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_S)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = context.wrap_socket(raw)
        self._rest = b""

    def send(self, data: bytes) -> None:
        """Send bytes."""
        self._socket.sendall(data)

    def send_file(self, size: int, piece: bytes) -> None:
        """Send so many bytes, the same piece again and again."""
        view = memoryview(piece)
        while size:
            count = min(size, len(piece))
            self._socket.sendall(view[:count])
            size -= count

    def until(self, end: bytes) -> bytes:
        """Read up to some bytes, and return what is before them."""
        while end not in self._rest:
            data = self._socket.recv(PIECE_BYTES)
            if not data:
                raise RuntimeError("the server closed the connection")
            self._rest += data
        found, _, self._rest = self._rest.partition(end)
        return found

    def skip(self, size: int) -> None:
        """Read so many bytes and forget them."""
        size -= len(self._rest)
        self._rest = b""
        buffer = memoryview(bytearray(PIECE_BYTES))
        while size > 0:
            count = self._socket.recv_into(buffer[: min(size, len(buffer))])
            if not count:
                raise RuntimeError("the server closed the connection")
            size -= count

    def ask(self, **frame: Any) -> dict[str, Any]:
        """Send a request of the chat and return the reply; events are left out."""
        self.send(json.dumps(frame).encode() + b"\n")
        return self.reply()

    def reply(self) -> dict[str, Any]:
        """Return the next reply."""
        while True:
            found: dict[str, Any] = json.loads(self.until(b"\n"))
            if found["type"] == "error":
                raise RuntimeError(f"refused: {found}")
            if found["type"] == "ok":
                return found


class Chat:
    """Files on the chat server."""

    def __init__(self, port: int) -> None:
        self._line = Line(port)
        self._line.ask(type="register", username=f"u{time.time_ns()}"[-20:], password="correct horse battery")
        self._line.ask(type="quiet")
        self._file = ""

    def upload(self, size: int, piece: bytes) -> None:
        """Bring a file, until it is on the disk."""
        nonce = os.urandom(16).hex()
        self._line.ask(type="upload", room=ROOM, nonce=nonce, name="file", size=size)
        self._line.send_file(size, piece)
        self._file = self._line.reply()["file"]["id"]

    def download(self, size: int) -> None:
        """Read the file that was brought last."""
        assert self._line.ask(type="download", file=self._file)["length"] == size
        self._line.skip(size)


class Https:
    """Files on the plain HTTPS server.

    :param header: of each upload; `Want-Digest` makes it hash what comes, as ours has to.
    """

    def __init__(self, port: int, header: str = "Host: x") -> None:
        self._line = Line(port)
        self._header = header

    def upload(self, size: int, piece: bytes) -> None:
        """Bring a file, until it is on the disk."""
        self._line.send(f"PUT /file HTTP/1.1\r\n{self._header}\r\nContent-Length: {size}\r\n\r\n".encode())
        self._line.send_file(size, piece)
        self._line.until(b"\r\n\r\n")

    def download(self, size: int) -> None:
        """Read the file."""
        self._line.send(b"GET /file HTTP/1.1\r\nHost: x\r\n\r\n")
        self._line.until(b"\r\n\r\n")
        self._line.skip(size)


@contextmanager
def https_server(folder: Path) -> Iterator[tuple[int, int]]:
    """A plain HTTPS server, its port and process; it runs behind others, as our transfers do."""
    certificate, key = make_certificate(folder)
    nice = ["nice", "-n", str(NICE_BEHIND)]
    command = [*nice, sys.executable, "-m", "benchmarks.file_peer", str(folder), str(certificate), str(key)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline()), process.pid
        finally:
            process.terminate()


@contextmanager
def large_files(options: Options) -> Iterator[Setting]:
    """A server over TLS whose limits let large files pass."""
    options.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="files-", dir=options.folder) as folder:
        settings = Path(folder) / "chat.toml"
        settings.write_text(LIMITS)
        given = replace(options, tls=True, server=(*options.server, "--config", str(settings)))
        with fresh_server(given) as setting:
            yield setting


def part(options: Options) -> Result:
    """Measure beside the other server."""
    with large_files(options) as setting, https_server(setting.folder) as (port, pid):
        return measure(setting, port, pid)


def measure(setting: Setting, https_port: int, https_pid: int) -> Result:
    """Transfer by turns, then one large file."""
    size = (setting.options.n or SIZE_BYTES // MIB) * MIB
    chat, https = Chat(setting.target.port), Https(https_port)
    hashing = Https(https_port, "Want-Digest: sha-256")
    ours, theirs, hashed = (
        Meter(setting.target.pids, size),
        Meter((https_pid,), size),
        Meter((https_pid,), size),
    )
    for _ in range(ROUNDS):
        piece = os.urandom(PIECE_BYTES)
        theirs.measure("upload", partial(https.upload, size, piece))
        ours.measure("upload", partial(chat.upload, size, piece))
        hashed.measure("upload", partial(hashing.upload, size, piece))
        theirs.measure("download", partial(https.download, size))
        ours.measure("download", partial(chat.download, size))
    for pid in setting.target.pids:
        Path(f"/proc/{pid}/clear_refs").write_text("5")  # the peak begins anew: hashing a password had one
    before = usage_of(setting.target.pids)
    chat.upload(LARGE_BYTES, os.urandom(PIECE_BYTES))
    chat.download(LARGE_BYTES)
    growth = (usage_of(setting.target.pids).peak_bytes - before.rss_bytes) / MIB
    result = setting.result("files", 1, size_mib=size // MIB, rounds=ROUNDS)
    for name in ("upload", "download"):
        rate = statistics.median(ours.rates[name])
        result.figures += [
            Figure(f"one {name}", rate, "MiB/s"),
            Figure(
                f"one {name}, share of ThreadingHTTPServer's",
                rate / statistics.median(theirs.rates[name]),
                "",
                1.0,
            ),
            Figure(f"one {name}, the server's CPU", statistics.median(ours.cpu_ms[name]), "ms/MiB"),
            Figure(f"one {name}, the other's CPU", statistics.median(theirs.cpu_ms[name]), "ms/MiB"),
        ]
    share = statistics.median(ours.rates["upload"]) / statistics.median(hashed.rates["upload"])
    result.figures.append(
        Figure("one upload, share of ThreadingHTTPServer's that hashes, too", share, "", 1.0)
    )
    result.figures.append(
        Figure("memory on top, 1 GiB up and down", growth, "MiB", GROWTH_MAX_MIB, at_most=True)
    )
    for name, meter in (("rates", ours), ("https rates", theirs), ("hashing https rates", hashed)):
        result.details[name] = {what: [round(rate) for rate in found] for what, found in meter.rates.items()}
    return result


class Meter:
    """How fast one server transfers files, and what CPU time it takes.

    :param size: of each file, in bytes.
    """

    def __init__(self, pids: Iterable[int], size: int) -> None:
        self._pids, self._mib = tuple(pids), size / MIB
        self.rates: dict[str, list[float]] = defaultdict(list)
        self.cpu_ms: dict[str, list[float]] = defaultdict(list)  # of a MiB

    def measure(self, name: str, transfer: Callable[[], None]) -> None:
        """Do and note a transfer."""
        cpu_s, began = usage_of(self._pids).cpu_s, time.perf_counter()
        transfer()
        self.rates[name].append(self._mib / (time.perf_counter() - began))
        self.cpu_ms[name].append((usage_of(self._pids).cpu_s - cpu_s) * 1000 / self._mib)
