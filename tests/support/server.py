"""Starts the server program as a process and ends it; knows its command line and its output only.

It hashes passwords as this process does: in tests at next to no cost, in measurements at the real one.
"""

import os
import re
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.support import quick_passwords
from tests.support.machine import HERE, Machine

ROOT = Path(__file__).resolve().parents[2]
START_TIMEOUT_S = 30.0
STOP_TIMEOUT_S = 15.0

LISTENING = re.compile(
    r"Listening on (?P<host>\S+):(?P<port>\d+) "
    r"\((?:plain TCP|TLS, SHA-256 fingerprint (?P<fingerprint>[0-9A-F:]+))\)"
)
LOGGED_ERROR = re.compile(r"\b(ERROR|CRITICAL)\b|^Traceback ", re.MULTILINE)


class ServerProcess:
    """One run of ``python -m chat_server``; its output is read by a thread of this object."""

    def __init__(
        self,
        data_dir: Path,
        arguments: Sequence[str],
        environ: Mapping[str, str],
        *,
        module: str = "",
        python: str = sys.executable,
        machine: Machine = HERE,
        files_max: int | None = None,
    ) -> None:
        self.data_dir = data_dir
        self.host = ""
        self.port = 0
        self.fingerprint: str | None = None
        # Guards the lines; signalled for each new line and at the end of the output.
        self._changed = threading.Condition()
        self._lines: list[str] = []
        self._ended = False
        options = ["--no-console", "--data-dir", str(data_dir), *arguments]
        self.process = subprocess.Popen(
            [*machine.entry, python, "-m", module or quick_passwords.program(), *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            env={**_clean_environ(), "PYTHONUNBUFFERED": "1", **environ},
        )
        if files_max is not None:  # long before the program asks how many it may have
            resource.prlimit(self.process.pid, resource.RLIMIT_NOFILE, (files_max, files_max))
        self._reader = threading.Thread(target=self._read_output, name="server-output", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def tls(self) -> bool:
        return self.fingerprint is not None

    @property
    def output(self) -> str:
        """All that the server has printed so far."""
        with self._changed:
            return "".join(self._lines)

    def wait_until_ready(self, timeout: float = START_TIMEOUT_S) -> None:
        """Wait for the line that names the port; raise RuntimeError with the output when it does not come."""
        found = self.wait_for_output(LISTENING, timeout)
        self.host, self.port = found["host"], int(found["port"])
        self.fingerprint = found["fingerprint"]

    def wait_for_output(
        self, pattern: re.Pattern[str] | str, timeout: float = START_TIMEOUT_S
    ) -> re.Match[str]:
        """Wait until *pattern* stands in the output and return the match."""
        expression = re.compile(pattern)

        def found() -> re.Match[str] | None:
            return expression.search("".join(self._lines))

        with self._changed:
            self._changed.wait_for(lambda: found() or self._ended, timeout)
            match = found()
        if match is None:
            raise RuntimeError(f"the server did not print {expression.pattern!r}; it printed:\n{self.output}")
        return match

    def stop(self, timeout: float = STOP_TIMEOUT_S) -> int:
        """End the server by SIGTERM, as a service manager does, and return its exit status."""
        if self.process.poll() is None:
            self.process.terminate()
        return self._reap(timeout)

    def kill(self) -> None:
        """End the server by SIGKILL, as a power cut does."""
        self.process.kill()
        self._reap(STOP_TIMEOUT_S)

    def freeze(self) -> None:
        """Stop the server by SIGSTOP, and return when it does nothing more; SIGCONT lets it go on."""
        self.process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self.pid, os.WSTOPPED | os.WNOWAIT)

    def _reap(self, timeout: float) -> int:
        try:
            status = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise RuntimeError(f"the server did not end within {timeout} s:\n{self.output}") from None
        self._reader.join(STOP_TIMEOUT_S)
        return status

    def _read_output(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as stream:
            for line in stream:
                with self._changed:
                    self._lines.append(line.decode("utf-8", "replace"))
                    self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()


def _clean_environ() -> dict[str, str]:
    """The environment without the server's variables: they may name the database that people work with."""
    return {name: value for name, value in os.environ.items() if not name.startswith("CHAT_")}


def start_server(
    data_dir: Path,
    *arguments: str,
    tls: bool = True,
    database: str | None = None,
    port: int = 0,
    environ: Mapping[str, str] | None = None,
    module: str = "",
    python: str = sys.executable,
    machine: Machine = HERE,
    files_max: int | None = None,
    timeout: float = START_TIMEOUT_S,
) -> ServerProcess:
    """Start a server on a machine's own address and wait until it listens.

    :param database: a URL; None for the server's own default, SQLite in *data_dir*.
    :param module: that is run in place of the server's own.
    :param python: the interpreter that runs it.
    :param files_max: how many files the server may have open.
    :param timeout: seconds until it must listen.
    """
    variables = {} if database is None else {"CHAT_DATABASE": database}
    options = ["--host", machine.address, "--port", str(port), *([] if tls else ["--insecure"]), *arguments]
    variables.update(environ or {})
    server = ServerProcess(
        data_dir, options, variables, module=module, python=python, machine=machine, files_max=files_max
    )
    try:
        server.wait_until_ready(timeout)
    except RuntimeError:
        server.kill()
        raise
    return server


def refusal(data_dir: Path, database: str, *arguments: str) -> str:
    """Start a server that must end at once with status 2, and return its last line."""
    place = ["--host", "127.0.0.1", "--port", "0", "--data-dir", str(data_dir)]
    done = subprocess.run(
        [sys.executable, "-m", "chat_server", "--no-console", "--insecure", *place, *arguments],
        cwd=ROOT,
        env={**os.environ, "CHAT_DATABASE": database},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr.splitlines()[-1]
